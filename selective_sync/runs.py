"""Pushes the next IDs of a request: what a worker does with a wake-up.

The row of the request is the lock, as with chunks of batches: whoever holds it works, and a killed worker's lock goes
with its transaction, together with what it had pushed and counted. Missing parents go first, then the chosen object,
then what is under it, of those IDs only whose records arrived.
"""

import logging
from collections.abc import Sequence
from time import monotonic

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from dis_objects.catalogue import definition
from districts.exceptions import DistrictError
from interchange.attempts import failure_of
from interchange.exceptions import InterchangeError
from interchange.locks import limit_transaction, take_one_of
from interchange.parents import missing_parents
from interchange.push import ChunkOutcome, KeysOutcome, push_chunk, push_keys
from interchange.selections import RecordsUnder
from resync.choices import Origin
from selective_sync.actions import add_keys, complete_request, fail_object, fail_request, retry_later
from selective_sync.choices import KeyOutcome, Role, SyncStatus
from selective_sync.models import SyncKey, SyncObject, SyncRequest
from selective_sync.queries import chosen_object, open_objects, runnable_requests
from selective_sync.wakeups import wake

_log = logging.getLogger(__name__)
# How long a worker goes on with one request before others may have their turn.
STINT_SECONDS = 1.0
# Of how many IDs what is under them is pushed at once: at first, when nothing is known of it, and at most. About so
# many records should come: fewer than in a chunk of a batch, because people of other districts wait for this worker.
FIRST_ROOTS = 2_000
MOST_ROOTS = 10_000
RECORDS_AT_ONCE = 100_000


def push_next_keys(sync_request_id: int) -> None:
    """Starts the request if it has not started, pushes for a while, and wakes what comes next in the district.

    Returns quietly when another worker has the request, or when its turn has not come.
    """
    try:
        if not _work(sync_request_id):
            return
    except Exception as error:
        _stop_after(sync_request_id, error)
    _wake_next(sync_request_id)


def _work(sync_request_id: int) -> bool:
    """Returns whether it was this worker's turn."""
    until = monotonic() + STINT_SECONDS
    if not _start(sync_request_id):
        return False
    while _step(sync_request_id) and monotonic() < until:
        pass
    return True


def _stop_after(sync_request_id: int, error: Exception) -> None:
    """Waits where that may help. Else the district's database stops the request, anything else only the object."""
    failure = failure_of(error, f"Sync request {sync_request_id}")
    if failure.may_help_to_retry and retry_later(sync_request_id=sync_request_id, reason=failure.reason):
        return
    fail = fail_request if isinstance(error, DistrictError) else fail_object
    fail(sync_request_id=sync_request_id, reason=failure.reason)


def _wake_next(sync_request_id: int) -> None:
    """The district's oldest request: this one, or the next when it has ended."""
    district = SyncRequest.objects.filter(pk=sync_request_id).values("district_id")
    wake(list(runnable_requests().filter(district_id__in=district).values_list("pk", flat=True)))


def _take(sync_request_id: int) -> SyncRequest | None:
    """The request under its row lock, if its turn has come and nobody pushes for the district."""
    limit_transaction()
    taken = (
        runnable_requests()
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("district")
        .filter(pk=sync_request_id)
        .first()
    )
    if taken is None or not take_one_of(f"upstate selective sync {taken.district_id}", 1):
        return None
    return taken


def _start(sync_request_id: int) -> bool:
    """In a transaction of its own, so that the page shows it before the first IDs are done."""
    with transaction.atomic():
        taken = _take(sync_request_id)
        if taken is None:
            return False
        if taken.started_at is None and taken.with_missing_parents:
            _find_missing_parents(taken)
        if taken.status != SyncStatus.RUNNING:
            SyncRequest.objects.filter(pk=taken.pk).update(
                status=SyncStatus.RUNNING,
                started_at=taken.started_at or Now(),
                retry_at=None,
                reason="",
                changed_at=Now(),
            )
    return True


def _step(sync_request_id: int) -> bool:
    """The next IDs of one object, with their counts and the cursor, in one transaction. Returns whether there is more
    to do for this worker or another."""
    with transaction.atomic():
        taken = _take(sync_request_id)
        if taken is None:
            return False
        current = open_objects(taken).first()
        if current is not None:
            (_push_under if current.role == Role.UNDER else _push_own)(taken, current)
        if not open_objects(taken).exists():
            complete_request(sync_request_id=taken.pk)
            return False
        SyncRequest.objects.filter(pk=taken.pk).update(attempts=0, changed_at=Now())
    return True


# ---- Parents that are missing ---------------------------------------------------------------------------------------


def _find_missing_parents(taken: SyncRequest) -> None:
    """Stores the keys of all parents that the state lacks, from the chosen records upwards. Each object is asked once,
    after everything below it."""
    objects = {
        each.object: each for each in taken.objects_in_order.exclude(role=Role.UNDER).order_by("place")
    }
    chosen = chosen_object(taken)
    wanted: dict[str, set[int]] = {chosen.object: set(chosen.keys.values_list("key", flat=True))}
    for name in reversed(objects):
        for parent, keys in _missing_above(taken, name, wanted.get(name, set())).items():
            if parent in objects:
                wanted.setdefault(parent, set()).update(keys)
    for name, each in objects.items():
        if each.role == Role.PARENT:
            _store_parent_keys(each, wanted.get(name, set()))


def _missing_above(taken: SyncRequest, name: str, keys: set[int]) -> dict[str, set[int]]:
    if not keys:
        return {}
    try:
        return missing_parents(definition(name).model, taken.district, keys, taken.school_year_id)
    except InterchangeError:
        # A parent whose table cannot be read fails when it is pushed; the chosen object stops the request.
        if name == taken.object:
            raise
        return {}


def _store_parent_keys(parent: SyncObject, keys: set[int]) -> None:
    ended = {} if keys else {"ended_at": Now()}
    SyncObject.objects.filter(pk=parent.pk).update(keys_total=len(keys), **ended)
    add_keys(sync_object=parent, keys=keys)


# ---- The IDs themselves -------------------------------------------------------------------------------------------


def _push_own(taken: SyncRequest, current: SyncObject) -> None:
    """The next IDs of a parent or of the chosen object, with what became of each."""
    keys = _next_keys(current, KeyOutcome.PENDING, after=current.cursor, limit=settings.SYNC_KEYS)
    outcome = push_keys(
        definition(current.object).model,
        taken.district,
        keys,
        end_year=taken.school_year_id,
        confidential=taken.origin == Origin.STATE,
    )
    _store_outcomes(current, keys, outcome)
    ended = _store_counts(current, keys, outcome.counts)
    if ended and current.role == Role.CHOSEN:
        _open_what_is_under(current)
    _tell(taken, current, outcome.counts)


def _next_keys(of: SyncObject, outcome: KeyOutcome, *, after: int | None, limit: int) -> list[int]:
    keys = of.keys.filter(outcome=outcome).order_by("key")
    if after is not None:
        keys = keys.filter(key__gt=after)
    return list(keys.values_list("key", flat=True)[:limit])


def _store_outcomes(current: SyncObject, keys: Sequence[int], outcome: KeysOutcome) -> None:
    rows = [_row(key, outcome) for key in keys]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {SyncKey._meta.db_table} k SET outcome = o.outcome, code = o.code, field = o.field,"
            " parent_key = o.parent_key FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[])"
            " o (key, outcome, code, field, parent_key) WHERE k.sync_object_id = %s AND k.key = o.key",
            [*map(list, zip(*rows, strict=True)), current.pk],
        )


def _row(key: int, outcome: KeysOutcome) -> tuple[int, str, str, str, int | None]:
    fault = outcome.failed.get(key)
    if fault:
        return key, KeyOutcome.FAILED.value, fault.code, fault.field, fault.parent_key
    arrived = KeyOutcome.NOT_FOUND if key in outcome.not_found else KeyOutcome.SYNCED
    return key, arrived.value, "", "", None


def _store_counts(current: SyncObject, keys: Sequence[int], counts: ChunkOutcome) -> bool:
    """Adds what was done with these IDs. Returns whether they were the object's last."""
    ended = not keys or current.keys_done + len(keys) >= current.keys_total
    SyncObject.objects.filter(pk=current.pk).update(
        cursor=keys[-1] if keys else current.cursor,
        keys_done=F("keys_done") + len(keys),
        processed=F("processed") + counts.processed,
        errors=F("errors") + counts.errors,
        written=F("written") + counts.written,
        kept=F("kept") + counts.kept,
        **({"ended_at": Now()} if ended else {}),
    )
    return ended


def _open_what_is_under(chosen: SyncObject) -> None:
    """Now it is known how many records arrived; without any there is nothing to do."""
    arrived = chosen.keys.filter(outcome=KeyOutcome.SYNCED).count()
    ended = {} if arrived else {"ended_at": Now()}
    under = SyncObject.objects.filter(request_id=chosen.request_id, role=Role.UNDER)
    under.update(keys_total=arrived, **ended)


def _tell(taken: SyncRequest, current: SyncObject, counts: ChunkOutcome) -> None:
    """Most objects under a few people have no records."""
    if counts.processed:
        _log.info(
            "Sync request %s, %s: %s processed, %s errors, %s written.",
            *(taken.pk, current.object, counts.processed, counts.errors, counts.written),
        )


# ---- What is under them -------------------------------------------------------------------------------------------


def _push_under(taken: SyncRequest, current: SyncObject) -> None:
    """What belongs to the next records that arrived."""
    roots = _next_keys(
        chosen_object(taken), KeyOutcome.SYNCED, after=current.cursor, limit=roots_at_once(current)
    )
    counts = push_chunk(
        definition(current.object).model,
        taken.district,
        RecordsUnder(taken.object, tuple(roots)),
        end_year=taken.school_year_id,
        confidential=taken.origin == Origin.STATE,
    )
    _store_counts(current, roots, counts)
    _tell(taken, current, counts)


def roots_at_once(current: SyncObject) -> int:
    """Judged by how many records each had so far."""
    wanted = min(RECORDS_AT_ONCE, settings.CHUNK_RECORDS)
    if not current.keys_done:
        return min(FIRST_ROOTS, wanted)
    records_of_each = max(current.processed, 1) / current.keys_done
    return max(1, min(MOST_ROOTS, int(wanted / records_of_each)))
