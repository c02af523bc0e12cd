"""Which objects sync for which school year."""

from enum import IntEnum

from dis_objects.catalogue import ObjectDefinition, offered_in_batch
from dis_objects.models import DISObject


class YearOffset(IntEnum):
    """A school year, seen from the one that a zone is scoped to."""

    PREVIOUS = -1
    CURRENT = 0
    NEXT = 1


def offered_for_year(state_code: str, offset: YearOffset) -> tuple[ObjectDefinition, ...]:
    """What Resync State Data - Batch shows for a state and year, in parent-first order.

    In the previous or next school year only objects that are bound to a school year and that the state has set to sync
    for it (seed 000, Resync Data from the Previous or Next School Year).
    """
    offered = offered_in_batch(state_code, other_year=offset is not YearOffset.CURRENT)
    if offset is YearOffset.CURRENT:
        return offered
    flag = "syncs_previous_year" if offset is YearOffset.PREVIOUS else "syncs_next_year"
    set_to_sync = set(DISObject.objects.filter(**{flag: True}).values_list("name", flat=True))
    return tuple(each for each in offered if each.name in set_to_sync)
