import pytest

from dis_objects.catalogue import definition
from district_data.edfi import codes


def test_short_codes_and_what_has_none() -> None:
    assert codes.short(codes.GENDERS, "Female") == "F"
    assert codes.short(codes.GENDERS, "Something else") == "Something else"
    assert codes.short(codes.GENDERS, None) is None


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("08:35:00", "08:35"),
        ("08:35", "08:35"),
        ("08:00", "08:00"),
        ("08:35:30", "08:35:30"),
        ("noon", "noon"),
        (None, None),
    ],
)
def test_clock(written: str | None, shown: str | None) -> None:
    assert codes.clock(written) == shown


@pytest.mark.parametrize(
    ("written", "product"),
    [("0.5", "50.0"), (" 1 ", "100"), ("half", "half"), ("1e9", "1e9"), ("", ""), (None, None)],
)
def test_times(written: str | None, product: str | None) -> None:
    assert codes.times(100, written) == product


@pytest.mark.parametrize(("written", "rounded"), [("174.6", "175"), ("175", "175"), ("x", "x"), (None, None)])
def test_whole(written: str | None, rounded: str | None) -> None:
    assert codes.whole(written) == rounded


@pytest.mark.parametrize(
    ("table", "name", "column"),
    [
        (codes.GRADES, "Enrollment", "grade"),
        (codes.GENDERS, "PersonIdentity", "gender"),
        (codes.RACES, "PersonIdentity", "race_ethnicity_fed"),
        (codes.YES_NO, "PersonIdentity", "hispanic_ethnicity"),
        (codes.LANGUAGES, "PersonIdentity", "home_primary_language"),
        (codes.MEALS, "Enrollment", "meal_status"),
        (codes.SCHOOL_TYPES, "School", "school_type"),
        (codes.ASSIGNMENTS, "EmploymentAssignment", "assignment_code"),
        (codes.TEACHING_CREDENTIALS, "EmploymentCredential", "credential_code"),
        (codes.TEST_TYPES, "Test", "test_type"),
        (codes.PERFORMANCE_LEVELS, "TestScore", "performance_level"),
        (codes.ROLES, "BehaviorRole", "role"),
        (codes.BEHAVIORS, "BehaviorType", "code"),
        (codes.DISCIPLINES, "BehaviorResolutionType", "code"),
        (codes.PLACES, "BehaviorIncident", "location"),
        (codes.DISABILITIES, "Plan", "primary_disability"),
        (codes.DISABILITIES, "Section504", "impairment"),
        (codes.SETTINGS, "Plan", "setting"),
        (codes.EXITS, "SpecialEdState", "exit_reason"),
        (codes.NIGHTS, "Homeless", "residence_type"),
        (codes.VEHICLES, "Transportation", "transport_code"),
        (codes.EXEMPTIONS, "ImmCertificate", "exemption_type"),
        ({each: code for each, (code, _, _) in codes.ABSENCES.items()}, "AttendanceExcuse", "code"),
    ],
)
def test_every_short_code_fits_its_column(table: dict[str, str], name: str, column: str) -> None:
    (longest,) = [field.max_length for field in definition(name).fields if field.name == column]
    assert max(map(len, table.values())) <= longest
