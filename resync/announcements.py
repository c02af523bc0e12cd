"""The process alerts of resyncs. Each is posted in the transaction that makes it true, and once.

What a district reads names no object of a state request: it only learns that there was one (seed 000, State-Initiated
Resync Requests).
"""

from collections.abc import Sequence

from django.db.models import Q, Sum
from django.urls import reverse

from districts.choices import Right, Tool
from districts.queries import users_with_right
from process_alerts.actions import Draft, post_alerts
from resync.choices import NOT_RUN, OPEN_BATCH, BatchStatus, Origin
from resync.models import Batch, BatchObject, ResyncRequest

_REQUESTED = (
    "The state asked this district to send data for the school year {year}. It started by itself and needs nothing "
    "from you. A district can neither stop a state request nor see which objects it covers."
)


def announce_request(request: ResyncRequest, batches: Sequence[Batch]) -> None:
    """Tells the districts that the state asked, and the state's users what was asked of how many."""
    if request.origin != Origin.STATE:
        return
    readers: dict[int, list[int]] = {batch.district_id: [] for batch in batches}
    people = users_with_right(Tool.BATCH, Right.READ, list(readers))
    for user_id, district_id in people.values_list("id", "district_id"):
        readers[district_id].append(user_id)
    post_alerts([_requested(batch, readers[batch.district_id]) for batch in batches])


def _requested(batch: Batch, recipients: Sequence[int]) -> Draft:
    return Draft(
        key=f"state-resync-requested:{batch.pk}",
        name="State Resync Requested",
        text=_REQUESTED.format(year=batch.school_year),
        recipients=recipients,
        url=reverse("batch"),
        district_id=batch.district_id,
    )


def announce_end(batch: Batch) -> None:
    """Tells the one who sent a batch how it ended; of a state request, when its last batch has ended."""
    if batch.origin == Origin.DISTRICT and batch.requested_by_id:
        post_alerts([_ended(batch)])
    elif batch.request_id:
        _announce_end_of_request(batch)


def _ended(batch: Batch) -> Draft:
    return Draft(
        key=f"batch-ended:{batch.pk}",
        name=_name_of_end(batch),
        text=_sentence_of_end(batch),
        recipients=[batch.requested_by_id or 0],
        url=reverse("batch"),
        district_id=batch.district_id,
    )


def _name_of_end(batch: Batch) -> str:
    names = {
        BatchStatus.COMPLETED: "Resync completed",
        BatchStatus.FAILED: "Resync failed",
        BatchStatus.CANCELLED: "Resync cancelled",
    }
    return names[BatchStatus(batch.status)]


def _sentence_of_end(batch: Batch) -> str:
    objects = batch.objects_in_order.all()
    counts = objects.aggregate(processed=Sum("processed"), errors=Sum("errors"))
    ran = objects.exclude(status__in=NOT_RUN).count()
    sentence = (
        f"{ran:,} of {objects.count():,} objects ended for the school year {batch.school_year}: "
        f"{counts['processed']:,} records processed, {counts['errors']:,} errors."
    )
    stopped = objects.filter(status__in=NOT_RUN).exclude(reason="").order_by("place").first()
    return f"{sentence} {_cause(stopped)}".strip()


def _cause(stopped: BatchObject | None) -> str:
    return f"{stopped.object}: {stopped.reason}" if stopped else ""


def _announce_end_of_request(batch: Batch) -> None:
    request = batch.request
    if request is None or request.batches.filter(status__in=OPEN_BATCH).exists():
        return
    ended = request.batches.all()
    failed = ended.filter(~Q(status=BatchStatus.COMPLETED)).count()
    if request.origin == Origin.SCHEDULE and not failed:
        return
    post_alerts([_request_ended(request, ended.count(), failed)])


def _request_ended(request: ResyncRequest, batches: int, failed: int) -> Draft:
    return Draft(
        # A request that is repeated for some districts ends again, with more batches.
        key=f"request-ended:{request.pk}:{batches}",
        name="State resync request ended" if not failed else "State resync request ended with failures",
        text=(
            f"{batches - failed:,} of {batches:,} resyncs of request {request.pk} completed for the school year "
            f"{request.school_year}; {failed:,} did not. The page of the request tells each district's result."
        ),
        recipients=_askers(request),
        url=reverse("batch"),
    )


def _askers(request: ResyncRequest) -> Sequence[int]:
    """Who asked; for the schedule, whoever may ask."""
    if request.requested_by_id is not None:
        return [request.requested_by_id]
    return list(users_with_right(Tool.BATCH, Right.WRITE).values_list("pk", flat=True))
