"""What the state has set: which objects sync for which school year, and which fields are its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from django.db.models import Count, Q, QuerySet

from dis_objects.catalogue import Field, ObjectDefinition, offered_in_batch
from dis_objects.choices import FieldOwner
from dis_objects.models import DISObject, SyncField
from districts.choices import Right, Tool
from districts.models import User
from districts.queries import has_right


class YearOffset(IntEnum):
    """A school year, seen from the one that a zone is scoped to."""

    PREVIOUS = -1
    CURRENT = 0
    NEXT = 1

    @property
    def label(self) -> str:
        return self.name.lower()


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


def locked_fields(object_name: str) -> frozenset[str]:
    """The fields whose value a push leaves at the state as it is."""
    locked = SyncField.objects.filter(object=object_name, locked=True)
    return frozenset(locked.values_list("name", flat=True))


@dataclass(frozen=True)
class FieldRow:
    """A field of an object, and what the state has set for it."""

    field: Field
    setting: SyncField


@dataclass(frozen=True)
class ObjectSettings:
    """The fields of an object in their order. `version` changes with every setting of every one of them."""

    rows: Sequence[FieldRow]

    @property
    def version(self) -> str:
        told = [(row.setting.name, row.setting.owner, row.setting.locked) for row in self.rows]
        return sha256(repr(told).encode()).hexdigest()[:16]


def settings_of(known: ObjectDefinition) -> ObjectSettings:
    found = {each.name: each for each in SyncField.objects.filter(object=known.name)}
    return ObjectSettings([FieldRow(field, found[field.name]) for field in known.fields])


def may_change_settings(user: User) -> bool:
    """The settings of fields are the state's to change; a district sees them."""
    return user.is_state_user and has_right(user, Tool.FIELD_SETTINGS, Right.WRITE)


def objects_with_settings() -> QuerySet[DISObject]:
    """All objects, parents first, with how many fields they have, the state owns and the state has locked."""
    of_state, locked = Q(sync_fields__owner=FieldOwner.STATE), Q(sync_fields__locked=True)
    return DISObject.objects.order_by("place").annotate(
        field_count=Count("sync_fields"),
        of_state_count=Count("sync_fields", filter=of_state),
        locked_count=Count("sync_fields", filter=locked),
    )


def count_locked() -> int:
    """Of all objects together."""
    return SyncField.objects.filter(locked=True).count()
