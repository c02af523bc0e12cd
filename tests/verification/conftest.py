"""A small district that was resynced, and ways to run verifications."""

from collections.abc import Callable
from typing import Any

import pytest

from dis_objects.catalogue import definition
from districts.models import District, User
from resync.actions import send_resync
from tests.conftest import DistrictDatabase
from tests.factories.user import UserFactory
from tests.resync.conftest import fill_people
from tests.resync.conftest import run as run_batch
from verification import actions, runs
from verification.models import VerificationResult, VerificationRun
from verification.queries import runnable_results

Verify = Callable[..., VerificationRun]


@pytest.fixture
def asker(district: District) -> User:
    return UserFactory(district=district, rights="", everywhere="RWAD")


@pytest.fixture
def of_state(db: None) -> User:
    return UserFactory(district=None, rights="", everywhere="RWAD")


@pytest.fixture
def people(writer: DistrictDatabase) -> DistrictDatabase:
    """40 persons and 60 enrollments, of which the state never takes 7: 4 are excluded, 3 have no person."""
    fill_people(writer)
    return writer


@pytest.fixture
def resynced(people: DistrictDatabase, district: District) -> DistrictDatabase:
    """The same, resynced by the district."""
    resync(district, "Enrollment")
    return people


def resync(district: District, *objects: str) -> None:
    run_batch(
        send_resync(
            district=district,
            school_year=district.zone.school_year,
            objects=objects,
            check_dependencies=True,
            by=None,
        )
    )


@pytest.fixture
def verify(district: District, asker: User) -> Verify:
    """Requests a verification and does in this process what workers do, until nothing is left to do."""

    def request_and_work(*objects: str, **more: Any) -> VerificationRun:
        [run] = actions.request_verification(
            **{
                "districts": [district],
                "school_year": district.zone.school_year,
                "objects": objects or None,
                "by": asker,
            }
            | more
        )
        return work(run)

    return request_and_work


def work(run: VerificationRun) -> VerificationRun:
    while ids := list(runnable_results().values_list("pk", flat=True)):
        for result_id in ids:
            runs.compare_next_chunk(result_id)
    run.refresh_from_db()
    return run


def result_of(run: VerificationRun, name: str) -> VerificationResult:
    return run.results.select_related("district", "school_year", "run").get(object=name)


def counts(result: VerificationResult) -> tuple[int, int, int, int, int]:
    """At district, at state, not at state, not at district, differences."""
    return (
        result.at_district,
        result.at_state,
        result.not_at_state,
        result.not_at_district,
        result.differences,
    )


def found(result: VerificationResult) -> dict[str, list[int]]:
    """The kept keys by kind."""
    keys: dict[str, list[int]] = {}
    for kind, key in result.found.order_by("kind", "key").values_list("kind", "key"):
        keys.setdefault(kind, []).append(key)
    return keys


def at_state(name: str) -> Any:
    """The state's records of an object."""
    return definition(name).model.objects
