from district_data.edfi.codes import clock
from district_data.edfi.dialects import code, every_code
from district_data.edfi.elements import Element
from district_data.edfi.facts import CalendarFact
from district_data.edfi.load import Load
from district_data.edfi.mapping.derived import calendar_and_structure
from district_data.edfi.mapping.registry import Rows, learns, maps
from district_data.edfi.rows import Row

SESSIONS, GRADING_PERIODS = "Sessions", "Grading periods"
_INSTRUCTION = frozenset({"Instructional day", "Make-up day"})


@learns("Session", into=("Calendar", "ScheduleStructure", "CourseSection"))
def learn_session(element: Element, load: Load) -> None:
    days = element.text("BeginDate"), element.text("EndDate")
    load.facts.sessions[load.school(element), element.text("SessionName")] = days


@maps("Session", to=("TermSchedule",))
def session(element: Element, load: Load) -> Rows:
    name = element.text("SessionName")
    yield _term(element, load, SESSIONS, name, seq=None)


@maps("GradingPeriod", to=("TermSchedule",))
def grading_period(element: Element, load: Load) -> Rows:
    yield _term(
        element, load, GRADING_PERIODS, code(element, "GradingPeriod"), element.text("PeriodSequence")
    )


def _term(element: Element, load: Load, schedule: str, name: str | None, seq: str | None) -> Row:
    school = load.school(element)
    return Row(
        "TermSchedule",
        (schedule, school, name, seq),
        {
            "structure_id": load.structure(school),
            "term_schedule_id": load.key("TermSchedule", "the schedule", schedule, school),
            "term_schedule_name": schedule,
            "name": name,
            "seq": seq,
            "start_date": element.text("BeginDate"),
            "end_date": element.text("EndDate"),
            "is_primary": schedule == SESSIONS,
        },
    )


@learns("Calendar", into=("ScheduleStructure", "StructureGradeLevel"))
def learn_calendar(element: Element, load: Load) -> None:
    kind = code(element, "CalendarType") or ""
    fact = CalendarFact(kind.endswith(" Specific"), element.identifier("CalendarCode") or "")
    load.facts.calendars[load.school(element)].add(fact)


@maps("Calendar", to=("Calendar", "ScheduleStructure"))
def calendar(element: Element, load: Load) -> Rows:
    yield from calendar_and_structure(
        load,
        load.school(element),
        element.identifier("CalendarCode") or "",
        name=element.text("CalendarCode"),
        comments=code(element, "CalendarType"),
    )


@maps("CalendarDate", to=("Day",))
def day(element: Element, load: Load) -> Rows:
    at = "CalendarReference/CalendarIdentity/"
    school, calendar_code = load.school(element, at), element.identifier(f"{at}CalendarCode")
    events = every_code(element, "CalendarEvent")
    taught = not _INSTRUCTION.isdisjoint(events)
    yield Row(
        "Day",
        (school, calendar_code, element.identifier("Date")),
        {
            "calendar_id": load.calendar(school, calendar_code),
            "structure_id": load.structure(school, calendar_code),
            "date": element.text("Date"),
            "school_day": taught,
            "instruction": taught,
            "attendance": taught,
            "comments": ", ".join(events),
        },
    )


@learns("BellSchedule", into=("PeriodSchedule", "AttDayAggregation"))
def learn_bells(element: Element, load: Load) -> None:
    school = load.school(element)
    load.facts.minutes[school] = element.text("TotalInstructionalTime")
    at = "ClassPeriodReference/ClassPeriodIdentity"
    for place, period in enumerate(element.each(at), start=1):
        key = load.school(period), period.text("ClassPeriodName")
        load.facts.bells[key].append((element.text("BellScheduleName"), place))


@maps("ClassPeriod", to=("PeriodSchedule",))
def class_period(element: Element, load: Load) -> Rows:
    school, name = load.school(element), element.text("ClassPeriodName")
    meetings = list(element.each("MeetingTime"))
    load.leave_out("a second meeting time: a period has one", len(meetings) - 1)
    for bells, place in load.facts.bells.get((school, name), [(None, None)]):
        yield Row(
            "PeriodSchedule",
            (school, name, bells),
            {
                "structure_id": load.structure(school),
                "period_schedule_id": load.key("PeriodSchedule", "the schedule", school, bells)
                if bells
                else None,
                "period_schedule_name": bells,
                "name": name,
                "seq": place,
                "start_time": clock(element.text("MeetingTime/StartTime")),
                "end_time": clock(element.text("MeetingTime/EndTime")),
            },
        )
