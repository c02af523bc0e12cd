"""Pushes the next chunk of one object of a batch: what a worker does with a wake-up.

The row of the object is the lock. Whoever holds it works; everybody else finds it taken and goes home. A killed
worker's transaction rolls back and its lock is gone: there is no lease to expire and no count to repair.
"""

import logging
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from dis_objects.catalogue import definition
from interchange.attempts import failure_of
from interchange.locks import limit_transaction, take_slot
from interchange.push import ChunkOutcome, push_chunk
from interchange.selections import KeyRange
from resync.actions import fail_object, finish_batch, free_objects, retry_later, settle_cancelled
from resync.choices import BatchStatus, ObjectStatus, Origin
from resync.models import Batch, BatchObject
from resync.queries import runnable_objects
from resync.wakeups import wake

_log = logging.getLogger(__name__)

# In records. A chunk that copies all of it takes about a second with the first size; smaller ones pay more for their
# beginning than for their records.
FIRST_CHUNK, SMALLEST_CHUNK = 100_000, 10_000
MOST_GROWTH = 4


def push_next_chunk(batch_object_id: int) -> None:
    """Pushes one chunk of the object, and goes on with what comes next for as long as a chunk should take: a small
    object costs less than the message that would wake another worker for the next one. Then it wakes what is left.

    Returns quietly when another worker has the object, when its turn has not come, or when its district has as many
    chunks under way as its database is spared for.
    """
    began = monotonic()
    upcoming = _push_one(batch_object_id)
    while upcoming is not None and monotonic() - began < settings.CHUNK_SECONDS:
        upcoming = _push_one(upcoming)
    if upcoming is not None:
        wake([upcoming])


def _push_one(batch_object_id: int) -> int | None:
    """Starts the object if it has not started, and pushes one chunk. Returns the object to go on with."""
    try:
        if not (_start(batch_object_id) and _push(batch_object_id)):
            _settle_if_cancelled(batch_object_id)
            return None
    except Exception as error:
        failure = failure_of(error, f"Batch object {batch_object_id}")
        stop = retry_later if failure.may_help_to_retry else fail_object
        stop(batch_object_id=batch_object_id, reason=failure.reason)
    return _go_on_after(batch_object_id)


def _go_on_after(batch_object_id: int) -> int | None:
    """The object for its next chunk, or, when it has ended or waits, one that can use its slot; what else can is
    woken."""
    pushed = BatchObject.objects.select_related("batch").get(pk=batch_object_id)
    if pushed.batch.status == BatchStatus.CANCELLING:
        settle_cancelled(batch_id=pushed.batch_id)
    elif pushed.status == ObjectStatus.RUNNING:
        return batch_object_id
    elif not finish_batch(batch_id=pushed.batch_id):
        free = free_objects(batch_id=pushed.batch_id)
        wake(free[1:])
        return free[0] if free else None
    return None


def _settle_if_cancelled(batch_object_id: int) -> None:
    """Whoever comes too late to push may be the one who was in the way of a cancellation."""
    batch_ids = BatchObject.objects.filter(pk=batch_object_id).values_list("batch_id", flat=True)
    for batch_id in batch_ids:
        settle_cancelled(batch_id=batch_id)


def _take(batch_object_id: int) -> BatchObject | None:
    """The object under its row lock, if its turn has come and nobody else has it."""
    taken = (
        runnable_objects()
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("district")
        .filter(pk=batch_object_id)
        .first()
    )
    # The lock is newer than what the statement knew of the batch, which may have been cancelled in between.
    running = taken and Batch.objects.filter(pk=taken.batch_id, status=BatchStatus.RUNNING).exists()
    return taken if running else None


def _start(batch_object_id: int) -> bool:
    """Marks the object as running, so that the page shows it before its first chunk has ended."""
    with transaction.atomic():
        taken = _take(batch_object_id)
        if taken is None:
            return False
        if taken.status == ObjectStatus.RUNNING:
            return True
        BatchObject.objects.filter(pk=taken.pk).update(
            status=ObjectStatus.RUNNING,
            started_at=Coalesce("started_at", Now()),
            retry_at=None,
            reason="",
            changed_at=Now(),
        )
    return True


def _push(batch_object_id: int) -> bool:
    """One chunk with its counts and its cursor, in one transaction. Returns False when somebody else is to go on."""
    with transaction.atomic():
        limit_transaction()
        taken = _take(batch_object_id)
        if taken is None or not take_slot(taken.district_id):
            return False
        began = monotonic()
        outcome = push_chunk(
            definition(taken.object).model,
            taken.district,
            KeyRange(limit=_size_of(taken)),
            taken.cursor,
            end_year=taken.school_year_id,
            batch_id=taken.batch_id,
            confidential=taken.origin == Origin.STATE,
            count_rest=taken.total is None,
        )
        _store_outcome(taken, outcome, seconds=monotonic() - began)
    _log.info(
        "Batch %s, %s: %s processed, %s errors, %s written, %s copied.",
        *(taken.batch_id, taken.object),
        *(outcome.processed, outcome.errors, outcome.written, outcome.copied),
    )
    return True


def _size_of(taken: BatchObject) -> int:
    return min(taken.next_chunk or FIRST_CHUNK, settings.CHUNK_RECORDS)


def _next_size(size: int, seconds: float) -> int:
    """So that the next chunk takes about as long as a chunk should. One chunk tells little of the next one, whose
    records may all have changed, so it grows or shrinks by no more than a factor."""
    factor = settings.CHUNK_SECONDS / max(seconds, 0.001)
    return max(SMALLEST_CHUNK, int(size * min(max(factor, 1 / MOST_GROWTH), MOST_GROWTH)))


def _store_outcome(taken: BatchObject, outcome: ChunkOutcome, *, seconds: float) -> None:
    changed: dict[str, object] = {}
    if taken.total is None:
        # Counted now and not before, because most objects end with their first chunk.
        changed["total"] = outcome.processed + (outcome.rest or 0)
    if outcome.finished:
        changed |= {"status": ObjectStatus.COMPLETED, "ended_at": Now()}
    BatchObject.objects.filter(pk=taken.pk).update(
        cursor=outcome.last_key,
        next_chunk=_next_size(_size_of(taken), seconds),
        processed=F("processed") + outcome.processed,
        errors=F("errors") + outcome.errors,
        written=F("written") + outcome.written,
        kept=F("kept") + outcome.kept,
        attempts=0,
        changed_at=Now(),
        **changed,
    )
