"""What a batch will do, decided before anything is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from dis_objects.catalogue import ObjectDefinition, definition, hierarchy
from dis_objects.exceptions import UnknownObject
from dis_objects.queries import YearOffset, offered_for_year
from districts.models import District, SchoolYear, Zone
from resync.exceptions import ResyncRefused


@dataclass(frozen=True)
class PlannedObject:
    """One object of a plan. `requested` tells a chosen object from an added parent; `parents` must end before it."""

    name: str
    requested: bool
    parents: tuple[str, ...]


def make_plan(
    district: District, school_year: SchoolYear, objects: Sequence[str], *, check_dependencies: bool
) -> tuple[PlannedObject, ...]:
    """The chosen objects in parent-first order, with their parents where dependencies are checked.

    Raises ResyncRefused for an empty choice and for an object that the district is not offered in that year.
    """
    chosen = {_known(name) for name in objects}
    if not chosen:
        raise ResyncRefused("No object is chosen. Tick at least one, then press Send Resync.")
    offered = offered_names(district, school_year)
    refused = hierarchy().sorted(chosen - offered)
    if refused:
        raise ResyncRefused(f"{', '.join(refused)} cannot be resynced for {district.name} in {school_year}.")
    names = hierarchy().with_parents(chosen) if check_dependencies else hierarchy().sorted(chosen)
    planned = [name for name in names if name in offered]
    return tuple(
        PlannedObject(name, name in chosen, tuple(p for p in hierarchy().parents(name) if p in planned))
        for name in planned
    )


def offered_objects(district: District, school_year: SchoolYear) -> tuple[ObjectDefinition, ...]:
    """What the district may resync for a school year; nothing in a year that its zone does not sync."""
    offset = school_year.pk - district.zone.school_year_id
    if offset not in _open_offsets(district.zone):
        return ()
    return offered_for_year(district.state.code, YearOffset(offset))


def offered_names(district: District, school_year: SchoolYear) -> frozenset[str]:
    return frozenset(each.name for each in offered_objects(district, school_year))


def _open_offsets(zone: Zone) -> set[int]:
    neighbours = {-1: zone.syncs_previous_year, 1: zone.syncs_next_year}
    return {0} | {offset for offset, is_open in neighbours.items() if is_open}


def _known(name: str) -> str:
    try:
        return definition(name).name
    except UnknownObject as error:
        raise ResyncRefused(str(error)) from error
