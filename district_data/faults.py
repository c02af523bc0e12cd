"""Spoils some records of a synthetic district, so that an engine finds every kind of failure that it knows.

Two ways. A *breach* brings a record under an exclusion of the catalogue. A *defect* breaks a record by what
the catalogue says of its columns: a value that is missing, too long, out of range or infinite, a key that is
missing or there twice, a parent that is not there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import models

from dis_objects.catalogue import Field, ObjectDefinition, definitions
from dis_objects.fields import ParentKey, RecordKey

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Breach:
    """Makes records of `object` break a rule: `change` is applied to some of those that satisfy `where`.

    `weight` says how many, in multiples of the error rate over all records of the object; one at least.
    `in_order` takes the first by key, for rules that others follow from.
    """

    object: str
    change: str
    where: str = "true"
    weight: float = 0.1
    in_order: bool = False


_SPECIAL = "(SELECT {0} FROM generator.calendars WHERE level = 'X' AND kind = 'year' AND step = 0)"
_CLOSED = "course_id IN (SELECT course_id FROM generator.closed_courses WHERE level <> 'X' AND nth = {0})"
_SINGLE_SCORE = "parent_score_id IS NULL AND test_id < 8"
_YOUNG = "('PK', 'KG', '01', '02', '03', '04', '05')"
_EXCLUDED_CALENDAR = "calendar_id = (SELECT min(calendar_id) FROM calendar WHERE exclude)"
_UNCODED_EVENT = "event_type_id = (event_type_id - 1) / 33 * 33 + 30"
_UNCODED_RESOLUTION = (
    "resolution_type_id ="
    " (SELECT min(type_id) FROM behavior_resolution_type WHERE state_resolution_code IS NULL)"
)
_LEFT = "(SELECT min(person_id) FROM generator.students WHERE NOT finishes)"

# In this order: a roster can only come under a course that is closed already.
BREACHES: dict[tuple[str, str], Breach] = {
    ("School", "SCHOOL_EXCLUDED"): Breach(
        "School", "state_exclude = true", f"school_id IN {_SPECIAL.format('school_id')}", 11.5, in_order=True
    ),
    ("Calendar", "CALENDAR_EXCLUDED"): Breach(
        "Calendar", "exclude = true", f"calendar_id IN {_SPECIAL.format('calendar_id')}", 10, in_order=True
    ),
    ("StructureGradeLevel", "GRADE_EXCLUDED"): Breach(
        "StructureGradeLevel",
        "state_exclude = true",
        "grade = 'PK' AND EXISTS (SELECT FROM enrollment e"
        " WHERE e.structure_id = t.structure_id AND e.grade = t.grade)",
    ),
    ("Enrollment", "ENROLLMENT_EXCLUDED"): Breach(
        "Enrollment", "state_exclude = true", f"grade IN {_YOUNG}", 0.03
    ),
    ("Roster", "STUDENT_NO_SHOW"): Breach(
        "Enrollment",
        "no_show = true",
        f"service_type = 'P' AND active AND NOT no_show AND grade IN {_YOUNG}",
        0.01,
    ),
    ("Course", "COURSE_INACTIVE"): Breach("Course", "active = false", _CLOSED.format(1), 6),
    ("Course", "COURSE_EXCLUDED"): Breach("Course", "state_exclude = true", _CLOSED.format(2), 6),
    ("Behavior", "EVENT_CODE_MISSING"): Breach("Behavior", _UNCODED_EVENT, weight=2),
    ("BehaviorEvent", "EVENT_CODE_MISSING"): Breach("BehaviorEvent", _UNCODED_EVENT, weight=0.5),
    ("Behavior", "RESOLUTION_CODE_MISSING"): Breach(
        "Behavior",
        _UNCODED_RESOLUTION,
    ),
    ("BehaviorResolution", "RESOLUTION_CODE_MISSING"): Breach(
        "BehaviorResolution",
        _UNCODED_RESOLUTION,
    ),
    ("Behavior", "CALENDAR_EXCLUDED"): Breach("Behavior", _EXCLUDED_CALENDAR),
    ("BehaviorIncident", "CALENDAR_EXCLUDED"): Breach("BehaviorIncident", _EXCLUDED_CALENDAR),
    ("Plan", "PLAN_NOT_LOCKED"): Breach("Plan", "locked = false", weight=6),
    ("Roster", "COURSE_INACTIVE"): Breach(
        "Roster",
        "section_id = (SELECT min(section_id) FROM course_section WHERE NOT course_active)",
        weight=0.02,
    ),
    ("Roster", "COURSE_EXCLUDED"): Breach(
        "Roster",
        "section_id = (SELECT min(section_id) FROM course_section WHERE course_state_exclude)",
        weight=0.02,
    ),
    ("TestScore", "TEST_CODE_MISSING"): Breach("TestScore", "test_id = 14", _SINGLE_SCORE, 0.5),
    ("TestScore", "TEST_NOT_PUBLISHED"): Breach("TestScore", "test_id = 15", _SINGLE_SCORE, 0.5),
    ("TestScore", "SCORE_WITHOUT_YEAR"): Breach("TestScore", "test_id = 16, date = NULL", _SINGLE_SCORE, 0.3),
    ("TestScore", "SCORE_OF_OTHER_YEAR"): Breach(
        "TestScore", "test_id = 17, date = date - 1100", _SINGLE_SCORE, 0.6
    ),
    ("TestScore", "TEST_LOCKED"): Breach("TestScore", "test_id = 18", _SINGLE_SCORE, 0.3),
    ("TestScore", "STUDENT_NOT_ENROLLED"): Breach("TestScore", f"person_id = {_LEFT}", _SINGLE_SCORE, 0.3),
}

# Rules that a record comes under because something above it does.
FOLLOWING = {
    ("Calendar", "SCHOOL_EXCLUDED"),
    ("Course", "CALENDAR_EXCLUDED"),
    ("CourseSection", "CALENDAR_EXCLUDED"),
    ("CourseSection", "COURSE_EXCLUDED"),
    ("CourseSection", "COURSE_INACTIVE"),
    ("Day", "CALENDAR_EXCLUDED"),
    ("Enrollment", "CALENDAR_EXCLUDED"),
    ("Enrollment", "GRADE_EXCLUDED"),
    ("ScheduleStructure", "CALENDAR_EXCLUDED"),
    ("SchoolMonth", "CALENDAR_EXCLUDED"),
}
# A section carries what its course says.
_SECTIONS_FOLLOW = """
UPDATE course_section AS s SET course_active = c.active, course_state_exclude = c.state_exclude
FROM course AS c WHERE c.course_id = s.course_id AND (NOT c.active OR c.state_exclude)
"""

# How many records get a defect, in multiples of the error rate. What everything hangs on gets few or none.
DEFECT_WEIGHTS: dict[str, float] = {
    "ALPSS": 0,
    "AdHocFilter": 0,
    "AdultEd": 0,
    "AttendanceExcuse": 0,
    "AttributeMapping": 0,
    "BehaviorResolutionType": 0,
    "BehaviorResponseType": 0,
    "BehaviorType": 0,
    "Calendar": 0,
    "CalendarToolPublishedTab": 0,
    "CareerReadiness": 0,
    "CareerTechnicalEducation": 0,
    "CensusContactSummary": 0.36,
    "ContactLog": 3,
    "Course": 0,
    "CourseCode": 0,
    "CustomStudent": 2.3,
    "DISVerificationResult": 0,
    "DataCertificationObjectMember": 0,
    "DataValidationDef": 0,
    "DatasetSnapshot": 0,
    "District": 0,
    "EarlyWarning": 0,
    "Employment": 0,
    "EmploymentAssignment": 0,
    "EmploymentBackground": 0,
    "EmploymentCredential": 0.06,
    "Enrollment": 0.03,
    "Graduation": 0,
    "LEPServiceType": 0,
    "LepAccommodationType": 0,
    "PeriodSchedule": 4,
    "PersonIdentity": 0.035,
    "ProgramParticipation": 2.6,
    "ReportingEntity": 0,
    "RosterVerificationRequest": 0,
    "ScheduleStructure": 0,
    "School": 0,
    "SchoolMonth": 2,
    "SchoolYearGPA": 0,
    "TeamMember": 3,
    "TermSchedule": 6,
    "Test": 0,
    "TranscriptCourseSE": 0,
    "Transportation": 4,
    "Truancy": 5,
}
_ANY_WEIGHT = 0.5
# However small the district, these have a defect of every kind that their columns allow: together, all.
_SHOWCASES = {"HealthScreening", "Plan", "VaccineShot"}
# Children of whom nobody graduates yet: so the objects of the upper grades can stay without errors.
_DEFECT_WHERE = {
    "PersonIdentity": "person_id > students() + staff() OR person_id IN"
    " (SELECT person_id FROM generator.students WHERE grade < 6 AND chance('fault.person', person_id) < 0.2)",
    "Enrollment": f"grade IN {_YOUNG}",
}


def spoil(connection: Connection, rate: float, state_code: str) -> None:
    """Spoils about `rate` of the records; none at 0. The generator's helper tables must be there."""
    if not rate:
        return
    spoiler = _Spoiler(connection, rate)
    for (_, code), breach in BREACHES.items():
        each = definitions()[breach.object]
        if each.applies_to(state_code):
            spoiler.commit(each, breach, code)
    for each in definitions().values():
        if each.applies_to(state_code):
            spoiler.damage(each)


class _Spoiler:
    """Spoils records of one district, none of them twice: so every kind of failure is seen by itself."""

    def __init__(self, connection: Connection, rate: float) -> None:
        self._connection = connection
        self._rate = rate
        self._spoilt: dict[str, set[int]] = {}

    def commit(self, each: ObjectDefinition, breach: Breach, code: str) -> None:
        order = each.key if breach.in_order else f"dice('breach.{code}', {each.key}), {each.key}"
        keys = self._choose(each, breach.where, order, max(1, self._count(each, breach.weight)))
        change = f"UPDATE {each.table} AS t SET {breach.change} WHERE {each.key} = ANY(%s)"
        self._connection.execute(change.encode(), [keys])
        if each.name == "Course":
            self._connection.execute(_SECTIONS_FOLLOW)

    def damage(self, each: ObjectDefinition) -> None:
        """Gives some records a defect, each defect to as many of them."""
        defects = list(defects_of(each))
        count = self._count(each, DEFECT_WEIGHTS.get(each.name, _ANY_WEIGHT))
        if each.name in _SHOWCASES:
            count = max(count, len(defects))
        order = f"dice('defect.{each.table}', {each.key}), {each.key}"
        keys = self._choose(each, _DEFECT_WHERE.get(each.name, "true"), order, count)
        # Objects begin with different defects, so that those with few records show all of them together.
        first = len(each.name)
        for place, defect in enumerate(defects):
            mine = keys[(place - first) % len(defects) :: len(defects)]
            if mine:
                self._connection.execute(defect.statement.encode(), [mine])

    def _count(self, each: ObjectDefinition, weight: float) -> int:
        if not weight:
            return 0
        query = f"SELECT count(*) FROM {each.table} WHERE {_of_this_year(each)}"
        found = self._connection.execute(query.encode()).fetchone()
        return round(found[0] * self._rate * weight) if found else 0

    def _choose(self, each: ObjectDefinition, where: str, order: str, count: int) -> list[int]:
        """Keys of records that nothing was done to yet."""
        if not count:
            return []
        spoilt = self._spoilt.setdefault(each.name, set())
        query = (
            f"SELECT {each.key} FROM {each.table} AS t WHERE ({where}) AND {_of_this_year(each)}"
            f" AND {each.key} <> ALL(%s) ORDER BY {order} LIMIT %s"
        )
        found = self._connection.execute(query.encode(), [sorted(spoilt), count])
        keys = [key for (key,) in found]
        spoilt.update(keys)
        return keys


def _of_this_year(each: ObjectDefinition) -> str:
    return f"{each.school_year} = end_year()" if each.school_year else "true"


@dataclass(frozen=True)
class Defect:
    """A way to break a record; the statement takes the keys of the records to break."""

    kind: str
    statement: str


def defects_of(each: ObjectDefinition) -> Iterable[Defect]:
    """Every kind of defect that the object's columns allow, once for each kind."""
    seen: set[str] = set()
    # A parent's key is the last to be emptied: a missing parent is a defect of its own.
    for field in sorted(each.fields, key=lambda field: isinstance(field, ParentKey)):
        for kind, value in _field_defects(each, field):
            if kind not in seen:
                seen.add(kind)
                change = f'"{field.column}" = {value}'
                yield Defect(kind, f"UPDATE {each.table} SET {change} WHERE {each.key} = ANY(%s)")
    yield Defect(
        "duplicate", f"INSERT INTO {each.table} SELECT * FROM {each.table} WHERE {each.key} = ANY(%s)"
    )
    yield Defect("key", _copy_without_key(each))


def _copy_without_key(each: ObjectDefinition) -> str:
    columns = ", ".join(f'"{field.column}"' for field in each.fields if field.name != each.key)
    return (
        f"INSERT INTO {each.table} ({columns}) SELECT {columns} FROM {each.table} WHERE {each.key} = ANY(%s)"
    )


def _field_defects(each: ObjectDefinition, field: Field) -> Iterable[tuple[str, str]]:
    # Without its year a record belongs to no resync, so that nobody would look at it.
    if isinstance(field, RecordKey) or field.name in (each.school_year, "end_year"):
        return
    if isinstance(field, ParentKey):
        yield "parent", f"{each.key} + 900000000"
    if not field.null:
        yield "missing", "NULL"
    kind = field.get_internal_type()
    if kind in _DEFECTS:
        yield _DEFECTS[kind](field)


def _too_long(field: Field) -> tuple[str, str]:
    return (
        "length",
        f"rpad(COALESCE(\"{field.column}\", '') || ' ', {(field.max_length or 0) + 8}, 'and so on ')",
    )


def _out_of_decimals(field: Field) -> tuple[str, str]:
    assert isinstance(field, models.DecimalField)
    return "decimal", f"1{'0' * ((field.max_digits or 0) - (field.decimal_places or 0))}"


def _infinite(field: Field) -> tuple[str, str]:
    return "infinity", "'infinity'"


_DEFECTS: dict[str, Callable[[Field], tuple[str, str]]] = {
    "CharField": _too_long,
    "DecimalField": _out_of_decimals,
    "DateField": _infinite,
    "DateTimeField": _infinite,
    "SmallIntegerField": lambda field: ("smallint", "40000"),
    "PositiveSmallIntegerField": lambda field: ("smallint", "40000"),
    "IntegerField": lambda field: ("integer", "3000000000"),
    "PositiveIntegerField": lambda field: ("integer", "3000000000"),
}
