"""What the pages, the report and the workers read about selective syncs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.http import Http404

from dis_objects.catalogue import definition
from districts.models import District, User
from interchange.faults import Code, Fault, sentence
from resync.queries import visible_origins
from selective_sync.choices import OPEN_SYNC, KeyOutcome, Role, SyncStatus
from selective_sync.models import SyncKey, SyncObject, SyncRequest

# What the page offers (seed 004, Syncing Objects for Specific Users). The action takes every object.
OFFERED_OBJECTS = ("PersonIdentity", "Enrollment")


# ---- Who sees what ------------------------------------------------------------------------------------------------


def visible_requests(user: User, district: District) -> QuerySet[SyncRequest]:
    """The history of a district as the user sees it, the latest first: without what was deleted, and for a district
    without what the state asked for. The caller has the district from `districts.queries.district_for`."""
    return (
        SyncRequest.objects.filter(district=district, origin__in=visible_origins(user), hidden_at=None)
        .select_related("requested_by", "school_year", "district__state")
        .order_by("-id")
    )


def request_for(user: User, district: District, request_id: int) -> SyncRequest:
    """One that the user does not see answers exactly as an unknown one: 404."""
    found = visible_requests(user, district).filter(pk=request_id).first()
    if found is None:
        raise Http404("There is no such request.")
    return found


def history(user: User, district: District) -> QuerySet[SyncRequest]:
    """`visible_requests` with `ids`, how many were asked for, and `synced`, how many of them are at the state: the
    Records 3/5 of seed 004."""
    chosen = SyncObject.objects.filter(request=OuterRef("pk"), role=Role.CHOSEN)
    return visible_requests(user, district).annotate(
        ids=Subquery(chosen.values("keys_total")),
        synced=Subquery(chosen.values(at_state=F("processed") - F("errors"))),
    )


# ---- The line at View History -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LiveLine:
    """How far the latest request is. `done` of `total` IDs were attempted; then the objects under them go, of which
    `objects_done` of `objects_total` have ended, with `errors_under` of their records not at the state."""

    request: SyncRequest
    done: int
    total: int
    synced: int
    objects_done: int
    objects_total: int
    errors_under: int

    @property
    def status(self) -> SyncStatus:
        return SyncStatus(self.request.status)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_SYNC

    @property
    def version(self) -> str:
        return _version(self.request.pk, self.request.changed_at)


NO_VERSION = "none"


def live_version(user: User, district: District) -> str:
    """Changes with everything that the line shows. One indexed query: most polls ask for no more."""
    latest = visible_requests(user, district).select_related(None).values_list("pk", "changed_at").first()
    return _version(*latest) if latest else NO_VERSION


def _version(request_id: int, changed_at: datetime) -> str:
    return f"{request_id}-{changed_at.timestamp():.6f}"


def live_line(user: User, district: District) -> LiveLine | None:
    """None where the history is empty. (Polled as long as `is_open`.)"""
    latest = visible_requests(user, district).first()
    if latest is None:
        return None
    objects = list(latest.objects_in_order.order_by("place"))
    [chosen] = [each for each in objects if each.role == Role.CHOSEN]
    under = [each for each in objects if each.role == Role.UNDER]
    return LiveLine(
        request=latest,
        done=chosen.keys_done,
        total=chosen.keys_total,
        synced=chosen.processed - chosen.errors,
        objects_done=sum(each.ended_at is not None for each in under),
        objects_total=len(under),
        errors_under=sum(each.errors for each in under),
    )


# ---- One request --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Details:
    """What opening a request shows. `objects` are the chosen one's parents that were pushed, and what is under it."""

    request: SyncRequest
    chosen: SyncObject
    parents: Sequence[SyncObject]
    under: Sequence[SyncObject]
    synced: int
    failed: int
    not_found: int
    pending: int

    @property
    def ids(self) -> int:
        return self.chosen.keys_total

    @property
    def can_sync_again(self) -> bool:
        """Whether `ids_to_sync_again` gives any."""
        return self.request.status not in OPEN_SYNC and bool(self.failed + self.pending)


def details(sync_request: SyncRequest) -> Details:
    objects = list(sync_request.objects_in_order.order_by("place"))
    [chosen] = [each for each in objects if each.role == Role.CHOSEN]
    counts = dict(_keys_of(sync_request).values_list("outcome").annotate(Count("key")).order_by())
    return Details(
        request=sync_request,
        chosen=chosen,
        parents=[each for each in objects if each.role == Role.PARENT and each.keys_total],
        under=[each for each in objects if each.role == Role.UNDER],
        synced=counts.get(KeyOutcome.SYNCED, 0),
        failed=counts.get(KeyOutcome.FAILED, 0),
        not_found=counts.get(KeyOutcome.NOT_FOUND, 0),
        pending=counts.get(KeyOutcome.PENDING, 0),
    )


def chosen_object(sync_request: SyncRequest) -> SyncObject:
    return sync_request.objects_in_order.get(role=Role.CHOSEN)


def _keys_of(sync_request: SyncRequest) -> QuerySet[SyncKey]:
    return SyncKey.objects.filter(sync_object__request=sync_request, sync_object__role=Role.CHOSEN)


def keys_with(sync_request: SyncRequest, *outcomes: KeyOutcome) -> QuerySet[SyncKey]:
    """The IDs with these outcomes in ascending order; there may be a hundred thousand, so page them."""
    return _keys_of(sync_request).filter(outcome__in=outcomes).order_by("key")


@dataclass(frozen=True)
class FailedKey:
    """`parent` is the object to resync first, with `parent_key`, where the parent is what is missing; else empty."""

    key: int
    sentence: str
    parent: str
    parent_key: int | None


def explain(sync_request: SyncRequest, failed: SyncKey) -> FailedKey:
    fault = Fault(failed.code, failed.field, failed.parent_key)
    return FailedKey(
        key=failed.key,
        sentence=sentence(sync_request.object, fault),
        parent=_missing_parent(sync_request.object, fault),
        parent_key=failed.parent_key,
    )


def _missing_parent(object_name: str, fault: Fault) -> str:
    if fault.code != Code.MISSING_PARENT:
        return ""
    parents = {field.name: field.parent for field in definition(object_name).parent_keys}
    return parents.get(fault.field, "")


def first_keys(sync_request: SyncRequest, count: int) -> list[int]:
    """For the line Keys (seed 004): the lowest IDs of the request."""
    return list(_keys_of(sync_request).order_by("key").values_list("key", flat=True)[:count])


def ids_to_sync_again(sync_request: SyncRequest) -> list[int]:
    """The IDs that failed, and those that a request which failed as a whole did not reach. Not those that the district
    has no record of: they would not be found again."""
    return list(keys_with(sync_request, KeyOutcome.FAILED, KeyOutcome.PENDING).values_list("key", flat=True))


# ---- What workers do next -----------------------------------------------------------------------------------------


def runnable_requests() -> QuerySet[SyncRequest]:
    """The oldest open request of each district, but for those that wait for another attempt: one after the other
    spares the district's database."""
    older = SyncRequest.objects.filter(
        district=OuterRef("district"), pk__lt=OuterRef("pk"), status__in=OPEN_SYNC
    )
    due = ~Q(status=SyncStatus.WAITING) | Q(retry_at__lte=Now())
    return SyncRequest.objects.filter(due, ~Exists(older), status__in=OPEN_SYNC).order_by("pk")


def open_objects(sync_request: SyncRequest) -> QuerySet[SyncObject]:
    """Those that have not ended, the next one first."""
    return sync_request.objects_in_order.filter(ended_at=None).order_by("place")
