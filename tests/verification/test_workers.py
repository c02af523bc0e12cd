"""Real workers on a real broker: a killed one loses and doubles nothing, and beat finds what was forgotten."""

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest

from districts.models import District, User
from process_alerts.models import ProcessAlert
from tests.conftest import DistrictDatabase
from tests.factories.user import UserFactory
from tests.resync.conftest import fill_people
from tests.verification.conftest import at_state, counts, found, result_of
from tests.workers import Process, beat, celery_process, kill, wait_until
from verification import actions, nightly, tasks
from verification.choices import OPEN_REMOVAL, OPEN_RUN, RemovalStatus, RunStatus
from verification.models import (
    Removal,
    VerificationDifference,
    VerificationResult,
    VerificationRun,
    VerificationSettings,
)
from verification.removals import phrase_for, request_removal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PERSONS = 30_000


@pytest.fixture
def crowd(writer: DistrictDatabase) -> DistrictDatabase:
    """Enough records, all of them not at the state, that chunks of a thousand take a few seconds."""
    fill_people(writer, persons=PERSONS, enrollments=60)
    VerificationSettings.objects.create(chunk_records=1_000)
    return writer


def worker(tmp_path: Path, name: str = "one") -> "contextmanager[Process]":
    pool = ["--pool=prefork", "--concurrency=2", "--queues=verification,sweep", "--without-mingle"]
    return celery_process(tmp_path, "worker", *pool, "-n", f"verification-{name}@test")


def request(district: District, *objects: str) -> VerificationRun:
    [run] = actions.request_verification(
        districts=[district], school_year=district.zone.school_year, objects=objects, by=None
    )
    return run


def ended(run: VerificationRun) -> bool:
    return not VerificationRun.objects.filter(pk=run.pk, status__in=OPEN_RUN).exists()


def compared(run: VerificationRun) -> int:
    return sum(VerificationResult.objects.filter(run=run).values_list("at_district", flat=True))


def assert_as_undisturbed(run: VerificationRun) -> None:
    run.refresh_from_db()
    person = result_of(run, "PersonIdentity")
    assert run.status == RunStatus.COMPLETED
    assert counts(person) == (PERSONS, 0, PERSONS, 0, 0)
    assert found(person) == {"not_at_state": list(range(1, PERSONS + 1))}


def test_a_verification_runs_by_itself_through_the_broker(
    crowd: DistrictDatabase, district: District, tmp_path: Path
) -> None:
    with worker(tmp_path):
        run = request(district, "PersonIdentity", "Enrollment")
        wait_until(lambda: ended(run))
    assert_as_undisturbed(run)
    assert counts(result_of(run, "Enrollment")) == (60, 0, 60, 0, 0)


def test_workers_killed_in_the_middle_lose_and_double_nothing(
    crowd: DistrictDatabase, district: District, tmp_path: Path
) -> None:
    run = request(district, "PersonIdentity")
    with beat(tmp_path):
        for seen in (2_000, 9_000):
            with worker(tmp_path) as victim:
                wait_until(lambda limit=seen: compared(run) > limit)  # type: ignore[misc]
                kill(victim)
                assert not ended(run)
        with worker(tmp_path), worker(tmp_path, "two"):
            # twice each message: two workers that have the same wake-up
            for _ in range(20):
                actions.sweep()
            wait_until(lambda: ended(run))
    assert_as_undisturbed(run)


def test_two_districts_side_by_side(
    crowd: DistrictDatabase,
    district: District,
    make_district: Callable[..., District],
    tmp_path: Path,
    of_state: User,
) -> None:
    other = make_district("T2")
    with worker(tmp_path):
        mine, theirs = actions.request_verification(
            districts=[district, other],
            school_year=district.zone.school_year,
            objects=["PersonIdentity"],
            by=of_state,
        )
        wait_until(lambda: ended(mine) and ended(theirs))
    assert_as_undisturbed(mine)
    assert counts(result_of(theirs, "PersonIdentity")) == (0, 0, 0, 0, 0)
    assert VerificationDifference.objects.filter(result__district=other).count() == 0


def test_records_are_removed_through_the_broker(
    crowd: DistrictDatabase, district: District, tmp_path: Path
) -> None:
    at_state("PersonIdentity").bulk_create(
        at_state("PersonIdentity").model(
            district_id=district.pk, person_id=100_000 + n, last_name="Gone", first_name="G"
        )
        for n in range(5_000)
    )
    asker = UserFactory(district=district, rights="", everywhere="RWAD")
    # With beat, as it always runs: a chunk that has to be tried again is found by the sweep.
    with worker(tmp_path), beat(tmp_path):
        run = request(district, "PersonIdentity")
        wait_until(lambda: ended(run))
        result = result_of(run, "PersonIdentity")
        removal = request_removal(result=result, keys=None, confirmation=phrase_for(result, 5_000), by=asker)
        wait_until(lambda: Removal.objects.get(pk=removal.pk).status not in OPEN_REMOVAL)
    removal.refresh_from_db()
    assert (removal.status, removal.removed) == (RemovalStatus.COMPLETED, {"PersonIdentity": 5_000})
    assert at_state("PersonIdentity").count() == 0
    assert ProcessAlert.objects.filter(key=f"removal-ended:{removal.pk}").count() == 1


def test_the_night_begins_by_its_task(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "_HOURS_OF_THE_NIGHT", 24)
    tasks.start_nightly_verifications()
    tasks.start_nightly_verifications()
    assert VerificationRun.objects.get().night is not None
