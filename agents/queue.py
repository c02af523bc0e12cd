"""The agent queue: which batches run and wait, and whether anybody works on them.

A district sees its own batches in full. Of the state's it learns at most that one is before its own, as the alert told
it already (seed 000, State-Initiated Resync Requests): neither objects nor counts, and no time of progress.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zlib import crc32

from django.db.models import Count, Max, QuerySet

from districts.models import District, User
from resync.choices import OPEN_BATCH, BatchStatus, ObjectStatus, Origin
from resync.models import Batch, BatchObject
from resync.queries import Progress, progress_of, visible_origins

# Without a word of a worker for so long, although there is work, somebody should look.
QUIET = timedelta(minutes=2)
_UNDER_WAY = (ObjectStatus.RUNNING, ObjectStatus.WAITING)


def open_batches(user: User, district: District | None) -> QuerySet[Batch]:
    """District by district, oldest first; of one district or of all that the user may see."""
    found = Batch.objects.filter(status__in=OPEN_BATCH, origin__in=visible_origins(user))
    if district is not None:
        found = found.filter(district=district)
    elif not user.is_state_user:
        found = found.filter(district=user.district_id)
    related = ("district", "school_year", "requested_by")
    return found.select_related(*related).order_by("district__number", "id")


@dataclass(frozen=True)
class QueuedBatch:
    """An open batch: the objects that run or wait for a database, the names of those that wait for their turn, and how
    many have ended. `behind_state` tells a district that a resync of the state goes before."""

    batch: Batch
    under_way: Sequence[BatchObject]
    queued: Sequence[str]
    ended: int
    total: int
    last_progress: datetime | None
    behind_state: bool

    @property
    def since(self) -> datetime:
        return self.batch.started_at or self.batch.requested_at

    def progress(self, now: datetime) -> Progress:
        return progress_of(self.under_way, now)

    def is_quiet(self, now: datetime) -> bool:
        """Whether nothing has moved for long, although it runs and no object waits for its database."""
        waits = any(each.status == ObjectStatus.WAITING for each in self.under_way)
        if self.batch.status != BatchStatus.RUNNING or waits:
            return False
        return now - (self.last_progress or self.since) > QUIET

    @property
    def mark(self) -> int:
        """Changes when what the page shows of the batch does."""
        objects = [
            (each.pk, each.status, each.processed, each.total, each.retry_at, each.reason)
            for each in self.under_way
        ]
        told = (self.batch.pk, self.batch.status, objects, self.queued, self.ended, self.behind_state)
        return crc32(repr(told).encode())


def queued_batches(user: User, shown: Collection[Batch]) -> list[QueuedBatch]:
    """What the page shows of these batches. Three queries, whatever their number."""
    ids = [batch.pk for batch in shown]
    open_objects = BatchObject.objects.filter(batch__in=ids, ended_at=None).order_by("batch", "place")
    under_way: dict[int, list[BatchObject]] = {pk: [] for pk in ids}
    queued: dict[int, list[str]] = {pk: [] for pk in ids}
    for each in open_objects:
        if each.status in _UNDER_WAY:
            under_way[each.batch_id].append(each)
        else:
            queued[each.batch_id].append(each.object)
    totals = _totals(ids)
    behind = batches_behind_the_states(user, shown)
    return [
        QueuedBatch(
            batch=batch,
            under_way=under_way[batch.pk],
            queued=queued[batch.pk],
            ended=totals[batch.pk].objects - len(under_way[batch.pk]) - len(queued[batch.pk]),
            total=totals[batch.pk].objects,
            last_progress=totals[batch.pk].last_progress,
            behind_state=batch.pk in behind,
        )
        for batch in shown
    ]


@dataclass(frozen=True)
class _Total:
    objects: int
    last_progress: datetime | None


def _totals(ids: Collection[int]) -> dict[int, _Total]:
    objects = BatchObject.objects.filter(batch__in=ids).order_by()
    counted = objects.values("batch").annotate(n=Count("id"))
    # The row of an object that nobody has begun was changed by nobody but the sender.
    moved = dict(
        objects.exclude(started_at=None)
        .values("batch")
        .annotate(at=Max("changed_at"))
        .values_list("batch", "at")
    )
    return {pk: _Total(0, None) for pk in ids} | {
        each["batch"]: _Total(each["n"], moved.get(each["batch"])) for each in counted
    }


def batches_behind_the_states(user: User, shown: Collection[Batch]) -> set[int]:
    """Which of a district's batches wait for one that the state asked for."""
    if user.is_state_user:
        return set()
    waiting = [batch for batch in shown if batch.status == BatchStatus.QUEUED]
    of_state = Batch.objects.filter(
        status__in=OPEN_BATCH, origin=Origin.STATE, district__in={batch.district_id for batch in waiting}
    )
    before = list(of_state.values_list("district_id", "school_year_id", "id")) if waiting else []
    return {
        batch.pk
        for batch in waiting
        for district_id, school_year_id, pk in before
        if (district_id, school_year_id) == (batch.district_id, batch.school_year_id) and pk < batch.pk
    }


@dataclass(frozen=True)
class Depth:
    """How many batches run and how many wait."""

    running: int
    waiting: int


def depth(user: User, district: District | None) -> Depth:
    statuses = open_batches(user, district).order_by().values("status").annotate(n=Count("id"))
    counts = {each["status"]: each["n"] for each in statuses}
    waiting = counts.get(BatchStatus.QUEUED, 0)
    return Depth(sum(counts.values()) - waiting, waiting)


class Queue:
    """A page of the queue, at one moment."""

    def __init__(
        self, user: User, district: District | None, shown: Collection[Batch], now: datetime
    ) -> None:
        self.user = user
        self.district = district
        self.shown = shown
        self.now = now

    @cached_property
    def batches(self) -> list[QueuedBatch]:
        return queued_batches(self.user, self.shown)

    @cached_property
    def depth(self) -> Depth:
        return depth(self.user, self.district)

    @property
    def last_progress(self) -> datetime | None:
        return max((each.last_progress for each in self.batches if each.last_progress), default=None)

    @property
    def quiet(self) -> bool:
        running = [each for each in self.batches if each.batch.status == BatchStatus.RUNNING]
        return bool(running) and all(each.is_quiet(self.now) for each in running)

    @property
    def version(self) -> str:
        """Changes with what is shown, and once a minute, because waiting times grow."""
        shown = ([each.mark for each in self.batches], self.depth, int(self.now.timestamp()) // 60)
        return f"{crc32(repr(shown).encode()):08x}"
