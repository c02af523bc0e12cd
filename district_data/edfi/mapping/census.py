from district_data.edfi import codes
from district_data.edfi.codes import short
from district_data.edfi.dialects import code, every_code
from district_data.edfi.elements import Element
from district_data.edfi.facts import Id
from district_data.edfi.keys import person_key
from district_data.edfi.load import Load
from district_data.edfi.mapping.addresses import address, telephone
from district_data.edfi.mapping.registry import Rows, learns, maps
from district_data.edfi.rows import Row, Value

# The systems of identification that are a school's or a district's. Others, such as SSN, are never read.
_OWN_SYSTEMS = ("Local", "District", "School")


@learns("Student", into=("Enrollment",))
def learn_student(element: Element, load: Load) -> None:
    marks = {
        "meal_status": short(codes.MEALS, code(element, "SchoolFoodServicesEligibility")),
        "homeless": "true" if "Homeless" in _characteristics(element) else None,
    }
    if any(marks.values()):
        load.facts.marks[element.identifier("StudentUniqueId")] = marks


@maps("Student", to=("PersonIdentity",))
def student(element: Element, load: Load) -> Rows:
    number = element.text("StudentUniqueId")
    yield _person(
        "Student",
        element.identifier("StudentUniqueId"),
        {
            "state_id": number,
            "student_number": _local_number(element) or number,
            "birthdate": element.text("BirthData/BirthDate"),
            "birth_country": code(element, "BirthData/BirthCountry"),
            "birth_state": code(element, "BirthData/BirthStateAbbreviation"),
            "birth_city": element.text("BirthData/BirthCity"),
            "date_entered_us": element.text("BirthData/DateEnteredUS"),
            "multiple_birth": element.text("BirthData/MultipleBirthStatus"),
            "immigrant": True if "Immigrant" in _characteristics(element) else None,
            "home_primary_language": short(codes.LANGUAGES, _home_language(element)),
            **_person_columns(element),
        },
    )


@maps("Staff", to=("PersonIdentity",))
def staff(element: Element, load: Load) -> Rows:
    number = element.text("StaffUniqueId")
    yield _person(
        "Staff",
        element.identifier("StaffUniqueId"),
        {
            "staff_number": number,
            "staff_state_id": number,
            "birthdate": element.text("BirthDate"),
            **_person_columns(element),
        },
    )


@learns("Contact", into=("CensusContactSummary",))
def learn_contact(element: Element, load: Load) -> None:
    load.facts.contacts[element.identifier("ContactUniqueId")] = {
        "last_name": element.text("Name/LastSurname"),
        "first_name": element.text("Name/FirstName"),
        "home_phone": telephone(element, "Home"),
        "cell_phone": telephone(element, "Mobile"),
        "work_phone": telephone(element, "Work"),
        "email": element.text("ElectronicMail/ElectronicMailAddress"),
        **address(element),
    }


@maps("Contact", to=("PersonIdentity",))
def contact(element: Element, load: Load) -> Rows:
    yield _person("Contact", element.identifier("ContactUniqueId"), _person_columns(element))


@maps("StudentContactAssociation", to=("CensusContactSummary",))
def contact_summary(element: Element, load: Load) -> Rows:
    contact = load.referred(element, "ContactReference", "ContactIdentity/ContactUniqueId")[0]
    yield Row(
        "CensusContactSummary",
        (load.student_id(element), contact),
        {
            "person_id": load.student(element),
            "contact_person_id": person_key("Contact", contact),
            "relationship": code(element, "Relation"),
            "guardian": element.text("LegalGuardian"),
            "emergency_priority": element.text("ContactPriority") or _emergency(element),
            **load.facts.contacts.get(contact, {}),
        },
    )


def _person(kind: str, unique_id: Id, values: dict[str, Value]) -> Row:
    return Row("PersonIdentity", (kind, unique_id), values, key=person_key(kind, unique_id))


def _person_columns(element: Element) -> dict[str, Value]:
    return {
        "last_name": element.text("Name/LastSurname"),
        "first_name": element.text("Name/FirstName"),
        "middle_name": element.text("Name/MiddleName"),
        "suffix": element.text("Name/GenerationCodeSuffix"),
        "alias": element.text("Name/PreferredFirstName"),
        "gender": short(codes.GENDERS, code(element, "Sex")),
        "hispanic_ethnicity": short(codes.YES_NO, element.identifier("HispanicLatinoEthnicity")),
        "race_ethnicity_fed": _federal_race(element),
    }


def _federal_race(element: Element) -> Id:
    """One category for everybody: Hispanic before all others, then the race, or several."""
    races = {codes.RACES[each] for each in every_code(element, "Race") if each in codes.RACES}
    hispanic = codes.YES_NO.get(element.identifier("HispanicLatinoEthnicity") or "") == "Y"
    if hispanic or codes.HISPANIC in races:
        return codes.HISPANIC
    return codes.SEVERAL_RACES if len(races) > 1 else next(iter(races), None)


def _characteristics(element: Element) -> list[str]:
    return every_code(element, "StudentCharacteristic/StudentCharacteristic")


def _home_language(element: Element) -> Id:
    for each in element.each("Language"):
        if code(each, "LanguageUse") == "Home language":
            return code(each, "Language")
    return None


def _local_number(element: Element) -> Id:
    for each in element.each("StudentIdentificationCode"):
        if code(each, "StudentIdentificationSystem") in _OWN_SYSTEMS:
            return each.text("IdentificationCode")
    return None


def _emergency(element: Element) -> Id:
    return "1" if codes.YES_NO.get(element.identifier("EmergencyContactStatus") or "") == "Y" else None
