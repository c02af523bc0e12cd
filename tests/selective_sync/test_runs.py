"""What workers do with a request, on a real district."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dis_objects.catalogue import definition
from district_data import databases
from districts.exceptions import DistrictUnreachable
from districts.models import District, User
from interchange.attempts import RETRY_DELAYS
from interchange.models import ErrorLogEntry, RecordError
from process_alerts.models import AlertRecipient, ProcessAlert
from selective_sync import actions, runs
from selective_sync.choices import KeyOutcome, Role, SyncStatus
from selective_sync.models import SyncObject, SyncRequest
from selective_sync.queries import details, explain, keys_with, live_line
from tests.conftest import DistrictDatabase
from tests.interchange.pair import fill
from tests.interchange.records import record
from tests.resync.conftest import fill_people
from tests.selective_sync.conftest import Ask, at_state, change_people, counts, outcomes, push_all, run
from tests.workers import database_url

pytestmark = pytest.mark.django_db


# ---- What is pushed -----------------------------------------------------------------------------------------------


def test_the_records_asked_for_arrive_with_what_is_theirs_and_nobody_elses(
    ask: Ask, people: DistrictDatabase, district: District
) -> None:
    request = run(ask(1, 2))
    assert request.status == SyncStatus.COMPLETED
    assert outcomes(request) == {1: KeyOutcome.SYNCED, 2: KeyOutcome.SYNCED}
    assert at_state(district, "PersonIdentity") == {1, 2}
    # Enrollments i of person 1 + i % 40: 40 has no person, 41 is of person 2, 1 is excluded.
    assert counts(request) == {
        "PersonIdentity": (2, 0),
        "ContactLog": (3, 0),
        "Enrollment": (2, 1),
        "Plan": (2, 0),
        "PlanProgressReport": (2, 0),
    }
    assert at_state(district, "ContactLog") == {1, 3, 4}
    assert at_state(district, "PlanProgressReport") == {1, 2}
    assert at_state(district, "Enrollment") == {41}


def test_without_children_only_the_records_themselves_arrive(
    ask: Ask, people: DistrictDatabase, district: District
) -> None:
    assert counts(run(ask(1, with_children=False))) == {"PersonIdentity": (1, 0)}
    assert at_state(district, "ContactLog") == set()


def test_what_is_under_an_enrollment_goes_with_it(
    ask: Ask, people: DistrictDatabase, district: District
) -> None:
    push_all(district, "PersonIdentity")
    graduations = [record("Graduation", key, person_id=3, enrollment_id=key) for key in (2, 3, 42)]
    fill(people, {"Graduation": graduations})
    request = run(ask(2, 42, object_name="Enrollment"))
    assert counts(request) == {"Enrollment": (2, 0), "Graduation": (2, 0)}
    assert at_state(district, "Graduation") == {2, 42}


def test_a_changed_record_is_changed_at_the_state_and_no_other(
    ask: Ask, people: DistrictDatabase, district: District
) -> None:
    push_all(district, "PersonIdentity")
    change_people(district, [5, 6])
    request = run(ask(5, with_children=False))
    persons = definition("PersonIdentity").model.objects.filter(last_name="New")
    assert [each.pk[1] for each in persons] == [5]
    assert request.objects_in_order.get(role=Role.CHOSEN).written == 1


def test_an_id_without_a_record_changes_nothing_and_is_listed(
    ask: Ask, people: DistrictDatabase, district: District
) -> None:
    request = run(ask(1, 99, 100))
    assert outcomes(request) == {1: "synced", 99: "not_found", 100: "not_found"}
    assert at_state(district, "PersonIdentity") == {1}
    told = details(request)
    assert (told.ids, told.synced, told.failed, told.not_found, told.pending) == (3, 1, 0, 2, 0)
    assert request.status == SyncStatus.COMPLETED


def test_another_districts_id_is_answered_as_an_unknown_one(
    ask: Ask, people: DistrictDatabase, make_district: Callable[..., District]
) -> None:
    other = make_district("T2")
    with databases.open_writer(other) as database:
        fill(database, {"PersonIdentity": [record("PersonIdentity", 777)]})
    push_all(other, "PersonIdentity")
    answers, queries = [], []
    for key in (777, 778):  # 777 is a person of the other district, 778 is nobody
        request = ask(key)
        with CaptureQueriesContext(connection) as asked:
            run(request)
        queries.append(len(asked))
        answers.append((outcomes(request)[key], request.status, request.reason, counts(request)))
    assert answers == [("not_found", "completed", "", {})] * 2
    assert queries[0] == queries[1]
    assert at_state(other, "PersonIdentity") == {777}


def test_an_enrollment_of_another_school_year_is_not_found(
    ask: Ask, people: DistrictDatabase, district: District
) -> None:
    push_all(district, "PersonIdentity")
    people.execute("UPDATE enrollment SET end_year = 2023 WHERE enrollment_id = 2")
    assert outcomes(run(ask(2, object_name="Enrollment"))) == {2: "not_found"}


def test_each_failed_id_tells_why_and_which_parent_to_resync(
    ask: Ask, people: DistrictDatabase, district: District
) -> None:
    people.execute("UPDATE enrollment SET grade = 'toolong' WHERE enrollment_id = 5")
    push_all(district, "PersonIdentity")
    request = run(ask(1, 2, 5, 20, object_name="Enrollment"))
    told = [explain(request, each) for each in keys_with(request, KeyOutcome.FAILED)]
    assert [(each.key, each.parent, each.parent_key) for each in told] == [
        (1, "", None),
        (5, "", None),
        (20, "PersonIdentity", 60),
    ]
    assert "exclude from state reporting" in told[0].sentence
    assert "longer than the 4 characters" in told[1].sentence
    assert (
        told[2].sentence
        == "PersonIdentity 60 is not at the state. Resync PersonIdentity with its dependencies first."
    )


def test_children_of_records_that_failed_are_not_pushed(
    ask: Ask, people: DistrictDatabase, district: District
) -> None:
    people.execute("ALTER TABLE person_identity ALTER last_name DROP NOT NULL")
    people.execute("UPDATE person_identity SET last_name = NULL WHERE person_id = 1")
    request = run(ask(1, 2))
    assert outcomes(request) == {1: "failed", 2: "synced"}
    assert at_state(district, "Plan") == {2}
    plan = request.objects_in_order.get(object="Plan")
    assert (plan.keys_total, plan.keys_done, plan.processed) == (1, 1, 1)


def test_nothing_arrived_so_nothing_under_it_is_asked(ask: Ask, people: DistrictDatabase) -> None:
    request = run(ask(99))
    assert not request.objects_in_order.filter(ended_at=None).exists()
    assert set(request.objects_in_order.filter(role=Role.UNDER).values_list("keys_total", flat=True)) == {0}


def test_copies_of_a_record_fail(ask: Ask, people: DistrictDatabase) -> None:
    fill(people, {"PersonIdentity": [record("PersonIdentity", key) for key in (4, 4, 5)]})
    request = run(ask(4, 5, with_children=False))
    assert outcomes(request) == {4: "failed", 5: "synced"}
    assert keys_with(request, KeyOutcome.FAILED).get().code == "DUPLICATE_KEY"


# ---- Parents that are missing --------------------------------------------------------------------------------------


def test_missing_parents_go_first_from_the_top(
    ask: Ask, writer: DistrictDatabase, district: District
) -> None:
    fill_people(writer)
    request = run(ask(2, 3, object_name="Enrollment", with_missing_parents=True))
    assert counts(request) == {
        "District": (1, 0),
        "School": (1, 0),
        "Calendar": (1, 0),
        "ScheduleStructure": (1, 0),
        "PersonIdentity": (2, 0),
        "Enrollment": (2, 0),
    }
    assert at_state(district, "PersonIdentity") == {3, 4}
    assert [each.object for each in details(request).parents] == [*counts(request)][:-1]


def test_parents_that_the_state_has_are_left_alone(
    ask: Ask, people: DistrictDatabase, district: District
) -> None:
    push_all(district, "PersonIdentity")
    change_people(district, [3])
    request = run(ask(2, object_name="Enrollment", with_missing_parents=True))
    assert counts(request) == {"Enrollment": (1, 0)}
    assert not definition("PersonIdentity").model.objects.filter(last_name="New").exists()


def test_a_parent_that_the_district_lacks_too_leaves_its_record_failed(
    ask: Ask, people: DistrictDatabase
) -> None:
    request = run(ask(2, 20, object_name="Enrollment", with_missing_parents=True))
    assert outcomes(request) == {2: "synced", 20: "failed"}
    parent = request.objects_in_order.get(object="PersonIdentity")
    assert dict(parent.keys.values_list("key", "outcome")) == {3: "synced", 60: "not_found"}


def test_without_the_mark_no_parent_is_pushed(ask: Ask, people: DistrictDatabase, district: District) -> None:
    assert outcomes(run(ask(2, object_name="Enrollment"))) == {2: "failed"}
    assert at_state(district, "PersonIdentity") == set()


# ---- In small steps ------------------------------------------------------------------------------------------------


@pytest.fixture
def small_steps(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SYNC_KEYS = 3  # type: ignore[attr-defined]
    settings.CHUNK_RECORDS = 4  # type: ignore[attr-defined]
    monkeypatch.setattr(runs, "STINT_SECONDS", 0)


def test_small_steps_lead_to_the_same_end(
    small_steps: None, ask: Ask, people: DistrictDatabase, district: District
) -> None:
    request = run(ask(*range(1, 12), 99))
    assert outcomes(request) == dict.fromkeys(range(1, 12), "synced") | {99: "not_found"}
    # Of persons 1 to 11 enrollments 41 to 50 and 1 to 10; 1 and 46 are excluded.
    assert counts(request) == {
        "PersonIdentity": (11, 0),
        "ContactLog": (5, 0),
        "Enrollment": (20, 2),
        "Plan": (3, 0),
        "PlanProgressReport": (3, 0),
    }
    assert request.objects_in_order.get(object="Enrollment").keys_done == 11


def test_progress_is_told_while_it_runs(
    small_steps: None, ask: Ask, asker: User, people: DistrictDatabase, district: District
) -> None:
    request = ask(*range(1, 8))
    seen = []
    versions = set()
    for _ in range(4):
        line = live_line(asker, district)
        assert line is not None
        seen.append((line.status, line.done, line.total))
        versions.add(line.version)
        runs.push_next_keys(request.pk)
    assert seen == [("queued", 0, 7), ("running", 3, 7), ("running", 6, 7), ("running", 7, 7)]
    assert len(versions) == 4


@pytest.mark.parametrize(
    ("keys_done", "processed", "expected"),
    [(0, 0, 2_000), (2_000, 0, 10_000), (2_000, 2_000, 10_000), (2_000, 200_000, 1_000), (1, 10**7, 1)],
)
def test_as_many_records_are_taken_as_make_a_chunk(keys_done: int, processed: int, expected: int) -> None:
    assert runs.roots_at_once(SyncObject(keys_done=keys_done, processed=processed)) == expected


# ---- Turns --------------------------------------------------------------------------------------------------------


def test_requests_of_a_district_go_one_after_the_other(ask: Ask, people: DistrictDatabase) -> None:
    first, second = ask(1), ask(2)
    runs.push_next_keys(second.pk)
    second.refresh_from_db()
    assert second.status == SyncStatus.QUEUED
    run(first)
    assert run(second).status == SyncStatus.COMPLETED


def test_the_next_request_is_woken_when_one_ends(
    ask: Ask, people: DistrictDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[list[int]] = []
    monkeypatch.setattr(runs, "wake", woken.append)
    first, second = ask(1, with_children=False), ask(2)
    runs.push_next_keys(first.pk)
    assert woken == [[second.pk]]


def test_other_districts_do_not_wait(
    ask: Ask, people: DistrictDatabase, make_district: Callable[..., District]
) -> None:
    other = make_district("T2")
    ask(1)
    theirs = ask(1, district=other, school_year=other.zone.school_year)
    assert run(theirs).status == SyncStatus.COMPLETED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("held", ["the request", "the district's turn"])
def test_what_another_worker_is_at_is_left_to_it(ask: Ask, people: DistrictDatabase, held: str) -> None:
    request = ask(1, with_children=False)
    lock = {
        "the request": f"SELECT FROM selective_sync_syncrequest WHERE id = {request.pk} FOR UPDATE",
        "the district's turn": "SELECT pg_advisory_xact_lock(hashtextextended('upstate selective sync "
        f"{request.district_id} 0', 0))",
    }[held]
    with psycopg.connect(database_url()) as other:
        other.execute(lock)
        runs.push_next_keys(request.pk)
        request.refresh_from_db()
        assert request.status == SyncStatus.QUEUED
        # The other worker is killed: its transaction is rolled back and its lock is gone.
        other.rollback()
        assert run(request).status == SyncStatus.COMPLETED


def test_a_message_that_comes_twice_changes_nothing(ask: Ask, people: DistrictDatabase) -> None:
    request = run(ask(1))
    before = counts(request), request.changed_at
    runs.push_next_keys(request.pk)
    request.refresh_from_db()
    assert (counts(request), request.changed_at) == before


def test_the_sweep_wakes_what_a_lost_message_left(
    ask: Ask, people: DistrictDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[list[int]] = []
    monkeypatch.setattr(actions, "wake", woken.append)
    first, _ = ask(1), ask(2)
    assert actions.sweep() == 1
    assert woken == [[first.pk]]


# ---- What goes wrong ----------------------------------------------------------------------------------------------


def unreachable(*args: object, **more: object) -> None:
    raise DistrictUnreachable("The database of district T1 does not answer.")


def test_a_district_that_does_not_answer_is_tried_again_and_then_told(
    ask: Ask, asker: User, people: DistrictDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = ask(1, 2)
    monkeypatch.setattr(runs, "push_keys", unreachable)
    for attempt in range(1, len(RETRY_DELAYS) + 1):
        runs.push_next_keys(request.pk)
        request.refresh_from_db()
        assert (request.status, request.attempts) == (SyncStatus.WAITING, attempt)
        assert request.retry_at is not None
        runs.push_next_keys(request.pk)  # too early: nothing happens
        request.refresh_from_db()
        assert request.attempts == attempt
        SyncRequest.objects.filter(pk=request.pk).update(retry_at="2020-01-01T00:00Z")
    runs.push_next_keys(request.pk)
    request.refresh_from_db()
    assert (request.status, request.reason) == (
        SyncStatus.FAILED,
        "The database of district T1 does not answer.",
    )
    told = details(request)
    assert (told.pending, told.synced, told.can_sync_again) == (2, 0, True)
    assert all(each.reason.startswith("Not attempted, because the request failed") for each in told.under)
    codes = ErrorLogEntry.objects.order_by("pk").values_list("code", flat=True)
    assert [*codes] == ["DATABASE_WAITING", "SYNC_FAILED"]


def test_a_district_that_answers_again_loses_nothing(
    ask: Ask, people: DistrictDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = ask(1)
    with monkeypatch.context() as gone:
        gone.setattr(runs, "push_keys", unreachable)
        runs.push_next_keys(request.pk)
    SyncRequest.objects.filter(pk=request.pk).update(retry_at="2020-01-01T00:00Z")
    assert run(request).status == SyncStatus.COMPLETED
    assert (request.attempts, request.reason, request.retry_at) == (0, "", None)


def test_requests_behind_one_that_waits_wait_too(
    ask: Ask, people: DistrictDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = ask(1), ask(2)
    monkeypatch.setattr(runs, "push_keys", unreachable)
    runs.push_next_keys(first.pk)
    runs.push_next_keys(second.pk)
    second.refresh_from_db()
    assert second.status == SyncStatus.QUEUED


def test_a_district_without_a_database_fails_at_once(ask: Ask, district: District) -> None:
    District.objects.filter(pk=district.pk).update(database_name="")
    request = run(ask(1), most=1)
    assert request.status == SyncStatus.FAILED
    assert request.reason.startswith("No database is entered")


@pytest.fixture
def without_table(writer: DistrictDatabase) -> Iterator[Callable[[str], None]]:
    taken: list[str] = []

    def take(table: str) -> None:
        taken.append(table)
        writer.execute(f"ALTER TABLE {table} RENAME TO {table}_gone")

    yield take
    for table in taken:
        writer.execute(f"ALTER TABLE {table}_gone RENAME TO {table}")


def test_a_table_that_is_missing_under_the_records_stops_only_what_is_under_it(
    ask: Ask, people: DistrictDatabase, without_table: Callable[[str], None]
) -> None:
    without_table("plan")
    request = run(ask(1))
    assert request.status == SyncStatus.COMPLETED
    reasons = {each.object: each.reason for each in request.objects_in_order.exclude(reason="")}
    assert set(reasons) == {"Plan", "PlanProgressReport"}
    assert reasons["Plan"].startswith("The district's database has no table or view plan.")
    assert reasons["PlanProgressReport"].startswith("Not attempted, because Plan failed: ")
    assert counts(request)["ContactLog"] == (1, 0)
    entry = ErrorLogEntry.objects.get()
    assert (entry.code, entry.object, entry.confidential) == ("OBJECT_FAILED", "Plan", False)


def test_without_the_table_of_the_chosen_object_the_request_fails(
    ask: Ask, people: DistrictDatabase, without_table: Callable[[str], None]
) -> None:
    without_table("person_identity")
    for more in ({}, {"with_missing_parents": True}):
        request = run(ask(1, **more), most=1)
        assert request.status == SyncStatus.FAILED
        assert "no table or view person_identity" in request.reason


def test_a_parents_table_that_is_missing_leaves_what_does_not_need_it(
    ask: Ask, people: DistrictDatabase, without_table: Callable[[str], None]
) -> None:
    without_table("person_identity")
    request = run(ask(2, object_name="Enrollment", with_missing_parents=True))
    assert request.status == SyncStatus.COMPLETED
    assert outcomes(request) == {2: "failed"}
    assert "no table or view" in request.objects_in_order.get(object="PersonIdentity").reason


def test_an_error_of_ours_ends_after_its_attempts_and_tells_no_value(
    ask: Ask, people: DistrictDatabase, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object, **more: object) -> None:
        raise ValueError("Kanarie")

    request = ask(1)
    monkeypatch.setattr(runs, "push_keys", broken)
    for _ in range(len(RETRY_DELAYS) + 1):
        SyncRequest.objects.filter(pk=request.pk).update(retry_at="2020-01-01T00:00Z")
        runs.push_next_keys(request.pk)
    request.refresh_from_db()
    assert request.status == SyncStatus.FAILED
    assert "Kanarie" not in request.reason + caplog.text


def test_a_state_that_refuses_is_tried_again(
    ask: Ask, people: DistrictDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*args: object, **more: object) -> None:
        raise psycopg.errors.DeadlockDetected("")

    request = ask(1)
    monkeypatch.setattr(runs, "push_keys", refused)
    runs.push_next_keys(request.pk)
    request.refresh_from_db()
    assert request.status == SyncStatus.WAITING


# ---- What the state asked for --------------------------------------------------------------------------------------


def test_what_a_state_request_meets_is_confidential(
    ask: Ask, people: DistrictDatabase, state_user: User, without_table: Callable[[str], None]
) -> None:
    without_table("plan")
    run(ask(20, object_name="Enrollment", by=state_user))
    assert list(RecordError.objects.values_list("key", "confidential")) == [(20, True)]
    run(ask(2, by=state_user))  # whose enrollment 1 is excluded
    assert sorted(RecordError.objects.values_list("key", "confidential")) == [(1, True), (20, True)]
    assert ErrorLogEntry.objects.get().confidential


# ---- Alerts -------------------------------------------------------------------------------------------------------


def test_who_asked_is_told_of_errors_in_counts_only(ask: Ask, asker: User, people: DistrictDatabase) -> None:
    request = run(ask(1, 2, 98765))
    alert = ProcessAlert.objects.get(key=f"sync-ended:{request.pk}")
    assert alert.text.startswith("PersonIdentity: 2 of 3 IDs are at the state, 1 not found at the district.")
    assert "1 record did not end at the state" in alert.text
    assert "98765" not in alert.text + alert.name
    assert [each.user for each in AlertRecipient.objects.filter(alert=alert)] == [asker]
    assert alert.district == request.district


def test_nobody_is_told_that_all_is_well(ask: Ask, people: DistrictDatabase) -> None:
    run(ask(1, with_children=False))
    assert not ProcessAlert.objects.exists()


def test_who_has_left_or_lost_the_right_is_not_told(ask: Ask, asker: User, people: DistrictDatabase) -> None:
    asker.groups.clear()
    run(ask(99))
    assert not ProcessAlert.objects.exists()


def test_the_alert_of_a_state_request_is_not_the_districts(
    ask: Ask, people: DistrictDatabase, state_user: User
) -> None:
    run(ask(99, by=state_user))
    alert = ProcessAlert.objects.get()
    assert alert.district is None
    assert [each.user for each in AlertRecipient.objects.filter(alert=alert)] == [state_user]
