"""Which objects sync for the previous and for the next school year: what the state sets, and what follows from it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from audit import actions as audit
from audit.actions import Fact
from audit.choices import Action
from dis_objects.catalogue import hierarchy
from dis_objects.models import DISObject
from districts.models import State, User
from resync.flags import FlagChange

PREVIOUS, NEXT = "syncs_previous_year", "syncs_next_year"


@dataclass(frozen=True)
class YearRow:
    """An object that belongs to a school year. `parents` are those of its parents that do too; `lacks` are the parents
    that are not set for a year that the object is set for, by flag."""

    name: str
    states: Sequence[str]
    parents: Sequence[str]
    flags_on: Collection[str]
    lacks: dict[str, Sequence[str]]


def year_rows() -> list[YearRow]:
    """The objects of a school year that a batch may hold for a state that has districts here, parents first."""
    codes = set(State.objects.filter(districts__isnull=False).values_list("code", flat=True))
    bound = DISObject.objects.filter(school_year_bound=True, in_batch=True).order_by("place")
    objects = [each for each in bound if not each.states or codes & set(each.states)]
    flags = {each.name: _flags_on(each) for each in objects}
    return [_row(each, flags) for each in objects]


def _flags_on(known: DISObject) -> list[str]:
    return [flag for flag in (PREVIOUS, NEXT) if getattr(known, flag)]


def _row(known: DISObject, flags: dict[str, list[str]]) -> YearRow:
    parents = [name for name in hierarchy().parents(known.name) if name in flags]
    own = flags[known.name]
    lacks = {flag: [name for name in parents if flag not in flags[name]] for flag in own}
    return YearRow(
        known.name, known.states, parents, own, {flag: names for flag, names in lacks.items() if names}
    )


@transaction.atomic
def set_years_of_objects(*, changes: Iterable[FlagChange], by: User) -> int:
    """Turns the sync of objects for another year on and off. Returns how many settings changed.

    An object that belongs to no school year stays out of it.
    """
    return sum(
        _set(names, change.flag, wanted, by)
        for change in changes
        for names, wanted in ((change.on, True), (change.off, False))
    )


def _set(names: Collection[str], flag: str, wanted: bool, by: User) -> int:
    objects = DISObject.objects.filter(name__in=names, school_year_bound=True, **{flag: not wanted})
    changed = objects.update(**{flag: wanted})
    if changed:
        facts: dict[str, Fact] = {"of": "school years", flag: wanted, "objects": sorted(names)}
        audit.record(Action.SETTINGS_CHANGED, by=by, count=changed, facts=facts)
    return changed
