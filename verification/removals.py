"""Takes records from the state that the district no longer has: children first, audited, in chunks."""

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from audit import actions as audit
from audit.actions import Fact
from audit.choices import Action
from dis_objects.catalogue import definition
from districts.models import User
from interchange.attempts import RETRY_DELAYS, failure_of
from interchange.choices import DifferenceKind
from interchange.locks import limit_transaction
from interchange.removal import Fate, RemovalOutcome, remove_records
from verification.announcements import announce_removal
from verification.choices import OPEN_REMOVAL, RemovalStatus
from verification.differences import chosen_keys
from verification.exceptions import VerificationRefused
from verification.models import Removal, VerificationDifference, VerificationResult
from verification.queries import runnable_removals
from verification.wakeups import wake_removals

_log = logging.getLogger(__name__)
# While a chunk is removed nothing is pushed for the district: a second or two.
KEYS_AT_ONCE = 2_000


def phrase_for(result: VerificationResult, count: int) -> str:
    """What a person types to remove records: remove 12 from 3177."""
    return f"remove {count} from {result.district.number}"


def request_removal(
    *,
    result: VerificationResult,
    keys: Collection[int] | None,
    confirmation: str,
    by: User,
    token: UUID | None = None,
) -> Removal:
    """Stores a removal and wakes a worker. Without `keys` it is all that the verification lists.

    They must be records that only the state has, by the latest verification of the object, and the confirmation what
    `phrase_for` gives, to the letter. The same `token` gives the same removal again. Raises VerificationRefused.
    """
    earlier = Removal.objects.filter(token=token, requested_by=by).first() if token else None
    if earlier is not None:
        return earlier
    chosen = chosen_keys(result=result, kinds=[DifferenceKind.NOT_AT_DISTRICT], keys=keys, by=by)
    if confirmation.strip() != phrase_for(result, len(chosen)):
        raise VerificationRefused(
            f"Nothing was removed. To remove these records, type exactly: {phrase_for(result, len(chosen))}"
        )
    removal = Removal(result=result, keys=chosen, requested_by=by, token=token or uuid4())
    try:
        with transaction.atomic():
            removal.save(force_insert=True)
            _record_request(removal)
            transaction.on_commit(lambda: wake_removals([removal.pk]))
    except IntegrityError:
        return Removal.objects.get(token=removal.token, requested_by=by)
    return removal


def remove_from_state(removal_id: int) -> None:
    """Removes the next keys, and wakes itself until all are done. Returns quietly when another worker has it."""
    try:
        if not _remove_next(removal_id):
            return
    except Exception as error:  # whatever it is: without an end nobody would learn what became of it
        failure = failure_of(error, f"Removal {removal_id}")
        _retry_or_fail(removal_id, failure.reason, may_help_to_retry=failure.may_help_to_retry)
    if Removal.objects.filter(pk=removal_id, status=RemovalStatus.RUNNING).exists():
        wake_removals([removal_id])


def _take(removal_id: int) -> Removal | None:
    """The removal under its row lock, if it is open and nobody else has it."""
    limit_transaction()
    free = runnable_removals().select_for_update(skip_locked=True, of=("self",))
    return free.select_related("result__district", "requested_by").filter(pk=removal_id).first()


@transaction.atomic
def _remove_next(removal_id: int) -> bool:
    """The records, their audit entry and how far it is commit together. Returns False when somebody else has it."""
    removal = _take(removal_id)
    if removal is None:
        return False
    keys = removal.keys[removal.done : removal.done + KEYS_AT_ONCE]
    outcome = remove_records(
        definition(removal.result.object).model,
        removal.result.district,
        keys,
        end_year=removal.result.school_year_id,
        confidential=removal.requested_by.is_state_user,
    )
    _store(removal, keys, outcome)
    _log.info(
        "Removal %s: %s keys done, %s records removed.",
        removal_id,
        removal.done,
        sum(outcome.removed.values()),
    )
    return True


def _store(removal: Removal, keys: Sequence[int], outcome: RemovalOutcome) -> None:
    removed = [key for key in keys if key not in outcome.kept]
    gone_before = [key for key, stay in outcome.kept.items() if stay.fate == Fate.NOT_AT_STATE]
    removal.done += len(keys)
    for name, count in outcome.removed.items():
        removal.removed[name] = removal.removed.get(name, 0) + count
    removal.stayed |= {str(key): stay.sentence for key, stay in outcome.kept.items()}
    is_last = removal.done >= len(removal.keys)
    removal.status = RemovalStatus.COMPLETED if is_last else RemovalStatus.RUNNING
    Removal.objects.filter(pk=removal.pk).update(
        done=removal.done,
        removed=removal.removed,
        stayed=removal.stayed,
        status=removal.status,
        attempts=0,
        retry_at=None,
        reason="",
        changed_at=Now(),
        **({"ended_at": Now()} if is_last else {}),
    )
    removal.reason = ""
    _forget_differences(removal.result, removed + gone_before)
    if any(outcome.removed.values()):
        _record(removal, outcome.removed, removed)
    if is_last:
        announce_removal(removal)


def _forget_differences(result: VerificationResult, keys: Sequence[int]) -> None:
    """What is gone is listed no longer, by whichever verification. Its counts stay: they are history."""
    VerificationDifference.objects.filter(
        result__district_id=result.district_id,
        result__school_year_id=result.school_year_id,
        result__object=result.object,
        kind=DifferenceKind.NOT_AT_DISTRICT,
        key__in=keys,
    ).delete()


def _record_request(removal: Removal) -> None:
    audit.record(Action.REMOVAL_REQUESTED, count=len(removal.keys), **_audited(removal, {}))


def _record(removal: Removal, removed: Mapping[str, int], keys: Sequence[int]) -> None:
    """With each chunk what was removed, by object, with the keys."""
    facts: dict[str, Fact] = {**removed, "keys": keys}
    audit.record(Action.RECORDS_REMOVED, count=sum(removed.values()), **_audited(removal, facts))


def _audited(removal: Removal, facts: Mapping[str, Fact]) -> dict[str, Any]:
    result = removal.result
    return {
        "by": removal.requested_by,
        "district": result.district,
        "object_name": result.object,
        "facts": {"removal": removal.pk, "school_year": result.school_year_id, **facts},
    }


@transaction.atomic
def _retry_or_fail(removal_id: int, reason: str, *, may_help_to_retry: bool) -> None:
    """What was removed before stays removed."""
    stopped = Removal.objects.select_for_update().get(pk=removal_id)
    if stopped.status not in OPEN_REMOVAL:
        return
    changes: dict[str, Any] = {"reason": reason, "changed_at": Now()}
    if may_help_to_retry and stopped.attempts < len(RETRY_DELAYS):
        delay = RETRY_DELAYS[stopped.attempts]
        changes |= {
            "status": RemovalStatus.WAITING,
            "attempts": stopped.attempts + 1,
            "retry_at": Now() + delay,
        }
    else:
        changes |= {"status": RemovalStatus.FAILED, "retry_at": None, "ended_at": Now()}
    Removal.objects.filter(pk=removal_id).update(**changes)
    removal = Removal.objects.select_related("result__district").get(pk=removal_id)
    if removal.status == RemovalStatus.FAILED:
        announce_removal(removal)


def wake_forgotten_removals() -> int:
    """Wakes what a lost message, a killed worker or a waiting time left behind: removals whose row nobody holds."""
    with transaction.atomic():
        idle = runnable_removals().select_for_update(skip_locked=True, of=("self",))
        forgotten = list(idle.values_list("pk", flat=True))
    wake_removals(forgotten)
    return len(forgotten)
