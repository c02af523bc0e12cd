from collections import Counter
from dataclasses import dataclass, field

from district_data.edfi.elements import Element
from district_data.edfi.facts import CalendarFact, Facts, Id, Path
from district_data.edfi.keys import person_key, record_key

# The natural keys of the kinds that others may refer to by XML id.
NATURAL_KEYS = {
    "Contact": ("ContactUniqueId",),
    "DisciplineIncident": ("IncidentIdentifier", "SchoolReference/SchoolIdentity/SchoolId"),
    "EducationServiceCenter": ("EducationServiceCenterId",),
    "LocalEducationAgency": ("LocalEducationAgencyId",),
    "School": ("SchoolId",),
    "Staff": ("StaffUniqueId",),
    "Student": ("StudentUniqueId",),
}


@dataclass
class Load:
    """What the functions of the mapping share while a folder is loaded.

    `file` and `kind` say where the element comes from. `left_out` counts, by element kind and reason, what
    is in the files but has no place in a DIS object.
    """

    end_year: int
    facts: Facts = field(default_factory=Facts)
    file: str = ""
    kind: str = ""
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)

    def leave_out(self, reason: str, count: int = 1) -> None:
        if count:
            self.left_out[self.kind, reason] += count

    def key(self, name: str, *identity: Id) -> int:
        return record_key(name, self.end_year, identity)

    def calendar(self, school: Id, code: Id = None) -> int:
        """The key of the named calendar, or of the school's own."""
        return self.key("Calendar", school, code or self.own_calendar(school).code)

    def structure(self, school: Id, code: Id = None) -> int:
        """The key of a calendar's one schedule structure."""
        return self.key("ScheduleStructure", school, code or self.own_calendar(school).code)

    def own_calendar(self, school: Id) -> CalendarFact:
        """The school's calendar; one without a code where the files have none (mapping/derived.py makes
        it).
        """
        return min(self.facts.calendars.get(school, ()), default=CalendarFact(personal=False, code=""))

    def remember(self, element: Element) -> None:
        """Keeps what an XML id stands for; ids are unique within their file."""
        paths = NATURAL_KEYS.get(element.name)
        name = element.attributes.get("id")
        if paths and name:
            self.facts.identities[self.file, name] = tuple(element.identifier(path) for path in paths)

    def referred(self, element: Element, name: str, *paths: str) -> Path:
        """The natural key that a reference names: by identity, at the given paths below it, or by XML id.

        A reference to an id that is not in the file still names something, so that its record is reported as
        missing.
        """
        reference = element.at(name)
        if reference is None:
            return (None,) * len(paths)
        identity = tuple(reference.identifier(path) for path in paths)
        target = reference.attributes.get("ref")
        if any(identity) or target is None:
            return identity
        nothing: Path = (f"#{target}", *(None for _ in paths[1:]))
        return self.facts.identities.get((self.file, target), nothing)

    def student_id(self, element: Element, at: str = "") -> Id:
        return self.referred(element, f"{at}StudentReference", "StudentIdentity/StudentUniqueId")[0]

    def student(self, element: Element, at: str = "") -> int | None:
        return person_key("Student", self.student_id(element, at))

    def staff_id(self, element: Element, at: str = "") -> Id:
        return self.referred(element, f"{at}StaffReference", "StaffIdentity/StaffUniqueId")[0]

    def staff(self, element: Element, at: str = "") -> int | None:
        return person_key("Staff", self.staff_id(element, at))

    def school(self, element: Element, at: str = "") -> Id:
        return self.referred(element, f"{at}SchoolReference", "SchoolIdentity/SchoolId")[0]

    def organisation(self, element: Element, at: str = "") -> Id:
        path = "EducationOrganizationIdentity/EducationOrganizationId"
        return self.referred(element, f"{at}EducationOrganizationReference", path)[0]
