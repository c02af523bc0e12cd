"""The weekly resync of the attendance objects (seed 003: an automated task syncs districts' data to the state weekly).

The state sets one weekday and hour, which hold in each district's own time: the night is where the district is. Beat
plans a week at the moment when it is that hour in the earliest place of the world, so that every district's turn still
lies ahead. The turns are spread evenly, in the order of the districts' numbers; the sweep sends what is due.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from attendance.choices import ATTENDANCE_OBJECTS, Weekday
from attendance.exceptions import ScheduleRefused
from attendance.models import ScheduledResync, WeeklyResync
from attendance.queries import taking_part
from audit import actions as audit
from audit.actions import Fact
from audit.choices import Action
from districts.models import District, User
from resync.choices import Origin
from resync.exceptions import ResyncRefused
from resync.plan import make_plan
from resync.requests import add_batches, open_request

_TASK_NAME = "weekly attendance resync"
_EARLIEST = ZoneInfo("Pacific/Kiritimati")
# A week that was missed because beat stood still is made up for in the next night, if that is not long after.
_MISSED = timedelta(days=2)
# How many districts one sweep sends: seconds of work.
_SENT_AT_ONCE = 100


@dataclass(frozen=True)
class Turn:
    """When a district is due, and why it is not sent if so."""

    district: District
    due_at: datetime
    refusal: str = ""


@transaction.atomic
def change_weekly_resync(
    *,
    enabled: bool,
    weekday: Weekday,
    hour: int,
    spread: int,
    objects: Collection[str],
    check_dependencies: bool,
    by: User,
) -> WeeklyResync:
    """Stores the schedule, and tells beat. What is planned already keeps its time; switched off, it is not sent.

    Raises ScheduleRefused.
    """
    if enabled and not objects:
        raise ScheduleRefused("No object is chosen. Tick at least one, or switch the weekly resync off.")
    if not set(objects) <= set(ATTENDANCE_OBJECTS):
        raise ScheduleRefused("Only objects that hold attendance can be part of the weekly resync.")
    stored, _ = WeeklyResync.objects.update_or_create(
        pk=1,
        defaults={
            "enabled": enabled,
            "weekday": weekday,
            "hour": hour,
            "spread": spread,
            "objects_chosen": [name for name in ATTENDANCE_OBJECTS if name in objects],
            "check_dependencies": check_dependencies,
            "changed_by": by,
            "changed_at": timezone.now(),
        },
    )
    if not enabled:
        _unsent().update(refusal="Not sent: the weekly resync was switched off before its turn came.")
    _tell_beat(stored)
    facts: dict[str, Fact] = {"of": "weekly resync", "enabled": enabled, "objects": stored.objects_chosen}
    audit.record(Action.SETTINGS_CHANGED, by=by, facts=facts)
    return stored


def _tell_beat(weekly: WeeklyResync) -> None:
    crontab, _ = CrontabSchedule.objects.get_or_create(
        minute="0",
        hour=str(weekly.hour),
        day_of_week=str((weekly.weekday + 1) % 7),  # cron's week begins with Sunday
        day_of_month="*",
        month_of_year="*",
        timezone=_EARLIEST,
    )
    PeriodicTask.objects.update_or_create(
        name=_TASK_NAME,
        defaults={
            "task": "attendance.tasks.plan_weekly_resync",
            "crontab": crontab,
            "enabled": weekly.enabled,
            "last_run_at": timezone.now(),  # or beat would make up for moments of the new schedule that are past
        },
    )


@transaction.atomic
def plan_weekly_resync(now: datetime | None = None) -> int:
    """Gives each district that takes part its turn of the week, once a week. Returns how many got one."""
    weekly = WeeklyResync.objects.select_for_update().filter(pk=1, enabled=True).first()
    now = now or timezone.now()
    if weekly is None or ScheduledResync.objects.filter(week=week_of(weekly, now)).exists():
        return 0
    turns = _turns(weekly, now)
    for school_year in sorted({turn.district.zone.school_year_id for turn in turns}):
        _plan([turn for turn in turns if turn.district.zone.school_year_id == school_year], weekly, now)
    return len(turns)


def week_of(weekly: WeeklyResync, now: datetime) -> date:
    """The date of the last weekday whose hour has struck in the earliest place."""
    there = now.astimezone(_EARLIEST) - timedelta(hours=weekly.hour)
    return there.date() - timedelta(days=(there.weekday() - weekly.weekday) % 7)


def _turns(weekly: WeeklyResync, now: datetime) -> list[Turn]:
    zones = taking_part().select_related("district__state", "school_year").order_by("district__number")
    districts = [zone.district for zone in zones]
    week, found = week_of(weekly, now), []
    for place, district in enumerate(districts):
        start = _start(weekly, district, week, now)
        if start is not None:
            due_at = start + timedelta(hours=weekly.spread) * place / len(districts)
            found.append(Turn(district, due_at, _refusal(weekly, district)))
    return found


def _start(weekly: WeeklyResync, district: District, week: date, now: datetime) -> datetime | None:
    """When the district's night begins; None if there is none this week."""
    zone = ZoneInfo(district.time_zone)
    start = datetime.combine(week, time(weekly.hour), zone)
    if weekly.changed_at is not None and start < weekly.changed_at:
        return None  # the schedule was made after its own moment: the next one is in a week
    if start + timedelta(hours=weekly.spread) > now:
        return start
    if now - start > _MISSED:
        return None
    tonight = datetime.combine(now.astimezone(zone).date(), time(weekly.hour), zone)
    over = tonight + timedelta(hours=weekly.spread) <= now
    return tonight + timedelta(days=1) if over else tonight


def _refusal(weekly: WeeklyResync, district: District) -> str:
    try:
        make_plan(
            district,
            district.zone.school_year,
            weekly.objects_chosen,
            check_dependencies=weekly.check_dependencies,
        )
    except ResyncRefused as refusal:
        return f"Not sent: {refusal}"
    return ""


def _plan(turns: Sequence[Turn], weekly: WeeklyResync, now: datetime) -> None:
    request = open_request(
        school_year=turns[0].district.zone.school_year,
        objects=weekly.objects_chosen,
        check_dependencies=weekly.check_dependencies,
        origin=Origin.SCHEDULE,
    )
    ScheduledResync.objects.bulk_create(
        ScheduledResync(
            request=request,
            district=turn.district,
            week=week_of(weekly, now),
            due_at=turn.due_at,
            refusal=turn.refusal,
        )
        for turn in turns
    )


def send_due_resyncs(now: datetime | None = None) -> int:
    """Sends the districts whose turn has come, each in a transaction of its own. Returns how many were sent."""
    due = _unsent().filter(due_at__lte=now or timezone.now()).order_by("due_at", "pk")
    return sum(_send(pk) for pk in list(due.values_list("pk", flat=True)[:_SENT_AT_ONCE]))


@transaction.atomic
def _send(scheduled_id: int) -> bool:
    """Exactly once: the row is locked until it has its batch, and a killed worker leaves neither."""
    turn = (
        _unsent()
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("request__school_year", "district__state", "district__zone__school_year")
        .filter(pk=scheduled_id)
        .first()
    )
    if turn is None:
        return False
    try:
        with transaction.atomic():
            add_batches(request=turn.request, districts=[turn.district])
    except ResyncRefused as refusal:
        ScheduledResync.objects.filter(pk=turn.pk).update(refusal=f"Not sent: {refusal}")
        return False
    batch = turn.request.batches.get(district=turn.district)
    ScheduledResync.objects.filter(pk=turn.pk).update(batch=batch)
    return True


def planned_for_tonight() -> int:
    """How many districts have a turn that has not come."""
    return _unsent().count()


def _unsent() -> QuerySet[ScheduledResync]:
    return ScheduledResync.objects.filter(batch=None, refusal="")
