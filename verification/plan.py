"""Which objects a verification compares, decided before anything is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from dis_objects.catalogue import definition, hierarchy
from dis_objects.exceptions import UnknownObject
from districts.models import District, SchoolYear
from resync.plan import is_open, offered_objects
from resync.wording import few
from verification.exceptions import VerificationRefused


@dataclass(frozen=True)
class ObjectChoice:
    """An object that may be verified. `by_default`: the catalogue names the fields to compare (seed 002 lists them)."""

    name: str
    by_default: bool


@dataclass(frozen=True)
class Plan:
    """The objects, parents first, that all of these districts verify alike."""

    objects: tuple[str, ...]
    district_ids: tuple[int, ...]


def choices_for(district: District, school_year: SchoolYear) -> list[ObjectChoice]:
    """What the district may verify in a school year, parents first: what it may resync."""
    return [ObjectChoice(each.name, bool(each.verify)) for each in offered_objects(district, school_year)]


def plans_for(
    districts: Sequence[District], school_year: SchoolYear, objects: Sequence[str] | None
) -> list[Plan]:
    """What each district verifies: the chosen objects, or the default ones that it is offered for None.

    All or none. Raises VerificationRefused for a year that a zone does not sync, an empty choice, and an object that a
    district is not offered.
    """
    _refuse_closed(districts, school_year)
    chosen = None if objects is None else _known(objects)
    by_kind: dict[tuple[str, int], list[District]] = {}
    for each in districts:
        by_kind.setdefault((each.state.code, each.zone.school_year_id), []).append(each)
    return [_plan(alike, school_year, chosen) for alike in by_kind.values()]


def _plan(alike: Sequence[District], school_year: SchoolYear, chosen: tuple[str, ...] | None) -> Plan:
    offered = choices_for(alike[0], school_year)
    names = chosen if chosen is not None else tuple(each.name for each in offered if each.by_default)
    missing = hierarchy().sorted(set(names) - {each.name for each in offered})
    if missing:
        raise VerificationRefused(
            f"{few(missing)} cannot be verified for {_numbers(alike)} in {school_year}, because it is not offered "
            "there. Leave out the objects or the districts. Nothing was requested."
        )
    if not names:
        raise VerificationRefused(
            f"No object that is verified by default is set to sync for {_numbers(alike)} in {school_year}. Choose "
            "objects, or ask the state to set them on the page School Year Settings. Nothing was requested."
        )
    return Plan(names, tuple(each.pk for each in alike))


def _known(objects: Sequence[str]) -> tuple[str, ...]:
    try:
        chosen = hierarchy().sorted({definition(name).name for name in objects})
    except UnknownObject as error:
        raise VerificationRefused(str(error)) from error
    if not chosen:
        raise VerificationRefused("No object is chosen. Tick at least one, then press Re-Verify.")
    return chosen


def _refuse_closed(districts: Sequence[District], school_year: SchoolYear) -> None:
    closed = [each for each in districts if not is_open(each, school_year)]
    if closed:
        raise VerificationRefused(
            f"The school year {school_year} is not open for {_numbers(closed)}. Leave out what does not sync that "
            "year, or open the year on the page Zones. Nothing was requested."
        )


def _numbers(districts: Sequence[District]) -> str:
    noun = "district" if len(districts) == 1 else "districts"
    return f"{noun} {few([each.number for each in districts])}"
