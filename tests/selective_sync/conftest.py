"""People of a district and what belongs to them, ways to ask for a sync, and to do what workers do."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import transaction

from dis_objects.catalogue import definition
from district_data import databases
from districts.models import District, User
from interchange.push import push_chunk
from interchange.selections import KeyRange
from selective_sync import actions, runs
from selective_sync.choices import OPEN_SYNC, KeyOutcome
from selective_sync.models import SyncRequest
from selective_sync.queries import keys_with
from tests.conftest import DistrictDatabase
from tests.factories.user import UserFactory
from tests.interchange.pair import fill
from tests.interchange.records import record
from tests.resync.conftest import fill_people

# What enrollments need at the state before they can arrive.
ABOVE = ("District", "School", "Calendar", "ScheduleStructure")
Ask = Callable[..., SyncRequest]


@pytest.fixture
def people(district: District, writer: DistrictDatabase) -> DistrictDatabase:
    """Persons 1 to 40, enrollments 1 to 60 of persons 1 + i % 40; 5 contact logs and 3 plans, of persons 1 to 3.

    What enrollments stand on is at the state: school, calendar, structure.
    """
    fill_district(writer)
    push_all(district, *ABOVE)
    return writer


def fill_district(writer: DistrictDatabase, **sizes: int) -> None:
    fill_people(writer, **sizes)
    fill(
        writer,
        {
            "ContactLog": [record("ContactLog", key, person_id=1 + key % 3) for key in range(1, 6)],
            "Plan": [record("Plan", key, person_id=key) for key in (1, 2, 3)],
            "PlanProgressReport": [record("PlanProgressReport", key, plan_id=key) for key in (1, 2, 3)],
        },
    )


def push_all(district: District, *names: str) -> None:
    for name in names:
        with transaction.atomic():
            push_chunk(definition(name).model, district, KeyRange(100_000), end_year=2024)


@pytest.fixture
def asker(district: District) -> User:
    user: User = UserFactory(username="asker", district=district, rights="", everywhere="RWD")
    return user


@pytest.fixture
def state_user(db: None) -> User:
    user: User = UserFactory(username="of.state", district=None, rights="", everywhere="RWD")
    return user


@pytest.fixture
def ask(district: District, asker: User) -> Ask:
    def request(
        *ids: int, object_name: str = "PersonIdentity", by: User | None = None, **more: Any
    ) -> SyncRequest:
        return actions.request_sync(
            **{
                "district": district,
                "school_year": district.zone.school_year,
                "object_name": object_name,
                "ids": ids,
                "by": by or asker,
            }
            | more
        )

    return request


def run(request: SyncRequest, most: int = 1_000) -> SyncRequest:
    """Does in this process what workers do, until the request has ended."""
    for _ in range(most):
        runs.push_next_keys(request.pk)
        request.refresh_from_db()
        if request.status not in OPEN_SYNC:
            break
    return request


def outcomes(request: SyncRequest) -> dict[int, str]:
    return dict(keys_with(request, *KeyOutcome).values_list("key", "outcome"))


def counts(request: SyncRequest) -> dict[str, tuple[int, int]]:
    """Processed and errors of the objects that had records."""
    objects = request.objects_in_order.order_by("place")
    return {each.object: (each.processed, each.errors) for each in objects if each.processed}


def at_state(district: District, name: str) -> set[int]:
    known = definition(name)
    return set(known.model.objects.filter(district_id=district.pk).values_list(known.key, flat=True))


def change_people(district: District, ids: Iterable[int]) -> None:
    """These persons have another name at the district from now on."""
    with databases.open_writer(district) as database:
        database.execute(
            "UPDATE person_identity SET last_name = 'New' WHERE person_id = ANY(%s)", [list(ids)]
        )
