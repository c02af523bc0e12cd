"""What pages say about objects and fields."""

import inspect
from collections.abc import Iterable, Iterator, Sequence

from django.db import models

from dis_objects.actions import FieldChange
from dis_objects.catalogue import Field, ObjectDefinition, label
from dis_objects.choices import FieldOwner
from dis_objects.fields import ParentKey, RecordKey

_TYPES = {
    "BigIntegerField": "Whole number",
    "BooleanField": "Yes or no",
    "DateField": "Date",
    "DateTimeField": "Date and time",
    "IntegerField": "Whole number",
    "SmallIntegerField": "Whole number",
    "TextField": "Text",
    "UUIDField": "GUID",
}
# The states, and what else is one here, that have objects of their own.
STATE_NAMES = {
    "BIE": "Bureau of Indian Education",
    "KY": "Kentucky",
    "ME": "Maine",
    "MT": "Montana",
    "NC": "North Carolina",
    "NV": "Nevada",
    "SD": "South Dakota",
}


def type_of(field: Field) -> str:
    """Type and length as an administrator reads them."""
    if isinstance(field, RecordKey):
        return "Key"
    if isinstance(field, ParentKey):
        return f"Key of {field.parent}"
    if isinstance(field, models.CharField):
        return f"Text, up to {counted(field.max_length or 0, 'character')}"
    if isinstance(field, models.DecimalField):
        places = field.decimal_places or 0
        before = counted((field.max_digits or 0) - places, "digit")
        return f"Number, up to {before} and {counted(places, 'decimal')}"
    return _TYPES[type(field).__name__]


def about(known: ObjectDefinition) -> str:
    """What an object holds: the first sentence of its record model. What follows there is for developers."""
    paragraph = inspect.cleandoc(known.model.__doc__ or "").split("\n\n")[0]
    first, *_ = paragraph.replace("\n", " ").split(". ")
    return f"{first.removesuffix('.')}."


def counted(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def saved(object_name: str, changes: Iterable[FieldChange]) -> list[str]:
    """What the next push does differently, a sentence for each kind of change."""
    sentences = list(_effects(object_name, list(changes)))
    return sentences or [f"Nothing was changed: the fields of {object_name} are as they were."]


def _effects(object_name: str, changes: list[FieldChange]) -> Iterator[str]:
    locked = [each.name for each in changes if each.now.locked and not each.was.locked]
    if locked:
        yield (
            f"From now on a push of {object_name} leaves {_labels(locked)} at the state as it is. "
            "Only a record that is new at the state brings its first value from the district."
        )
    unlocked = [each.name for each in changes if each.was.locked and not each.now.locked]
    if unlocked:
        yield (
            f"The next push of {object_name} takes {_labels(unlocked)} from the district again, "
            "and writes over the values that the state has kept."
        )
    for owner in FieldOwner:
        moved = [each.name for each in changes if _only_moved_to(owner, each)]
        if moved:
            yield (
                f"{_labels(moved)} of {object_name}: the owner is the {owner.label.lower()} now. "
                "A push takes the value from the district as before, because the field is not locked."
            )


def _only_moved_to(owner: FieldOwner, change: FieldChange) -> bool:
    moved = change.was.owner != change.now.owner == owner
    return moved and not change.was.locked and not change.now.locked


def _labels(names: Sequence[str]) -> str:
    return listed([label(name) for name in names])


def owner_of(owner: str, *, locked: bool) -> str:
    return f"{FieldOwner(owner).label}, locked" if locked else f"{FieldOwner(owner).label}"
