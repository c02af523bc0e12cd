from district_data.edfi import codes
from district_data.edfi.codes import times, whole
from district_data.edfi.dialects import code
from district_data.edfi.elements import Element
from district_data.edfi.facts import Id
from district_data.edfi.load import Load
from district_data.edfi.mapping.registry import Rows, learns, maps
from district_data.edfi.rows import Row

_CATEGORY = "AttendanceEvent/AttendanceEventCategory"


@learns("StudentSchoolAttendanceEvent", into=("AttendanceExcuse",))
def learn_absence(element: Element, load: Load) -> None:
    category = code(element, _CATEGORY)
    if category:
        load.facts.absences.add((load.school(element), category))


@maps("StudentSchoolAttendanceEvent", to=("AttDayAggregation",))
def day_of_attendance(element: Element, load: Load) -> Rows:
    """One row for each event: Ed-Fi tells two events of a day apart by their category."""
    school, category = load.school(element), code(element, _CATEGORY)
    _, _, excuse = codes.ABSENCES.get(category or "", (None, None, None))
    minutes = _minutes(element, load, school)
    yield Row(
        "AttDayAggregation",
        (load.student_id(element), school, element.identifier("AttendanceEvent/EventDate"), category),
        {
            "person_id": load.student(element),
            "calendar_id": load.calendar(school),
            "structure_id": load.structure(school),
            "date": element.text("AttendanceEvent/EventDate"),
            "scheduled_minutes": load.facts.minutes.get(school),
            "absent_minutes": minutes,
            "excused_absent_minutes": minutes if excuse == "E" else None,
            "unexcused_absent_minutes": minutes if excuse == "U" else None,
            "absent_days": element.text("AttendanceEvent/EventDuration"),
            "tardy": category == "Tardy",
        },
    )


def _minutes(element: Element, load: Load, school: Id) -> Id:
    """The minutes that were missed: of whole days by the length of the school's day, else as the event
    says.
    """
    days, length = element.text("AttendanceEvent/EventDuration"), load.facts.minutes.get(school) or ""
    if days is None or not length.strip().isdecimal():
        return element.text("SchoolAttendanceDuration")
    return whole(times(int(length), days))
