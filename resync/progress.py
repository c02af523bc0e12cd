"""How far the batches of many districts are. One aggregate tells it for all of them: a page asks every two seconds."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

from django.db.models import Case, Count, F, FloatField, Q, QuerySet, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat, Greatest, Least

from districts.models import District
from resync.choices import NOT_RUN, OPEN_BATCH, UNSUCCESSFUL_BATCH, BatchStatus, Dot, ObjectStatus, result_dot
from resync.models import Batch, BatchObject, ResyncRequest

_DOTS = {
    BatchStatus.QUEUED: Dot.QUEUED,
    BatchStatus.CANCELLING: Dot.GRAY,
    BatchStatus.FAILED: Dot.FAILED,
    BatchStatus.CANCELLED: Dot.CANCELLED,
}


@dataclass(frozen=True)
class DistrictProgress:
    """How far a district's batch is. `share` is its part that is done, from 0 to 1: an object counts as a whole when it
    has ended, and by its records while it runs."""

    batch_id: int
    district_id: int
    number: str
    district: str
    status: str
    started_at: datetime | None
    ended_at: datetime | None
    objects: int
    ended: int
    not_run: int
    running: int
    waiting: int
    processed: int
    errors: int
    share: float

    @property
    def dot(self) -> Dot:
        if self.status == BatchStatus.COMPLETED:
            return result_dot(self.processed, self.errors)
        if self.status == BatchStatus.RUNNING:
            return Dot.WAITING if self.waiting and not self.running else Dot.GRAY
        return _DOTS[BatchStatus(self.status)]

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_BATCH

    @property
    def percent(self) -> int:
        return int(self.share * 100)

    def rate(self, now: datetime) -> float:
        """Records per second."""
        if self.started_at is None:
            return 0.0
        seconds = ((self.ended_at or now) - self.started_at).total_seconds()
        return self.processed / seconds if seconds > 0 else 0.0

    @property
    def mark(self) -> str:
        """Six letters that differ whenever the row would look different."""
        shown = (
            *(self.batch_id, self.status, self.ended, self.not_run, self.running, self.waiting),
            *(self.processed, self.errors, self.percent),
        )
        return f"{crc32(repr(shown).encode()) & 0xFFFFFF:06x}"


_SHARE = Case(
    When(objects_in_order__ended_at__isnull=False, then=Value(1.0)),
    When(
        objects_in_order__total__gt=0,
        then=Least(
            Value(1.0),
            Cast("objects_in_order__processed", FloatField())
            / Cast(Greatest("objects_in_order__total", Value(1)), FloatField()),
        ),
    ),
    default=Value(0.0),
    output_field=FloatField(),
)

_EACH = "objects_in_order"
_LABEL = Concat("district__name", Value(" ("), "district__number", Value(")"))
# In the order of the fields of DistrictProgress.
_FACTS = ("pk", "district_id", "district__number", "label", "status", "started_at", "ended_at")
_COUNTS: dict[str, Combinable] = {
    "number_of_objects": Count(_EACH),
    "ended": Count(_EACH, filter=Q(objects_in_order__ended_at__isnull=False)),
    "not_run": Count(_EACH, filter=Q(objects_in_order__status__in=NOT_RUN)),
    "running": Count(_EACH, filter=Q(objects_in_order__status=ObjectStatus.RUNNING)),
    "waiting": Count(_EACH, filter=Q(objects_in_order__status=ObjectStatus.WAITING)),
    "processed": Sum("objects_in_order__processed", default=0),
    "errors": Sum("objects_in_order__errors", default=0),
    "share": Sum(_SHARE, default=0.0) / Greatest(Cast(Count(_EACH), FloatField()), Value(1.0)),
}


def progress_of_batches(batches: QuerySet[Batch]) -> list[DistrictProgress]:
    """Of each of these batches, by the numbers of their districts. One query."""
    chosen = Batch.objects.filter(pk__in=batches.values("pk")).order_by("district__number", "pk")
    rows: Iterable[tuple[Any, ...]] = chosen.annotate(label=_LABEL, **_COUNTS).values_list(*_FACTS, *_COUNTS)
    return [DistrictProgress(*row) for row in rows]


def latest_batches(request: ResyncRequest) -> QuerySet[Batch]:
    """The last batch of each district of the request."""
    return request.batches.order_by("district_id", "-pk").distinct("district_id")


def unsuccessful_batches(request: ResyncRequest) -> QuerySet[Batch]:
    """The last batches of districts where not everything that was asked for completed, and nothing is under way."""
    latest = Batch.objects.filter(pk__in=latest_batches(request).values("pk"))
    wanted = latest.filter(status__in=UNSUCCESSFUL_BATCH)
    return wanted.select_related("district__state", "district__zone__school_year").order_by(
        "district__number"
    )


def last_batches_of(districts: Iterable[District]) -> QuerySet[Batch]:
    """The last batch of each district that has begun, whoever asked for it and for whatever school year."""
    started = Batch.objects.filter(district__in=[each.pk for each in districts], started_at__isnull=False)
    return started.order_by("district_id", "-pk").distinct("district_id")


def reasons_of(rows: Collection[DistrictProgress]) -> dict[int, str]:
    """Why a batch did not run as it should: the first reason of its objects, by batch."""
    troubled = [row.batch_id for row in rows if row.not_run or row.waiting]
    if not troubled:
        return {}
    told = BatchObject.objects.filter(
        Q(status__in=(ObjectStatus.FAILED, ObjectStatus.CANCELLED, ObjectStatus.WAITING)),
        ~Q(reason=""),
        batch_id__in=troubled,
    )
    first = told.order_by("batch_id", F("started_at").asc(nulls_last=True), "place").distinct("batch_id")
    return {each.batch_id: f"{each.object}: {each.reason}" for each in first}


def version_of_rows(rows: Sequence[DistrictProgress], shown: Iterable[DistrictProgress]) -> str:
    """What a page has seen: a mark over everything, then each row on the page with its own."""
    everything = crc32("".join(row.mark for row in rows).encode())
    return ".".join([f"{everything:08x}", *(f"{row.district_id}-{row.mark}" for row in shown)])


def rows_changed_since(
    seen: str, rows: Iterable[DistrictProgress]
) -> tuple[list[DistrictProgress], list[DistrictProgress]]:
    """The rows that an earlier version speaks of, and those of them that look different now."""
    _, *entries = seen.split(".")
    marks = dict(entry.partition("-")[::2] for entry in entries)
    shown = [row for row in rows if str(row.district_id) in marks]
    return shown, [row for row in shown if marks[str(row.district_id)] != row.mark]


@dataclass(frozen=True)
class RequestProgress:
    """How far a request is, over its districts."""

    districts: int
    ended: int
    processed: int
    errors: int
    share: float

    @property
    def is_open(self) -> bool:
        return self.ended < self.districts

    @property
    def percent(self) -> int:
        return int(self.share * 100)


def progress_of_request(rows: Sequence[DistrictProgress]) -> RequestProgress:
    return RequestProgress(
        districts=len(rows),
        ended=sum(not row.is_open for row in rows),
        processed=sum(row.processed for row in rows),
        errors=sum(row.errors for row in rows),
        share=sum(row.share for row in rows) / max(1, len(rows)),
    )


def requests_with_progress() -> QuerySet[ResyncRequest]:
    """Requests, latest first, with how many of their districts are done and how many completed. It counts batches, not
    objects: a list of requests needs no more."""
    ended = ~Q(batches__status__in=OPEN_BATCH)
    return (
        ResyncRequest.objects.select_related("school_year", "requested_by")
        .annotate(
            districts=Count("batches__district", distinct=True),
            still_open=Count("batches__district", filter=~ended, distinct=True),
            completed=Count(
                "batches__district", filter=Q(batches__status=BatchStatus.COMPLETED), distinct=True
            ),
        )
        .order_by("-pk")
    )
