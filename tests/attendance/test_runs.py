"""What starts, works on and ends an aggregation."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from attendance import actions, runs
from attendance.choices import RunKind, RunStatus
from attendance.databases import open_for_aggregation
from attendance.exceptions import AggregationStopped, CredentialsRefused, NotPrepared, RefreshRefused
from attendance.models import AggregationRun
from audit.choices import Action
from audit.models import AuditEntry
from districts.choices import Tool
from districts.exceptions import DistrictNotConnected, DistrictUnreachable
from districts.models import District, User
from interchange.models import ErrorLogEntry
from process_alerts.choices import Process
from process_alerts.models import ProcessAlert
from tests.attendance.conftest import enter, rows, work
from tests.conftest import DistrictDatabase
from tests.factories.attendance import AggregationRunFactory
from tests.factories.district import DistrictFactory
from tests.factories.user import GroupFactory, UserFactory

pytestmark = pytest.mark.django_db
# 3 o'clock in the district's time, which is UTC
NIGHT = datetime(2023, 9, 7, 3, 5, tzinfo=UTC)


@pytest.fixture
def asker(district: District) -> User:
    user = UserFactory(district=district, rights="")
    user.groups.add(GroupFactory(tool=Tool.ATTENDANCE_REFRESH, rights="RW"))
    return user


def refresh(
    district: District, calendars: list[int] | None = None, by: User | None = None, **more: Any
) -> Any:
    return actions.start_refresh(district=district, calendars=calendars, by=by, **more)


# ---- Refresh -------------------------------------------------------------------------------------------------


def test_a_refresh_adds_up_all_calendars_of_the_year_one_at_a_time(
    district: District, school: DistrictDatabase
) -> None:
    enter(school, person=1)
    enter(school, person=3, periods=(21,))
    run = refresh(district)
    assert (run.calendars, run.is_all) == ([2, 1], True)  # by school and name: Evening, North
    runs.run_aggregation(run.pk)
    run.refresh_from_db()
    assert (run.status, run.calendars_done, run.written) == (RunStatus.RUNNING, 1, 1)
    assert [row[0] for row in rows(school)] == [3]
    work(run)
    assert (run.status, run.calendars_done, run.days, run.written) == (RunStatus.COMPLETED, 2, 2, 2)
    assert run.ended_at >= run.started_at >= run.requested_at


def test_a_refresh_of_chosen_calendars_takes_no_other(district: District, school: DistrictDatabase) -> None:
    enter(school, person=1)
    enter(school, person=3, periods=(21,))
    run = work(refresh(district, [1]))
    assert (run.calendars, run.is_all, run.status) == ([1], False, RunStatus.COMPLETED)
    assert [row[0] for row in rows(school)] == [1]


@pytest.mark.parametrize(
    ("calendars", "sentence"),
    [
        ([], "No calendar is chosen"),
        ([3], "No calendar is chosen"),
        ([1, 3], "not one of"),
        ([1, 99], "not one of"),
    ],
)
def test_what_is_no_calendar_of_the_year_is_refused(
    district: District, school: DistrictDatabase, calendars: list[int], sentence: str
) -> None:
    with pytest.raises(RefreshRefused, match=sentence):
        refresh(district, calendars)
    assert not AggregationRun.objects.exists()


def test_a_refresh_is_in_the_audit_log(district: District, school: DistrictDatabase, asker: User) -> None:
    run = refresh(district, by=asker)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.district) == (Action.AGGREGATION_REQUESTED, asker, district)
    assert (entry.key, entry.count) == (run.pk, 2)


def test_a_double_click_refreshes_once(district: District, school: DistrictDatabase, asker: User) -> None:
    token = AggregationRun(district=district).token
    assert refresh(district, by=asker, token=token) == refresh(district, by=asker, token=token)


def test_a_second_refresh_waits_for_the_end_of_the_first(
    district: District, school: DistrictDatabase
) -> None:
    first = refresh(district)
    with pytest.raises(RefreshRefused, match="at this moment"):
        refresh(district)
    work(first)
    refresh(district)


def test_a_district_without_calendars_says_so(district: District) -> None:
    with pytest.raises(RefreshRefused, match="No calendar"):
        refresh(district)


# ---- Workers that are killed ---------------------------------------------------------------------------------


def test_a_step_that_dies_after_the_district_committed_counts_and_writes_once(
    district: District, school: DistrictDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(school)
    run = refresh(district, [1])
    with monkeypatch.context() as dying:
        dying.setattr(runs, "end_run", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            runs.run_aggregation(run.pk)
    run.refresh_from_db()
    assert (run.status, run.calendars_done) == (RunStatus.RUNNING, 0)
    before = school.execute("SELECT * FROM att_day_aggregation").fetchall()
    assert len(before) == 1
    work(run)
    assert (run.status, run.calendars_done, run.written) == (RunStatus.COMPLETED, 1, 0)
    assert school.execute("SELECT * FROM att_day_aggregation").fetchall() == before


def test_the_sweep_wakes_what_nobody_works_on(
    district: District, school: DistrictDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(actions, "wake", lambda run_id, **_: woken.append(run_id))
    waiting = refresh(district)
    AggregationRunFactory(district=DistrictFactory(), status=RunStatus.FAILED)
    assert actions.wake_forgotten_runs() == 1
    assert woken == [waiting.pk]


@pytest.mark.django_db(transaction=True)
def test_the_sweep_leaves_a_run_that_somebody_works_on(
    district: District, school: DistrictDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = refresh(district)
    monkeypatch.setattr(actions, "wake", lambda run_id, **_: None)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT FROM attendance_aggregationrun WHERE id = %s FOR UPDATE", [run.pk])
        assert actions.wake_forgotten_runs() == 0
        runs.run_aggregation(run.pk)
        assert AggregationRun.objects.get(pk=run.pk).status == RunStatus.QUEUED
    finally:
        other.close()  # as PostgreSQL sees it, the worker is gone
    assert actions.wake_forgotten_runs() == 1
    assert work(run).status == RunStatus.COMPLETED


def test_a_run_that_has_ended_is_left_alone(district: District, school: DistrictDatabase) -> None:
    run = AggregationRunFactory(district=district, status=RunStatus.FAILED)
    assert work(run).status == RunStatus.FAILED


# ---- Nights --------------------------------------------------------------------------------------------------


@pytest.fixture
def changed(school: DistrictDatabase) -> DistrictDatabase:
    """Student 1 was entered the day before the night, student 2 after midnight."""
    enter(school, person=1)
    enter(school, person=2)
    school.execute(
        "UPDATE attendance.touched SET touched_at = CASE person_id WHEN 1 THEN timestamptz '2023-09-06 15:00Z'"
        " ELSE '2023-09-07 00:00Z' END"
    )
    return school


def test_a_night_adds_up_what_was_changed_the_day_before(
    district: District, changed: DistrictDatabase
) -> None:
    assert actions.start_nightly_aggregations(NIGHT) == 1
    run = work(AggregationRun.objects.get())
    assert (run.kind, run.night, run.status) == (RunKind.NIGHTLY, date(2023, 9, 7), RunStatus.COMPLETED)
    assert (run.days, run.written) == (1, 1)
    assert [row[0] for row in rows(changed)] == [1]


def test_the_next_night_takes_the_rest_and_a_missed_one_too(
    district: District, changed: DistrictDatabase
) -> None:
    assert actions.start_nightly_aggregations(NIGHT + timedelta(days=3)) == 1
    assert work(AggregationRun.objects.get()).written == 2


@pytest.mark.parametrize(
    ("zone", "moment", "night"),
    [
        ("UTC", "2023-09-07 01:59", None),
        ("UTC", "2023-09-07 02:00", "2023-09-07"),
        ("UTC", "2023-09-07 05:59", "2023-09-07"),
        ("UTC", "2023-09-07 06:00", None),
        ("America/Los_Angeles", "2023-09-07 02:05", None),
        ("America/Los_Angeles", "2023-09-07 09:05", "2023-09-07"),
        ("Pacific/Guam", "2023-09-06 16:05", "2023-09-07"),
    ],
)
def test_night_is_where_the_district_is(
    district: District, zone: str, moment: str, night: str | None
) -> None:
    District.objects.update(time_zone=zone)
    actions.start_nightly_aggregations(datetime.fromisoformat(moment + "+00:00"))
    assert [str(run.night) for run in AggregationRun.objects.all()] == ([night] if night else [])


def test_midnight_is_the_districts_own(district: District, changed: DistrictDatabase) -> None:
    District.objects.update(time_zone="America/Los_Angeles")  # both changes are of 09/06 there
    actions.start_nightly_aggregations(datetime(2023, 9, 7, 9, 5, tzinfo=UTC))
    assert work(AggregationRun.objects.get()).written == 2


def test_a_night_is_begun_once(district: District, changed: DistrictDatabase) -> None:
    assert actions.start_nightly_aggregations(NIGHT) == 1
    assert actions.start_nightly_aggregations(NIGHT) == 0
    work(AggregationRun.objects.get())
    assert actions.start_nightly_aggregations(NIGHT + timedelta(hours=1)) == 0
    assert actions.start_nightly_aggregations(NIGHT + timedelta(days=1)) == 1


def test_a_night_that_failed_is_tried_again_while_it_lasts(
    district: District, changed: DistrictDatabase, asker: User
) -> None:
    actions.start_nightly_aggregations(NIGHT)
    run = AggregationRun.objects.get()
    District.objects.update(database_host="127.0.0.1", database_port=1)
    work(run)
    assert (run.status, "does not answer" in run.reason) == (RunStatus.FAILED, True)
    assert ProcessAlert.objects.get().name == "Nightly attendance aggregation failed"
    District.objects.update(database_host="", database_port=None)
    assert actions.start_nightly_aggregations(NIGHT + timedelta(hours=1)) == 1
    assert work(run).status == RunStatus.COMPLETED
    assert run.written == 1
    assert ProcessAlert.objects.count() == 1


def test_a_district_that_is_not_prepared_has_no_nights(make_district: Callable[..., District]) -> None:
    make_district("T2")
    assert actions.start_nightly_aggregations(NIGHT) == 0


def test_a_night_leaves_a_refresh_alone(district: District, school: DistrictDatabase) -> None:
    run = refresh(district)
    assert actions.start_nightly_aggregations(NIGHT) == 0
    work(run)
    assert actions.start_nightly_aggregations(NIGHT) == 1


# ---- What goes wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"database_name": ""}, DistrictNotConnected),
        ({"aggregation_user": ""}, NotPrepared),
        ({"aggregation_user": "nobody_of_this_name"}, CredentialsRefused),
        ({"database_host": "127.0.0.1", "database_port": 1}, DistrictUnreachable),
    ],
)
def test_what_keeps_the_aggregation_out(
    district: District, change: dict[str, Any], expected: type[Exception]
) -> None:
    for name, value in change.items():
        setattr(district, name, value)
    secret = district.aggregation_password = "top-secret"
    with pytest.raises(expected) as refused, open_for_aggregation(district):
        pass
    assert not any(word in str(refused.value) for word in (secret, "nobody_of_this_name", "127.0.0.1"))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT FROM attendance.nowhere", NotPrepared),
        ("SELECT FROM person_identity", CredentialsRefused),
        ("SET statement_timeout = 1; SELECT pg_sleep(1)", AggregationStopped),
        ("SELECT 'a value'::int", AggregationStopped),
    ],
)
def test_what_the_database_refuses_becomes_a_sentence_without_its_text(
    district: District, statement: str, expected: type[Exception]
) -> None:
    with pytest.raises(expected) as refused, open_for_aggregation(district) as database:
        database.execute(statement.encode())
    assert "a value" not in str(refused.value)


def test_a_failure_ends_the_run_with_its_cause_in_alert_and_log(
    district: District, school: DistrictDatabase, asker: User
) -> None:
    run = refresh(district, by=asker)
    District.objects.update(aggregation_user="nobody_of_this_name")
    work(run)
    assert run.status == RunStatus.FAILED
    assert "does not let Upstate" in run.reason
    alert = ProcessAlert.objects.get()
    assert (alert.process, alert.name) == (Process.ATTENDANCE, "Attendance aggregation refresh failed")
    assert run.reason in alert.text
    assert [each.user for each in alert.recipients.all()] == [asker]
    assert ErrorLogEntry.objects.get().sentence == run.reason


def test_a_fault_of_ours_ends_the_run_and_tells_no_value(
    district: District, school: DistrictDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise ValueError("Anna Muster")

    monkeypatch.setattr(runs, "aggregate_calendars", fail)
    run = work(refresh(district))
    assert run.status == RunStatus.FAILED
    assert "ValueError" in run.reason
    assert "Anna" not in run.reason


def test_who_asked_is_told_the_counts_once(district: District, school: DistrictDatabase, asker: User) -> None:
    enter(school)
    run = work(refresh(district, by=asker))
    alert = ProcessAlert.objects.get()
    assert alert.name == "Attendance aggregation refresh completed"
    assert "2 calendars were added up again. Student days: 1; rows changed: 1." in alert.text
    assert actions.end_run(run_id=run.pk) is False
    assert ProcessAlert.objects.count() == 1


def leave(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def move(user: User) -> None:
    User.objects.filter(pk=user.pk).update(district=DistrictFactory())


def lose_the_right(user: User) -> None:
    user.groups.clear()


@pytest.mark.parametrize("change", [leave, move, lose_the_right])
def test_who_may_no_longer_see_the_district_is_not_told(
    district: District, school: DistrictDatabase, asker: User, change: Callable[[User], None]
) -> None:
    run = refresh(district, by=asker)
    change(asker)
    work(run)
    assert not ProcessAlert.objects.exists()


def test_a_user_of_the_state_is_told_of_the_refresh_they_asked_for(
    district: District, school: DistrictDatabase, asker: User
) -> None:
    of_state = UserFactory(district=None, rights="")
    of_state.groups.add(*asker.groups.all())
    work(refresh(district, by=of_state))
    assert [each.user for each in ProcessAlert.objects.get().recipients.all()] == [of_state]


def test_a_night_that_succeeds_is_no_news(district: District, asker: User) -> None:
    actions.start_nightly_aggregations(NIGHT)
    work(AggregationRun.objects.get())
    assert not ProcessAlert.objects.exists()


# ---- Constraints ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "constraint"),
    [
        ({"status": "queued"}, "one_open_aggregation_per_district"),
        ({"night": date(2023, 9, 7)}, "one_aggregation_per_night"),
        ({"kind": "refresh", "calendars": []}, "aggregation_has_a_night_or_calendars"),
        ({"kind": "nightly"}, "aggregation_has_a_night_or_calendars"),
        ({"calendars_total": 3}, "aggregation_does_its_calendars"),
        ({"calendars_done": 3}, "aggregation_does_its_calendars"),
        ({"written": 1}, "written_days_were_added_up"),
        ({"ended_at": None}, "aggregation_has_ended_iff_not_open"),
        ({"status": "failed", "reason": ""}, "failed_aggregation_has_a_reason"),
    ],
)
def test_the_database_refuses_a_run_that_cannot_be(broken: dict[str, Any], constraint: str) -> None:
    district = DistrictFactory()
    AggregationRunFactory(district=district, status="running")
    AggregationRunFactory(district=district, night=date(2023, 9, 7))
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AggregationRunFactory(district=district, **broken)
