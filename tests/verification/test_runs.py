"""What a worker does: chunks, counts, differences, waiting, failing, and leaving others alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from districts.models import District, User
from interchange.attempts import RETRY_DELAYS
from interchange.choices import DifferenceKind
from interchange.models import ErrorLogEntry
from resync.choices import BatchStatus, ObjectStatus, Origin
from selective_sync.choices import Role, SyncStatus
from selective_sync.models import SyncObject, SyncRequest
from tests.conftest import DistrictDatabase
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.verification import (
    VerificationDifferenceFactory,
    VerificationResultFactory,
    VerificationRunFactory,
)
from tests.verification.conftest import Verify, at_state, counts, found, result_of, resync, work
from verification import actions, runs
from verification.choices import ResultStatus, RunStatus
from verification.models import (
    VerificationDifference,
    VerificationResult,
    VerificationRun,
    VerificationSettings,
)
from verification.queries import runnable_results

pytestmark = pytest.mark.django_db
Request = Callable[..., VerificationRun]


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Records the wake-ups instead of sending them; these tests are the workers themselves."""
    ids: list[int] = []
    for module in ("verification.actions", "verification.runs"):
        monkeypatch.setattr(f"{module}.wake_results", ids.extend)
    return ids


@pytest.fixture
def request_of(district: District, asker: User) -> Request:
    """A verification that is requested and not worked on."""

    def request_objects(*objects: str, **more: Any) -> VerificationRun:
        wanted = {"districts": [district], "school_year": district.zone.school_year, "by": asker} | more
        [run] = actions.request_verification(objects=objects, **wanted)
        run.refresh_from_db()
        return run

    return request_objects


def limit(monkeypatch: pytest.MonkeyPatch, **settings: int) -> None:
    """Settings out of the range that the database takes, so that small districts reach the limits."""
    monkeypatch.setattr(runs, "current_settings", lambda: VerificationSettings(**settings))


def spoil(database: DistrictDatabase) -> None:
    """After the resync: two enrollments change, one goes, one comes."""
    database.execute("UPDATE enrollment SET grade = '10' WHERE enrollment_id IN (2, 3)")
    database.execute("DELETE FROM enrollment WHERE enrollment_id = 5")
    add_enrollment(database, 99)


def add_enrollment(database: DistrictDatabase, key: int | None) -> None:
    database.execute(
        "INSERT INTO enrollment (enrollment_id, person_id, calendar_id, structure_id, end_year, grade, service_type,"
        " start_date) VALUES (%s, 1, 1, 1, 2024, '09', 'P', '2023-08-14')",
        [key],
    )


# ---- Counts and differences ----------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 7, 20, 1_000])
def test_every_disagreement_is_told_once_whatever_the_size_of_a_chunk(
    resynced: DistrictDatabase, verify: Verify, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    limit(monkeypatch, chunk_records=chunk)
    spoil(resynced)
    run = verify("Enrollment", "PersonIdentity")
    enrollment = result_of(run, "Enrollment")
    assert run.status == RunStatus.COMPLETED
    assert counts(enrollment) == (60, 53, 8, 1, 2)
    assert found(enrollment) == {
        "difference": [2, 3],
        "not_at_district": [5],
        "not_at_state": [1, 16, 20, 31, 40, 46, 60, 99],
    }
    differing = enrollment.found.filter(kind=DifferenceKind.DIFFERENCE).values_list("fields", flat=True)
    assert list(differing) == [["grade"], ["grade"]]
    assert "grade" in enrollment.compared_fields
    assert (enrollment.total, enrollment.status, enrollment.is_latest) == (60, ResultStatus.COMPLETED, True)
    assert counts(result_of(run, "PersonIdentity")) == (40, 40, 0, 0, 0)


def test_duplicates_and_rows_without_a_key_are_told_beside_the_errors(
    resynced: DistrictDatabase, verify: Verify
) -> None:
    resynced.execute("DELETE FROM enrollment WHERE enrollment_id IN (1, 16, 20, 31, 40, 46, 60)")
    resynced.execute("ALTER TABLE enrollment DROP CONSTRAINT IF EXISTS enrollment_pkey")
    resynced.execute("INSERT INTO enrollment SELECT * FROM enrollment WHERE enrollment_id = 2")
    add_enrollment(resynced, None)
    result = result_of(verify("Enrollment"), "Enrollment")
    assert counts(result) == (53, 53, 0, 0, 0)
    assert (result.duplicates, result.keyless) == (1, 1)
    assert found(result) == {"duplicate": [2]}


def test_nothing_on_either_side_agrees(district: District, verify: Verify) -> None:
    run = verify()
    assert run.status == RunStatus.COMPLETED
    assert {counts(each) for each in run.results.all()} == {(0, 0, 0, 0, 0)}
    assert run.results.count() == 8


@pytest.mark.parametrize("chunk", [3, 1_000])
def test_only_so_many_keys_are_kept_and_the_counts_are_exact(
    people: DistrictDatabase, verify: Verify, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    limit(monkeypatch, kept_differences=10, chunk_records=chunk)
    at_state("PersonIdentity").create(
        district_id=District.objects.get().pk, person_id=1_000, last_name="Gone", first_name="G"
    )
    result = result_of(verify("PersonIdentity"), "PersonIdentity")
    assert counts(result) == (40, 1, 40, 1, 0)
    assert found(result) == {"not_at_district": [1_000], "not_at_state": list(range(1, 11))}


def test_another_districts_records_and_results_are_left_alone(
    resynced: DistrictDatabase, verify: Verify, make_district: Callable[..., District]
) -> None:
    at_state("PersonIdentity").create(
        district_id=make_district("T2").pk, person_id=2_000, last_name="Other", first_name="O"
    )
    other = VerificationDifferenceFactory(result__object="PersonIdentity")
    assert counts(result_of(verify("PersonIdentity"), "PersonIdentity")) == (40, 40, 0, 0, 0)
    other.refresh_from_db()
    other.result.refresh_from_db()
    assert other.result.is_latest


# ---- The latest result ---------------------------------------------------------------------------------------


def test_only_the_latest_complete_result_keeps_differences_and_all_keep_counts(
    people: DistrictDatabase, verify: Verify
) -> None:
    first = result_of(verify("PersonIdentity"), "PersonIdentity")
    people.execute("DELETE FROM person_identity WHERE person_id > 30")
    second = result_of(verify("PersonIdentity"), "PersonIdentity")
    first.refresh_from_db()
    assert (first.is_latest, first.not_at_state, found(first)) == (False, 40, {})
    assert (second.is_latest, second.not_at_state, len(found(second)["not_at_state"])) == (True, 30, 30)


def test_while_a_new_one_runs_the_earlier_differences_stay(
    people: DistrictDatabase, verify: Verify, request_of: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = result_of(verify("PersonIdentity"), "PersonIdentity")
    limit(monkeypatch, chunk_records=10)
    again = request_of("PersonIdentity")
    runs.compare_next_chunk(again.results.get().pk)
    first.refresh_from_db()
    assert (first.is_latest, len(found(first)["not_at_state"])) == (True, 40)
    work(again)
    first.refresh_from_db()
    assert (first.is_latest, found(first)) == (False, {})


def test_another_year_and_another_object_keep_theirs(
    people: DistrictDatabase, verify: Verify, district: District
) -> None:
    of_year = VerificationResultFactory(
        run__district=district, run__school_year__end_year=2023, object="PersonIdentity", not_at_state=1
    )
    of_object = VerificationResultFactory(run__district=district, object="School", not_at_state=1)
    for result in (of_year, of_object):
        VerificationDifferenceFactory(result=result, key=7)
    verify("PersonIdentity")
    for result in (of_year, of_object):
        result.refresh_from_db()
        assert (result.is_latest, found(result)) == (True, {"not_at_state": [7]})


# ---- Turns, progress, wake-ups -------------------------------------------------------------------------------


def test_objects_are_compared_one_after_the_other(people: DistrictDatabase, request_of: Request) -> None:
    run = request_of("PersonIdentity", "Enrollment")
    person, enrollment = run.results.order_by("place")
    assert (person.object, enrollment.object) == ("PersonIdentity", "Enrollment")
    runs.compare_next_chunk(enrollment.pk)
    enrollment.refresh_from_db()
    assert enrollment.status == ResultStatus.QUEUED
    assert list(runnable_results()) == [person]


def test_progress_is_stored_with_every_chunk(
    people: DistrictDatabase, request_of: Request, monkeypatch: pytest.MonkeyPatch, woken: list[int]
) -> None:
    limit(monkeypatch, chunk_records=10)
    only = request_of("PersonIdentity").results.get()
    runs.compare_next_chunk(only.pk)
    only.refresh_from_db()
    assert (only.status, only.total, only.at_district, only.cursor) == (ResultStatus.RUNNING, 40, 10, 10)
    assert only.started_at is not None
    assert woken == [only.pk]


def test_the_end_of_one_wakes_the_next(
    people: DistrictDatabase, request_of: Request, woken: list[int]
) -> None:
    first, second = request_of("PersonIdentity", "Enrollment").results.order_by("place")
    runs.compare_next_chunk(first.pk)
    assert woken == [second.pk]


@pytest.fixture
def crowd_of_others() -> list[VerificationResult]:
    """What the state and the night ask of other districts, before anybody else."""
    runs_of_others = [
        *(VerificationRunFactory(status=RunStatus.RUNNING, night="2024-01-09") for _ in range(6)),
        *(VerificationRunFactory(status=RunStatus.RUNNING, origin=Origin.STATE) for _ in range(6)),
    ]
    return [VerificationResultFactory(run=run, status=ResultStatus.QUEUED, place=0) for run in runs_of_others]


def test_a_run_goes_on_however_many_were_asked_for_before_it(
    crowd_of_others: list[VerificationResult], people: DistrictDatabase, request_of: Request, woken: list[int]
) -> None:
    [*objects] = request_of("PersonIdentity", "Enrollment").results.order_by("place")
    runs.compare_next_chunk(objects[0].pk)
    assert woken[0] == objects[1].pk
    assert len(woken) == len(set(woken)) == 4  # with three of the others: four run side by side


def test_people_at_districts_come_before_the_state_and_the_state_before_the_nights(
    crowd_of_others: list[VerificationResult],
    people: DistrictDatabase,
    request_of: Request,
    django_capture_on_commit_callbacks: Any,
    woken: list[int],
) -> None:
    only = request_of("PersonIdentity").results.get()
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.sweep() == 4
    assert woken == [only.pk, *(each.pk for each in crowd_of_others[6:9])]


def test_districts_whose_slots_may_be_taken_do_not_hold_up_the_others(
    crowd_of_others: list[VerificationResult], django_capture_on_commit_callbacks: Any, woken: list[int]
) -> None:
    pushing, at_rest = crowd_of_others[6:11], crowd_of_others[11]
    for each in pushing:
        BatchFactory(district=each.district, school_year=each.school_year, status=BatchStatus.RUNNING)
    with django_capture_on_commit_callbacks(execute=True):
        actions.sweep()
    assert woken[0] == at_rest.pk
    assert woken[4:] == [each.pk for each in pushing[:4]]


def test_a_second_verification_waits_for_the_first_and_then_starts(
    people: DistrictDatabase, request_of: Request
) -> None:
    first, second = request_of("PersonIdentity"), request_of("Enrollment")
    assert (first.status, second.status) == (RunStatus.RUNNING, RunStatus.QUEUED)
    runs.compare_next_chunk(second.results.get().pk)
    assert second.results.get().status == ResultStatus.QUEUED
    runs.compare_next_chunk(first.results.get().pk)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (RunStatus.COMPLETED, RunStatus.RUNNING)
    assert work(second).status == RunStatus.COMPLETED


def test_a_message_too_many_changes_nothing(people: DistrictDatabase, verify: Verify) -> None:
    run = verify("PersonIdentity")
    before = result_of(run, "PersonIdentity")
    runs.compare_next_chunk(before.pk)
    after = result_of(run, "PersonIdentity")
    assert (counts(after), after.ended_at, found(after)) == (counts(before), before.ended_at, found(before))


# ---- Failures ------------------------------------------------------------------------------------------------


def test_a_missing_table_fails_its_object_and_the_others_go_on(
    people: DistrictDatabase, verify: Verify, district: District
) -> None:
    people.execute("ALTER TABLE person_identity RENAME TO elsewhere")
    try:
        run = verify("PersonIdentity", "Enrollment")
    finally:
        people.execute("ALTER TABLE elsewhere RENAME TO person_identity")
    person = result_of(run, "PersonIdentity")
    assert (run.status, person.status, person.is_latest) == (RunStatus.FAILED, ResultStatus.FAILED, False)
    assert "person_identity" in person.reason
    assert result_of(run, "Enrollment").status == ResultStatus.COMPLETED
    entry = ErrorLogEntry.objects.get()
    assert (entry.code, entry.object, entry.district) == ("VERIFICATION_FAILED", "PersonIdentity", district)


def test_what_failed_in_the_middle_keeps_no_differences(
    people: DistrictDatabase, request_of: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, chunk_records=10)
    only = request_of("PersonIdentity").results.get()
    runs.compare_next_chunk(only.pk)
    assert VerificationDifference.objects.count() == 10
    actions.fail_result(result_id=only.pk, reason="The table is gone. Create it.")
    assert VerificationDifference.objects.count() == 0


def test_an_unreachable_district_waits_then_fails_with_the_cause(
    people: DistrictDatabase, request_of: Request, district: District
) -> None:
    run = request_of("PersonIdentity", "Enrollment")
    first, second = run.results.order_by("place")
    District.objects.filter(pk=district.pk).update(database_host="127.0.0.1", database_port=1)
    for attempt in range(len(RETRY_DELAYS)):
        runs.compare_next_chunk(first.pk)
        first.refresh_from_db()
        assert (first.status, first.attempts) == (ResultStatus.WAITING, attempt + 1)
        assert first.retry_at - timezone.now() < RETRY_DELAYS[attempt] + timedelta(seconds=1)
        assert first not in runnable_results()
        assert second in runnable_results()  # it is not held up
        VerificationResult.objects.filter(pk=first.pk).update(retry_at=timezone.now() - timedelta(hours=1))
    runs.compare_next_chunk(first.pk)
    first.refresh_from_db()
    assert (first.status, first.is_latest) == (ResultStatus.FAILED, False)
    assert "does not answer" in first.reason or "reach" in first.reason
    assert "127.0.0.1" not in first.reason


def test_a_district_that_answers_again_goes_on_where_it_was(
    people: DistrictDatabase, request_of: Request, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, chunk_records=30)
    only = request_of("PersonIdentity").results.get()
    runs.compare_next_chunk(only.pk)
    District.objects.filter(pk=district.pk).update(database_host="127.0.0.1", database_port=1)
    runs.compare_next_chunk(only.pk)
    District.objects.filter(pk=district.pk).update(database_host="", database_port=None)
    VerificationResult.objects.filter(pk=only.pk).update(retry_at=timezone.now() - timedelta(hours=1))
    work(only.run)
    only.refresh_from_db()
    assert (only.status, only.attempts, only.reason) == (ResultStatus.COMPLETED, 0, "")
    assert counts(only) == (40, 0, 40, 0, 0)
    assert found(only) == {"not_at_state": list(range(1, 41))}


def test_a_fault_of_ours_tells_no_value_and_rolls_its_chunk_back(
    people: DistrictDatabase, request_of: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = request_of("PersonIdentity").results.get()

    def stumble(*args: Any) -> None:
        raise ValueError("the last name is Doe")

    with monkeypatch.context() as broken:
        broken.setattr(runs, "_store_outcome", stumble)
        runs.compare_next_chunk(only.pk)
    only.refresh_from_db()
    assert only.status == ResultStatus.WAITING
    assert "Doe" not in only.reason
    assert (only.at_district, only.cursor, VerificationDifference.objects.count()) == (0, None, 0)


# ---- Side by side --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_another_worker_has_is_left_alone(people: DistrictDatabase, request_of: Request) -> None:
    only = request_of("PersonIdentity").results.get()
    with psycopg.connect(**connection.get_connection_params()) as other_worker:
        other_worker.execute("SELECT FROM dis_verification_outcome WHERE id = %s FOR UPDATE", [only.pk])
        runs.compare_next_chunk(only.pk)
        assert actions.sweep() == 0
        other_worker.rollback()
    only.refresh_from_db()
    assert only.status == ResultStatus.QUEUED
    # It was killed: its lock is gone, and the sweep finds what it left.
    assert actions.sweep() == 1
    assert work(only.run).status == RunStatus.COMPLETED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["verification slot", "slot {district}"])
def test_no_more_comparisons_at_once_than_the_databases_are_spared_for(
    people: DistrictDatabase, request_of: Request, settings: Settings, district: District, what: str
) -> None:
    VerificationSettings.objects.create(side_by_side=1)
    settings.CHUNKS_PER_DISTRICT = 1
    only = request_of("PersonIdentity").results.get()
    slot = f"upstate {what.format(district=district.pk)} 0"
    with psycopg.connect(**connection.get_connection_params()) as other_worker:
        other_worker.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [slot])
        runs.compare_next_chunk(only.pk)
        only.refresh_from_db()
        assert (only.status, only.total) == (ResultStatus.QUEUED, None)
        other_worker.rollback()
    assert work(only.run).status == RunStatus.COMPLETED


# ---- While records are pushed --------------------------------------------------------------------------------


def told(run: VerificationRun) -> tuple[bool, bool]:
    result = result_of(run, "Enrollment")
    return result.while_pushed, result.while_pushed_for_district


def test_a_quiet_verification_does_not_speak_of_pushes(resynced: DistrictDatabase, verify: Verify) -> None:
    assert told(verify("Enrollment")) == (False, False)


@pytest.mark.parametrize(
    ("origin", "expected"),
    [(Origin.DISTRICT, (True, True)), (Origin.SCHEDULE, (True, True)), (Origin.STATE, (True, False))],
)
def test_a_push_under_way_is_told_but_not_to_the_district_if_the_state_asked(
    people: DistrictDatabase, verify: Verify, district: District, origin: Origin, expected: tuple[bool, bool]
) -> None:
    batch = BatchFactory(district=district, school_year=district.zone.school_year, origin=origin)
    BatchObjectFactory(batch=batch, object="Enrollment", status=ObjectStatus.RUNNING)
    assert told(verify("Enrollment")) == expected


@pytest.mark.parametrize(
    ("pushed", "told_of"),
    [
        ({"status": ObjectStatus.QUEUED}, False),
        ({"status": ObjectStatus.COMPLETED}, False),  # years ago
        ({"status": ObjectStatus.RUNNING, "object": "PersonIdentity"}, False),
        ({"status": ObjectStatus.WAITING}, True),
    ],
)
def test_only_what_is_being_pushed_counts(
    people: DistrictDatabase, verify: Verify, district: District, pushed: dict[str, Any], told_of: bool
) -> None:
    batch = BatchFactory(district=district, school_year=district.zone.school_year)
    BatchObjectFactory(**{"batch": batch, "object": "Enrollment"} | pushed)
    assert told(verify("Enrollment")) == (told_of, told_of)


def test_a_push_that_began_and_ended_between_two_chunks_is_told(
    people: DistrictDatabase,
    request_of: Request,
    district: District,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit(monkeypatch, chunk_records=20)
    run = request_of("Enrollment")
    runs.compare_next_chunk(run.results.get().pk)
    assert told(run) == (False, False)
    resync(district, "Enrollment")
    assert told(work(run)) == (True, True)


def test_another_districts_and_another_years_push_is_not_told(
    people: DistrictDatabase, verify: Verify, district: District
) -> None:
    other = BatchFactory()
    of_year = BatchFactory(district=district, school_year__end_year=2023)
    for batch in (other, of_year):
        BatchObjectFactory(batch=batch, object="Enrollment", status=ObjectStatus.RUNNING)
    assert told(verify("Enrollment")) == (False, False)


@pytest.mark.parametrize(
    ("origin", "status", "expected"),
    [
        (Origin.DISTRICT, SyncStatus.RUNNING, (True, True)),
        (Origin.STATE, SyncStatus.RUNNING, (True, False)),
        (Origin.DISTRICT, SyncStatus.QUEUED, (False, False)),
    ],
)
def test_a_selective_sync_under_way_is_told(
    people: DistrictDatabase,
    verify: Verify,
    district: District,
    origin: Origin,
    status: SyncStatus,
    expected: tuple[bool, bool],
) -> None:
    request = SyncRequest.objects.create(
        district=district,
        school_year=district.zone.school_year,
        origin=origin,
        object="PersonIdentity",
        with_children=True,
        status=status,
        started_at=timezone.now() if status == SyncStatus.RUNNING else None,
    )
    SyncObject.objects.create(request=request, object="Enrollment", place=1, role=Role.UNDER)
    assert told(verify("Enrollment")) == expected


# ---- The sweep -----------------------------------------------------------------------------------------------


def test_the_sweep_ends_and_starts_what_a_killed_worker_left(
    people: DistrictDatabase, district: District, django_capture_on_commit_callbacks: Any, woken: list[int]
) -> None:
    done = VerificationRunFactory(district=district, status=RunStatus.RUNNING)
    VerificationResultFactory(run=done)
    waiting = VerificationRunFactory(district=district, status=RunStatus.QUEUED)
    only = VerificationResultFactory(run=waiting, status=ResultStatus.QUEUED, place=0)
    with django_capture_on_commit_callbacks(execute=True):
        actions.sweep()
    done.refresh_from_db()
    waiting.refresh_from_db()
    assert (done.status, waiting.status) == (RunStatus.COMPLETED, RunStatus.RUNNING)
    assert set(woken) == {only.pk}
