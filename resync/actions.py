"""What changes a batch. PostgreSQL is the truth; a wake-up that is lost costs one sweep."""

from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat, Greatest, Now

from audit import actions as audit
from audit.choices import Action
from districts.models import District, SchoolYear, User
from interchange.attempts import RETRY_DELAYS
from interchange.error_log import log_error
from resync.announcements import announce_end, announce_ended_requests
from resync.choices import (
    CANCELLABLE_BATCH,
    OPEN_OBJECT,
    STARTED_BATCH,
    TERMINAL_BATCH,
    BatchStatus,
    ObjectStatus,
    Origin,
)
from resync.mandatory import settle_after
from resync.models import Batch, BatchObject
from resync.plan import PlannedObject, make_plan, offered_names
from resync.queries import runnable_objects
from resync.wakeups import wake, wake_on_commit

# A request of the state begins in very many districts at once; there are never so many workers.
WAKEUPS_AT_ONCE = 100


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
    audit.record(
        Action.RESYNC_SENT,
        by=batch.requested_by,
        district=batch.district,
        key=batch.pk,
        count=len(plan),
        facts={"school_year": batch.school_year_id, "objects": [each.name for each in plan]},
    )
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
    lock_districts([district_id])
    start_batches(Batch.objects.filter(district_id=district_id, school_year_id=school_year_id))


def lock_districts(district_ids: Iterable[int]) -> list[int]:
    """Locks districts until the end of the transaction: the status of a batch changes under this lock alone.

    Always in the order of their ids, so that two who lock many do not wait for each other. NO KEY, because every row
    that names a district shares its key.
    """
    districts = District.objects.filter(pk__in=set(district_ids)).order_by("pk")
    return list(districts.select_for_update(no_key=True).values_list("pk", flat=True))


def start_batches(among: QuerySet[Batch]) -> list[int]:
    """Starts the oldest queued batch of each district and school year that runs none, as far as they are among these.

    The caller has locked the districts. Returns the ids of those that were started.
    """
    started = list(among.filter(*_may_start()).order_by("pk").values_list("pk", flat=True))
    Batch.objects.filter(pk__in=started).update(status=BatchStatus.RUNNING, started_at=Now())
    if started:
        transaction.on_commit(lambda: wake_batches(started))
    return started


def _may_start() -> tuple[Combinable | Q, ...]:
    same = Batch.objects.filter(
        district_id=OuterRef("district_id"), school_year_id=OuterRef("school_year_id")
    )
    return (
        Q(status=BatchStatus.QUEUED, cancelled_by=None),
        ~Exists(same.filter(status__in=STARTED_BATCH)),
        ~Exists(same.filter(status=BatchStatus.QUEUED, pk__lt=OuterRef("pk"))),
    )


def wake_batches(batch_ids: Sequence[int]) -> None:
    """Wakes what can begin in these batches; of very many only the first, the sweep finds the rest."""
    if len(batch_ids) == 1:
        wake(free_objects(batch_id=batch_ids[0]))
        return
    first = BatchObject.objects.filter(batch_id__in=batch_ids, place=0).order_by("pk")
    wake(first.values_list("pk", flat=True)[:WAKEUPS_AT_ONCE])


@transaction.atomic
def free_objects(*, batch_id: int) -> list[int]:
    """Objects of a batch that may be pushed now and that nobody has: as many as its district has slots."""
    free = runnable_objects().filter(batch_id=batch_id).select_for_update(skip_locked=True, of=("self",))
    return list(free.values_list("id", flat=True)[: settings.CHUNKS_PER_DISTRICT])


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
        # What did not end may have been too much at once.
        next_chunk=None,
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


def finish_batch(*, batch_id: int) -> bool:
    """Ends a batch whose objects have all ended, and starts the next one. Returns whether this call ended it."""
    if BatchObject.objects.filter(batch_id=batch_id, status__in=OPEN_OBJECT).exists():
        return False
    return bool(finish_batches(batch_ids=[batch_id]))


@transaction.atomic
def finish_batches(*, batch_ids: Sequence[int]) -> list[Batch]:
    """Ends the batches whose objects have all ended, and starts what waited for them. Returns those that it ended."""
    batches = Batch.objects.filter(pk__in=batch_ids)
    lock_districts(batches.values_list("district_id", flat=True))
    still_open = _objects_of_batch(status__in=OPEN_OBJECT)
    ended = list(
        batches.filter(~Exists(still_open)).exclude(status__in=TERMINAL_BATCH).values_list("pk", flat=True)
    )
    Batch.objects.filter(pk__in=ended).update(status=_outcome(), ended_at=Now())
    finished = list(Batch.objects.filter(pk__in=ended).select_related("request", "school_year"))
    _announce_ends(finished)
    settle_after(finished)
    start_batches(_batches_beside(finished))
    return finished


def _objects_of_batch(**wanted: object) -> QuerySet[BatchObject]:
    return BatchObject.objects.filter(batch_id=OuterRef("pk"), **wanted)


def _outcome() -> Case:
    """A batch of which nothing had to be left out has not been cancelled, even if somebody tried."""
    return Case(
        When(Exists(_objects_of_batch(status=ObjectStatus.CANCELLED)), then=Value(BatchStatus.CANCELLED)),
        When(
            Exists(_objects_of_batch().exclude(status=ObjectStatus.COMPLETED)), then=Value(BatchStatus.FAILED)
        ),
        default=Value(BatchStatus.COMPLETED),
    )


def _announce_ends(finished: Iterable[Batch]) -> None:
    """One for each; of a request of the state only one, which tells whether all of it has ended."""
    about = {each.request_id if each.origin == Origin.STATE else -each.pk: each for each in finished}
    for batch in about.values():
        announce_end(batch)


def _batches_beside(finished: Iterable[Batch]) -> QuerySet[Batch]:
    """All batches of the same districts and school years."""
    districts_of_year: dict[int, list[int]] = {}
    for each in finished:
        districts_of_year.setdefault(each.school_year_id, []).append(each.district_id)
    beside = Q(pk__in=[])
    for school_year_id, district_ids in districts_of_year.items():
        beside |= Q(school_year_id=school_year_id, district_id__in=district_ids)
    return Batch.objects.filter(beside)


def cancel_batch(*, batch: Batch, by: User) -> bool:
    """Stops a batch at the edge of a chunk. Returns False if it has ended or is being cancelled already."""
    with transaction.atomic():
        is_cancelled = cancel_batches(batches=Batch.objects.filter(pk=batch.pk), by=by) == 1
        if is_cancelled:
            # A district learns nothing of what the state asked for.
            district = batch.district if batch.origin == Origin.DISTRICT else None
            audit.record(Action.RESYNC_CANCELLED, by=by, district=district, key=batch.pk)
    return is_cancelled


@transaction.atomic
def cancel_batches(*, batches: QuerySet[Batch], by: User) -> int:
    """Stops those that are open; what was pushed stays at the state. Returns how many that were.

    Ids are read under the lock of the districts, so that none of the batches can begin or end meanwhile. The objects
    that somebody pushes at this moment finish their chunk; their worker, or the sweep, cancels them then.
    """
    lock_districts(batches.values_list("district_id", flat=True))
    wanted = list(batches.filter(status__in=CANCELLABLE_BATCH).values_list("pk", flat=True))
    chosen = Batch.objects.filter(pk__in=wanted).order_by()
    queued = list(chosen.filter(status=BatchStatus.QUEUED).values_list("pk", flat=True))
    chosen.filter(status=BatchStatus.RUNNING).update(status=BatchStatus.CANCELLING, cancelled_by=by)
    Batch.objects.filter(pk__in=queued).update(cancelled_by=by)
    cancel_objects(batch_ids=wanted)
    finish_batches(batch_ids=wanted)
    return len(wanted)


def cancel_objects(*, batch_ids: Sequence[int]) -> None:
    """Cancels the open objects of batches that somebody has cancelled, but for those that are being pushed."""
    waiting = BatchObject.objects.filter(
        batch_id__in=batch_ids, batch__cancelled_by__isnull=False, status__in=OPEN_OBJECT
    )
    idle = waiting.select_for_update(skip_locked=True, of=("self",)).values("pk")
    with transaction.atomic():
        BatchObject.objects.filter(pk__in=idle).update(
            status=ObjectStatus.CANCELLED,
            reason=_why_cancelled(),
            retry_at=None,
            ended_at=Now(),
            changed_at=Now(),
        )


def _why_cancelled() -> Concat:
    """By whom, and how far the object was. The counts are read from its row, not from what somebody saw before."""
    person = Batch.objects.filter(pk=OuterRef("batch_id")).values("cancelled_by__username")
    before = Value(" before it began; nothing of it was pushed.", output_field=TextField())
    after = Concat(
        Value(" after "),
        _grouped(F("processed")),
        Value(" of "),
        _grouped(Greatest("processed", Coalesce("total", "processed"))),
        Value(" records; what was pushed stays at the state."),
        output_field=TextField(),
    )
    return Concat(
        Value("Cancelled by "),
        Subquery(person),
        Case(When(started_at=None, then=before), default=after, output_field=TextField()),
        output_field=TextField(),
    )


def _grouped(number: Combinable) -> Func:
    """1234567 as 1,234,567."""
    return Func(number, Value("FM999,999,999,999,990"), function="to_char", output_field=TextField())


def settle_cancelled(*, batch_id: int) -> None:
    """Goes on with a cancellation that found an object in the middle of a chunk, now that the chunk has ended."""
    if Batch.objects.filter(pk=batch_id, status=BatchStatus.CANCELLING).exists():
        cancel_objects(batch_ids=[batch_id])
        finish_batch(batch_id=batch_id)


def sweep() -> int:
    """Finds what a lost message, a killed worker or a waiting time has left behind, and wakes it.

    Two sweeps at once are harmless, and an advisory lock keeps the second from working. Returns how many it woke.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('upstate sweep', 0))")
        if not cursor.fetchone()[0]:
            return 0
        _settle_batches()
        announce_ended_requests()
        # SKIP LOCKED leaves out what a worker is pushing at this moment.
        idle = list(
            runnable_objects().select_for_update(skip_locked=True, of=("self",)).values_list("id", flat=True)
        )
        wake_on_commit(idle)
    return len(idle)


def _settle_batches() -> None:
    """Cancels, ends and starts what a worker has left behind. All districts are locked at once, in their order."""
    cancelling = Batch.objects.filter(status=BatchStatus.CANCELLING)
    done = Batch.objects.filter(~Exists(_objects_of_batch(status__in=OPEN_OBJECT)), status__in=STARTED_BATCH)
    waiting = Batch.objects.filter(*_may_start())
    locked = lock_districts(
        pk for some in (cancelling, done, waiting) for pk in some.values_list("district_id", flat=True)
    )
    cancel_objects(batch_ids=list(cancelling.values_list("pk", flat=True)))
    finish_batches(batch_ids=list(done.filter(district_id__in=locked).values_list("pk", flat=True)))
    start_batches(waiting.filter(district_id__in=locked))
