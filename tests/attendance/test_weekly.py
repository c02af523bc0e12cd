"""The weekly resync: when each district's turn is, and that it comes once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import ModelEntry

from attendance import weekly
from attendance.choices import ATTENDANCE_OBJECTS, Weekday
from attendance.exceptions import ScheduleRefused
from attendance.models import ScheduledResync, WeeklyResync
from dis_objects.catalogue import definition, offered_in_batch
from districts.models import District, User, Zone
from resync.choices import Origin
from resync.models import Batch, ResyncRequest
from tests.factories.district import DistrictFactory, SchoolYearFactory, StateFactory
from tests.factories.user import UserFactory

pytestmark = pytest.mark.django_db
# A Saturday; at 08:00 UTC it is 22:00 in the earliest place of the world.
SATURDAY = date(2026, 1, 10)
PLANNED = datetime(2026, 1, 10, 8, 0, tzinfo=UTC)


@pytest.fixture
def state_admin() -> User:
    return UserFactory(district=None)


def store(by: User, changed_at: datetime | None = None, **changes: Any) -> WeeklyResync:
    wanted: dict[str, Any] = {
        "enabled": True,
        "weekday": Weekday.SATURDAY,
        "hour": 22,
        "spread": 6,
        "objects": ["AttDayAggregation", "AttendanceExcuse"],
        "check_dependencies": True,
    }
    stored = weekly.change_weekly_resync(**(wanted | changes), by=by)
    WeeklyResync.objects.update(changed_at=changed_at or PLANNED - timedelta(days=3))
    return stored


def take_part(number: str, **changes: Any) -> District:
    found: District = DistrictFactory(number=number, **changes)
    Zone.objects.filter(district=found).update(resyncs_attendance_weekly=True)
    return found


@pytest.fixture
def three(state_admin: User) -> list[District]:
    store(state_admin)
    DistrictFactory(number="00")
    return [take_part(f"0{n}", time_zone="America/Los_Angeles") for n in (3, 1, 2)]


def turns() -> list[tuple[str, str]]:
    found = ScheduledResync.objects.select_related("district").order_by("district__number")
    return [(turn.district.number, f"{turn.due_at:%d %H:%M}") for turn in found]


# ---- Planning ------------------------------------------------------------------------------------------------


def test_the_districts_that_take_part_share_the_night_in_the_order_of_their_numbers(
    three: list[District],
) -> None:
    assert weekly.plan_weekly_resync(PLANNED) == 3
    # 22:00 in Los Angeles, and 2 hours apart
    assert turns() == [("01", "11 06:00"), ("02", "11 08:00"), ("03", "11 10:00")]
    request = ResyncRequest.objects.get()
    assert (request.origin, request.requested_by) == (Origin.SCHEDULE, None)
    assert set(request.objects_chosen) == {"AttDayAggregation", "AttendanceExcuse"}
    assert not Batch.objects.exists()


def test_the_hour_is_that_of_the_district(state_admin: User) -> None:
    store(state_admin, spread=1)
    take_part("01", time_zone="Pacific/Guam")
    take_part("02", time_zone="America/New_York")
    weekly.plan_weekly_resync(PLANNED)
    assert turns() == [("01", "10 12:00"), ("02", "11 03:30")]


@pytest.mark.parametrize("later", [timedelta(), timedelta(hours=1), timedelta(days=6, hours=23)])
def test_a_week_is_planned_once(three: list[District], later: timedelta) -> None:
    assert weekly.plan_weekly_resync(PLANNED) == 3
    assert weekly.plan_weekly_resync(PLANNED + later) == 0
    assert weekly.plan_weekly_resync(PLANNED + timedelta(days=7)) == 3
    assert ScheduledResync.objects.count() == 6


def test_each_school_year_has_a_request(three: list[District]) -> None:
    Zone.objects.filter(district=three[0]).update(school_year=SchoolYearFactory(end_year=2025))
    weekly.plan_weekly_resync(PLANNED)
    years = ResyncRequest.objects.values_list("school_year_id", flat=True)
    assert sorted(years) == [2024, 2025]


def test_a_district_that_is_not_offered_the_objects_is_left_out_with_the_reason(state_admin: User) -> None:
    store(state_admin)
    take_part("01")
    take_part("02", state=StateFactory(code="KY"))
    weekly.plan_weekly_resync(PLANNED)
    refused = ScheduledResync.objects.exclude(refusal="").get()
    assert refused.district.number == "02"
    assert "AttDayAggregation" in refused.refusal
    assert weekly.send_due_resyncs(PLANNED + timedelta(days=2)) == 1
    assert [batch.district.number for batch in Batch.objects.all()] == ["01"]


def test_switched_off_nothing_is_planned(state_admin: User) -> None:
    store(state_admin, enabled=False)
    take_part("01")
    assert weekly.plan_weekly_resync(PLANNED) == 0


def test_a_schedule_that_is_made_after_its_moment_begins_next_week(state_admin: User) -> None:
    store(state_admin, changed_at=datetime(2026, 1, 11, 7, tzinfo=UTC))  # Saturday, 23:00 in Los Angeles
    take_part("01", time_zone="America/Los_Angeles")
    take_part("02", time_zone="Pacific/Honolulu")  # 21:00: its hour is still to come
    weekly.plan_weekly_resync(datetime(2026, 1, 11, 7, 5, tzinfo=UTC))
    assert [number for number, _ in turns()] == ["02"]


@pytest.mark.parametrize(
    ("back", "due"),
    [
        (datetime(2026, 1, 11, 8, tzinfo=UTC), "11 06:00"),  # within the night: at once
        (datetime(2026, 1, 11, 20, tzinfo=UTC), "12 06:00"),  # by day: the next night
        (datetime(2026, 1, 14, 20, tzinfo=UTC), None),  # long after: next week
    ],
)
def test_a_week_that_was_missed_is_made_up_for_by_night(
    state_admin: User, back: datetime, due: str | None
) -> None:
    store(state_admin)
    take_part("01", time_zone="America/Los_Angeles")
    weekly.plan_weekly_resync(back)
    assert turns() == ([("01", due)] if due else [])


# ---- Sending -------------------------------------------------------------------------------------------------


def test_a_district_is_sent_when_its_turn_has_come_and_once(three: list[District]) -> None:
    weekly.plan_weekly_resync(PLANNED)
    assert weekly.send_due_resyncs(datetime(2026, 1, 11, 5, 59, tzinfo=UTC)) == 0
    moment = datetime(2026, 1, 11, 8, 0, tzinfo=UTC)
    assert weekly.send_due_resyncs(moment) == 2
    assert weekly.send_due_resyncs(moment) == 0
    batches = Batch.objects.order_by("district__number")
    assert [batch.district.number for batch in batches] == ["01", "02"]
    assert {batch.origin for batch in batches} == {Origin.SCHEDULE}
    objects = set(batches[0].objects_in_order.values_list("object", flat=True))
    assert objects >= {"AttDayAggregation", "AttendanceExcuse", "PersonIdentity", "Calendar"}
    assert [turn.batch for turn in ScheduledResync.objects.order_by("district__number")] == [*batches, None]


def test_a_sender_that_is_killed_leaves_neither_batch_nor_mark(
    three: list[District], monkeypatch: pytest.MonkeyPatch
) -> None:
    weekly.plan_weekly_resync(PLANNED)
    real = weekly.add_batches

    def die(**given: Any) -> None:
        real(**given)
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(weekly, "add_batches", die)
        with pytest.raises(SystemExit):
            weekly.send_due_resyncs(PLANNED + timedelta(days=2))
    assert not Batch.objects.exists()
    assert weekly.send_due_resyncs(PLANNED + timedelta(days=2)) == 3
    assert Batch.objects.count() == 3


def test_a_zone_that_has_moved_on_is_told_and_the_others_are_sent(three: list[District]) -> None:
    weekly.plan_weekly_resync(PLANNED)
    Zone.objects.filter(district=three[0]).update(school_year=SchoolYearFactory(end_year=2025))
    assert weekly.send_due_resyncs(PLANNED + timedelta(days=2)) == 2
    assert ScheduledResync.objects.get(district=three[0]).refusal.startswith("Not sent: ")


def test_switching_off_keeps_back_what_was_not_sent(three: list[District], state_admin: User) -> None:
    weekly.plan_weekly_resync(PLANNED)
    weekly.send_due_resyncs(datetime(2026, 1, 11, 6, 0, tzinfo=UTC))
    store(state_admin, enabled=False)
    assert weekly.send_due_resyncs(PLANNED + timedelta(days=2)) == 0
    assert Batch.objects.count() == 1
    assert ScheduledResync.objects.exclude(refusal="").count() == 2


# ---- The schedule --------------------------------------------------------------------------------------------


def test_beat_learns_the_moment(state_admin: User) -> None:
    store(state_admin, weekday=Weekday.SUNDAY, hour=5)
    task = PeriodicTask.objects.get()
    assert (task.task, task.enabled) == ("attendance.tasks.plan_weekly_resync", True)
    crontab = task.crontab
    assert (crontab.hour, crontab.minute, crontab.day_of_week) == ("5", "0", "0")
    store(state_admin, enabled=False)
    assert PeriodicTask.objects.get().enabled is False


def test_beat_is_due_at_the_moment_and_not_before(state_admin: User) -> None:
    """As django-celery-beat reckons: the weekday and hour in the earliest time zone."""
    now = timezone.now()
    there = now.astimezone(weekly._EARLIEST)
    store(state_admin, weekday=Weekday(there.weekday()), hour=there.hour)
    task = PeriodicTask.objects.get()
    task.last_run_at = now - timedelta(days=1)
    assert ModelEntry(task).is_due().is_due
    task.last_run_at = now
    assert not ModelEntry(task).is_due().is_due


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"objects": []}, "No object is chosen"),
        ({"objects": ["Enrollment"]}, "Only objects that hold attendance"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(
    state_admin: User, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ScheduleRefused, match=sentence):
        store(state_admin, **changes)
    assert not PeriodicTask.objects.exists()


def test_the_objects_of_attendance_are_known_to_the_catalogue() -> None:
    offered = {each.name for each in offered_in_batch("NV")}
    assert {definition(name).name for name in ATTENDANCE_OBJECTS} <= offered


@pytest.mark.parametrize(
    ("broken", "constraint"),
    [
        ({"id": 2}, "one_weekly_resync"),
        ({"weekday": 7}, "weekly_resync_at_a_time_that_exists"),
        ({"hour": 24}, "weekly_resync_at_a_time_that_exists"),
        ({"spread": 0}, "weekly_resync_at_a_time_that_exists"),
        ({"enabled": True}, "enabled_weekly_resync_has_objects"),
    ],
)
def test_the_database_refuses_a_schedule_that_cannot_be(broken: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        WeeklyResync.objects.create(**broken)


@pytest.mark.parametrize(
    ("same", "constraint"),
    [("week", "scheduled_once_a_week"), ("request", "scheduled_once_per_request")],
)
def test_the_database_refuses_a_second_turn(three: list[District], same: str, constraint: str) -> None:
    weekly.plan_weekly_resync(PLANNED)
    first = ScheduledResync.objects.earliest("pk")
    other = ResyncRequest.objects.create(
        school_year_id=2024,
        origin=Origin.SCHEDULE,
        objects_chosen=["AttDayAggregation"],
        check_dependencies=True,
    )
    first.pk = None
    if same == "week":
        first.request = other
    else:
        first.week += timedelta(days=7)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        first.save(force_insert=True)


def test_the_database_refuses_a_turn_that_is_both_sent_and_refused(three: list[District]) -> None:
    weekly.plan_weekly_resync(PLANNED)
    weekly.send_due_resyncs(PLANNED + timedelta(days=2))
    with (
        pytest.raises(IntegrityError, match="scheduled_resync_is_sent_or_refused"),
        transaction.atomic(),
    ):
        ScheduledResync.objects.update(refusal="Not sent.")
