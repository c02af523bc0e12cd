from district_data.edfi import codes
from district_data.edfi.codes import short
from district_data.edfi.dialects import code
from district_data.edfi.elements import Element
from district_data.edfi.facts import Id
from district_data.edfi.load import Load
from district_data.edfi.mapping.registry import Rows, maps
from district_data.edfi.rows import Row

_NO_DATE = "an immunization without a date: no dose to record"


@maps("StudentHealth", to=("ImmCertificate", "VaccineShot"))
def health(element: Element, load: Load) -> Rows:
    """A certificate for the record as a whole, one for each exemption, and a shot for each dose."""
    as_of = element.text("AsOfDate")
    yield _certificate(element, load, "RECORD", None, None, as_of)
    kind = code(element, "NonMedicalImmunizationExemption")
    if kind:
        issued = element.text("NonMedicalImmunizationExemptionDate")
        yield _certificate(element, load, "EXEMPTION", short(codes.EXEMPTIONS, kind), None, issued)
    for each in element.each("RequiredImmunization"):
        yield from _required(element, each, load)
    for each in element.each("AdditionalImmunization"):
        yield from _shots(element, each, load, "OTHER", each.text("ImmunizationName"))


def _required(element: Element, vaccine: Element, load: Load) -> Rows:
    name = code(vaccine, "ImmunizationType")
    reason = vaccine.text("MedicalExemption")
    if reason:
        issued = vaccine.text("MedicalExemptionDate")
        yield _certificate(
            element, load, "EXEMPTION", codes.EXEMPTIONS["Medical"], f"{name}: {reason}", issued
        )
    yield from _shots(element, vaccine, load, name, name)


def _shots(element: Element, vaccine: Element, load: Load, vaccine_code: Id, name: Id) -> Rows:
    doses = [each.text() for each in vaccine.each("ImmunizationDate")]
    if not doses and vaccine.at("MedicalExemption") is None:
        load.leave_out(_NO_DATE)
    for dose in doses:
        yield Row(
            "VaccineShot",
            (load.student_id(element), vaccine_code, name, dose),
            {
                "person_id": load.student(element),
                "vaccine_code": vaccine_code,
                "vaccine_name": name,
                "shot_date": dose,
            },
        )


def _certificate(element: Element, load: Load, kind: str, exemption: Id, remark: Id, issued: Id) -> Row:
    return Row(
        "ImmCertificate",
        (load.student_id(element), kind, exemption, remark),
        {
            "person_id": load.student(element),
            "certificate_type": kind,
            "issue_date": issued,
            "exemption_type": exemption,
            "comments": remark,
        },
    )
