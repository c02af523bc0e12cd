"""The page of the state: what can be asked of whom, and what was asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from dis_objects.catalogue import hierarchy
from districts.choices import Right, Tool
from districts.models import District
from districts.queries import districts_of, has_right
from districts.requests import SignedInRequest
from districts.tables import paginate
from resync.plan import Kind, is_open, offers_of
from resync.progress import requests_with_progress
from resync.queries import all_parents, usual_year, years_that_sync
from resync.tables.requests import RequestTable

_REQUESTS_ON_A_PAGE = 20


@dataclass(frozen=True)
class Element:
    """A DIS object that can be requested. `note` tells which states alone are offered it."""

    name: str
    parents: tuple[str, ...]
    note: str
    is_ticked: bool


@dataclass(frozen=True)
class DistrictBox:
    """A district that can be chosen; `reason` tells why it cannot."""

    number: str
    label: str
    reason: str
    is_ticked: bool


class StatePage:
    """Resync State Data - Batch at the state's level: what can be asked of whom, and what was asked."""

    def __init__(
        self,
        request: SignedInRequest,
        end_year: int | None,
        *,
        objects: Collection[str] = (),
        districts: Collection[str] = (),
    ) -> None:
        self.user = request.user
        self.ticked_objects = frozenset(objects)
        self.ticked_districts = frozenset(districts)
        self.years = years_that_sync()
        self.school_year = next((year for year in self.years if year.pk == end_year), None) or usual_year()
        self.requests = RequestTable(requests_with_progress())
        paginate(self.requests, request, _REQUESTS_ON_A_PAGE)

    @property
    def can_request(self) -> bool:
        return has_right(self.user, Tool.BATCH, Right.WRITE)

    @cached_property
    def all_districts(self) -> list[District]:
        return list(districts_of(self.user))

    @cached_property
    def open_districts(self) -> list[District]:
        return [each for each in self.all_districts if self.school_year and is_open(each, self.school_year)]

    @cached_property
    def elements(self) -> list[Element]:
        """The objects that any open district is offered, parents first."""
        if self.school_year is None:
            return []
        offers = offers_of(self.open_districts, self.school_year)
        offered = frozenset(name for names in offers.values() for name in names)
        return [
            Element(
                name=name,
                parents=tuple(above for above in all_parents(name) if above in offered),
                note=_only_in([state for (state, _), names in offers.items() if name in names], offers),
                is_ticked=name in self.ticked_objects,
            )
            for name in hierarchy().sorted(offered)
        ]

    @cached_property
    def districts(self) -> list[DistrictBox]:
        can = {each.pk for each in self.open_districts}
        return [
            DistrictBox(
                number=each.number,
                label=str(each),
                reason="" if each.pk in can else _why_closed(each),
                is_ticked=each.number in self.ticked_districts and each.pk in can,
            )
            for each in self.all_districts
        ]


def _only_in(states: Sequence[str], offers: Mapping[Kind, object]) -> str:
    return "" if len(states) == len(offers) else f"{', '.join(sorted(set(states)))} only"


def _why_closed(district: District) -> str:
    return f"in {district.zone.school_year}" if hasattr(district, "zone") else "no zone yet"
