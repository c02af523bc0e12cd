"""What starts, ends and governs verifications. PostgreSQL is the truth; a wake-up that is lost costs one sweep."""

import json
from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4, uuid5

from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from audit import actions as audit
from audit.choices import Action
from districts.models import District, SchoolYear, User
from interchange.attempts import RETRY_DELAYS
from interchange.error_log import log_error
from resync.actions import lock_districts
from resync.choices import STARTED_BATCH, Origin
from resync.models import Batch
from verification.choices import OPEN_RESULT, OPEN_RUN, ResultStatus, RunStatus
from verification.exceptions import VerificationRefused
from verification.models import (
    VerificationDifference,
    VerificationResult,
    VerificationRun,
    VerificationSettings,
)
from verification.plan import Plan, plans_for
from verification.queries import current_settings, runnable_results, why_not_start
from verification.wakeups import wake_results

_LIMITS = {
    "nightly_hour": (0, 23),
    "side_by_side": (1, 64),
    "chunk_records": (1_000, 2_000_000),
    "kept_differences": (1_000, 1_000_000),
}
_SWITCHES = ("state_may_verify", "districts_may_verify", "nightly")


# ---- Request -------------------------------------------------------------------------------------------------


def request_verification(
    *,
    districts: Sequence[District],
    school_year: SchoolYear,
    objects: Sequence[str] | None = None,
    by: User | None,
    token: UUID | None = None,
) -> list[VerificationRun]:
    """Stores a verification for each district, and starts those whose district verifies nothing else.

    Without `objects` it is the default ones. `by` is None for the command line, which is the state's. All or none; the
    same `token` gives the same verifications again: a double click asks once. Raises VerificationRefused.
    """
    _require_districts(districts, by)
    plans = plans_for(districts, school_year, objects)
    token = token or uuid4()
    runs = [
        VerificationRun(
            district=each,
            school_year=school_year,
            origin=Origin.DISTRICT if by and by.district_id else Origin.STATE,
            requested_by=by,
            token=uuid5(token, str(each.pk)),
        )
        for each in sorted(districts, key=lambda each: each.number)
    ]
    try:
        with transaction.atomic():
            store_runs(runs, plans)
            _record_request(runs, plans, by)
    except IntegrityError:
        earlier = _stored_before(runs)
        if len(earlier) < len(runs):
            raise
        return earlier
    return runs


def _require_districts(districts: Sequence[District], by: User | None) -> None:
    if not districts:
        raise VerificationRefused("No district is chosen. Choose at least one, then press Re-Verify.")
    if by and by.district_id and {each.pk for each in districts} != {by.district_id}:
        raise VerificationRefused("A district verifies its own data only. Nothing was requested.")
    reason = why_not_start(by)
    if reason:
        raise VerificationRefused(reason)


def _stored_before(runs: Sequence[VerificationRun]) -> list[VerificationRun]:
    earlier = VerificationRun.objects.filter(
        token__in=[each.token for each in runs], requested_by=runs[0].requested_by
    )
    return list(earlier.order_by("district__number"))


def _record_request(runs: Sequence[VerificationRun], plans: Sequence[Plan], by: User | None) -> None:
    names = sorted({name for plan in plans for name in plan.objects})
    audit.record(
        Action.VERIFICATION_REQUESTED,
        by=by,
        district=runs[0].district if len(runs) == 1 else None,
        object_name=names[0] if len(names) == 1 else "",
        count=len(runs),
        facts={
            "school_year": runs[0].school_year_id,
            "objects": names,
            "districts": [each.district.number for each in runs],
        },
    )


# One statement for all runs of a plan: 1,200 districts with all objects are over 70,000 rows.
_STORE = f"""
    INSERT INTO {VerificationResult._meta.db_table} (run_id, district_id, school_year_id, object, place, status,
        is_latest, at_district, at_state, not_at_state, not_at_district, differences, duplicates, keyless,
        while_pushed, while_pushed_for_district, compared_fields, attempts, reason)
    SELECT r.id, r.district_id, r.school_year_id, o.name, o.place - 1, 'queued',
        false, 0, 0, 0, 0, 0, 0, 0, false, false, '{{}}', 0, ''
    FROM {VerificationRun._meta.db_table} r
    CROSS JOIN jsonb_array_elements_text(%s::jsonb) WITH ORDINALITY AS o(name, place)
    WHERE r.id = ANY(%s)
    ORDER BY r.id, o.place
"""


@transaction.atomic
def store_runs(runs: Sequence[VerificationRun], plans: Iterable[Plan]) -> None:
    """Stores the runs with the results that their districts' plans ask for, and starts those that may."""
    lock_districts(each.district_id for each in runs)
    VerificationRun.objects.bulk_create(runs)
    ids = {each.district_id: each.pk for each in runs}
    with connection.cursor() as cursor:
        for plan in plans:
            cursor.execute(_STORE, [json.dumps(plan.objects), [ids[pk] for pk in plan.district_ids]])
    start_runs(VerificationRun.objects.filter(district_id__in=list(ids)))


def start_runs(among: QuerySet[VerificationRun]) -> None:
    """Starts the oldest queued run of each district that has none running. The caller has locked the districts."""
    started = list(among.filter(*_may_start()).order_by("pk").values_list("pk", flat=True))
    VerificationRun.objects.filter(pk__in=started).update(status=RunStatus.RUNNING, started_at=Now())
    if not started:
        return
    # Of very many only so many as may run side by side: who asks next must not stand behind all of them.
    at_once = started[: current_settings().side_by_side]
    first = VerificationResult.objects.filter(run_id__in=at_once, place=0).order_by("pk")
    ids = list(first.values_list("pk", flat=True))
    transaction.on_commit(lambda: wake_results(ids))


def _may_start() -> tuple[Combinable | Q, ...]:
    same = VerificationRun.objects.filter(district_id=OuterRef("district_id"))
    return (
        Q(status=RunStatus.QUEUED),
        ~Exists(same.filter(status=RunStatus.RUNNING)),
        ~Exists(same.filter(status=RunStatus.QUEUED, pk__lt=OuterRef("pk"))),
    )


# ---- Settings ------------------------------------------------------------------------------------------------


@transaction.atomic
def change_settings(*, by: User, **changes: bool | int) -> list[str]:
    """Sets what is named, for all districts. Returns the names of the settings that have another value now.

    Only the state may. Raises VerificationRefused, also for a number out of its range.
    """
    if not by.is_state_user:
        raise VerificationRefused("Only the state changes who may verify, and its limits.")
    _require_in_range(changes)
    VerificationSettings.objects.get_or_create(pk=1)
    kept = VerificationSettings.objects.select_for_update().get(pk=1)
    changed = {name: value for name, value in changes.items() if getattr(kept, name) != value}
    if changed:
        VerificationSettings.objects.filter(pk=1).update(**changed, changed_by=by, changed_at=Now())
        audit.record(Action.SETTINGS_CHANGED, by=by, facts={"of": "verification", **changed})
    return sorted(changed)


def _require_in_range(changes: dict[str, bool | int]) -> None:
    unknown = changes.keys() - {*_LIMITS, *_SWITCHES}
    if unknown:
        raise TypeError(f"There is no setting {', '.join(sorted(unknown))}.")
    for name, (lowest, highest) in _LIMITS.items():
        if not lowest <= changes.get(name, lowest) <= highest:
            words = name.replace("_", " ").capitalize()
            raise VerificationRefused(f"{words} must be from {lowest:,} to {highest:,}. Nothing was changed.")


# ---- What workers change -------------------------------------------------------------------------------------


@transaction.atomic
def retry_later(*, result_id: int, reason: str) -> None:
    """Lets a comparison wait before it is tried again; fails it when it has waited long enough."""
    waiting = VerificationResult.objects.select_for_update().get(pk=result_id)
    if waiting.status not in OPEN_RESULT:
        return
    if waiting.attempts >= len(RETRY_DELAYS):
        fail_result(result_id=result_id, reason=reason)
        return
    VerificationResult.objects.filter(pk=result_id).update(
        status=ResultStatus.WAITING,
        attempts=waiting.attempts + 1,
        retry_at=Now() + RETRY_DELAYS[waiting.attempts],
        reason=reason,
        changed_at=Now(),
    )


@transaction.atomic
def fail_result(*, result_id: int, reason: str) -> None:
    """Fails the comparison of one object; the others of the run go on. What it found so far is no result."""
    updated = VerificationResult.objects.filter(pk=result_id, status__in=OPEN_RESULT).update(
        status=ResultStatus.FAILED, reason=reason, retry_at=None, ended_at=Now(), changed_at=Now()
    )
    if updated != 1:
        return
    failed = VerificationResult.objects.get(pk=result_id)
    VerificationDifference.objects.filter(result=failed).delete()
    log_error(
        district_id=failed.district_id,
        code="VERIFICATION_FAILED",
        sentence=reason,
        object_name=failed.object,
    )


@transaction.atomic
def finish_runs(*, run_ids: Sequence[int]) -> list[int]:
    """Ends the runs whose results have all ended, and starts what waited for them. Returns those that it ended."""
    runs = VerificationRun.objects.filter(pk__in=run_ids)
    locked = lock_districts(runs.values_list("district_id", flat=True))
    ended = list(
        runs.filter(~Exists(_results_of_run(status__in=OPEN_RESULT)), status__in=OPEN_RUN).values_list(
            "pk", flat=True
        )
    )
    failed = Exists(_results_of_run(status=ResultStatus.FAILED))
    outcome = Case(When(failed, then=Value(RunStatus.FAILED)), default=Value(RunStatus.COMPLETED))
    VerificationRun.objects.filter(pk__in=ended).update(status=outcome, ended_at=Now())
    start_runs(VerificationRun.objects.filter(district_id__in=locked))
    return ended


def _results_of_run(**wanted: object) -> QuerySet[VerificationResult]:
    return VerificationResult.objects.filter(run_id=OuterRef("pk"), **wanted)


def wake_next(*, run_id: int) -> None:
    """Wakes the next comparison of a run, and as many of others that nobody works on as may run side by side.

    A run goes on by itself, however many were asked for before it.
    """
    with transaction.atomic():
        ids = [*_idle(runnable_results().filter(run_id=run_id), 1), *_idle_first()]
    wake_results(dict.fromkeys(ids))


def _idle_first() -> list[int]:
    """What people at districts wait for comes before what the state asks of many, and that before the nights.

    So many of districts at rest, and so many of those that push: whose slots are taken must not hold up the others.
    """
    with connection.cursor() as cursor:
        # Statistics of a table that was empty a moment ago promise one row: a nested loop over all that a request for
        # many districts has stored then takes minutes.
        cursor.execute("SET LOCAL enable_nestloop = off")
    pushing = Exists(Batch.objects.filter(district_id=OuterRef("district_id"), status__in=STARTED_BATCH))
    turn = Case(When(run__origin=Origin.DISTRICT, then=0), When(run__origin=Origin.STATE, then=1), default=2)
    waiting = runnable_results().order_by(turn, "run_id", "place")
    most = current_settings().side_by_side
    return [*_idle(waiting.filter(~pushing), most), *_idle(waiting.filter(pushing), most)]


def _idle(among: QuerySet[VerificationResult], most: int) -> list[int]:
    # SKIP LOCKED leaves out what a worker compares at this moment.
    idle = among.select_for_update(skip_locked=True, of=("self",))
    return list(idle.values_list("pk", flat=True)[:most])


def sweep() -> int:
    """Finds what a lost message, a killed worker or a waiting time has left behind, and wakes it.

    Two sweeps at once are harmless, and an advisory lock keeps the second from working. Returns how many it woke.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('upstate verification sweep', 0))")
        if not cursor.fetchone()[0]:
            return 0
        _settle_runs()
        idle = _idle_first()
        transaction.on_commit(lambda: wake_results(idle))
    return len(idle)


def _settle_runs() -> None:
    """Ends and starts what a worker has left behind. All districts are locked at once, in their order."""
    done = VerificationRun.objects.filter(
        ~Exists(_results_of_run(status__in=OPEN_RESULT)), status__in=OPEN_RUN
    )
    waiting = VerificationRun.objects.filter(*_may_start())
    locked = lock_districts(
        pk for some in (done, waiting) for pk in some.values_list("district_id", flat=True)
    )
    finish_runs(run_ids=list(done.filter(district_id__in=locked).values_list("pk", flat=True)))
    start_runs(waiting.filter(district_id__in=locked))
