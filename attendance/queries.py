"""What the pages and the workers read: the calendars of a district, and the aggregations of the past."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from attendance.choices import OPEN_RUN
from attendance.exceptions import AttendanceError
from attendance.models import AggregationRun, ScheduledResync, WeeklyResync
from dis_objects.catalogue import definition
from districts.databases import open_district
from districts.models import District, Zone
from resync.choices import BatchStatus

_CALENDARS = """
SELECT DISTINCT ON (c.calendar_id) c.calendar_id, c.name, s.name
FROM public.calendar AS c LEFT JOIN public.school AS s USING (school_id)
WHERE c.end_year = %s AND c.calendar_id IS NOT NULL
ORDER BY c.calendar_id, c.name, s.name
"""


@dataclass(frozen=True)
class CalendarChoice:
    """A calendar as the district calls it."""

    id: int
    name: str
    school: str


def calendars_of(district: District) -> Sequence[CalendarChoice]:
    """The calendars of the zone's school year, by school and name, read from the district.

    Raises DistrictError when the database does not answer or has no calendars that Upstate can read.
    """
    try:
        with open_district(district) as database:
            rows = database.execute(_CALENDARS, [district.zone.school_year_id]).fetchall()
    except psycopg.Error as error:
        raise AttendanceError(
            f"The calendars of district {district.number} could not be read. Check the views calendar and school in "
            "its database."
        ) from error
    found = [CalendarChoice(key, name or f"Calendar {key}", school or "") for key, name, school in rows]
    return sorted(found, key=lambda each: (each.school, each.name, each.id))


def keeps_attendance(district: District) -> bool:
    """Whether the state of the district takes aggregated attendance at all: BIE and Nevada (seed 003)."""
    return definition("AttDayAggregation").applies_to(district.state.code)


def runs_of(district: District) -> QuerySet[AggregationRun]:
    return AggregationRun.objects.filter(district=district).select_related("requested_by").order_by("-id")


def ended_runs(district: District) -> QuerySet[AggregationRun]:
    return runs_of(district).exclude(status__in=OPEN_RUN)


def open_run(district: District) -> AggregationRun | None:
    return runs_of(district).filter(status__in=OPEN_RUN).first()


def open_runs() -> QuerySet[AggregationRun]:
    return AggregationRun.objects.filter(status__in=OPEN_RUN)


def weekly_resync() -> WeeklyResync:
    """The schedule; as it is before anybody set it if nobody has."""
    return WeeklyResync.objects.filter(pk=1).first() or WeeklyResync(
        objects_chosen=["AttDayAggregation", "AttendanceExcuse"]
    )


def taking_part() -> QuerySet[Zone]:
    """The zones whose districts the weekly resync takes along."""
    return Zone.objects.filter(resyncs_attendance_weekly=True)


def weeks() -> QuerySet[ScheduledResync, Any]:
    """The weeks of the schedule with their counts, newest first."""
    unsent = Q(batch=None)
    return (
        ScheduledResync.objects.values("week", "request_id", school_year=F("request__school_year"))
        .annotate(
            districts=Count("pk"),
            sent=Count("pk", filter=~unsent),
            refused=Count("pk", filter=~Q(refusal="")),
            to_come=Count("pk", filter=unsent & Q(refusal="")),
            completed=Count("pk", filter=Q(batch__status=BatchStatus.COMPLETED)),
        )
        .order_by("-week", "-request_id")
    )


def refused_lately() -> QuerySet[ScheduledResync]:
    """The districts of the latest week that were not sent, with the reason."""
    latest = ScheduledResync.objects.order_by("-week").values("week")[:1]
    found = ScheduledResync.objects.filter(week=Subquery(latest)).exclude(refusal="")
    return found.select_related("district").order_by("district__number")


def districts_with_latest(districts: QuerySet[District]) -> QuerySet[District]:
    """Each district with the time and status of its latest aggregation."""
    latest = AggregationRun.objects.filter(district=OuterRef("pk")).order_by("-id")
    return districts.annotate(
        last_at=Subquery(latest.values("requested_at")[:1]), last_status=Subquery(latest.values("status")[:1])
    )
