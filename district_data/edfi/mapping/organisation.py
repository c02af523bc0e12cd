from collections.abc import Iterable

from district_data.edfi import codes
from district_data.edfi.codes import short
from district_data.edfi.dialects import code, every_code
from district_data.edfi.elements import Element
from district_data.edfi.facts import Id
from district_data.edfi.load import Load
from district_data.edfi.mapping.addresses import address, telephone
from district_data.edfi.mapping.registry import Rows, learns, maps
from district_data.edfi.rows import Row


@learns("LocalEducationAgency", into=("School",))
def learn_district(element: Element, load: Load) -> None:
    load.facts.districts[element.identifier("LocalEducationAgencyId")] = (
        element.text("NameOfInstitution") or ""
    )


@maps("LocalEducationAgency", to=("District",))
def district(element: Element, load: Load) -> Rows:
    number = element.identifier("LocalEducationAgencyId")
    yield Row(
        "District",
        (number,),
        {
            "number": number,
            "name": element.text("NameOfInstitution"),
            "county": element.text("Address/NameOfCounty"),
            "phone": telephone(element, "Main"),
            **address(element),
        },
    )


@learns("School", into=("Calendar", "ScheduleStructure", "StructureGradeLevel"))
def learn_school(element: Element, load: Load) -> None:
    number = element.identifier("SchoolId")
    load.facts.schools[number] = element.text("NameOfInstitution") or ""
    load.facts.grades[number].update(every_code(element, "GradeLevel"))


@maps("School", to=("School",))
def school(element: Element, load: Load) -> Rows:
    number = element.identifier("SchoolId")
    grades = _in_order(every_code(element, "GradeLevel"))
    yield Row(
        "School",
        (number,),
        {
            "district_key": load.key("District", _district_of(element, load)),
            "number": short_number(number, load.facts.districts),
            "name": element.text("NameOfInstitution"),
            "standard_code": number,
            "school_type": short(codes.SCHOOL_TYPES, code(element, "SchoolType")),
            "low_grade": grades[0] if grades else None,
            "high_grade": grades[-1] if grades else None,
            "phone": telephone(element, "Main"),
            **address(element),
        },
    )


def short_number(school: Id, districts: Iterable[Id]) -> Id:
    """A school's number without its district's in front: 001 for 255901001 in 255901."""
    for each in districts:
        if each and school and school.startswith(each) and school != each:
            return school.removeprefix(each)
    return school


def _district_of(element: Element, load: Load) -> Id:
    path = "LocalEducationAgencyIdentity/LocalEducationAgencyId"
    named = load.referred(element, "LocalEducationAgencyReference", path)[0]
    return named or next(iter(load.facts.districts), None)


def _in_order(grades: Iterable[str]) -> list[str]:
    short_codes = [codes.GRADES.get(each, each) for each in grades]
    return sorted(short_codes, key=lambda each: codes.GRADE_ORDER.get(each, len(codes.GRADE_ORDER) + 1))
