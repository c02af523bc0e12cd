"""What changes a selective sync. PostgreSQL is the truth; a wake-up that is lost costs one sweep."""

from collections.abc import Collection, Sequence
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from audit import actions as audit
from audit.choices import Action
from dis_objects.catalogue import hierarchy
from districts.models import District, SchoolYear, User
from interchange.attempts import RETRY_DELAYS
from interchange.error_log import log_error
from interchange.lineage import objects_under
from resync.choices import Origin
from resync.exceptions import ResyncRefused
from resync.plan import make_plan, offered_names
from selective_sync.announcements import announce_end
from selective_sync.choices import OPEN_SYNC, Role, SyncStatus
from selective_sync.exceptions import SelectiveSyncRefused
from selective_sync.ids import MOST_IDS, NO_IDS, too_many_ids
from selective_sync.models import SyncKey, SyncObject, SyncRequest
from selective_sync.queries import chosen_object, open_objects, runnable_requests, visible_requests
from selective_sync.wakeups import wake

STILL_OPEN = "This request is still in progress. It can be deleted from the history when it has ended."


def request_sync(
    *,
    district: District,
    school_year: SchoolYear,
    object_name: str,
    ids: Collection[int],
    with_children: bool = True,
    with_missing_parents: bool = False,
    by: User,
    token: UUID | None = None,
) -> SyncRequest:
    """Stores a request for the records of an object with these IDs, and wakes a worker for it.

    `with_children` also pushes what belongs to these records, `with_missing_parents` first pushes the parents that the
    state lacks. The same `token` gives the same request again: a double click asks once.
    Raises SelectiveSyncRefused.
    """
    keys = _checked(ids)
    name = _offered(district, school_year, object_name)
    wanted = SyncRequest(
        district=district,
        school_year=school_year,
        origin=Origin.STATE if by.is_state_user else Origin.DISTRICT,
        object=name,
        with_children=with_children,
        with_missing_parents=with_missing_parents,
        requested_by=by,
        token=token or uuid4(),
    )
    try:
        _store(wanted, keys)
    except IntegrityError:
        earlier = SyncRequest.objects.filter(token=wanted.token, district=district, requested_by=by).first()
        if earlier is None:
            raise
        return earlier
    return wanted


def _checked(ids: Collection[int]) -> list[int]:
    keys = sorted(set(ids))
    if not keys:
        raise SelectiveSyncRefused(NO_IDS)
    if len(keys) > MOST_IDS:
        raise SelectiveSyncRefused(too_many_ids(len(keys)))
    return keys


def _offered(district: District, school_year: SchoolYear, object_name: str) -> str:
    """The object's own name, if the rules of a batch let it sync: the year is open in the zone, the object offered."""
    try:
        [planned] = make_plan(district, school_year, [object_name], check_dependencies=False)
    except ResyncRefused as error:
        raise SelectiveSyncRefused(str(error)) from error
    return planned.name


@transaction.atomic
def _store(wanted: SyncRequest, keys: Sequence[int]) -> None:
    wanted.save(force_insert=True)
    chosen = _store_objects(wanted, len(keys))
    add_keys(sync_object=chosen, keys=keys)
    audit.record(
        Action.SYNC_REQUESTED,
        by=wanted.requested_by,
        district=wanted.district,
        object_name=wanted.object,
        key=wanted.pk,
        count=len(keys),
        facts={
            "school_year": wanted.school_year_id,
            "with_children": wanted.with_children,
            "with_missing_parents": wanted.with_missing_parents,
        },
    )
    transaction.on_commit(lambda: wake([wanted.pk]))


def _store_objects(wanted: SyncRequest, count: int) -> SyncObject:
    """Parents first, then the chosen object, then what is under it; returns the chosen one."""
    objects = [
        SyncObject(request=wanted, object=name, place=place, role=role)
        for place, (name, role) in enumerate(_plan(wanted))
    ]
    [chosen] = [each for each in objects if each.role == Role.CHOSEN]
    chosen.keys_total = count
    SyncObject.objects.bulk_create(objects)
    return chosen


def _plan(wanted: SyncRequest) -> list[tuple[str, Role]]:
    offered = offered_names(wanted.district, wanted.school_year)
    above = hierarchy().parents(wanted.object) if wanted.with_missing_parents else ()
    under = objects_under(wanted.object) if wanted.with_children else ()
    return [
        *((name, Role.PARENT) for name in above if name in offered),
        (wanted.object, Role.CHOSEN),
        *((name, Role.UNDER) for name in under if name in offered),
    ]


def add_keys(*, sync_object: SyncObject, keys: Collection[int]) -> None:
    """In one statement: there may be a hundred thousand of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {SyncKey._meta.db_table} (sync_object_id, key, outcome, code, field)"
            " SELECT %s, key, 'pending', '', '' FROM unnest(%s::bigint[]) key",
            [sync_object.pk, list(keys)],
        )


# ---- The way of a request -----------------------------------------------------------------------------------------


@transaction.atomic
def retry_later(*, sync_request_id: int, reason: str) -> bool:
    """Lets a request wait before it is tried again. Returns False when it has waited long enough, or has ended."""
    waiting = SyncRequest.objects.select_for_update().get(pk=sync_request_id)
    if waiting.status not in OPEN_SYNC or waiting.attempts >= len(RETRY_DELAYS):
        return False
    if not waiting.attempts:
        _log(waiting, "DATABASE_WAITING", reason, waiting.object)
    SyncRequest.objects.filter(pk=sync_request_id).update(
        status=SyncStatus.WAITING,
        attempts=waiting.attempts + 1,
        retry_at=Now() + RETRY_DELAYS[waiting.attempts],
        reason=reason,
        changed_at=Now(),
    )
    return True


@transaction.atomic
def fail_object(*, sync_request_id: int, reason: str) -> None:
    """Gives up the object that the request is at: what is under it is not attempted, everything else goes on. Without
    the chosen object there is nothing to go on with."""
    failed = SyncRequest.objects.select_for_update().get(pk=sync_request_id)
    current = open_objects(failed).first()
    if failed.started_at is None or current is None or current.role == Role.CHOSEN:
        fail_request(sync_request_id=sync_request_id, reason=reason)
        return
    _end_objects(failed, [current.object], reason)
    if current.role == Role.UNDER:
        names = hierarchy().children(current.object)
        _end_objects(failed, names, f"Not attempted, because {current.object} failed: {reason}")
    _log(failed, "OBJECT_FAILED", reason, current.object)
    SyncRequest.objects.filter(pk=failed.pk).update(attempts=0, changed_at=Now())


@transaction.atomic
def fail_request(*, sync_request_id: int, reason: str) -> None:
    """Stops a request as a whole. What was pushed stays at the state; the rest is told as not attempted."""
    updated = SyncRequest.objects.filter(pk=sync_request_id, status__in=OPEN_SYNC).update(
        status=SyncStatus.FAILED,
        reason=reason,
        ended_at=Now(),
        retry_at=None,
        changed_at=Now(),
    )
    if updated != 1:
        return
    failed = SyncRequest.objects.select_related("district").get(pk=sync_request_id)
    names = [each.object for each in open_objects(failed)]
    _end_objects(failed, names, f"Not attempted, because the request failed: {reason}")
    _log(failed, "SYNC_FAILED", reason, failed.object)
    announce_end(failed)


@transaction.atomic
def complete_request(*, sync_request_id: int) -> None:
    """To be called when every object has ended."""
    updated = SyncRequest.objects.filter(pk=sync_request_id, status=SyncStatus.RUNNING).update(
        status=SyncStatus.COMPLETED, ended_at=Now(), attempts=0, changed_at=Now()
    )
    if updated == 1:
        announce_end(SyncRequest.objects.select_related("district").get(pk=sync_request_id))


def _end_objects(request: SyncRequest, names: Collection[str], reason: str) -> None:
    open_objects(request).filter(object__in=names).update(ended_at=Now(), reason=reason)


def _log(request: SyncRequest, code: str, reason: str, object_name: str) -> None:
    log_error(
        district_id=request.district_id,
        code=code,
        sentence=reason,
        object_name=object_name,
        confidential=request.origin == Origin.STATE,
    )


def sweep() -> int:
    """Wakes what a lost message, a killed worker or a waiting time has left behind. Returns how many requests."""
    with transaction.atomic():
        # SKIP LOCKED leaves out what a worker is at in this moment.
        idle = runnable_requests().select_for_update(skip_locked=True, of=("self",))
        ids = list(idle.values_list("pk", flat=True))
    wake(ids)
    return len(ids)


# ---- The history --------------------------------------------------------------------------------------------------


@transaction.atomic
def hide_request(*, sync_request: SyncRequest, by: User) -> bool:
    """Deletes a request from the history, for everybody. Returns False if somebody has done it before. Raises
    SelectiveSyncRefused for one that is still in progress."""
    hidden = _hide(SyncRequest.objects.filter(pk=sync_request.pk), by)
    if not hidden:
        if SyncRequest.objects.filter(pk=sync_request.pk, status__in=OPEN_SYNC).exists():
            raise SelectiveSyncRefused(STILL_OPEN)
        return False
    audit.record(
        Action.SYNC_HIDDEN,
        by=by,
        district=sync_request.district,
        object_name=sync_request.object,
        key=sync_request.pk,
        count=chosen_object(sync_request).keys_total,
    )
    return True


@transaction.atomic
def clear_history(*, district: District, by: User) -> int:
    """Deletes all that the person sees in the history, but for what is still in progress. Returns how many."""
    hidden = _hide(visible_requests(by, district), by)
    if hidden:
        audit.record(
            Action.SYNC_HISTORY_CLEARED,
            by=by,
            district=district,
            count=len(hidden),
            facts={"requests": hidden},
        )
    return len(hidden)


def _hide(requests: QuerySet[SyncRequest], by: User) -> list[int]:
    """The ids of those that were hidden. They are locked first, so that two who clear do not both record the deed."""
    ended = requests.filter(hidden_at=None).exclude(status__in=OPEN_SYNC).order_by("pk")
    ids = list(ended.select_for_update(of=("self",)).values_list("pk", flat=True))
    SyncRequest.objects.filter(pk__in=ids).update(hidden_at=Now(), hidden_by=by, changed_at=Now())
    return ids
