"""What changes a batch. PostgreSQL is the truth; a wake-up that is lost costs one sweep."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from districts.models import District, SchoolYear, User
from interchange.error_log import log_error
from resync.announcements import announce_end
from resync.choices import OPEN_OBJECT, STARTED_BATCH, TERMINAL_BATCH, BatchStatus, ObjectStatus, Origin
from resync.models import Batch, BatchObject
from resync.plan import PlannedObject, make_plan, offered_names
from resync.queries import runnable_objects
from resync.wakeups import wake, wake_on_commit

# How long an object waits for a database that does not answer, attempt by attempt; after the last it fails.
RETRY_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 240))


def send_resync(
    *,
    district: District,
    school_year: SchoolYear,
    objects: Sequence[str],
    check_dependencies: bool,
    by: User | None,
    token: UUID | None = None,
) -> Batch:
    """Stores a batch with its frozen plan and starts it, or queues it behind the one that runs.

    The same `token` gives the same batch again: a double click sends once. Raises ResyncRefused.
    """
    plan = make_plan(district, school_year, objects, check_dependencies=check_dependencies)
    batch = Batch(
        district=district,
        school_year=school_year,
        origin=Origin.DISTRICT,
        check_dependencies=check_dependencies,
        is_full=len(plan) == len(offered_names(district, school_year)),
        requested_by=by,
        token=token or uuid4(),
    )
    try:
        _store(batch, plan)
    except IntegrityError:
        earlier = Batch.objects.filter(token=batch.token, district=district, requested_by=by).first()
        if earlier is None:
            raise
        return earlier
    return batch


@transaction.atomic
def _store(batch: Batch, plan: Sequence[PlannedObject]) -> None:
    batch.save(force_insert=True)
    BatchObject.objects.bulk_create(
        BatchObject(
            batch=batch,
            district_id=batch.district_id,
            school_year_id=batch.school_year_id,
            origin=batch.origin,
            object=each.name,
            place=place,
            requested=each.requested,
            parents=list(each.parents),
        )
        for place, each in enumerate(plan)
    )
    start_next_batch(district_id=batch.district_id, school_year_id=batch.school_year_id)


@transaction.atomic
def start_next_batch(*, district_id: int, school_year_id: int) -> None:
    """Starts the oldest queued batch of a district and school year, unless one runs."""
    # One at a time per district; NO KEY, because every row that names the district shares its key.
    District.objects.select_for_update(no_key=True).get(pk=district_id)
    mine = Batch.objects.filter(district_id=district_id, school_year_id=school_year_id)
    if mine.filter(status__in=STARTED_BATCH).exists():
        return
    oldest = mine.filter(status=BatchStatus.QUEUED).order_by("id").first()
    if oldest is not None:
        Batch.objects.filter(pk=oldest.pk).update(status=BatchStatus.RUNNING, started_at=Now())
        transaction.on_commit(lambda: wake_runnable(batch_id=oldest.pk))


def wake_runnable(*, batch_id: int) -> None:
    """Wakes as many free objects of a batch as its district has slots; each one that ends wakes the next."""
    with transaction.atomic():
        free = runnable_objects().filter(batch_id=batch_id).select_for_update(skip_locked=True, of=("self",))
        ids = list(free.values_list("id", flat=True)[: settings.CHUNKS_PER_DISTRICT])
    wake(ids)


@transaction.atomic
def retry_later(*, batch_object_id: int, reason: str) -> None:
    """Lets an object wait before it is tried again; fails it when it has waited long enough."""
    waiting = BatchObject.objects.select_for_update().get(pk=batch_object_id)
    if waiting.status not in OPEN_OBJECT:
        return
    if not waiting.attempts:
        _log(waiting, "DATABASE_WAITING", reason)
    if waiting.attempts >= len(RETRY_DELAYS):
        fail_object(batch_object_id=batch_object_id, reason=reason)
        return
    BatchObject.objects.filter(pk=batch_object_id).update(
        status=ObjectStatus.WAITING,
        attempts=waiting.attempts + 1,
        retry_at=Now() + RETRY_DELAYS[waiting.attempts],
        reason=reason,
        changed_at=Now(),
    )


@transaction.atomic
def fail_object(*, batch_object_id: int, reason: str) -> None:
    """Fails an object as a whole. Its children in the plan are reported as not attempted, with the reason."""
    failed = BatchObject.objects.get(pk=batch_object_id)
    ended = {"ended_at": Now(), "changed_at": Now(), "retry_at": None}
    updated = BatchObject.objects.filter(pk=failed.pk, status__in=OPEN_OBJECT).update(
        status=ObjectStatus.FAILED, reason=reason, **ended
    )
    if updated != 1:
        return
    _log(failed, "OBJECT_FAILED", reason)
    children = BatchObject.objects.filter(
        batch_id=failed.batch_id, parents__contains=[failed.object], status__in=OPEN_OBJECT
    )
    children.update(
        status=ObjectStatus.NOT_ATTEMPTED,
        reason=f"Not attempted, because {failed.object} failed: {reason}",
        **ended,
    )


def _log(stopped: BatchObject, code: str, reason: str) -> None:
    log_error(
        district_id=stopped.district_id,
        code=code,
        sentence=reason,
        object_name=stopped.object,
        batch_id=stopped.batch_id,
        confidential=stopped.origin == Origin.STATE,
    )


@transaction.atomic
def finish_batch(*, batch_id: int) -> bool:
    """Ends a batch whose objects have all ended, and starts the next one. Returns whether this call ended it."""
    batch = Batch.objects.get(pk=batch_id)
    District.objects.select_for_update(no_key=True).get(pk=batch.district_id)
    statuses = set(batch.objects_in_order.values_list("status", flat=True))
    if statuses & set(OPEN_OBJECT):
        return False
    outcome = BatchStatus.COMPLETED if statuses <= {ObjectStatus.COMPLETED} else BatchStatus.FAILED
    ended = Batch.objects.filter(pk=batch_id).exclude(status__in=TERMINAL_BATCH)
    if ended.update(status=outcome, ended_at=Now()) != 1:
        return False
    batch.refresh_from_db()
    announce_end(batch)
    start_next_batch(district_id=batch.district_id, school_year_id=batch.school_year_id)
    return True


def sweep() -> int:
    """Finds what a lost message, a killed worker or a waiting time has left behind, and wakes it.

    Two sweeps at once are harmless, and an advisory lock keeps the second from working. Returns how many it woke.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('upstate sweep', 0))")
        if not cursor.fetchone()[0]:
            return 0
        _settle_batches()
        # SKIP LOCKED leaves out what a worker is pushing at this moment.
        idle = list(
            runnable_objects().select_for_update(skip_locked=True, of=("self",)).values_list("id", flat=True)
        )
        wake_on_commit(idle)
    return len(idle)


def _settle_batches() -> None:
    open_objects = BatchObject.objects.filter(status__in=OPEN_OBJECT).values("batch_id")
    for batch_id in (
        Batch.objects.filter(status=BatchStatus.RUNNING)
        .exclude(pk__in=open_objects)
        .values_list("pk", flat=True)
    ):
        finish_batch(batch_id=batch_id)
    queued = Batch.objects.filter(status=BatchStatus.QUEUED)
    for district_id, school_year_id in queued.values_list("district_id", "school_year_id").distinct():
        start_next_batch(district_id=district_id, school_year_id=school_year_id)
