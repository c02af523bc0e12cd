"""What a person does about differences: look at the values of both sides, and resync the records."""

from collections.abc import Collection
from uuid import UUID, uuid4, uuid5

from django.db import transaction

from audit import actions as audit
from audit.choices import Action
from dis_objects.catalogue import definition
from districts.models import User
from interchange.choices import DifferenceKind
from interchange.values import RecordValues, read_values
from selective_sync.actions import request_sync
from selective_sync.exceptions import SelectiveSyncRefused
from selective_sync.ids import MOST_IDS
from selective_sync.models import SyncRequest
from verification.exceptions import VerificationRefused
from verification.models import VerificationDifference, VerificationResult
from verification.queries import found_differences

# A push brings what the state lacks or has otherwise. What only the state has, and what the district has twice, it
# cannot mend.
MENDED_BY_RESYNC = (DifferenceKind.NOT_AT_STATE, DifferenceKind.DIFFERENCE)


def chosen_keys(
    *,
    result: VerificationResult,
    kinds: Collection[DifferenceKind],
    keys: Collection[int] | None,
    by: User,
    expected: bool | None = None,
) -> list[int]:
    """The keys of these kinds that the latest verification lists, in order; of `keys`, if there are any, each one.

    Raises VerificationRefused where the object was verified again since, or a key is not among them.
    """
    if by.district_id not in (None, result.district_id):
        raise VerificationRefused("These are not records of your district. Nothing was changed.")
    if not VerificationResult.objects.filter(pk=result.pk, is_latest=True).exists():
        raise VerificationRefused(
            f"{result.object} was verified again since. Choose from the results of the latest verification. Nothing "
            "was changed."
        )
    found = found_differences(by, result, kinds, expected=expected)
    if keys is not None:
        found = found.filter(key__in=list(keys))
    chosen = sorted(set(found.values_list("key", flat=True)))
    if not chosen or (keys is not None and len(chosen) < len(set(keys))):
        raise VerificationRefused(
            "Not all of the chosen records are on the list of the latest verification any more. Load the page again, "
            "then choose once more. Nothing was changed."
        )
    return chosen


@transaction.atomic
def resync_differences(
    *,
    result: VerificationResult,
    by: User,
    kinds: Collection[DifferenceKind] = MENDED_BY_RESYNC,
    keys: Collection[int] | None = None,
    expected: bool | None = None,
    token: UUID | None = None,
) -> list[SyncRequest]:
    """Requests a selective sync of the listed records of these kinds, or of those of them that `keys` names: their
    missing parents first, and nothing under them. Very many make several requests.

    `expected` leaves out those that the last push rejected, or the others. The same `token` gives the same requests
    again. Raises VerificationRefused.
    """
    if not set(kinds) <= set(MENDED_BY_RESYNC):
        raise VerificationRefused(
            "A resync mends only records that are not at the state or that differ there. Nothing was requested."
        )
    chosen = chosen_keys(result=result, kinds=kinds, keys=keys, by=by, expected=expected)
    token = token or uuid4()
    try:
        return [
            request_sync(
                district=result.district,
                school_year=result.school_year,
                object_name=result.object,
                ids=chosen[start : start + MOST_IDS],
                with_children=False,
                with_missing_parents=True,
                by=by,
                token=uuid5(token, str(start)),
            )
            for start in range(0, len(chosen), MOST_IDS)
        ]
    except SelectiveSyncRefused as refusal:
        raise VerificationRefused(str(refusal)) from refusal


@transaction.atomic
def see_values(*, result: VerificationResult, key: int, by: User) -> RecordValues:
    """The values of both sides as they are now, for a record that the verification lists. That they were looked at is
    recorded; they are stored nowhere.

    Raises VerificationRefused, DistrictError and InterchangeError.
    """
    if not VerificationDifference.objects.filter(result=result, key=key).exists():
        raise VerificationRefused(
            f"The latest verification of {result.object} does not list this record any more. Load the page again."
        )
    values = read_values(
        definition(result.object).model, result.district, key, end_year=result.school_year_id
    )
    audit.record(
        Action.VALUES_SEEN,
        by=by,
        district=result.district,
        object_name=result.object,
        key=key,
        count=1,
        facts={"verification": result.run_id, "fields": [each.name for each in values.fields]},
    )
    return values
