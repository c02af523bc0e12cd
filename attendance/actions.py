"""What starts and ends an aggregation. PostgreSQL is the truth; a wake-up that is lost costs one sweep."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from attendance.alerts import announce_end
from attendance.choices import OPEN_RUN, RunKind, RunStatus
from attendance.exceptions import RefreshRefused
from attendance.models import AggregationRun
from attendance.queries import calendars_of, open_run, open_runs
from attendance.wakeups import wake
from audit import actions as audit
from audit.choices import Action
from config.celery import Queues
from districts.models import District, User
from interchange.error_log import log_error

# For how many hours after its time a night's aggregation is begun, or begun again after a failure. What is missed
# altogether is taken by the next night: the queue at the district keeps it.
_HOURS_OF_THE_NIGHT = 4


def start_refresh(
    *, district: District, calendars: Collection[int] | None, by: User | None, token: UUID | None = None
) -> AggregationRun:
    """Stores a refresh of these calendars, or of all for None, and wakes a worker.

    The same `token` gives the same run again: a double click refreshes once. Raises RefreshRefused, and DistrictError
    where the calendars cannot be read.
    """
    chosen = _chosen(district, calendars)
    run = AggregationRun(
        district=district,
        kind=RunKind.REFRESH,
        calendars=chosen,
        calendars_total=len(chosen),
        is_all=calendars is None,
        requested_by=by,
        token=token or uuid4(),
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
            audit.record(
                Action.AGGREGATION_REQUESTED, by=by, district=district, key=run.pk, count=len(chosen)
            )
            transaction.on_commit(lambda: wake(run.pk))
    except IntegrityError as error:
        return _same_request(run, error)
    return run


def _same_request(run: AggregationRun, error: IntegrityError) -> AggregationRun:
    """The run that was stored with this token before. Raises RefreshRefused where another one is open."""
    earlier = AggregationRun.objects.filter(
        token=run.token, district_id=run.district_id, requested_by_id=run.requested_by_id
    ).first()
    if earlier is not None:
        return earlier
    if open_run(run.district) is None:
        raise error
    raise RefreshRefused(
        "The attendance of this district is being added up at this moment. Refresh it again when that has ended."
    ) from error


def _chosen(district: District, calendars: Collection[int] | None) -> list[int]:
    """The chosen calendars in a fixed order. They must be the district's own, of the zone's school year."""
    known = [each.id for each in calendars_of(district)]
    chosen = [key for key in known if calendars is None or key in calendars]
    if not chosen:
        raise RefreshRefused(
            "No calendar is chosen. Tick at least one, or choose all calendars, then press Refresh."
        )
    if calendars is not None and len(chosen) < len(set(calendars)):
        raise RefreshRefused(
            "A chosen calendar is not one of the district's calendars of this school year. Load the page again, then "
            "choose once more."
        )
    return chosen


def start_nightly_aggregations(now: datetime | None = None) -> int:
    """Begins the night of every prepared district where it is night now. Returns how many that were.

    A night is begun once; one that failed is begun again while the night lasts. Where something else is being added
    up, the next hour or the next night takes over.
    """
    prepared = District.objects.exclude(aggregation_user="")
    nights = [(district, _local(district, now)) for district in prepared]
    due = [(district, local) for district, local in nights if _is_night(local)]
    return sum(_start_night(district, _night(local)) for district, local in due)


def _night(local: datetime) -> date:
    """A night that goes on past midnight is that of the date on which it began."""
    return (local - timedelta(hours=(local.hour - settings.NIGHTLY_AGGREGATION_HOUR) % 24)).date()


def _local(district: District, now: datetime | None) -> datetime:
    return (now or datetime.now(UTC)).astimezone(ZoneInfo(district.time_zone))


def _is_night(local: datetime) -> bool:
    return (local.hour - settings.NIGHTLY_AGGREGATION_HOUR) % 24 < _HOURS_OF_THE_NIGHT


def _start_night(district: District, date_of_night: date) -> bool:
    """Whether this call began it. The constraints decide between two that try at once."""
    night = {"district": district, "night": date_of_night}
    try:
        with transaction.atomic():
            again = AggregationRun.objects.filter(**night, status=RunStatus.FAILED).update(
                status=RunStatus.QUEUED, ended_at=None, reason="", changed_at=Now()
            )
            if not again:
                AggregationRun.objects.create(**night, kind=RunKind.NIGHTLY)
            run_id = AggregationRun.objects.get(**night).pk
            # Nobody waits for it: it stands in line with the chunks.
            transaction.on_commit(lambda: wake(run_id, queue=Queues.BATCH))
    except IntegrityError:
        return False
    return True


@transaction.atomic
def end_run(*, run_id: int, reason: str = "") -> bool:
    """Ends a run, in failure if there is a reason. Returns whether this call ended it."""
    status = RunStatus.FAILED if reason else RunStatus.COMPLETED
    ended = AggregationRun.objects.filter(pk=run_id, status__in=OPEN_RUN)
    if ended.update(status=status, reason=reason, ended_at=Now(), changed_at=Now()) != 1:
        return False
    run = AggregationRun.objects.select_related("district", "requested_by").get(pk=run_id)
    if reason:
        log_error(
            district_id=run.district_id,
            code="AGGREGATION_FAILED",
            sentence=reason,
            object_name="AttDayAggregation",
        )
    announce_end(run)
    return True


def wake_forgotten_runs() -> int:
    """Wakes the runs that a lost message or a killed worker left behind: those whose row nobody holds."""
    with transaction.atomic():
        forgotten = list(open_runs().select_for_update(skip_locked=True).values_list("pk", flat=True))
    for run_id in forgotten:
        wake(run_id)
    return len(forgotten)
