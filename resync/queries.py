"""What the pages and commands read about batches."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zlib import crc32

from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from dis_objects.catalogue import hierarchy
from dis_objects.models import DISObject
from districts.choices import Right, Tool
from districts.models import District, SchoolYear, User, Zone
from districts.queries import has_right
from resync.choices import (
    CANCELLABLE_BATCH,
    OPEN_BATCH,
    OPEN_OBJECT,
    BatchStatus,
    Dot,
    ObjectStatus,
    Origin,
    result_dot,
)
from resync.models import Batch, BatchObject
from resync.plan import offered_names

_DOTS = {
    ObjectStatus.QUEUED: Dot.QUEUED,
    ObjectStatus.RUNNING: Dot.GRAY,
    ObjectStatus.WAITING: Dot.WAITING,
    ObjectStatus.FAILED: Dot.FAILED,
    ObjectStatus.NOT_ATTEMPTED: Dot.NOT_ATTEMPTED,
    ObjectStatus.CANCELLED: Dot.CANCELLED,
}


@dataclass(frozen=True)
class StatusRow:
    """One row of the status table.

    `latest` is the object's last attempt that the user may see; `started` the last that has started, which
    is another one as long as `latest` waits for its turn. `parents` are what Check dependencies adds.
    `waits_for` is the parent that a queued object waits for; empty when it only waits for a worker.
    """

    name: str
    immediate_parents: tuple[str, ...]
    parents: tuple[str, ...]
    latest: BatchObject | None
    started: BatchObject | None
    in_batch: bool
    waits_for: str

    @property
    def dot(self) -> Dot:
        return dot_of(self.latest)

    @property
    def expected(self) -> int | None:
        """How many records the object has, as far as that is known: counted when it last started."""
        return self.started.total if self.started else None


def dot_of(attempt: BatchObject | None) -> Dot:
    if attempt is None:
        return Dot.NONE
    waiting = _DOTS.get(ObjectStatus(attempt.status))
    return waiting or result_dot(attempt.processed, attempt.errors)


def visible_origins(user: User) -> tuple[Origin, ...]:
    """A district never learns which objects the state asked for (seed 000, State-Initiated Requests). The weekly
    schedule of attendance is no secret: every district is told of it (seed 003)."""
    return tuple(Origin) if user.is_state_user else (Origin.DISTRICT, Origin.SCHEDULE)


def status_rows(
    user: User, district: District, school_year: SchoolYear, shown: Batch | None = None
) -> list[StatusRow]:
    """The status table of a district and school year, parents first. Two queries, whatever its length.

    `shown` is the open batch, or the one that has just ended, whose objects are told apart from the others.
    """
    attempts = latest_attempts(user, district, school_year, shown)
    in_batch = {name for name, (latest, _) in attempts.items() if shown and latest.batch_id == shown.pk}
    still_open = {name for name in in_batch if attempts[name][0].status in OPEN_OBJECT}
    offered = offered_names(district, school_year)
    rows = []
    for name in hierarchy().sorted(offered):
        latest, started = attempts.get(name, (None, None))
        rows.append(
            StatusRow(
                name=name,
                immediate_parents=immediate_parents(name),
                parents=tuple(above for above in all_parents(name) if above in offered),
                latest=latest,
                started=started,
                in_batch=name in in_batch,
                waits_for=_nearest_open_parent(latest, still_open),
            )
        )
    return rows


# Both are kept: every answer of the page needs them for every object, and the hierarchy never changes.
@cache
def all_parents(name: str) -> tuple[str, ...]:
    return hierarchy().parents(name)


@cache
def immediate_parents(name: str) -> tuple[str, ...]:
    return hierarchy().immediate_parents(name)


def _nearest_open_parent(attempt: BatchObject | None, still_open: set[str]) -> str:
    """`parents` are in parent-first order: the last one still open is the nearest."""
    waiting = [name for name in attempt.parents if name in still_open] if attempt else []
    return waiting[-1] if waiting else ""


def latest_attempts(
    user: User, district: District, school_year: SchoolYear, shown: Batch | None = None
) -> dict[str, tuple[BatchObject, BatchObject | None]]:
    """The last attempt at each object, and the last that has started.

    Two index probes per object, however long the history is.
    """
    attempts = BatchObject.objects.filter(
        district=district,
        school_year=school_year,
        origin__in=visible_origins(user),
        object=OuterRef("name"),
    )
    if shown is not None:
        # What is queued behind the open batch must not hide what the open batch does.
        attempts = attempts.filter(batch_id__lte=shown.pk)
    newest = attempts.order_by("-id").values("id")[:1]
    started = attempts.exclude(started_at=None).order_by("-id").values("id")[:1]
    found = list(
        DISObject.objects.annotate(newest=Subquery(newest), started=Subquery(started))
        .exclude(newest=None)
        .values_list("name", "newest", "started")
    )
    rows = BatchObject.objects.in_bulk({pk for _, *pks in found for pk in pks if pk})
    return {name: (rows[newest_pk], rows.get(started_pk)) for name, newest_pk, started_pk in found}


def open_batch(user: User, district: District, school_year: SchoolYear) -> Batch | None:
    """The batch that runs now or is the next to run, if the user may know its objects."""
    return open_batches(user, district, school_year).select_related("requested_by").order_by("id").first()


def open_batches(user: User, district: District, school_year: SchoolYear) -> QuerySet[Batch]:
    return Batch.objects.filter(
        district=district, school_year=school_year, status__in=OPEN_BATCH, origin__in=visible_origins(user)
    )


def batch_attempts(user: User, district: District, batch_id: int) -> list[BatchObject]:
    """The objects of a batch in the order of its plan, each with the batch; none if the user may not see it.

    One query on one index: it is what an open page asks every two seconds.
    """
    attempts = BatchObject.objects.filter(
        batch_id=batch_id, district=district, origin__in=visible_origins(user)
    )
    return list(attempts.select_related("batch__requested_by", "batch__school_year").order_by("place"))


_MARK_LENGTH = 6


def version_of(attempts: Sequence[BatchObject]) -> str:
    """A letter for the status of the batch, then a mark for each object of it: what an open page has seen.

    A mark changes whenever the object's row does. It is made from what the row shows, not from `changed_at`:
    that is the time when a chunk began, and chunks that run side by side end in another order.
    """
    still_open = {each.object for each in attempts if each.status in OPEN_OBJECT}
    marks = (_mark(each, _nearest_open_parent(each, still_open)) for each in attempts)
    return attempts[0].batch.status[0] + "".join(marks)


def _mark(attempt: BatchObject, waits_for: str) -> str:
    counts = (attempt.total, attempt.processed, attempt.errors)
    shown = (attempt.status, counts, attempt.retry_at, attempt.reason, waits_for)
    return f"{crc32(repr(shown).encode()) & 0xFFFFFF:06x}"


def changed_since(seen: str, attempts: Sequence[BatchObject]) -> list[BatchObject]:
    """The objects whose marks differ from those in an earlier version; all if it cannot be read."""
    places = [
        slice(1 + place * _MARK_LENGTH, 1 + (place + 1) * _MARK_LENGTH) for place in range(len(attempts))
    ]
    now = version_of(attempts)
    return [each for each, place in zip(attempts, places, strict=True) if seen[place] != now[place]]


@dataclass(frozen=True)
class Progress:
    """How far a batch or an object is. `rate` is in records per second, `left` the time it still needs."""

    done: int
    total: int
    rate: float
    left: timedelta | None

    @property
    def percent(self) -> int:
        return min(100, self.done * 100 // self.total) if self.total else 0


def progress_of(attempts: Iterable[BatchObject], now: datetime | None = None) -> Progress:
    """Progress over the given objects of one batch. Objects that have not started count nothing yet."""
    now = now or timezone.now()
    started = [each for each in attempts if each.started_at]
    # A record that arrived after the count was taken is processed too: progress never exceeds its total.
    total = sum(max(each.total or 0, each.processed) for each in started)
    return _progress(sum(each.processed for each in started), total, _seconds(started, now))


def _progress(done: int, total: int, seconds: float) -> Progress:
    rate = done / seconds if seconds > 0 else 0.0
    left = timedelta(seconds=(total - done) / rate) if rate and total > done else None
    return Progress(done, total, rate, left)


def _seconds(started: list[BatchObject], now: datetime) -> float:
    if not started:
        return 0.0
    first = min(each.started_at for each in started if each.started_at)
    last = max(each.ended_at or now for each in started)
    return (last - first).total_seconds()


@dataclass(frozen=True)
class BatchProgress:
    """How far a whole batch is. `is_counted` tells whether `records.total` covers all of its objects."""

    objects: int
    ended: int
    errors: int
    records: Progress
    is_counted: bool


def batch_progress(rows: Collection[StatusRow], now: datetime | None = None) -> BatchProgress:
    """How far the batch is whose rows these are. What has not started counts with its last total."""
    attempts = {row.name: row.latest for row in rows if row.latest}
    waiting = [row for row in rows if row.latest and not row.latest.started_at and not row.latest.ended_at]
    now = now or timezone.now()
    so_far = progress_of(attempts.values(), now)
    seconds = _seconds([each for each in attempts.values() if each.started_at], now)
    return BatchProgress(
        objects=len(attempts),
        ended=sum(each.ended_at is not None for each in attempts.values()),
        errors=sum(each.errors for each in attempts.values()),
        records=_progress(so_far.done, so_far.total + sum(row.expected or 0 for row in waiting), seconds),
        is_counted=all(row.expected is not None for row in waiting),
    )


def years_that_sync() -> list[SchoolYear]:
    """The school years that any zone syncs, earliest first."""
    wanted: set[int] = set()
    zones = Zone.objects.values_list("school_year_id", "syncs_previous_year", "syncs_next_year").distinct()
    for current, previous, following in zones:
        wanted |= {current} | ({current - 1} if previous else set()) | ({current + 1} if following else set())
    return list(SchoolYear.objects.filter(pk__in=wanted).order_by("pk"))


def usual_year() -> SchoolYear | None:
    """The year that most zones are in, the later of two; None as long as there is no zone."""
    years = SchoolYear.objects.annotate(zones=Count("zone")).filter(zones__gt=0)
    return years.order_by("-zones", "-pk").first()


def is_finished(batch: Batch) -> bool:
    return batch.status not in OPEN_BATCH


def may_cancel(user: User, batch: Batch) -> bool:
    """Whether there is something to cancel, and the user may."""
    return batch.status in CANCELLABLE_BATCH and has_say_over(user, batch)


def has_say_over(user: User, batch: Batch) -> bool:
    """A district stops its own resyncs only: what the state or its schedule asks for, nobody else stops (seed 000,
    State-Initiated Resync Requests)."""
    is_own = batch.origin == Origin.DISTRICT and batch.district_id == user.district_id
    return (user.is_state_user or is_own) and has_right(user, Tool.BATCH, Right.WRITE)


def runnable_objects() -> QuerySet[BatchObject]:
    """Objects of running batches whose parents in the plan have ended and whose waiting time is over."""
    is_parent = Func(
        F("object"),
        OuterRef("parents"),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
    open_parents = BatchObject.objects.filter(
        is_parent, batch_id=OuterRef("batch_id"), status__in=OPEN_OBJECT
    )
    return BatchObject.objects.filter(
        ~Exists(open_parents),
        Q(retry_at=None) | Q(retry_at__lte=Now()),
        batch__status=BatchStatus.RUNNING,
        status__in=OPEN_OBJECT,
    ).order_by("id")
