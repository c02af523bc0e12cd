"""Compares the next chunk of one object: what a worker does with a wake-up.

The row of the result is the lock, as with chunks of batches: whoever holds it works, and a killed worker's lock goes
with its transaction. Counts, cursor and differences of a chunk commit together or not at all.
"""

import logging

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from dis_objects.catalogue import definition
from dis_objects.queries import locked_fields
from interchange.attempts import failure_of
from interchange.comparison import ComparisonOutcome, compare_chunk, compared_fields
from interchange.locks import limit_transaction, take_one_of, take_slot
from interchange.push import count_total
from verification.actions import fail_result, finish_runs, retry_later, wake_next
from verification.choices import ResultStatus
from verification.models import VerificationDifference, VerificationResult
from verification.pushes import Pushed, pushed_since
from verification.queries import current_settings, runnable_results
from verification.wakeups import wake_results

_log = logging.getLogger(__name__)

# The counts are exact; of the keys only so many of a kind are kept.
_KEEP_FOUND = f"""
    INSERT INTO {VerificationDifference._meta.db_table} (result_id, key, kind, fields)
    SELECT %(result)s, key, kind, fields
    FROM (SELECT *, row_number() OVER (PARTITION BY kind ORDER BY key) AS place FROM found_difference) found
    LEFT JOIN (
        SELECT kind, count(*) AS kept FROM {VerificationDifference._meta.db_table}
        WHERE result_id = %(result)s GROUP BY kind
    ) earlier USING (kind)
    WHERE place + coalesce(kept, 0) <= %(most)s
"""


def compare_next_chunk(result_id: int) -> None:
    """Starts the comparison if it has not started, compares one chunk, and wakes what comes next.

    Returns quietly when another worker has the object, when its turn has not come, or when as many comparisons are
    under way as the databases are spared for.
    """
    try:
        if not (_start(result_id) and _compare(result_id)):
            return
    except Exception as error:  # whatever it is: without an end the district could never verify again
        failure = failure_of(error, f"Verification result {result_id}")
        stop = retry_later if failure.may_help_to_retry else fail_result
        stop(result_id=result_id, reason=failure.reason)
    _go_on_after(result_id)


def _go_on_after(result_id: int) -> None:
    """Wakes the comparison for its next chunk, or, when it has ended or waits, what can use its slot."""
    compared = VerificationResult.objects.get(pk=result_id)
    if compared.status == ResultStatus.RUNNING:
        wake_results([result_id])
        return
    finish_runs(run_ids=[compared.run_id])
    wake_next(run_id=compared.run_id)


def _take(result_id: int) -> VerificationResult | None:
    """The comparison under its row lock, if its turn has come, nobody else has it, and the databases are free."""
    limit_transaction()
    taken = (
        runnable_results()
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("district")
        .filter(pk=result_id)
        .first()
    )
    if taken is None:
        return None
    has_slots = take_one_of("upstate verification slot", current_settings().side_by_side) and take_slot(
        taken.district_id
    )
    return taken if has_slots else None


def _start(result_id: int) -> bool:
    """Marks it as running and counts what the district has, so that the page shows it before the first chunk."""
    with transaction.atomic():
        taken = _take(result_id)
        if taken is None:
            return False
        if taken.status == ResultStatus.RUNNING:
            return True
        known = definition(taken.object)
        if taken.total is None:
            taken.total = count_total(known.model, taken.district, taken.school_year_id)
            taken.compared_fields = [each.name for each in compared_fields(known, locked_fields(known.name))]
        VerificationResult.objects.filter(pk=taken.pk).update(
            status=ResultStatus.RUNNING,
            started_at=Coalesce("started_at", Now()),
            total=taken.total,
            compared_fields=taken.compared_fields,
            retry_at=None,
            reason="",
            changed_at=Now(),
            **_told(taken, _pushed(taken)),
        )
    return True


def _pushed(taken: VerificationResult) -> Pushed:
    return pushed_since(
        taken.district_id, taken.object, taken.school_year_id, taken.started_at or timezone.now()
    )


def _told(taken: VerificationResult, pushed: Pushed) -> dict[str, bool]:
    return {
        "while_pushed": taken.while_pushed or pushed.at_all,
        "while_pushed_for_district": taken.while_pushed_for_district or pushed.for_district,
    }


def _compare(result_id: int) -> bool:
    """One chunk with its counts, its cursor and its differences, in one transaction. Returns False when somebody else
    is to go on."""
    with transaction.atomic():
        taken = _take(result_id)
        if taken is None:
            return False
        outcome = compare_chunk(
            definition(taken.object).model,
            taken.district,
            taken.cursor,
            end_year=taken.school_year_id,
            limit=current_settings().chunk_records,
        )
        _keep_differences(taken)
        _store_outcome(taken, outcome)
    _log.info(
        "Verification %s, %s: %s at the district, %s at the state, compared by %s.",
        *(taken.run_id, taken.object, outcome.at_district, outcome.at_state, outcome.method),
    )
    return True


def _keep_differences(taken: VerificationResult) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_FOUND, {"result": taken.pk, "most": current_settings().kept_differences})


def _store_outcome(taken: VerificationResult, outcome: ComparisonOutcome) -> None:
    ended = {"status": ResultStatus.COMPLETED, "is_latest": True, "ended_at": Now()}
    if outcome.finished:
        _replace_earlier(taken)
    VerificationResult.objects.filter(pk=taken.pk).update(
        cursor=outcome.last_key,
        at_district=F("at_district") + outcome.at_district,
        at_state=F("at_state") + outcome.at_state,
        not_at_state=F("not_at_state") + outcome.not_at_state,
        not_at_district=F("not_at_district") + outcome.not_at_district,
        differences=F("differences") + outcome.differences,
        duplicates=F("duplicates") + outcome.duplicates,
        keyless=F("keyless") + outcome.keyless,
        attempts=0,
        changed_at=Now(),
        **_told(taken, _pushed(taken)),
        **(ended if outcome.finished else {}),
    )


def _replace_earlier(taken: VerificationResult) -> None:
    """Of each object only the latest complete result keeps its differences."""
    earlier = VerificationResult.objects.filter(
        district_id=taken.district_id, school_year_id=taken.school_year_id, object=taken.object
    ).exclude(pk=taken.pk)
    VerificationDifference.objects.filter(result__in=earlier).delete()
    earlier.filter(is_latest=True).update(is_latest=False)
