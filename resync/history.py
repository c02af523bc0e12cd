"""Batch history: every batch that a user may know of, and what came of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from districts.models import District, User
from resync.choices import BatchStatus, Dot, Origin, result_dot
from resync.models import Batch, BatchObject
from resync.queries import visible_origins

_BATCHES_AT_ONCE = 500


@dataclass(frozen=True)
class HistoryFilter:
    """Which batches are asked for. Without a district: those of all districts that the user may see. `first` and `last`
    are the bounds of the request's time, both included; `who` is a part of a user name."""

    user: User
    district: District | None = None
    object: str = ""
    origin: str = ""
    status: str = ""
    school_year: int | None = None
    who: str = ""
    first: datetime | None = None
    last: datetime | None = None


def batches(asked: HistoryFilter) -> QuerySet[Batch]:
    """Newest first. A district sees its own and what the schedule sent, not what the state asked for."""
    found = Batch.objects.filter(origin__in=visible_origins(asked.user), **_wanted(asked))
    if not asked.user.is_state_user:
        found = found.filter(district=asked.user.district_id)
    if asked.object:
        of_object = BatchObject.objects.filter(batch=OuterRef("pk"), object=asked.object)
        found = found.filter(Exists(of_object))
    if asked.who:
        found = found.filter(Q(requested_by__username__icontains=asked.who))
    related = ("district", "school_year", "requested_by", "cancelled_by", "request")
    return found.select_related(*related).order_by("-id")


def _wanted(asked: HistoryFilter) -> dict[str, object]:
    wanted = {
        "district": asked.district,
        "origin": asked.origin,
        "status": asked.status,
        "school_year": asked.school_year,
        "requested_at__gte": asked.first,
        "requested_at__lte": asked.last,
    }
    return {name: value for name, value in wanted.items() if value}


def visible_batch(user: User, batch_id: int) -> Batch | None:
    """None for a batch of another district, or of the state, exactly as for one that does not exist."""
    return batches(HistoryFilter(user)).filter(pk=batch_id).first()


def objects_of(batch: Batch) -> Sequence[BatchObject]:
    """In the order of the plan, each with the batch."""
    objects = list(batch.objects_in_order.order_by("place"))
    for each in objects:
        each.batch = batch
    return objects


@dataclass(frozen=True)
class HistoryLine:
    """A batch and the sums over its objects."""

    batch: Batch
    objects: int
    processed: int
    errors: int
    written: int
    kept: int

    @property
    def dot(self) -> Dot:
        return batch_dot(self.batch, self.processed, self.errors)

    @property
    def who(self) -> str:
        return asked_by(self.batch)

    @property
    def duration(self) -> timedelta | None:
        return duration_of(self.batch)


def lines(shown: Sequence[Batch]) -> list[HistoryLine]:
    """One query for all."""
    sums = (
        BatchObject.objects.filter(batch__in=[each.pk for each in shown])
        .values("batch")
        .annotate(Count("id"), *(Sum(name) for name in ("processed", "errors", "written", "kept")))
        .values_list("batch", "id__count", "processed__sum", "errors__sum", "written__sum", "kept__sum")
        .order_by()
    )
    found = {batch_id: counts for batch_id, *counts in sums}
    return [HistoryLine(each, *found.get(each.pk, [0] * 5)) for each in shown]


def every_line(asked: HistoryFilter) -> Iterator[HistoryLine]:
    """All lines of the history, a few hundred at a time."""
    found, last = batches(asked), None
    while some := list((found if last is None else found.filter(pk__lt=last))[:_BATCHES_AT_ONCE]):
        yield from lines(some)
        last = some[-1].pk


def batch_dot(batch: Batch, processed: int, errors: int) -> Dot:
    """Green, yellow or red is only what has been run to its end."""
    unfinished = {
        BatchStatus.QUEUED: Dot.QUEUED,
        BatchStatus.FAILED: Dot.FAILED,
        BatchStatus.CANCELLED: Dot.CANCELLED,
        BatchStatus.RUNNING: Dot.GRAY,
        BatchStatus.CANCELLING: Dot.GRAY,
    }
    return unfinished.get(BatchStatus(batch.status)) or result_dot(processed, errors)


def asked_by(batch: Batch) -> str:
    """By whom, or by what, a batch was asked for."""
    person = batch.requested_by.username if batch.requested_by else ""
    if batch.origin == Origin.SCHEDULE:
        return "Schedule"
    if batch.origin == Origin.STATE:
        return f"The state: {person}" if person else "The state"
    return person or "Command line"


def duration_of(timed: Batch | BatchObject) -> timedelta | None:
    """From the start to the end; None for what has not started or not ended."""
    if timed.started_at is None or timed.ended_at is None:
        return None
    return timed.ended_at - timed.started_at


def speed_of(each: BatchObject, now: datetime) -> int | None:
    """Records per second, over the time that the object has run; None where that says nothing."""
    if each.started_at is None or not each.processed:
        return None
    seconds = ((each.ended_at or now) - each.started_at).total_seconds()
    return round(each.processed / seconds) if seconds > 0 else None
