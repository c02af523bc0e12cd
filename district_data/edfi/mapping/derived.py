"""Records that the DIS objects need and Ed-Fi only implies. Made after the last file, from the facts."""

from district_data.edfi import codes
from district_data.edfi.dialects import code_value, is_shared
from district_data.edfi.facts import Id
from district_data.edfi.load import Load
from district_data.edfi.mapping.registry import Rows
from district_data.edfi.rows import Row

OBJECTS = (
    "AttendanceExcuse",
    "BehaviorResolutionType",
    "BehaviorType",
    "Calendar",
    "District",
    "ScheduleStructure",
    "StructureGradeLevel",
)


def derived_rows(load: Load) -> Rows:
    yield from _district(load)
    yield from _calendars(load)
    yield from _grade_levels(load)
    yield from _behavior_types(load)
    yield from _resolution_types(load)
    yield from _excuses(load)


def calendar_and_structure(load: Load, school: Id, calendar: str, *, name: Id, comments: Id = None) -> Rows:
    """A calendar with the one structure that it has here. It lasts as long as the school's sessions."""
    first, last = _days(load, school)
    yield Row(
        "Calendar",
        (school, calendar),
        {
            "school_id": load.key("School", school),
            "name": name,
            "start_date": first,
            "end_date": last,
            "student_day": load.facts.minutes.get(school),
            "comments": comments,
        },
    )
    yield Row(
        "ScheduleStructure",
        (school, calendar),
        {
            "calendar_id": load.calendar(school, calendar),
            "name": "Main",
            "start_date": first,
            "end_date": last,
            "is_primary": True,
        },
    )


def _days(load: Load, school: Id) -> tuple[str, str]:
    """From the first to the last day of the sessions. Without sessions the school year, 1 July to 30 June."""
    sessions = [days for (where, _), days in load.facts.sessions.items() if where == school]
    firsts, lasts = [first for first, _ in sessions if first], [last for _, last in sessions if last]
    return (
        min(firsts, default=f"{load.end_year - 1}-07-01"),
        max(lasts, default=f"{load.end_year}-06-30"),
    )


def _district(load: Load) -> Rows:
    """Where no file says it, what Upstate knows of the district: everything else hangs on it."""
    if load.facts.implied_district:
        number, name = load.facts.implied_district
        yield Row("District", (number,), {"number": number, "name": name})


def _calendars(load: Load) -> Rows:
    for school in load.facts.schools:
        if not load.facts.calendars.get(school):
            year = f"{load.end_year - 1}-{load.end_year}"
            yield from calendar_and_structure(load, school, "", name=year)


def _grade_levels(load: Load) -> Rows:
    for school in load.facts.schools:
        grades = load.facts.grades.get(school, ())
        calendars = {each.code for each in load.facts.calendars.get(school, ())} or {""}
        for calendar in sorted(calendars):
            for grade in sorted({codes.GRADES.get(each, each) for each in grades}):
                yield _grade_level(load, school, calendar, grade)


def _grade_level(load: Load, school: Id, calendar: str, grade: str) -> Row:
    return Row(
        "StructureGradeLevel",
        (school, calendar, grade),
        {
            "structure_id": load.structure(school, calendar),
            "calendar_id": load.calendar(school, calendar),
            "grade": grade,
            "state_grade": grade,
            "seq": codes.GRADE_ORDER.get(grade),
        },
    )


def _behavior_types(load: Load) -> Rows:
    for descriptor in sorted(load.facts.behaviors):
        code = codes.short(codes.BEHAVIORS, code_value(descriptor))
        yield Row(
            "BehaviorType",
            (descriptor,),
            {
                "code": code,
                "name": code_value(descriptor),
                # A code of the district's own has no meaning at the state.
                "state_event_code": code if is_shared(descriptor) else None,
                "active": True,
            },
        )


def _resolution_types(load: Load) -> Rows:
    for descriptor in sorted(load.facts.disciplines):
        name = code_value(descriptor)
        code = codes.short(codes.DISCIPLINES, name)
        yield Row(
            "BehaviorResolutionType",
            (descriptor,),
            {
                "code": code,
                "name": name,
                "state_resolution_code": code if is_shared(descriptor) else None,
                "removal": name in codes.REMOVALS,
                "active": True,
            },
        )


def _excuses(load: Load) -> Rows:
    for school, category in sorted(load.facts.absences, key=str):
        code, status, excuse = codes.ABSENCES.get(category, (category, None, None))
        yield Row(
            "AttendanceExcuse",
            (school, category),
            {
                "calendar_id": load.calendar(school),
                "code": code,
                "description": category,
                "status": status,
                "excuse": excuse,
            },
        )
