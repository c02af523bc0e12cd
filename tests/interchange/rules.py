"""The exclusions of the catalogue once more, as predicates in plain Python, for the reference engine."""

from collections.abc import Callable, Iterator
from datetime import date
from math import inf
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Rule = Callable[[Row, Tables, int], bool]
Day = tuple[float, int, int]


def matching(tables: Tables, name: str, column: str, value: Any) -> Iterator[Row]:
    """Nothing matches what is unknown."""
    return (row for row in tables.get(name, []) if value is not None and row[column] == value)


def marked(column: str) -> Rule:
    return lambda row, tables, end_year: row[column] is True


def unmarked(column: str) -> Rule:
    return lambda row, tables, end_year: row[column] is False


def linked(name: str, by: str, rule: Rule, to: str | None = None) -> Rule:
    """The rule holds for one of the records of another object that the record points to."""
    return lambda row, tables, end_year: any(
        rule(other, tables, end_year) for other in matching(tables, name, to or by, row[by])
    )


def blank(column: str) -> Rule:
    return lambda row, tables, end_year: row[column] in (None, "")


def in_excluded_grade(row: Row, tables: Tables, end_year: int) -> bool:
    levels = matching(tables, "StructureGradeLevel", "structure_id", row["structure_id"])
    return any(
        level["state_exclude"] is True and None is not level["grade"] == row["grade"] for level in levels
    )


def day(text: str | None) -> Day | None:
    """A day that can be compared, also one for which Python has no date."""
    if text is None:
        return None
    if text.endswith("infinity"):
        return (-inf if text.startswith("-") else inf, 0, 0)
    before_christ = text.endswith(" BC")
    year, month, of_month = map(int, text.removesuffix(" BC").split("-"))
    return (1 - year if before_christ else year, month, of_month)


def root_day(row: Row, tables: Tables) -> Day | None:
    """The day of the score at the top of the score's own tree; the last one, if there are copies of it."""
    if row["root_score_id"] is None:
        return day(row["date"])
    roots = matching(tables, "TestScore", "score_id", row["root_score_id"])
    return max((day(root["date"]) for root in roots if root["date"]), default=None)


def of_test(rule: Callable[[Row, Day | None, int], bool]) -> Rule:
    """The rule holds for the score's test and its root's day. Without its test a score has another fault."""
    return lambda row, tables, end_year: any(
        rule(test, root_day(row, tables), end_year)
        for test in matching(tables, "Test", "test_id", row["test_id"])
    )


def has_no_code(test: Row, root: Day | None, end_year: int) -> bool:
    return not test["state_code"] and not test["national_code"]


def is_not_published(test: Row, root: Day | None, end_year: int) -> bool:
    return test["published"] is not True


def has_no_year(test: Row, root: Day | None, end_year: int) -> bool:
    return test["end_year"] is None and root is None


def is_of_other_year(test: Row, root: Day | None, end_year: int) -> bool:
    if has_no_year(test, root, end_year) or test["end_year"] == end_year:
        return False
    return root is None or not (end_year - 1, 7, 1) <= root <= (end_year, 6, 30)


def is_locked(test: Row, root: Day | None, end_year: int) -> bool:
    return test["edit_not_available"] is True


def has_no_active_enrollment(row: Row, tables: Tables, end_year: int) -> bool:
    enrollments = matching(tables, "Enrollment", "person_id", row["person_id"])
    return not any(is_active(each, tables, end_year) for each in enrollments)


def is_active(enrollment: Row, tables: Tables, end_year: int) -> bool:
    if enrollment["end_year"] != end_year or enrollment["active"] is False or enrollment["no_show"]:
        return False
    end = day(enrollment["end_date"])
    calendars = list(matching(tables, "Calendar", "calendar_id", enrollment["calendar_id"])) or [{}]
    return end is None or any(end >= last_day(calendar) for calendar in calendars)


def last_day(calendar: Row) -> Day:
    """A student who stays until then, or until today, has not left."""
    today = date.today()
    return min((today.year, today.month, today.day), day(calendar.get("end_date")) or (inf, 0, 0))


IN_EXCLUDED_CALENDAR = ("CALENDAR_EXCLUDED", linked("Calendar", "calendar_id", marked("exclude")))
EVENT_CODE_MISSING = (
    "EVENT_CODE_MISSING",
    linked("BehaviorType", "event_type_id", blank("state_event_code"), to="type_id"),
)
RESOLUTION_CODE_MISSING = (
    "RESOLUTION_CODE_MISSING",
    linked("BehaviorResolutionType", "resolution_type_id", blank("state_resolution_code"), to="type_id"),
)

RULES: dict[str, list[tuple[str, Rule]]] = {
    "School": [("SCHOOL_EXCLUDED", marked("state_exclude"))],
    "Calendar": [
        ("CALENDAR_EXCLUDED", marked("exclude")),
        ("SCHOOL_EXCLUDED", linked("School", "school_id", marked("state_exclude"))),
    ],
    "CourseSection": [
        IN_EXCLUDED_CALENDAR,
        ("COURSE_INACTIVE", unmarked("course_active")),
        ("COURSE_EXCLUDED", marked("course_state_exclude")),
    ],
    "SchoolMonth": [IN_EXCLUDED_CALENDAR],
    "ScheduleStructure": [IN_EXCLUDED_CALENDAR],
    "StructureGradeLevel": [("GRADE_EXCLUDED", marked("state_exclude"))],
    "Day": [IN_EXCLUDED_CALENDAR],
    "Behavior": [EVENT_CODE_MISSING, RESOLUTION_CODE_MISSING, IN_EXCLUDED_CALENDAR],
    "BehaviorIncident": [IN_EXCLUDED_CALENDAR],
    "BehaviorEvent": [EVENT_CODE_MISSING],
    "BehaviorResolution": [RESOLUTION_CODE_MISSING],
    "Course": [
        IN_EXCLUDED_CALENDAR,
        ("COURSE_INACTIVE", unmarked("active")),
        ("COURSE_EXCLUDED", marked("state_exclude")),
    ],
    "Enrollment": [
        ("ENROLLMENT_EXCLUDED", marked("state_exclude")),
        ("GRADE_EXCLUDED", in_excluded_grade),
        IN_EXCLUDED_CALENDAR,
    ],
    "Plan": [("PLAN_NOT_LOCKED", lambda row, tables, end_year: row["locked"] is not True)],
    "Roster": [
        ("STUDENT_NO_SHOW", linked("Enrollment", "enrollment_id", marked("no_show"))),
        ("COURSE_INACTIVE", linked("CourseSection", "section_id", unmarked("course_active"))),
        ("COURSE_EXCLUDED", linked("CourseSection", "section_id", marked("course_state_exclude"))),
    ],
    "TestScore": [
        ("TEST_CODE_MISSING", of_test(has_no_code)),
        ("TEST_NOT_PUBLISHED", of_test(is_not_published)),
        ("SCORE_WITHOUT_YEAR", of_test(has_no_year)),
        ("SCORE_OF_OTHER_YEAR", of_test(is_of_other_year)),
        ("TEST_LOCKED", of_test(is_locked)),
        ("STUDENT_NOT_ENROLLED", has_no_active_enrollment),
    ],
}
