"""What a batch will do, decided before anything is stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from dis_objects.catalogue import ObjectDefinition, definition, hierarchy
from dis_objects.exceptions import UnknownObject
from dis_objects.queries import YearOffset, offered_for_year
from districts.models import District, SchoolYear, Zone
from resync.exceptions import ResyncRefused

# A state and a distance to the school year: what decides which objects a district is offered.
Kind = tuple[str, YearOffset]


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

    Raises ResyncRefused for a year that the zone does not sync, for an empty choice, and for an object that the
    district is not offered in that year.
    """
    offered = offered_names(district, school_year)
    _require_year(district, school_year, offered)
    chosen = {known_name(name) for name in objects}
    if not chosen:
        raise ResyncRefused("No object is chosen. Tick at least one, then press Send Resync.")
    refused = hierarchy().sorted(chosen - offered)
    if refused:
        raise ResyncRefused(_why_refused(district, school_year, refused))
    names = hierarchy().with_parents(chosen) if check_dependencies else hierarchy().sorted(chosen)
    planned = [name for name in names if name in offered]
    return tuple(
        PlannedObject(name, name in chosen, tuple(p for p in hierarchy().parents(name) if p in planned))
        for name in planned
    )


def offered_objects(district: District, school_year: SchoolYear) -> tuple[ObjectDefinition, ...]:
    """What the district may resync for a school year; nothing in a year that its zone does not sync."""
    offset = year_offset(district.zone, school_year)
    return () if offset is None else offered_for_year(district.state.code, offset)


def offered_names(district: District, school_year: SchoolYear) -> frozenset[str]:
    return frozenset(each.name for each in offered_objects(district, school_year))


def is_open(district: District, school_year: SchoolYear) -> bool:
    """Whether the district has a zone, and the zone syncs that school year."""
    return hasattr(district, "zone") and year_offset(district.zone, school_year) is not None


def kind_of(district: District, school_year: SchoolYear) -> Kind:
    return district.state.code, YearOffset(school_year.pk - district.zone.school_year_id)


def one_of_each_kind(districts: Iterable[District], school_year: SchoolYear) -> dict[Kind, District]:
    """The districts must be open for the year."""
    return {kind_of(each, school_year): each for each in districts}


def offers_of(districts: Iterable[District], school_year: SchoolYear) -> dict[Kind, frozenset[str]]:
    """The objects that these districts, open for the year, may resync."""
    kinds = one_of_each_kind(districts, school_year)
    return {kind: offered_names(each, school_year) for kind, each in kinds.items()}


def year_offset(zone: Zone, school_year: SchoolYear) -> YearOffset | None:
    """Where a school year lies, seen from the zone's own; None for one that the zone does not sync."""
    open_years = {
        zone.school_year_id: YearOffset.CURRENT,
        zone.school_year_id - 1: YearOffset.PREVIOUS if zone.syncs_previous_year else None,
        zone.school_year_id + 1: YearOffset.NEXT if zone.syncs_next_year else None,
    }
    return open_years.get(school_year.pk)


def _require_year(district: District, school_year: SchoolYear, offered: frozenset[str]) -> None:
    offset = year_offset(district.zone, school_year)
    if offset is None:
        raise ResyncRefused(
            f"The zone of {district.name} does not sync the school year {school_year}: it is scoped to "
            f"{district.zone.school_year}. Load the page again, or ask the state to open that year on the page Zones."
        )
    if not offered and offset is not YearOffset.CURRENT:
        raise ResyncRefused(
            f"No object is set to sync for the {offset.label} school year ({school_year}). The state sets this on the "
            "page School Year Settings."
        )


class _Refusal(Enum):
    NOT_OFFERED = auto()
    OF_NO_YEAR = auto()
    NOT_SET_FOR_YEAR = auto()


def _why_refused(district: District, school_year: SchoolYear, names: Sequence[str]) -> str:
    """A sentence for each reason, with the objects that it holds for."""
    found: dict[_Refusal, list[str]] = {}
    for name in names:
        found.setdefault(_reason(district, definition(name)), []).append(name)
    return " ".join(_sentence(reason, found[reason], district, school_year) for reason in found)


def _reason(district: District, known: ObjectDefinition) -> _Refusal:
    if not (known.in_batch and known.applies_to(district.state.code)):
        return _Refusal.NOT_OFFERED
    return _Refusal.OF_NO_YEAR if known.school_year is None else _Refusal.NOT_SET_FOR_YEAR


def _sentence(reason: _Refusal, names: Sequence[str], district: District, school_year: SchoolYear) -> str:
    listed, verb = ", ".join(names), "is" if len(names) == 1 else "are"
    current = district.zone.school_year
    if reason is _Refusal.NOT_OFFERED:
        return f"{listed} cannot be resynced for {district.name}: its state takes no such records in a batch."
    if reason is _Refusal.OF_NO_YEAR:
        return (
            f"{listed} {verb} not bound to a school year, so only the current school year ({current}) resyncs "
            "what is in there. Choose it in the field Year."
        )
    label = YearOffset(school_year.pk - current.pk).label
    return (
        f"{listed} {verb} not set to sync for the {label} school year ({school_year}). The state sets this on the "
        "page School Year Settings."
    )


def known_name(name: str) -> str:
    try:
        return definition(name).name
    except UnknownObject as error:
        raise ResyncRefused(str(error)) from error
