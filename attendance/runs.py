"""Adds up one step of an aggregation: what a worker does with a wake-up.

The row of the run is the lock, as with chunks: whoever holds it works, and a killed worker's lock goes with its
transaction. The district commits first. A worker that dies in between adds the same step up again, and finds nothing
to change.
"""

import logging
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from attendance.actions import end_run
from attendance.aggregation import Outcome, aggregate_calendars, aggregate_touched
from attendance.choices import RunKind, RunStatus
from attendance.databases import open_for_aggregation
from attendance.models import AggregationRun
from attendance.queries import open_runs
from attendance.wakeups import wake
from interchange.attempts import failure_of

_log = logging.getLogger(__name__)
# Longer than any statement at the district may take, during which this side stands still.
_IDLE_TIMEOUT = "330s"


def run_aggregation(run_id: int) -> None:
    """One calendar of a refresh, or the whole of a night. Then it wakes itself for the next one, or ends the run."""
    try:
        if not _start(run_id):
            return
        more = _step(run_id)
    except (OperationalError, InterfaceError):
        raise  # our own database does not answer: the sweep tries again
    except Exception as error:  # whatever it is: without an end the district could never refresh again
        end_run(run_id=run_id, reason=failure_of(error, f"Aggregation {run_id}").reason)
    else:
        if more:
            wake(run_id)


def _take(run_id: int) -> AggregationRun | None:
    """The run under its row lock, if it is open and nobody else has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [_IDLE_TIMEOUT])
    return (
        open_runs()
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("district__state")
        .filter(pk=run_id)
        .first()
    )


def _start(run_id: int) -> bool:
    """In a transaction of its own, so that the page shows it before the first calendar is done."""
    with transaction.atomic():
        taken = _take(run_id)
        if taken is None:
            return False
        AggregationRun.objects.filter(pk=run_id, status=RunStatus.QUEUED).update(
            status=RunStatus.RUNNING, started_at=Coalesce("started_at", Now()), changed_at=Now()
        )
    return True


def _step(run_id: int) -> bool:
    """Returns whether there is more to do for this worker or another."""
    with transaction.atomic():
        taken = _take(run_id)
        if taken is None:
            return False
        outcome = _add_up(taken)
        AggregationRun.objects.filter(pk=run_id).update(
            calendars_done=F("calendars_done") + int(taken.kind == RunKind.REFRESH),
            days=F("days") + outcome.days,
            written=F("written") + outcome.written,
            changed_at=Now(),
        )
        is_last = taken.calendars_done + 1 >= taken.calendars_total
        if is_last:
            end_run(run_id=run_id)
    _log.info("Aggregation %s: %s days, %s written.", run_id, outcome.days, outcome.written)
    return not is_last


def _add_up(run: AggregationRun) -> Outcome:
    with open_for_aggregation(run.district) as database:
        if run.kind == RunKind.NIGHTLY:
            return aggregate_touched(database, before=_midnight(run))
        return aggregate_calendars(database, [run.calendars[run.calendars_done]])


def _midnight(run: AggregationRun) -> datetime:
    """Where the night's day begins at the district: what was changed since waits for the next night."""
    if run.night is None:
        raise ValueError(f"Aggregation {run.pk} has no night.")
    return datetime.combine(run.night, time.min, ZoneInfo(run.district.time_zone))
