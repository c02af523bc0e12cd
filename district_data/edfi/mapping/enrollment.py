from district_data.edfi import codes
from district_data.edfi.codes import short
from district_data.edfi.dialects import code
from district_data.edfi.elements import Element
from district_data.edfi.load import Load
from district_data.edfi.mapping.registry import Rows, learns, maps
from district_data.edfi.rows import Row


@learns("StudentSchoolAssociation", into=("StructureGradeLevel",))
def learn_grade(element: Element, load: Load) -> None:
    grade = code(element, "EntryGradeLevel")
    if grade:
        load.facts.grades[load.school(element)].add(grade)


@maps("StudentSchoolAssociation", to=("Enrollment",))
def enrollment(element: Element, load: Load) -> Rows:
    student, school = load.student_id(element), load.school(element)
    calendar = element.identifier("CalendarReference/CalendarIdentity/CalendarCode")
    secondary = codes.YES_NO.get(element.identifier("PrimarySchool") or "") == "N"
    yield Row(
        "Enrollment",
        (student, school, element.identifier("EntryDate")),
        {
            "person_id": load.student(element),
            "calendar_id": load.calendar(school, calendar),
            "structure_id": load.structure(school, calendar),
            "grade": short(codes.GRADES, code(element, "EntryGradeLevel")),
            "service_type": "S" if secondary else "P",
            "active": element.at("ExitWithdrawDate") is None,
            "start_date": element.text("EntryDate"),
            "end_date": element.text("ExitWithdrawDate"),
            "next_grade": short(codes.GRADES, code(element, "NextYearGradeLevel")),
            **load.facts.marks.get(student, {}),
        },
    )
