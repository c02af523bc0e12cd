"""What the state asks of many districts at once (seed 003): one batch per district, accepted all or none."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef

from audit import actions as audit
from audit.actions import Fact
from audit.choices import Action
from dis_objects.catalogue import hierarchy
from districts.models import District, SchoolYear, User
from resync.actions import cancel_batches, lock_districts, start_batches
from resync.announcements import announce_request
from resync.choices import ObjectStatus, Origin
from resync.exceptions import ResyncRefused
from resync.models import Batch, BatchObject, ResyncRequest
from resync.plan import (
    Kind,
    PlannedObject,
    is_open,
    kind_of,
    known_name,
    make_plan,
    offered_names,
    offers_of,
    one_of_each_kind,
)
from resync.progress import unsuccessful_batches
from resync.wording import few

# How many districts or objects a refusal names before it only counts them.
_NAMED = 5


@dataclass(frozen=True)
class Plan:
    """What every district of one state and one distance to the school year does alike."""

    objects: tuple[PlannedObject, ...]
    is_full: bool


Plans = dict[Kind, Plan]


def request_resync(
    *,
    districts: Sequence[District],
    school_year: SchoolYear,
    objects: Sequence[str],
    check_dependencies: bool,
    by: User | None,
    origin: Origin = Origin.STATE,
    token: UUID | None = None,
) -> ResyncRequest:
    """Stores a request with a batch for each district, and starts those that have nothing else to do.

    All or none: a district or object that cannot be resynced refuses the whole. The same `token` gives the same request
    again: a double click asks once. Raises ResyncRefused.
    """
    _require_districts(districts)
    token = token or uuid4()
    try:
        with transaction.atomic():
            request = open_request(
                school_year=school_year,
                objects=objects,
                check_dependencies=check_dependencies,
                origin=origin,
                by=by,
                token=token,
            )
            add_batches(request=request, districts=districts)
            facts: dict[str, Fact] = {
                "school_year": school_year.pk,
                "objects": list(objects),
                "origin": origin,
            }
            audit.record(
                Action.STATE_RESYNC_REQUESTED, by=by, key=request.pk, count=len(districts), facts=facts
            )
    except IntegrityError:
        earlier = ResyncRequest.objects.filter(token=token, requested_by=by).first()
        if earlier is None:
            raise
        return earlier
    return request


def plan_request(
    *,
    districts: Sequence[District],
    school_year: SchoolYear,
    objects: Sequence[str],
    check_dependencies: bool,
) -> tuple[PlannedObject, ...]:
    """What a request would send, in parent-first order, without storing it; the plans of all states taken together.

    Raises ResyncRefused, as `request_resync` would.
    """
    _require_districts(districts)
    chosen = _chosen(objects)
    plans = _make_plans(districts, school_year, chosen, check_dependencies)
    planned = {each.name: each for plan in plans.values() for each in plan.objects}
    return tuple(planned[name] for name in hierarchy().sorted(planned))


def _require_districts(districts: Sequence[District]) -> None:
    if not districts:
        raise ResyncRefused("No district is chosen. Tick at least one, then press Request Resync.")


def _chosen(objects: Sequence[str]) -> tuple[str, ...]:
    chosen = hierarchy().sorted(known_name(name) for name in objects)
    if not chosen:
        raise ResyncRefused("No object is chosen. Tick at least one, then press Request Resync.")
    return chosen


def open_request(
    *,
    school_year: SchoolYear,
    objects: Sequence[str],
    check_dependencies: bool,
    origin: Origin,
    by: User | None = None,
    token: UUID | None = None,
) -> ResyncRequest:
    """A request without batches yet: `add_batches` gives it districts. Raises ResyncRefused."""
    return ResyncRequest.objects.create(
        school_year=school_year,
        origin=origin,
        objects_chosen=list(_chosen(objects)),
        check_dependencies=check_dependencies,
        requested_by=by,
        token=token or uuid4(),
    )


@transaction.atomic
def add_batches(*, request: ResyncRequest, districts: Collection[District]) -> list[Batch]:
    """A batch for each district that has none of this request yet. Returns the new ones. Raises ResyncRefused."""
    new = _lock_without(request, districts)
    plans = _make_plans(new, request.school_year, request.objects_chosen, request.check_dependencies)
    batches = [
        _batch(request, each, plans[kind_of(each, request.school_year)], request.requested_by) for each in new
    ]
    Batch.objects.bulk_create(batches)
    for kind, plan in plans.items():
        _store_objects(
            plan.objects,
            [
                batch.pk
                for batch, each in zip(batches, new, strict=True)
                if kind_of(each, request.school_year) == kind
            ],
        )
    _begin(request, batches)
    return batches


def _lock_without(request: ResyncRequest, districts: Iterable[District]) -> list[District]:
    """The districts as they are under their locks, without those that have a batch of the request."""
    locked = lock_districts(each.pk for each in districts)
    has_one = Batch.objects.filter(request=request, district_id=OuterRef("pk"))
    return list(
        District.objects.filter(~Exists(has_one), pk__in=locked)
        .select_related("state", "zone__school_year")
        .order_by("number")
    )


def _batch(request: ResyncRequest, district: District, plan: Plan, by: User | None) -> Batch:
    return Batch(
        district=district,
        school_year=request.school_year,
        origin=request.origin,
        request=request,
        check_dependencies=request.check_dependencies,
        is_full=plan.is_full,
        requested_by=by,
    )


def _begin(request: ResyncRequest, batches: Sequence[Batch]) -> None:
    districts = [batch.district_id for batch in batches]
    start_batches(Batch.objects.filter(district_id__in=districts, school_year_id=request.school_year_id))
    announce_request(request, batches)


# ---- Plans ---------------------------------------------------------------------------------------------------


def _make_plans(
    districts: Sequence[District], school_year: SchoolYear, chosen: Sequence[str], check_dependencies: bool
) -> Plans:
    """One plan for all districts of a state and a distance to the year. Raises ResyncRefused for the whole."""
    refuse_closed(districts, school_year)
    _refuse_not_offered(districts, school_year, {each.pk: chosen for each in districts})
    plans = {}
    for kind, each in one_of_each_kind(districts, school_year).items():
        planned = make_plan(each, school_year, chosen, check_dependencies=check_dependencies)
        plans[kind] = Plan(planned, len(planned) == len(offered_names(each, school_year)))
    return plans


def refuse_closed(districts: Sequence[District], school_year: SchoolYear) -> None:
    closed = [each for each in districts if not is_open(each, school_year)]
    if closed:
        raise ResyncRefused(
            f"The school year {school_year} is not open for {_numbers(closed)}. Leave out what cannot sync that year, "
            "or open the year on the page Zones. Nothing was requested."
        )


def _refuse_not_offered(
    districts: Sequence[District], school_year: SchoolYear, objects: Mapping[int, Collection[str]]
) -> None:
    """`objects` are those of each district, by its id."""
    offered = offers_of(districts, school_year)
    without: dict[tuple[str, ...], list[District]] = {}
    for each in districts:
        missing = set(objects[each.pk]) - offered[kind_of(each, school_year)]
        without.setdefault(hierarchy().sorted(missing), []).append(each)
    without.pop((), None)
    for names, theirs in without.items():
        raise ResyncRefused(
            f"{few(names, _NAMED)} cannot be resynced for {_numbers(theirs)} in {school_year}. Leave out the objects "
            "or the districts. Nothing was requested."
        )


def _numbers(districts: Sequence[District]) -> str:
    noun = "district" if len(districts) == 1 else "districts"
    return f"{noun} {few([each.number for each in districts], _NAMED)}"


# ---- Retry and cancel ----------------------------------------------------------------------------------------


@transaction.atomic
def retry_request(*, request: ResyncRequest, by: User | None) -> list[Batch]:
    """Sends again what did not complete, in the districts whose last batch of the request failed or was cancelled.

    Each gets a new batch with the objects that did not complete there. Raises ResyncRefused when there is nothing to
    retry, and for a district that no longer syncs the school year.
    """
    lock_districts(request.batches.values_list("district_id", flat=True))
    unsuccessful = list(unsuccessful_batches(request))
    if not unsuccessful:
        raise ResyncRefused("Nothing is left to retry: no district's last resync of this request failed.")
    plans = _remaining_plans([each.pk for each in unsuccessful])
    districts = [each.district for each in unsuccessful]
    names = {each.district_id: [one.name for one in plans[each.pk]] for each in unsuccessful}
    refuse_closed(districts, request.school_year)
    _refuse_not_offered(districts, request.school_year, names)
    batches = _store_again(request, unsuccessful, plans, by)
    _begin(request, batches)
    audit.record(Action.STATE_RESYNC_RETRIED, by=by, key=request.pk, count=len(batches))
    return batches


def _store_again(
    request: ResyncRequest,
    unsuccessful: Sequence[Batch],
    plans: Mapping[int, tuple[PlannedObject, ...]],
    by: User | None,
) -> list[Batch]:
    """A new batch beside each unsuccessful one, with what is left of its plan."""
    batches = [_batch(request, each.district, Plan((), is_full=False), by) for each in unsuccessful]
    Batch.objects.bulk_create(batches)
    for plan, earlier_ids in _batches_by_plan(plans).items():
        again = [
            new.pk for new, earlier in zip(batches, unsuccessful, strict=True) if earlier.pk in earlier_ids
        ]
        _store_objects(plan, again)
    return batches


def _remaining_plans(batch_ids: Sequence[int]) -> dict[int, tuple[PlannedObject, ...]]:
    """What did not complete, by batch. A parent that did complete is at the state: nothing waits for it again."""
    remaining: dict[int, list[BatchObject]] = {pk: [] for pk in batch_ids}
    left = BatchObject.objects.filter(batch_id__in=batch_ids).exclude(status=ObjectStatus.COMPLETED)
    for each in left.order_by("place"):
        remaining[each.batch_id].append(each)
    return {pk: _plan_of(objects) for pk, objects in remaining.items()}


def _plan_of(objects: Sequence[BatchObject]) -> tuple[PlannedObject, ...]:
    names = {each.object for each in objects}
    return tuple(
        PlannedObject(each.object, each.requested, tuple(name for name in each.parents if name in names))
        for each in objects
    )


def _batches_by_plan(
    plans: Mapping[int, tuple[PlannedObject, ...]],
) -> dict[tuple[PlannedObject, ...], set[int]]:
    by_plan: dict[tuple[PlannedObject, ...], set[int]] = {}
    for batch_id, plan in plans.items():
        by_plan.setdefault(plan, set()).add(batch_id)
    return by_plan


def cancel_request(*, request: ResyncRequest, by: User) -> int:
    """Cancels every batch of the request that is open. Returns how many that were."""
    with transaction.atomic():
        cancelled = cancel_batches(batches=request.batches.all(), by=by)
        if cancelled:
            audit.record(Action.STATE_RESYNC_CANCELLED, by=by, key=request.pk, count=cancelled)
    return cancelled


# ---- Rows ----------------------------------------------------------------------------------------------------

_STORE = """
    INSERT INTO dis_batch_history (batch_id, district_id, school_year_id, origin, object, place, requested, parents,
        status, processed, errors, written, kept, attempts, reason)
    SELECT b.id, b.district_id, b.school_year_id, b.origin, p.name, p.place, p.requested, p.parents,
        'queued', 0, 0, 0, 0, 0, ''
    FROM resync_batch b
    CROSS JOIN jsonb_to_recordset(%s::jsonb) AS p(name text, place int, requested boolean, parents text[])
    WHERE b.id = ANY(%s)
    ORDER BY b.id, p.place
"""


def _store_objects(plan: Sequence[PlannedObject], batch_ids: Sequence[int]) -> None:
    """One statement for all batches of a plan: 1,200 districts with all objects are over 100,000 rows."""
    rows = [
        {"name": each.name, "place": place, "requested": each.requested, "parents": each.parents}
        for place, each in enumerate(plan)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [json.dumps(rows), list(batch_ids)])
