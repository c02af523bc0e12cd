"""The process alerts of resyncs. Each is posted once, whoever races to post it.

What a district reads names no object of a state request: it only learns that there was one (seed 000, State-Initiated
Resync Requests). An alert goes to people who have the right on the tool at that moment, and to nobody else.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.urls import reverse
from django.utils import timezone

from districts.choices import Right, Tool
from districts.models import District, SchoolYear
from districts.queries import asker_with_right, ids_with_right, users_with_right
from process_alerts.actions import Draft, post_alerts, settle_alerts
from process_alerts.queries import posted_keys
from resync.choices import NOT_RUN, OPEN_BATCH, BatchStatus, ObjectStatus, Origin
from resync.models import Batch, ResyncRequest

REQUESTED = "State Resync Requested"
_REQUESTED_OF_DISTRICT = (
    "The state asked this district to send data for the school year {year}. It started by itself and needs nothing "
    "from you. A district can neither stop a state request nor see which objects it covers."
)
# How many objects of a request a sentence names before it only counts them.
_NAMED = 8
# How long the sweep looks for the end of a request that a killed worker could not announce.
_LOOKS_BACK = timedelta(days=30)


# ---- A request of the state -------------------------------------------------------------------------------------


def announce_request(request: ResyncRequest, batches: Sequence[Batch]) -> None:
    """Tells the districts that the state asked, and the state's users what was asked of how many."""
    if request.origin != Origin.STATE or not batches:
        return
    readers: dict[int, list[int]] = {batch.district_id: [] for batch in batches}
    people = users_with_right(Tool.BATCH, Right.READ, list(readers))
    for user_id, district_id in people.values_list("id", "district_id"):
        readers[district_id].append(user_id)
    post_alerts([_requested(batch, readers[batch.district_id]) for batch in batches])
    post_alerts([_requested_by_state(request, len(readers))])


def _requested(batch: Batch, recipients: Sequence[int]) -> Draft:
    return Draft(
        key=f"state-resync-requested:{batch.pk}",
        name=REQUESTED,
        text=_REQUESTED_OF_DISTRICT.format(year=batch.school_year),
        recipients=recipients,
        url=reverse("batch"),
        district_id=batch.district_id,
    )


def _requested_by_state(request: ResyncRequest, districts: int) -> Draft:
    """One for each request: that it was repeated for some districts is no news to the state."""
    who = request.requested_by.username if request.requested_by else "Somebody at a terminal of the state"
    asked = "1 district" if districts == 1 else f"{districts:,} districts"
    parents = ", and what these depend on," if request.check_dependencies else ""
    return Draft(
        key=f"request-made:{request.pk}",
        name=REQUESTED,
        text=f"{who} asked {asked} to send {_objects(request.objects_chosen)}{parents} for {request.school_year}.",
        recipients=ids_with_right(Tool.BATCH, Right.READ),
        url=_page_of(request),
    )


def _objects(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more objects" if more > 0 else "")


def _page_of(request: ResyncRequest) -> str:
    return reverse("request_page", args=[request.pk])


# ---- The end ----------------------------------------------------------------------------------------------------


def announce_end(batch: Batch) -> None:
    """Tells the one who sent a batch how it ended, and who asked when the last batch of a request has ended. Of the
    schedule only a failure is news. To be called in the transaction that ends the batch."""
    if batch.origin == Origin.DISTRICT:
        _announce_end_of_own(batch)
    elif batch.origin == Origin.SCHEDULE:
        _announce_failure_of_schedule(batch)
    else:
        # Two last batches that end at once do not see each other's end before both are stored.
        transaction.on_commit(lambda: announce_ended_requests(request_id=batch.request_id), robust=True)


def _announce_end_of_own(batch: Batch) -> None:
    if batch.requested_by_id is None:
        return
    draft = Draft(
        key=f"batch-ended:{batch.pk}",
        name=_NAMES_OF_ENDS[BatchStatus(batch.status)],
        text=_sentence_of_end(batch),
        recipients=asker_with_right(batch.requested_by_id, Tool.BATCH, Right.READ, batch.district_id),
        url=reverse("batch"),
        district_id=batch.district_id,
    )
    post_alerts([draft])


_NAMES_OF_ENDS = {
    BatchStatus.COMPLETED: "Resync completed",
    BatchStatus.FAILED: "Resync failed",
    BatchStatus.CANCELLED: "Resync cancelled",
}


def _sentence_of_end(batch: Batch) -> str:
    counts = batch.objects_in_order.aggregate(
        objects=Count("pk"),
        ran=Count("pk", filter=~Q(status__in=NOT_RUN)),
        processed=Sum("processed", default=0),
        errors=Sum("errors", default=0),
    )
    sentence = (
        "{ran:,} of {objects:,} objects completed for the school year {year}: {processed:,} records processed, "
        "{errors:,} of them with errors."
    )
    return f"{sentence.format(year=batch.school_year, **counts)} {_cause(batch)}".strip()


def _cause(batch: Batch) -> str:
    """Why not all of it completed; empty if it did."""
    failed = list(batch.objects_in_order.filter(status=ObjectStatus.FAILED).order_by("place"))
    sentences = []
    if batch.status == BatchStatus.CANCELLED:
        by = f" by {batch.cancelled_by.username}" if batch.cancelled_by else ""
        sentences.append(f"Cancelled{by}. What was pushed before stays at the state.")
    if failed:
        more = f" {len(failed) - 1:,} more failed." if len(failed) > 1 else ""
        sentences.append(f"{failed[0].object} failed: {failed[0].reason}{more}")
    return " ".join(sentences)


def _announce_failure_of_schedule(batch: Batch) -> None:
    """One alert for each run of the schedule, at its first failure: where the agent is off, it is off for many."""
    if batch.status != BatchStatus.FAILED or batch.request is None:
        return
    draft = Draft(
        key=f"schedule-failed:{batch.request_id}",
        name="Scheduled resync failed",
        text=(
            f"The scheduled resync for {batch.school_year} failed in a district, {batch.district}. {_cause(batch)} "
            "The page of the request tells whether there are others."
        ),
        recipients=ids_with_right(Tool.BATCH, Right.WRITE),
        url=_page_of(batch.request),
    )
    post_alerts([draft])


def announce_ended_requests(*, request_id: int | None = None) -> None:
    """Tells who asked that a request has ended, if that was not told; with an id, of that request only.

    The sweep calls it too: a worker may be killed between the end of the last batch and its announcement. A request
    that is repeated ends again.
    """
    about = Q(pk=request_id) if request_id else Q(requested_at__gte=timezone.now() - _LOOKS_BACK)
    open_batches = Batch.objects.filter(request=OuterRef("pk"), status__in=OPEN_BATCH)
    ended = (
        ResyncRequest.objects.filter(about, ~Exists(open_batches), origin=Origin.STATE)
        .annotate(
            batches_made=Count("batches"),
            completed=Count("batches", filter=Q(batches__status=BatchStatus.COMPLETED)),
            cancelled=Count("batches", filter=Q(batches__status=BatchStatus.CANCELLED)),
        )
        .filter(batches_made__gt=0)
        .select_related("requested_by", "school_year")
    )
    by_key = {f"request-ended:{each.pk}:{each.batches_made}": each for each in ended}
    told = posted_keys(by_key)
    post_alerts([_request_ended(key, each) for key, each in by_key.items() if key not in told])


def _request_ended(key: str, request: ResyncRequest) -> Draft:
    made, completed, cancelled = request.batches_made, request.completed, request.cancelled  # type: ignore[attr-defined]
    return Draft(
        key=key,
        name="State resync request ended" + ("" if completed == made else " with failures"),
        text=(
            f"Request {request.pk} for {request.school_year} has ended: {completed:,} of {made:,} resyncs completed, "
            f"{made - completed - cancelled:,} failed, {cancelled:,} were cancelled. "
            "The page of the request tells each district's result."
        ),
        recipients=_askers(request),
        url=_page_of(request),
    )


def _askers(request: ResyncRequest) -> list[int]:
    """Who asked, if they still may see the tool; for a request from a terminal, whoever may ask."""
    if request.requested_by_id is None:
        return ids_with_right(Tool.BATCH, Right.WRITE)
    return asker_with_right(request.requested_by_id, Tool.BATCH, Right.READ)


# ---- What is due ------------------------------------------------------------------------------------------------

_DUE = {
    "start-of-year": (
        "Full resync due: start of the school year {year}",
        "This district now works in the school year {year}. Send all objects to the state once, when enrollments are "
        "rolled forward. This stays in the inbox until a full resync has completed.",
    ),
    "end-of-year": (
        "Full resync due: end of the school year {year}",
        "The school year {year} ends. Send all objects to the state once, when all data of the year is entered and "
        "before the Zone is switched. This stays in the inbox until a full resync has completed.",
    ),
}


def announce_due(district: District, school_year: SchoolYear, kind: str, due_on: date) -> None:
    """Tells a district's people of a mandatory resync; `kind` is start-of-year or end-of-year."""
    name, text = _DUE[kind]
    draft = Draft(
        key=_due_key(district, school_year, kind),
        name=name.format(year=school_year),
        text=text.format(year=school_year),
        recipients=ids_with_right(Tool.BATCH, Right.READ, [district.pk]),
        url=reverse("batch"),
        district_id=district.pk,
        due_on=due_on,
    )
    post_alerts([draft])


def settle_due(district: District, school_year: SchoolYear, kind: str) -> None:
    """Marks what was due as done, where it was announced and is open."""
    settle_alerts(key=_due_key(district, school_year, kind))


def _due_key(district: District, school_year: SchoolYear, kind: str) -> str:
    return f"resync-due:{district.pk}:{school_year.pk}:{kind}"
