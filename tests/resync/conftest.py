"""A small district whose full resync takes many chunks, and ways to run a batch."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from districts.models import District, User
from resync import actions, chunks
from resync.models import Batch
from resync.queries import runnable_objects
from tests.conftest import DistrictDatabase

CHAIN = ("District", "School", "Calendar", "ScheduleStructure", "PersonIdentity", "Enrollment")


@pytest.fixture
def sender(district: District) -> User:
    return User.objects.create_user("sender", district=district)


@pytest.fixture
def people(writer: DistrictDatabase) -> DistrictDatabase:
    """A district with 1 school, 1 calendar, 1 structure, 40 persons and 60 enrollments: 4 are excluded, 3 have no
    person."""
    fill_people(writer)
    return writer


def fill_people(writer: DistrictDatabase, persons: int = 40, enrollments: int = 60) -> None:
    writer.execute("INSERT INTO district (district_key, number, name) VALUES (1, '01', 'Abbott')")
    writer.execute("INSERT INTO school (school_id, district_key, number, name) VALUES (1, 1, '001', 'North')")
    writer.execute(
        "INSERT INTO calendar (calendar_id, school_id, end_year, name, start_date, end_date)"
        " VALUES (1, 1, 2024, '23-24 North', '2023-08-14', '2024-05-31')"
    )
    writer.execute(
        "INSERT INTO schedule_structure (structure_id, calendar_id, end_year, name) VALUES (1, 1, 2024, 'Main')"
    )
    writer.execute(
        "INSERT INTO person_identity (person_id, last_name, first_name) SELECT i, 'L' || i, 'F' || i"
        " FROM generate_series(1, %s) i",
        [persons],
    )
    writer.execute(
        "INSERT INTO enrollment (enrollment_id, person_id, calendar_id, structure_id, end_year, grade, service_type,"
        " start_date, state_exclude)"
        " SELECT i, CASE WHEN i %% 20 = 0 THEN %(persons)s + i ELSE 1 + i %% %(persons)s END, 1, 1, 2024, '09', 'P',"
        " '2023-08-14', i %% 15 = 1 FROM generate_series(1, %(enrollments)s) i",
        {"persons": persons, "enrollments": enrollments},
    )


@pytest.fixture
def send(district: District, sender: User) -> Callable[..., Batch]:
    def send_objects(*objects: str, check_dependencies: bool = True) -> Batch:
        return actions.send_resync(
            district=district,
            school_year=district.zone.school_year,
            objects=objects,
            check_dependencies=check_dependencies,
            by=sender,
        )

    return send_objects


def run(batch: Batch) -> Batch:
    """Does in this process what workers do, until nothing is runnable."""
    while ids := list(runnable_objects().filter(batch=batch).values_list("id", flat=True)):
        for batch_object_id in ids:
            chunks.push_next_chunk(batch_object_id)
    batch.refresh_from_db()
    return batch


def counts(batch: Batch) -> dict[str, tuple[int, int]]:
    return {each.object: (each.processed, each.errors) for each in batch.objects_in_order.order_by("place")}


@pytest.fixture
def chunk_by_chunk(settings: Settings) -> None:
    """A wake-up leads to one chunk and no more, as if each took as long as a chunk should."""
    settings.CHUNK_SECONDS = 0
