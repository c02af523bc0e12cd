"""The catalogue: what the record models say, in one place.

The models are the one source of truth. A state adds an object by adding one class to `dis_objects/records/`.
"""

from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from django.apps import apps
from django.db import models

from dis_objects.exceptions import UnknownObject
from dis_objects.fields import ParentKey, RecordKey
from dis_objects.hierarchy import Hierarchy
from dis_objects.records.base import Exclusion, Record

RecordModel = type[Record]
Field: TypeAlias = "models.Field[object, object]"


@dataclass(frozen=True)
class ObjectDefinition:
    """A DIS object as the engine and the pages need it."""

    name: str
    model: RecordModel
    table: str
    key: str
    fields: tuple[Field, ...]
    parent_keys: tuple[ParentKey, ...]
    parents: tuple[str, ...]
    school_year: str | None
    states: tuple[str, ...]
    in_batch: bool
    position: int
    aliases: tuple[str, ...]
    batch_only: frozenset[str]
    save_only: frozenset[str]
    verify: tuple[str, ...]
    reads: tuple[str, ...]
    exclusions: tuple[Exclusion, ...]

    @property
    def batch_fields(self) -> tuple[Field, ...]:
        """The fields that a batch pushes, the key first."""
        return tuple(field for field in self.fields if field.name not in self.save_only)

    def applies_to(self, state_code: str) -> bool:
        return not self.states or state_code in self.states


@cache
def definitions() -> dict[str, ObjectDefinition]:
    """Every DIS object by name, in parent-first order."""
    models_by_name = {model.__name__: model for model in apps.get_models() if issubclass(model, Record)}
    return {name: _define(models_by_name[name]) for name in hierarchy().order}


@cache
def hierarchy() -> Hierarchy:
    found = [model for model in apps.get_models() if issubclass(model, Record)]
    return Hierarchy(
        parents={model.__name__: tuple(model.Dis.parents) for model in found},
        ranks={model.__name__: (model.Dis.position, model.__name__.casefold()) for model in found},
    )


def definition(name: str) -> ObjectDefinition:
    """The object of this name or alias. Raises UnknownObject."""
    known = definitions()
    canonical = name if name in known else _aliases().get(name)
    if canonical is None:
        raise UnknownObject(f"There is no DIS object named {name}. manage.py hierarchy lists all of them.")
    return known[canonical]


@cache
def _aliases() -> dict[str, str]:
    return {alias: name for name, each in definitions().items() for alias in each.aliases}


def _define(model: RecordModel) -> ObjectDefinition:
    fields = tuple(field for field in model._meta.concrete_fields if field.name not in ("district_id", "pk"))
    key = next(field for field in fields if isinstance(field, RecordKey))
    dis = model.Dis
    return ObjectDefinition(
        name=model.__name__,
        model=model,
        table=model._meta.db_table,
        key=key.name,
        fields=(key, *(field for field in fields if field is not key)),
        parent_keys=tuple(field for field in fields if isinstance(field, ParentKey)),
        parents=tuple(dis.parents),
        school_year=dis.school_year,
        states=tuple(dis.states),
        in_batch=dis.in_batch,
        position=dis.position,
        aliases=tuple(dis.aliases),
        batch_only=frozenset(dis.batch_only),
        save_only=frozenset(dis.save_only),
        verify=tuple(dis.verify),
        reads=tuple(dis.reads),
        exclusions=tuple(dis.exclusions),
    )


def label(column: str) -> str:
    """A column as the screens spell it: person_id is personID."""
    first, *rest = column.split("_")
    return first + "".join("ID" if word == "id" else word.capitalize() for word in rest)


def lockable_fields(known: ObjectDefinition) -> tuple[str, ...]:
    """The fields that the state may lock: not those that name the record, its parents or its school year. With another
    value in these it would be another record."""
    return tuple(
        field.name
        for field in known.fields
        if not isinstance(field, RecordKey | ParentKey) and field.name != known.school_year
    )


def offered_in_batch(state_code: str, *, other_year: bool = False) -> tuple[ObjectDefinition, ...]:
    """What Resync State Data - Batch shows for a state, in parent-first order.

    In the previous or next school year only objects that are bound to a school year (seed 000, Resync Data
    from the Previous or Next School Year).
    """
    return tuple(
        each
        for each in definitions().values()
        if each.in_batch and each.applies_to(state_code) and (each.school_year or not other_year)
    )
