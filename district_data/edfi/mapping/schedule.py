from district_data.edfi.dialects import code
from district_data.edfi.elements import Element
from district_data.edfi.facts import Id, Pair, Path, Texts
from district_data.edfi.keys import person_key
from district_data.edfi.load import Load
from district_data.edfi.mapping.registry import Rows, learns, maps
from district_data.edfi.rows import Row, Value

_OFFERING = "CourseOfferingReference/CourseOfferingIdentity/"
_ROOM = "LocationReference/LocationIdentity/"


@learns("Course", into=("CourseSection",))
def learn_course(element: Element, load: Load) -> None:
    load.facts.courses[_course_id(element, load)] = {
        "course_name": element.text("CourseTitle"),
        "course_state_code": _state_code(element),
        "department": code(element, "AcademicSubject"),
    }


@maps("Course", to=("Course",))
def course(element: Element, load: Load) -> Rows:
    identity = _course_id(element, load)
    number, organisation = identity
    yield Row(
        "Course",
        identity,
        {
            "calendar_id": load.calendar(organisation),
            "number": number,
            "name": element.text("CourseTitle"),
            "state_code": _state_code(element),
            "department": code(element, "AcademicSubject"),
        },
    )


@learns("CourseOffering", into=("Section", "CourseSection"))
def learn_offering(element: Element, load: Load) -> None:
    at = "CourseReference/CourseIdentity/"
    course = element.identifier(f"{at}CourseCode"), load.organisation(element, at)
    session = element.text("SessionReference/SessionIdentity/SessionName")
    load.facts.offerings[element.identifier("LocalCourseCode"), load.school(element), session] = course


@learns("Location", into=("Section", "CourseSection"))
def learn_location(element: Element, load: Load) -> None:
    room = load.school(element), element.identifier("ClassroomIdentificationCode")
    load.facts.seats[room] = element.text("MaximumNumberOfSeats")


@learns("StaffSectionAssociation", into=("Section", "CourseSection"))
def learn_teacher(element: Element, load: Load) -> None:
    """Of several teachers the one with the smallest id, so that the files' order does not matter."""
    section = section_id(element, load, "SectionReference/SectionIdentity/")
    teacher = load.staff_id(element) or ""
    first = load.facts.teachers.setdefault(section, teacher)
    load.facts.teachers[section] = min(first, teacher)


@maps("Section", to=("Section", "CourseSection"))
def section(element: Element, load: Load) -> Rows:
    identity = section_id(element, load)
    number = element.text("SectionIdentifier")
    shared = _shared_columns(element, identity, load)
    yield Row("Section", identity, {**shared, "number": number})
    course_section = _course_section_columns(element, identity, load)
    yield Row("CourseSection", identity, {**shared, **course_section, "section_number": number})


def _shared_columns(element: Element, section: Path, load: Load) -> dict[str, Value]:
    school = section[2]
    return {
        "course_id": load.key("Course", *_course_of(section, load)),
        "structure_id": load.structure(school),
        "instructional_setting": code(element, "EducationalEnvironment"),
        **_room(element, load),
        **_teacher(section, load),
    }


def _course_section_columns(element: Element, section: Path, load: Load) -> dict[str, Value]:
    _, _, school, session = section
    course = _course_of(section, load)
    first, last = load.facts.sessions.get((school, session), (None, None))
    return {
        "calendar_id": load.calendar(school),
        "school_id": load.key("School", school),
        "course_number": course[0],
        **load.facts.courses.get(course, {}),
        "credit": element.text("AvailableCredits/Credits"),
        "term_start": session,
        "term_end": session,
        "start_date": first,
        "end_date": last,
        "medium_of_instruction": code(element, "MediumOfInstruction"),
    }


def _course_of(section: Path, load: Load) -> Pair:
    """The course that the section's offering names, else the one of the same code."""
    _, local_code, school, session = section
    return load.facts.offerings.get((local_code, school, session), (local_code, school))


def section_id(element: Element, load: Load, at: str = "") -> Path:
    offering = f"{at}{_OFFERING}"
    return (
        element.identifier(f"{at}SectionIdentifier"),
        element.identifier(f"{offering}LocalCourseCode"),
        load.school(element, offering),
        element.text(f"{offering}SessionReference/SessionIdentity/SessionName"),
    )


def _course_id(element: Element, load: Load) -> Pair:
    return element.identifier("CourseCode"), load.organisation(element)


def _state_code(element: Element) -> Id:
    for each in element.each("CourseIdentificationCode"):
        if code(each, "CourseIdentificationSystem") == "State course code":
            return each.text("IdentificationCode")
    return None


def _room(element: Element, load: Load) -> Texts:
    room = load.school(element, _ROOM), element.identifier(f"{_ROOM}ClassroomIdentificationCode")
    return {"room_name": room[1], "max_students": load.facts.seats.get(room)}


def _teacher(section: Path, load: Load) -> dict[str, Value]:
    teacher = load.facts.teachers.get(section)
    if not teacher:
        return {}
    return {
        "teacher_person_id": person_key("Staff", teacher),
        "teacher_display": load.facts.staff.get(teacher, {}).get("display"),
    }
