"""Every kind of program association is a student, a program and two days, with a few columns of its own."""

from collections.abc import Mapping

from district_data.edfi import codes
from district_data.edfi.codes import short, times
from district_data.edfi.dialects import code
from district_data.edfi.elements import Element
from district_data.edfi.facts import Id, Path, Triple
from district_data.edfi.load import Load
from district_data.edfi.mapping.registry import Rows, learns, maps
from district_data.edfi.rows import Row, Value

_PROGRAM = "ProgramReference/ProgramIdentity/"


@learns("Program", into=("ProgramParticipation", "CareerTechnicalEducation"))
def learn_program(element: Element, load: Load) -> None:
    identity = load.organisation(element), element.text("ProgramName"), code(element, "ProgramType")
    load.facts.programs[identity] = element.text("ProgramId")


@maps("StudentProgramAssociation", to=("ProgramParticipation",))
def participation(element: Element, load: Load) -> Rows:
    yield _participation(element, load, details=code(element, "ReasonExited"))


@maps("StudentTitleIPartAProgramAssociation", to=("ProgramParticipation",))
def title_i(element: Element, load: Load) -> Rows:
    yield _participation(element, load, details=code(element, "TitleIPartAParticipant"))


@maps("StudentNeglectedOrDelinquentProgramAssociation", to=("ProgramParticipation",))
def neglected(element: Element, load: Load) -> Rows:
    yield _participation(element, load, details=code(element, "NeglectedOrDelinquentProgram"))


@maps("StudentCTEProgramAssociation", to=("CareerTechnicalEducation",))
def career_technical(element: Element, load: Load) -> Rows:
    yield _row(
        "CareerTechnicalEducation",
        element,
        load,
        {
            **_days(element),
            "program_code": _program_code(element, load),
            "cip_code": element.text("CTEProgramService/CIPCode"),
            "exit_reason": short(codes.EXITS, code(element, "ReasonExited")),
        },
    )


@maps("StudentSpecialEducationProgramAssociation", to=("Plan", "SpecialEdState"))
def special_education(element: Element, load: Load) -> Rows:
    disabilities = _disabilities(element)
    setting = short(codes.SETTINGS, code(element, "SpecialEducationSetting"))
    yield _row("SpecialEdState", element, load, _special_ed_state(element, disabilities, setting))
    yield _row("Plan", element, load, _plan(element, disabilities, setting))


def _special_ed_state(element: Element, disabilities: list[Id], setting: Id) -> Mapping[str, Value]:
    return {
        "primary_disability": disabilities[0],
        "secondary_disability": disabilities[1],
        "setting": setting,
        "eligibility_date": element.text("LastEvaluationDate"),
        "iep_date": element.text("IEPBeginDate"),
        "start_date": element.text("BeginDate"),
        "exit_date": element.text("SpecialEducationExitDate") or element.text("EndDate"),
        "exit_reason": short(
            codes.EXITS, code(element, "SpecialEducationExitReason") or code(element, "ReasonExited")
        ),
    }


def _plan(element: Element, disabilities: list[Id], setting: Id) -> Mapping[str, Value]:
    return {
        "plan_type": "IEP",
        "start_date": element.text("IEPBeginDate") or element.text("BeginDate"),
        "end_date": element.text("IEPEndDate"),
        "meeting_date": element.text("IEPReviewDate"),
        "evaluation_date": element.text("LastEvaluationDate"),
        "primary_disability": disabilities[0],
        "setting": setting,
        "service_minutes": times(60, element.text("SpecialEducationHoursPerWeek")),
        # Ed-Fi reports no drafts.
        "locked": True,
    }


def _disabilities(element: Element) -> list[Id]:
    """The primary and the secondary one. Where the files give an order, it counts."""
    found = sorted(element.each("Disability"), key=lambda each: each.identifier("OrderOfDisability") or "9")
    short_codes = [short(codes.DISABILITIES, code(each, "Disability")) for each in found]
    return [*short_codes, None, None]


@maps("StudentMigrantEducationProgramAssociation", to=("Migrant",))
def migrant(element: Element, load: Load) -> Rows:
    yield _row(
        "Migrant",
        element,
        load,
        {
            "eligibility_start_date": element.text("BeginDate"),
            "eligibility_expiration_date": element.text("EligibilityExpirationDate")
            or element.text("EndDate"),
            "last_qualifying_arrival_date": element.text("LastQualifyingMove"),
            "residency_date": element.text("StateResidencyDate"),
            "priority_for_services": element.text("PriorityForServices"),
        },
    )


@maps("StudentLanguageInstructionProgramAssociation", to=("LEP",))
def english_learner(element: Element, load: Load) -> Rows:
    ended = element.text("EndDate")
    yield _row(
        "LEP",
        element,
        load,
        {
            "program_status": "Exited LEP" if ended else "LEP",
            "identified_date": element.text("BeginDate"),
            "exit_date": ended,
        },
    )


@maps("StudentHomelessProgramAssociation", to=("Homeless",))
def homeless(element: Element, load: Load) -> Rows:
    yield _row(
        "Homeless",
        element,
        load,
        {
            **_days(element),
            "residence_type": short(codes.NIGHTS, code(element, "HomelessPrimaryNighttimeResidence")),
            "unaccompanied": element.text("HomelessUnaccompaniedYouth"),
        },
    )


@maps("StudentSchoolFoodServiceProgramAssociation", to=("POSEligibility",))
def meals(element: Element, load: Load) -> Rows:
    """One record for each service, such as Reduced Price Lunch."""
    for each in element.each("SchoolFoodServiceProgramService"):
        service = code(each, "SchoolFoodServiceProgramService") or ""
        price, _, meal = service.rpartition(" ")
        yield Row(
            "POSEligibility",
            (*_association_id(element, load), service),
            {
                "person_id": load.student(element),
                "eligibility": price[:1] if price in ("Free", "Reduced Price") else service,
                "eligibility_type": meal if price else None,
                "start_date": element.text("BeginDate"),
                "expiration_date": element.text("EndDate"),
                "direct_certification": element.text("DirectCertification"),
            },
        )


@maps("StudentSection504ProgramAssociation", to=("Section504",))
def section_504(element: Element, load: Load) -> Rows:
    yield _row(
        "Section504",
        element,
        load,
        {
            **_days(element),
            "evaluation_date": element.text("Section504EligibilityDecisionDate"),
            "review_date": element.text("Section504MeetingDate"),
            "impairment": short(codes.DISABILITIES, code(element, "Section504Disability")),
            "plan_in_place": element.text("AccommodationPlan"),
            "exit_reason": short(codes.EXITS, code(element, "ReasonExited")),
        },
    )


@maps("StudentTransportation", to=("Transportation",))
def transportation(element: Element, load: Load) -> Rows:
    """A bus without a direction goes both ways."""
    bus, way = element.text("StudentBusDetails/BusNumber"), code(element, "StudentBusDetails/TravelDirection")
    yield Row(
        "Transportation",
        (load.student_id(element), load.organisation(element, "Transportation")),
        {
            "person_id": load.student(element),
            "transport_code": short(codes.VEHICLES, code(element, "TransportationType")),
            "in_bus": None if way == "From School" else bus,
            "out_bus": None if way == "To School" else bus,
            "miles_transported": element.text("StudentBusDetails/Mileage"),
        },
    )


def _participation(element: Element, load: Load, *, details: Id) -> Row:
    return _row(
        "ProgramParticipation",
        element,
        load,
        {
            **_days(element),
            "program_id": load.key("ProgramParticipation", "the program", *_program_id(element, load)),
            "program_code": _program_code(element, load),
            "program_name": element.text(f"{_PROGRAM}ProgramName"),
            "participation_details": details,
        },
    )


def _row(name: str, element: Element, load: Load, values: Mapping[str, Value]) -> Row:
    return Row(name, _association_id(element, load), {"person_id": load.student(element), **values})


def _days(element: Element) -> Mapping[str, Value]:
    return {"start_date": element.text("BeginDate"), "end_date": element.text("EndDate")}


def _association_id(element: Element, load: Load) -> Path:
    return load.student_id(element), *_program_id(element, load), element.identifier("BeginDate")


def _program_id(element: Element, load: Load) -> Triple:
    return (
        load.organisation(element, _PROGRAM),
        element.text(f"{_PROGRAM}ProgramName"),
        code(element, f"{_PROGRAM}ProgramType"),
    )


def _program_code(element: Element, load: Load) -> Id:
    return load.facts.programs.get(_program_id(element, load))
