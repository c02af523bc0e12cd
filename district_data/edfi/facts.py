from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Id: TypeAlias = str | None
Pair: TypeAlias = tuple[Id, Id]
Triple: TypeAlias = tuple[Id, Id, Id]
Path: TypeAlias = tuple[Id, ...]
Texts: TypeAlias = Mapping[str, str | None]


@dataclass(frozen=True, order=True)
class CalendarFact:
    """A school's calendar. One that is made for a single person comes after those of the whole school."""

    personal: bool
    code: str


def _sets() -> defaultdict[Any, set[Any]]:
    return defaultdict(set)


def _lists() -> defaultdict[Any, list[Any]]:
    return defaultdict(list)


@dataclass
class Facts:
    """What elements have to know of elements elsewhere, gathered before the first row is made.

    Everything is text as in the files. Of a student, only the XML id and a few marks are kept.
    """

    identities: dict[tuple[str, str], Path] = field(default_factory=dict)  # natural key, by file and XML id
    districts: dict[Id, str] = field(default_factory=dict)  # name, by id
    implied_district: tuple[str, str] | None = None  # number and name, where no file says them
    schools: dict[Id, str] = field(default_factory=dict)  # name, by id
    grades: defaultdict[Id, set[str]] = field(default_factory=_sets)  # in use, by school
    calendars: defaultdict[Id, set[CalendarFact]] = field(default_factory=_sets)  # by school
    sessions: dict[Pair, Pair] = field(default_factory=dict)  # first and last day, by school and name
    bells: defaultdict[Pair, list[tuple[Id, int]]] = field(default_factory=_lists)
    # ^ bell schedule and place in it, by school and class period
    minutes: dict[Id, Id] = field(default_factory=dict)  # of a school day, by school
    seats: dict[Pair, Id] = field(default_factory=dict)  # by school and room
    courses: dict[Pair, Texts] = field(default_factory=dict)  # by code and organisation
    offerings: dict[Triple, Pair] = field(default_factory=dict)  # course, by local code, school and session
    teachers: dict[Path, str] = field(default_factory=dict)  # staff id, by section
    staff: dict[Id, Texts] = field(default_factory=dict)
    employments: dict[Pair, Id] = field(default_factory=dict)  # day of hire, by staff id and organisation
    holders: dict[Pair, Texts] = field(default_factory=dict)  # staff, by credential and state
    contacts: dict[Id, Texts] = field(default_factory=dict)
    marks: dict[Id, Texts] = field(default_factory=dict)  # of a student, for the enrollment
    programs: dict[Triple, Id] = field(default_factory=dict)  # program id, by organisation, name and type
    incidents: dict[Path, Texts] = field(default_factory=dict)  # by identifier and school
    actions: dict[Path, Texts] = field(default_factory=dict)  # the first one, by role
    behaviors: set[str] = field(default_factory=set)
    disciplines: set[str] = field(default_factory=set)
    absences: set[tuple[Id, str]] = field(default_factory=set)  # school and category

    def imply_district(self, number: str, name: str) -> None:
        self.implied_district = number, name
        self.districts[number] = name
