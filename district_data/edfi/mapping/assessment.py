from datetime import date

from district_data.edfi import codes
from district_data.edfi.codes import short
from district_data.edfi.dialects import code, every_code
from district_data.edfi.elements import Element
from district_data.edfi.facts import Id, Pair, Texts
from district_data.edfi.load import Load
from district_data.edfi.mapping.registry import Rows, maps
from district_data.edfi.rows import Row

# The columns of TestScore, by reporting method. Of two methods with the same column the first one counts.
_COLUMNS = {
    "Raw score": "raw_score",
    "Scale score": "scale_score",
    "Composite Score": "scale_score",
    "Vertical score": "scale_score",
    "Percentile": "percentile",
    "National Percentile": "percentile",
    "National College-Bound Percentile": "percentile",
    "Stanine score": "stanine",
    "Normal curve equivalent": "normal_curve_equivalent",
}
_PASSING = ("Met Standard", "Pass")


@maps("Assessment", to=("Test",))
def test(element: Element, load: Load) -> Rows:
    state_code = _code_of(element, "State")
    yield Row(
        "Test",
        _assessment_id(element),
        {
            "code": element.text("AssessmentIdentificationCode/IdentificationCode"),
            "name": element.text("AssessmentIdentifier"),
            "state_code": state_code,
            # A contractor's code names a test that is given nationally, unless the state has its own.
            "national_code": None if state_code else _code_of(element, "Test Contractor"),
            # Ed-Fi only has what is published to everybody.
            "published": True,
            "end_year": _end_year(element.identifier("AssessmentPeriod/EndDate")),
            "test_type": short(codes.TEST_TYPES, code(element, "AssessmentCategory")),
            "subject": code(element, "AcademicSubject"),
            "start_date": element.text("AssessmentPeriod/BeginDate"),
            "end_date": element.text("AssessmentPeriod/EndDate"),
            "low_score": element.text("AssessmentScore/MinimumScore"),
            "high_score": element.text("AssessmentScore/MaximumScore"),
            "passing_score": _passing_score(element),
        },
    )


@maps("StudentAssessment", to=("TestScore",))
def test_score(element: Element, load: Load) -> Rows:
    assessment = load.referred(
        element,
        "AssessmentReference",
        "AssessmentIdentity/AssessmentIdentifier",
        "AssessmentIdentity/Namespace",
    )
    level = code(element, "PerformanceLevel/PerformanceLevel")
    remarks = [*every_code(element, "Accommodation"), *every_code(element, "ReasonNotTested")]
    objectives = sum(1 for _ in element.each("StudentObjectiveAssessment"))
    load.leave_out("a result of a part of the test", objectives)
    yield Row(
        "TestScore",
        (element.identifier("StudentAssessmentIdentifier"), *assessment, load.student_id(element)),
        {
            "test_id": load.key("Test", *assessment),
            "person_id": load.student(element),
            "date": element.text("AdministrationDate"),
            "testing_grade": short(codes.GRADES, code(element, "WhenAssessedGradeLevel")),
            "performance_level": short(codes.PERFORMANCE_LEVELS, level),
            "passed": codes.PASSED.get(level or ""),
            "comments": ", ".join(remarks) or None,
            **_scores(element, load),
        },
    )


def _scores(element: Element, load: Load) -> Texts:
    scores: dict[str, Id] = {}
    for each in element.each("ScoreResult"):
        column = _COLUMNS.get(code(each, "AssessmentReportingMethod") or "")
        if column and column not in scores:
            scores[column] = each.text("Result")
        else:
            load.leave_out("a score by a method that TestScore has no column for")
    return scores


def _assessment_id(element: Element) -> Pair:
    return element.identifier("AssessmentIdentifier"), element.identifier("Namespace")


def _code_of(element: Element, system: str) -> Id:
    for each in element.each("AssessmentIdentificationCode"):
        if code(each, "AssessmentIdentificationSystem") == system:
            return each.text("IdentificationCode")
    return None


def _passing_score(element: Element) -> Id:
    for each in element.each("AssessmentPerformanceLevel"):
        if code(each, "PerformanceLevel") in _PASSING:
            return each.text("MinimumScore")
    return None


def _end_year(day: Id) -> int | None:
    """The school year of a day. A school year begins on 1 July."""
    try:
        on = date.fromisoformat(day or "")
    except ValueError:
        return None
    return on.year + 1 if on.month >= 7 else on.year
