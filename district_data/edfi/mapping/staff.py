from district_data.edfi import codes
from district_data.edfi.codes import short, times
from district_data.edfi.dialects import code
from district_data.edfi.elements import Element
from district_data.edfi.facts import Pair
from district_data.edfi.keys import person_key
from district_data.edfi.load import Load
from district_data.edfi.mapping.registry import Rows, learns, maps
from district_data.edfi.rows import Row


@learns("Staff", into=("Section", "CourseSection", "Employment", "EmploymentCredential"))
def learn_staff(element: Element, load: Load) -> None:
    number = element.identifier("StaffUniqueId")
    names = element.text("Name/LastSurname"), element.text("Name/FirstName")
    facts = {
        "number": number,
        "display": ", ".join(each for each in names if each),
        "years": element.text("YearsOfPriorProfessionalExperience"),
        "highly_qualified": element.text("HighlyQualifiedTeacher"),
    }
    load.facts.staff[number] = facts
    for each in element.each("CredentialReference/CredentialIdentity"):
        load.facts.holders[_credential_id(each)] = facts


@learns("StaffEducationOrganizationEmploymentAssociation", into=("EmploymentAssignment",))
def learn_employment(element: Element, load: Load) -> None:
    post = load.staff_id(element), load.organisation(element)
    load.facts.employments[post] = element.identifier("EmploymentPeriod/HireDate")


@maps("StaffEducationOrganizationEmploymentAssociation", to=("Employment",))
def employment(element: Element, load: Load) -> Rows:
    person = load.staff_id(element)
    yield Row(
        "Employment",
        (person, load.organisation(element), element.identifier("EmploymentPeriod/HireDate")),
        {
            "person_id": load.staff(element),
            "start_date": element.text("EmploymentPeriod/HireDate"),
            "end_date": element.text("EmploymentPeriod/EndDate"),
            "years_experience": load.facts.staff.get(person, {}).get("years"),
            "fte_percent": times(100, element.text("FullTimeEquivalency")),
        },
    )


@maps("StaffEducationOrganizationAssignmentAssociation", to=("EmploymentAssignment",))
def assignment(element: Element, load: Load) -> Rows:
    person, place = load.staff_id(element), load.organisation(element)
    job = code(element, "StaffClassification")
    hired = load.facts.employments.get((person, place))
    yield Row(
        "EmploymentAssignment",
        (person, place, job, element.identifier("BeginDate")),
        {
            "person_id": load.staff(element),
            # Somebody who works for the district itself has no school: the record will say so.
            "school_id": None if place in load.facts.districts else load.key("School", place),
            "employment_id": load.key("Employment", person, place, hired) if hired else None,
            "start_date": element.text("BeginDate"),
            "end_date": element.text("EndDate"),
            "title": element.text("PositionTitle"),
            "assignment_code": short(codes.ASSIGNMENTS, job),
            "fte_percent": times(100, element.text("FullTimeEquivalency")),
            "teacher": job == codes.TEACHER,
        },
    )


@maps("Credential", to=("EmploymentCredential",))
def credential(element: Element, load: Load) -> Rows:
    identity = _credential_id(element)
    holder = load.facts.holders.get(identity, {})
    yield Row(
        "EmploymentCredential",
        identity,
        {
            "person_id": person_key("Staff", holder.get("number")),
            "credential_type": code(element, "CredentialType"),
            "credential_code": short(codes.TEACHING_CREDENTIALS, code(element, "TeachingCredential")),
            "number": element.text("CredentialIdentifier"),
            "subject_area": code(element, "CredentialField"),
            "issue_date": element.text("IssuanceDate"),
            "expiration_date": element.text("ExpirationDate"),
            "highly_qualified": holder.get("highly_qualified"),
        },
    )


def _credential_id(element: Element) -> Pair:
    return element.identifier("CredentialIdentifier"), code(element, "StateOfIssueStateAbbreviation")
