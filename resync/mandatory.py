"""The full resyncs that are mandatory around the end of a school year (seed 000, Resync Scenarios).

Whose resync counts depends on who looks. A full resync that the state asked for brings the same records, and counts for
the state's users. For a district it does not: if its mark went out by itself while it sent nothing, it would know that
the state's request had covered everything, and a district must not learn what a request covers. For the same reason its
alert is settled only by what it may know of: its own full resync, or a scheduled one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from districts.models import District, SchoolYear, User, ZoneSwitch
from districts.queries import districts_of
from interchange.last_change import LastChange, last_change
from resync import announcements
from resync.choices import BatchStatus, Origin
from resync.models import Batch
from resync.queries import visible_origins

START_OF_YEAR = "start-of-year"
_EVER = Value(datetime(1990, 1, 1, tzinfo=UTC))


def districts_with_marks(user: User) -> QuerySet[District]:
    """The user's districts, with `switched_at` (to the zone's year, None if it began there) and `full_resync_at`: when
    the last full resync of that year ended that counts for this user.

    A full resync of a year that was not the zone's own yet does not count: it had only the objects that are set to
    sync for another year.
    """
    switches = ZoneSwitch.objects.filter(district=OuterRef("pk"), to_year=OuterRef("zone__school_year"))
    resyncs = full_resyncs(user).filter(
        district=OuterRef("pk"),
        school_year=OuterRef("zone__school_year"),
        requested_at__gte=Coalesce(OuterRef("switched_at"), _EVER),
    )
    return (
        districts_of(user)
        .annotate(switched_at=Subquery(switches.values("switched_at")[:1]))
        .annotate(full_resync_at=Subquery(resyncs.order_by("-id").values("ended_at")[:1]))
    )


def full_resyncs(user: User) -> QuerySet[Batch]:
    return Batch.objects.filter(is_full=True, status=BatchStatus.COMPLETED, origin__in=visible_origins(user))


IS_DUE = Q(switched_at__isnull=False, full_resync_at=None)


@dataclass(frozen=True)
class StartOfYear:
    """The mandatory full resync after a zone's switch, not done yet. `due_on` is a date at the district."""

    school_year: SchoolYear
    switched_at: datetime
    due_on: date


def start_of_year_due(user: User, district: District) -> StartOfYear | None:
    """What is due at the district, as far as this user may know; None if nothing is."""
    marked = districts_with_marks(user).filter(IS_DUE, pk=district.pk).first()
    if marked is None:
        return None
    switched_at: datetime = marked.switched_at  # type: ignore[attr-defined]
    return StartOfYear(marked.zone.school_year, switched_at, due_on(district, switched_at))


def due_on(district: District, switched_at: datetime) -> date:
    local = switched_at.astimezone(ZoneInfo(district.time_zone))
    return local.date() + timedelta(days=settings.ZONE_RESYNC_DAYS)


def settle_after(ended: Iterable[Batch]) -> None:
    """Settles the alerts of a school year's start for districts whose full resync of that year has completed.

    No resync of that year before the switch can end after it: a zone does not move while a batch is open.
    """
    for batch in ended:
        if batch.is_full and batch.status == BatchStatus.COMPLETED and batch.origin != Origin.STATE:
            announcements.settle_due(batch.district, batch.school_year, START_OF_YEAR)


@dataclass(frozen=True)
class EndOfYear:
    """How a district stands at the end of a school year: the last full resync that counts, and the last change of its
    data. `missing` says in sentences what the mandatory resync lacks; empty when it is done."""

    school_year: SchoolYear
    resync: Batch | None
    changed: LastChange
    missing: Sequence[str]

    @property
    def is_done(self) -> bool:
        return not self.missing


def end_of_year(user: User, district: District) -> EndOfYear:
    """Asks the district's database, which may take a while."""
    school_year = district.zone.school_year
    resync = _last_full_resync(user, district)
    changed = last_change(district, school_year.pk)
    return EndOfYear(school_year, resync, changed, _missing(district, resync, changed))


def _last_full_resync(user: User, district: District) -> Batch | None:
    marked = districts_with_marks(user).get(pk=district.pk)
    found = full_resyncs(user).filter(district=district, school_year=district.zone.school_year)
    since: datetime | None = marked.switched_at  # type: ignore[attr-defined]
    return (
        (found.filter(requested_at__gte=since) if since else found).order_by(F("started_at").desc()).first()
    )


def _missing(district: District, resync: Batch | None, changed: LastChange) -> list[str]:
    year = district.zone.school_year
    if resync is None or resync.started_at is None or resync.ended_at is None:
        return [f"No full resync of {year} has completed."]
    missing = []
    days = settings.ZONE_RESYNC_DAYS
    if resync.ended_at < timezone.now() - timedelta(days=days):
        missing.append(f"The last full resync of {year} ended more than {days} days ago.")
    if changed.at is None:
        missing.append(f"It is not known when the data of {district.name} last changed. {changed.reason}")
    elif changed.at >= resync.started_at:
        missing.append(f"Data of {district.name} changed after the last full resync had started.")
    return missing
