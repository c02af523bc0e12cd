"""What differs between the two dialects of Ed-Fi XML, in one place.

Ed-Fi 5.2 writes a code as a descriptor, `uri://ed-fi.org/SexDescriptor#Male`. Ed-Fi 2.0 writes it as plain
text or as a child, `<EntryGradeLevel><CodeValue>Ninth grade</CodeValue></EntryGradeLevel>`. Both read as
the value alone.
"""

import re
from dataclasses import dataclass

from district_data.edfi.elements import Element

_DESCRIPTOR = re.compile(r"^(?P<namespace>uri://[^#]*?)/?(?:[^/#]+Descriptor)#(?P<code>.*)$", re.DOTALL)
_SHARED_NAMESPACE = "uri://ed-fi.org"


@dataclass(frozen=True)
class Dialect:
    """`kinds` are the element kinds whose structure was checked in this dialect; None for all of the
    mapping's.
    """

    name: str
    namespace: re.Pattern[str]
    kinds: frozenset[str] | None = None

    def maps(self, kind: str) -> bool:
        return self.kinds is None or kind in self.kinds


DIALECTS = (
    Dialect("5.2", re.compile(r"http://ed-fi\.org/5\.\d+\.\d+")),
    Dialect(
        "2.0", re.compile(r"http://ed-fi\.org/02\d\d"), frozenset({"Student", "StudentSchoolAssociation"})
    ),
)

# The interchange schemas of both dialects (Ed-Fi-Alliance-OSS/Ed-Fi-Data-Standard,
# Schemas/Bulk/Interchange-*.xsd).
INTERCHANGES = frozenset(
    f"Interchange{name}"
    for name in [
        "AssessmentMetadata",
        "AssessmentRegistration",
        "Candidate",
        "Contact",
        "Credential",
        "Descriptors",
        "EducationOrgCalendar",
        "EducationOrganization",
        "Finance",
        "GraduationPlan",
        "MasterSchedule",
        "Parent",
        "Path",
        "PerformanceEvaluation",
        "PostSecondaryEvent",
        "ProfessionalDevelopment",
        "RecruitmentAndStaffing",
        "SchoolYearType",
        "Staff",
        "StaffAssociation",
        "Standards",
        "Student",
        "StudentAssessment",
        "StudentAttendance",
        "StudentCohort",
        "StudentDiscipline",
        "StudentEnrollment",
        "StudentGrade",
        "StudentGradebook",
        "StudentHealth",
        "StudentIntervention",
        "StudentParent",
        "StudentProgram",
        "StudentProgramEvaluation",
        "StudentTranscript",
        "Survey",
    ]
)


def dialect_of(namespace: str) -> Dialect | None:
    return next((each for each in DIALECTS if each.namespace.fullmatch(namespace)), None)


def code(element: Element, path: str) -> str | None:
    """The first code at the path, without the descriptor around it."""
    return code_value(_written(element.at(path)))


def every_code(element: Element, path: str) -> list[str]:
    """Every code at the path, in the order of the file."""
    found = (code_value(_written(each)) for each in element.each(path))
    return [each for each in found if each is not None]


def descriptor(element: Element, path: str) -> str | None:
    """The code with its namespace, which tells apart codes of the same name."""
    return _written(element.at(path))


def code_value(written: str | None) -> str | None:
    match = _DESCRIPTOR.match(written) if written else None
    return match["code"] if match else written


def is_shared(written: str) -> bool:
    """Whether everybody uses the code, and not the district alone."""
    match = _DESCRIPTOR.match(written)
    return match is None or match["namespace"] == _SHARED_NAMESPACE


def school_year(written: str | None) -> int | None:
    """The end year of `2021-2022`, which Ed-Fi also writes as `2022`. None for anything else."""
    match = re.fullmatch(r"\s*(?:\d{4}-)?(\d{4})\s*", written or "")
    return int(match[1]) if match else None


def _written(element: Element | None) -> str | None:
    if element is None:
        return None
    return element.text("CodeValue") or element.text()
