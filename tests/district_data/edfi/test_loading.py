"""The hand-written folder, object by object, and what makes a load fail."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any

import psycopg
import pytest

from dis_objects.catalogue import definition
from district_data.databases import drop_district_database, open_writer
from district_data.edfi import loading
from district_data.edfi.exceptions import (
    DistrictUnnamed,
    EdFiError,
    FileUnreadable,
    FolderUnusable,
    KeyCollision,
    NotEdFi,
    RowsRefused,
    SchoolYearUnclear,
)
from district_data.edfi.loading import OWNED_OBJECTS, load_folder
from district_data.edfi.mapping import LEARNERS, MAPPERS
from district_data.edfi.summary import Summary
from districts.models import District
from tests.district_data.edfi.conftest import SMALL, Select

STUDENT = "<Student><StudentUniqueId>{}</StudentUniqueId><Name><LastSurname>{}</LastSurname></Name></Student>"


@pytest.fixture
def loaded(bend: District, small: Path) -> Summary:
    return load_folder(bend.number, small)


def everything(district: District) -> dict[str, list[tuple[Any, ...]]]:
    with open_writer(district) as database:
        return {
            name: sorted(database.execute(f"SELECT * FROM {definition(name).table}").fetchall(), key=str)
            for name in OWNED_OBJECTS
        }


# What the files become


def test_district_and_schools(loaded: Summary, select: Select) -> None:
    assert select("SELECT district_key, number, name, address, zip, state FROM district") == [
        (100, "100", "Small & Fine ISD", "1 Main Street", "70002", "TX")
    ]
    assert select(
        "SELECT school_id, district_key, number, standard_code, low_grade, high_grade FROM school"
    ) == [
        (100001, 100, "001", "100001", "09", "10"),
        (100002, 100, "002", "100002", "KG", "KG"),
    ]


def test_a_school_without_a_calendar_gets_one_as_long_as_its_sessions(
    loaded: Summary, select: Select
) -> None:
    assert select(
        "SELECT c.name, c.end_year, c.start_date, c.end_date, c.student_day, s.name, s.is_primary"
        " FROM calendar c JOIN schedule_structure s USING (calendar_id) WHERE school_id = 100001"
    ) == [("2021-2022", 2022, date(2021, 8, 23), date(2022, 5, 27), 350, "Main", True)]


def test_a_school_without_sessions_has_the_whole_school_year(loaded: Summary, select: Select) -> None:
    assert select(
        "SELECT name, start_date, end_date FROM calendar WHERE school_id = 100002 ORDER BY name"
    ) == [
        ("ONE", date(2021, 7, 1), date(2022, 6, 30)),
        ("SOUTH", date(2021, 7, 1), date(2022, 6, 30)),
    ]


def test_days_belong_to_their_calendar(loaded: Summary, select: Select) -> None:
    assert select(
        "SELECT c.name, d.date, d.school_day, d.comments FROM day d JOIN calendar c USING (calendar_id)"
        " JOIN schedule_structure s ON s.structure_id = d.structure_id ORDER BY d.date"
    ) == [
        ("SOUTH", date(2021, 8, 23), True, "Instructional day"),
        ("SOUTH", date(2021, 9, 6), False, "Holiday"),
    ]


def test_terms_and_periods(loaded: Summary, select: Select) -> None:
    assert select("SELECT term_schedule_name, name, seq FROM term_schedule ORDER BY name") == [
        ("Sessions", "Fall", None),
        ("Grading periods", "First Six Weeks", 1),
        ("Sessions", "Spring", None),
    ]
    assert select("SELECT period_schedule_name, name, seq, start_time, end_time FROM period_schedule") == [
        ("Normal", "01", 1, "08:35", "09:25")
    ]


def test_grade_levels_are_those_in_use(loaded: Summary, select: Select) -> None:
    """Those that a school names and those that its students are in, in each of its calendars."""
    assert select(
        "SELECT c.name, g.grade, g.seq FROM structure_grade_level g JOIN schedule_structure s USING"
        " (structure_id)"
        " JOIN calendar c ON c.calendar_id = s.calendar_id AND c.calendar_id = g.calendar_id ORDER BY 1, 2"
    ) == [
        ("2021-2022", "09", 14),
        ("2021-2022", "10", 15),
        ("2021-2022", "11", 16),
        ("ONE", "KG", 5),
        ("SOUTH", "KG", 5),
    ]


def test_a_section_brings_its_course_along(loaded: Summary, select: Select) -> None:
    assert select(
        "SELECT course_number, course_name, course_state_code, department, section_number, credit, room_name,"
        " max_students, teacher_display, teacher_person_id, term_start, start_date,"
        " instructional_setting, school_id"
        " FROM course_section"
    ) == [
        ("ALG-1", "Algebra I", "03100500", "Mathematics", "ALG-1-FALL", Decimal(1), "R1", 24,
         "Tanner, Tamika", 1_000_000_000_501, "Fall", date(2021, 8, 23), "Classroom", 100001)
    ]  # fmt: skip
    assert select(
        "SELECT s.number, c.number FROM section s JOIN course c USING (course_id)"
        " JOIN course_section x ON x.course_id = c.course_id JOIN calendar k ON k.calendar_id = c.calendar_id"
    ) == [("ALG-1-FALL", "ALG-1")]


def test_text_is_kept_to_the_byte(loaded: Summary, select: Select) -> None:
    assert select(
        "SELECT last_name, first_name, middle_name, suffix, alias FROM person_identity WHERE person_id = 501"
    ) == [("  O'Neil-Łukasz", "Zoë ", "N’Dri", "Jr", "Zo")]


def test_a_student_of_the_old_dialect(loaded: Summary, select: Select) -> None:
    assert select(
        "SELECT state_id, student_number, last_name, gender, birthdate, birth_country, hispanic_ethnicity,"
        " race_ethnicity_fed, immigrant, home_primary_language FROM person_identity WHERE person_id = 1"
    ) == [("000001", "N-17", "Young", "M", date(2003, 8, 8), "MX", "N", "4", True, "spa")]


def test_persons_of_the_same_number_stay_apart(loaded: Summary, select: Select) -> None:
    assert select("SELECT person_id, last_name FROM person_identity ORDER BY 1") == [
        (1, "Young"),
        (501, "  O'Neil-Łukasz"),
        (502, "Odd"),
        (1_000_000_000_501, "Tanner"),
        (2_000_000_000_501, "O'Neil"),
    ]


def test_enrollments_of_both_dialects(loaded: Summary, select: Select) -> None:
    assert select(
        "SELECT e.person_id, c.name, e.grade, e.service_type, e.active, e.end_date, e.meal_status, e.homeless"
        " FROM enrollment e JOIN calendar c USING (calendar_id) JOIN schedule_structure s USING"
        " (structure_id) ORDER BY 1"
    ) == [
        (1, "2021-2022", "11", "P", True, None, "R", True),
        (501, "2021-2022", "09", "S", False, date(2022, 2, 1), None, None),
    ]


def test_what_leads_nowhere_is_kept(loaded: Summary, select: Select) -> None:
    """The resync reports it as a missing parent."""
    assert select(
        "SELECT e.person_id, p.person_id, c.calendar_id FROM enrollment e LEFT JOIN person_identity p"
        " USING (person_id)"
        " LEFT JOIN calendar c USING (calendar_id) WHERE e.person_id = 404"
    ) == [(404, None, None)]


def test_contacts_by_reference(loaded: Summary, select: Select) -> None:
    rows = select(
        "SELECT person_id, relationship, guardian, emergency_priority, last_name, cell_phone,"
        " home_phone, email, city"
        " FROM census_contact_summary ORDER BY relationship DESC"
    )
    assert rows == [
        (501, "Mother", True, 1, "O'Neil", "(950) 1", None, "ann@example.com", "Bend"),
        (501, "Father", None, None, None, None, None, None, None),
    ]


def test_staff(loaded: Summary, select: Select) -> None:
    assert select(
        "SELECT e.start_date, e.years_experience, e.fte_percent, a.title, a.teacher, a.assignment_code,"
        " a.school_id"
        " FROM employment e JOIN employment_assignment a USING (employment_id)"
    ) == [(date(2004, 7, 4), Decimal(24), Decimal(50), "Algebra teacher", True, "Teacher", 100001)]
    assert select(
        "SELECT person_id, credential_type, credential_code, number, subject_area, highly_qualified"
        " FROM employment_credential"
    ) == [(1_000_000_000_501, "Licensure", "Regular", "CR-1", "Mathematics", True)]


def test_whoever_works_for_the_district_itself_has_no_school(loaded: Summary, select: Select) -> None:
    assert select("SELECT assignment_code FROM employment_assignment WHERE school_id IS NULL") == [
        ("Superintendent",)
    ]


def test_behavior(loaded: Summary, select: Select) -> None:
    """The first of two actions stands in the line; the incident came after its reference in the file."""
    assert select(
        "SELECT b.incident_date, b.location, b.role, b.event_code, b.weapon_code, b.resolution_code,"
        " b.days_removed,"
        " i.occurred_on, i.location_description, w.weapon_code"
        " FROM behavior b JOIN behavior_incident i USING (incident_id) JOIN behavior_event e USING (event_id)"
        " JOIN behavior_role r USING (role_id) JOIN behavior_weapon w USING (role_id)"
        " JOIN behavior_resolution s ON s.resolution_id = b.resolution_id AND s.role_id = r.role_id"
        " JOIN behavior_resolution_type t ON t.type_id = b.resolution_type_id"
        " JOIN behavior_type y ON y.type_id = b.event_type_id AND y.type_id = e.event_type_id"
    ) == [
        (date(2021, 10, 18), "Library", "Offender", "State", "Club", "ISS", Decimal(1),
         datetime(2021, 10, 18, 9, 30, tzinfo=UTC), "Library/media center", "Club")
    ]  # fmt: skip
    assert select("SELECT person_id, role FROM behavior_role ORDER BY role") == [
        (501, "Offender"),
        (1_000_000_000_501, "Reporter"),
        (1_000_000_000_501, "Witness"),
    ]
    assert select("SELECT count(*) FROM behavior_resolution JOIN behavior_role USING (role_id)") == [(2,)]


def test_only_shared_codes_are_the_state_s(loaded: Summary, select: Select) -> None:
    assert select("SELECT code, name, state_event_code FROM behavior_type ORDER BY code") == [
        ("Hat", "Hat", None),
        ("State", "State Offense", "State"),
    ]


def test_attendance_in_minutes(loaded: Summary, select: Select) -> None:
    assert select(
        "SELECT date, scheduled_minutes, absent_minutes, unexcused_absent_minutes, absent_days, tardy"
        " FROM att_day_aggregation JOIN calendar USING (calendar_id) ORDER BY date"
    ) == [
        (date(2021, 10, 22), 350, 175, 175, Decimal("0.5"), False),
        (date(2021, 10, 23), 350, 35, None, None, True),
    ]
    assert select("SELECT code, description, status, excuse FROM attendance_excuse ORDER BY code") == [
        ("TDY", "Tardy", "T", "X"),
        ("UNX", "Unexcused Absence", "A", "U"),
    ]


def test_tests_and_scores(loaded: Summary, select: Select) -> None:
    assert select(
        "SELECT t.name, t.state_code, t.national_code, t.published, t.end_year, t.test_type,"
        " t.passing_score, s.person_id,"
        " s.date, s.testing_grade, s.scale_score, s.raw_score, s.performance_level, s.passed"
        " FROM test_score s JOIN test t USING (test_id)"
    ) == [
        ("State Math 8", "SM8", None, True, 2022, "College", Decimal(29), 501,
         date(2021, 12, 1), "11", Decimal(24), None, "Not Met", False)
    ]  # fmt: skip


def test_health(loaded: Summary, select: Select) -> None:
    assert select("SELECT vaccine_code, vaccine_name, shot_date FROM vaccine_shot ORDER BY shot_date") == [
        ("MMR", "MMR", date(2009, 12, 13)),
        ("MMR", "MMR", date(2010, 12, 13)),
        ("OTHER", "Malaria, RTS", date(2015, 9, 13)),
    ]
    assert select(
        "SELECT exemption_type, issue_date, comments FROM imm_certificate ORDER BY issue_date NULLS LAST"
    ) == [
        ("RELIGIOUS", date(2021, 8, 1), None),
        (None, date(2021, 8, 23), None),
        ("MEDICAL", None, "VAR: Allergy"),
    ]


PROGRAMS = [
    (
        "program_participation",
        "program_code, program_name, end_date",
        ("7", "Gifted and Talented", date(2021, 12, 17)),
    ),
    (
        "plan",
        "plan_type, start_date, primary_disability, setting, service_minutes, locked",
        ("IEP", date(2021, 9, 1), "ID", "RC40", 150, True),
    ),
    ("special_ed_state", "primary_disability, secondary_disability", ("ID", "DB")),
    (
        "career_technical_education",
        "cip_code, start_date, end_date",
        ("52.0304", date(2021, 8, 30), None),
    ),
    ("migrant", "last_qualifying_arrival_date, priority_for_services", (date(2021, 8, 31), False)),
    ("lep", "program_status, exit_date", ("Exited LEP", date(2021, 12, 17))),
    ("homeless", "start_date, end_date", (date(2021, 8, 30), None)),
    ("section504", "impairment, plan_in_place", ("DYSLX", True)),
    (
        "transportation",
        "transport_code, in_bus, out_bus, miles_transported",
        ("BUS", "Bus 1", None, Decimal("7.20")),
    ),
]


@pytest.mark.parametrize(("table", "columns", "row"), PROGRAMS, ids=[table for table, _, _ in PROGRAMS])
def test_programs(loaded: Summary, select: Select, table: str, columns: str, row: tuple[Any, ...]) -> None:
    assert select(f"SELECT {columns}, person_id FROM {table}") == [(*row, 501)]


def test_meals(loaded: Summary, select: Select) -> None:
    assert select("SELECT eligibility, eligibility_type FROM pos_eligibility ORDER BY 1") == [
        ("F", "Breakfast"),
        ("R", "Lunch"),
    ]


def test_a_social_security_number_goes_nowhere(loaded: Summary, bend: District) -> None:
    assert "987-65-4321" not in str(everything(bend))


# What the summary says


def test_every_element_is_counted_once(loaded: Summary) -> None:
    kinds = {(each.kind, each.dialect): each for each in loaded.kinds}
    assert kinds["Student", "5.2"].elements == 2
    assert kinds["Student", "2.0"].elements == 1
    assert kinds["AccountabilityRating", "5.2"].use == "not used"
    assert kinds["GraduationPlan", "2.0"].use == "not used"
    assert kinds["CourseOffering", "5.2"].use == "adds to Section, CourseSection"
    assert loaded.objects["PersonIdentity"] == 5
    assert loaded.not_read == ["README.txt"]


def test_values_that_were_not_understood(loaded: Summary) -> None:
    assert [vars(each) for each in loaded.not_understood] == [
        {
            "kind": "Student",
            "column": "PersonIdentity.birthdate",
            "first": "Student.xml, line 18",
            "values": 1,
        },
        {
            "kind": "StudentAssessment",
            "column": "TestScore.raw_score",
            "first": "StudentAssessment.xml, line 3",
            "values": 1,
        },
    ]


def test_what_has_no_place_is_counted(loaded: Summary) -> None:
    assert loaded.left_out == {
        ("ClassPeriod", "a second meeting time: a period has one"): 1,
        ("StudentAssessment", "a score by a method that TestScore has no column for"): 1,
        ("StudentHealth", "an immunization without a date: no dose to record"): 1,
    }


def test_functions_of_the_mapping_make_what_they_announce(bend: District, small: Path) -> None:
    load = loading.Load(2022)
    folder = loading.open_folder(small)
    loading.gather(folder, load)
    for record in folder.records():
        if record.kind in MAPPERS:
            load.file, load.kind = record.file, record.kind
            made = {row.object for row in MAPPERS[record.kind].rows(record.element, load)}
            assert made <= set(MAPPERS[record.kind].objects), record.kind


def test_learners_name_real_objects() -> None:
    for learner in LEARNERS.values():
        assert all(definition(name) for name in learner.objects)


# Loading again


def test_loading_twice_gives_the_same_rows(loaded: Summary, bend: District, small: Path) -> None:
    before = everything(bend)
    load_folder(bend.number, small)
    assert everything(bend) == before
    assert before["PersonIdentity"]


def test_a_load_replaces_what_is_gone(
    loaded: Summary, bend: District, select: Select, tmp_path: Path
) -> None:
    folder = copytree(SMALL, tmp_path / "later")
    (folder / "Student-2.0.xml").unlink()
    (folder / "StudentProgram.xml").unlink()
    load_folder(bend.number, folder)
    assert select("SELECT count(*) FROM person_identity WHERE person_id = 1") == [(0,)]
    assert select("SELECT count(*) FROM migrant") == [(0,)]


def test_other_years_are_left_alone(
    loaded: Summary, bend: District, select: Select, folder_of: Callable[..., Path]
) -> None:
    """Also the persons, who have no school year: those of the other year are still needed."""
    folder = folder_of(Student=STUDENT.format(501, "Renamed"))
    load_folder(bend.number, folder, 2023)
    assert select("SELECT end_year, count(*) FROM enrollment GROUP BY 1") == [(2022, 3)]
    assert select("SELECT last_name FROM person_identity WHERE person_id IN (1, 501) ORDER BY 1") == [
        ("Renamed",),
        ("Young",),
    ]


def test_elements_of_another_year_are_counted_and_passed_over(
    bend: District, select: Select, folder_of: Callable[..., Path]
) -> None:
    session = "<Session><SessionName>{0}</SessionName><SchoolYear>{0}</SchoolYear></Session>"
    folder = folder_of(EducationOrgCalendar=session.format("2020-2021") + session.format("2021-2022"))
    summary = load_folder(bend.number, folder, 2022)
    assert select("SELECT name FROM term_schedule") == [("2021-2022",)]
    assert [(each.elements, each.of_other_year) for each in summary.kinds] == [(2, 1)]


def test_a_school_year_that_is_none_counts_as_not_understood(
    bend: District, folder_of: Callable[..., Path]
) -> None:
    folder = folder_of(EducationOrgCalendar="<Session><SchoolYear>last</SchoolYear></Session>")
    summary = load_folder(bend.number, folder, 2022)
    assert [(each.kind, each.column, each.values) for each in summary.not_understood] == [
        ("Session", "school year", 1)
    ]


def test_what_is_there_twice_is_kept_twice(
    bend: District, select: Select, folder_of: Callable[..., Path]
) -> None:
    folder = folder_of(Student=STUDENT.format(7, "A") + STUDENT.format(7, "B"))
    summary = load_folder(bend.number, folder, 2022)
    assert select("SELECT person_id, last_name FROM person_identity ORDER BY 2") == [(7, "A"), (7, "B")]
    assert summary.repeated == {"PersonIdentity": 1}


def test_without_a_local_education_agency_the_district_is_upstate_s(
    bend: District, select: Select, folder_of: Callable[..., Path]
) -> None:
    school = "<School><NameOfInstitution>North</NameOfInstitution><SchoolId>7</SchoolId></School>"
    load_folder(bend.number, folder_of(EducationOrganization=school), 2022)
    assert select("SELECT d.number, d.name, s.name FROM district d JOIN school s USING (district_key)") == [
        (bend.number, bend.name, "North")
    ]


@pytest.mark.django_db(transaction=True)
def test_a_new_district_is_made(small: Path) -> None:
    load_folder("100", small)
    district = District.objects.get(number="100")
    try:
        assert district.name == "Small & Fine ISD"
        assert district.zone.school_year.end_year == 2022
        with open_writer(district) as database:
            assert database.execute("SELECT count(*) FROM enrollment").fetchone() == (3,)
    finally:
        drop_district_database(district)


# What makes a load fail: the district's database stays as it was


def break_xml(folder: Path) -> None:
    (folder / "Student.xml").write_text(
        "<InterchangeStudent xmlns='http://ed-fi.org/5.2.0'><Student></InterchangeStudent>"
    )


def break_end(folder: Path) -> None:
    path = folder / "StudentProgram.xml"
    path.write_text(path.read_text()[:-100])


def add_foreign_file(folder: Path) -> None:
    (folder / "page.xml").write_text("<html/>")


def add_unknown_interchange(folder: Path) -> None:
    (folder / "new.xml").write_text("<InterchangeMoon xmlns='http://ed-fi.org/5.2.0'/>")


def add_unreadable_file(folder: Path) -> None:
    (folder / "new.xml").symlink_to("gone")


def empty(folder: Path) -> None:
    for each in folder.iterdir():
        each.unlink()


def add_colliding_student(folder: Path) -> None:
    student = STUDENT.format("0501", "X")
    (folder / "z.xml").write_text(
        f"<InterchangeStudent xmlns='http://ed-fi.org/5.2.0'>{student}</InterchangeStudent>"
    )


FAULTS = [
    (break_xml, FileUnreadable, "Student.xml, line 1: this is not well-formed XML"),
    (break_end, FileUnreadable, "StudentProgram.xml, line"),
    (add_foreign_file, NotEdFi, "page.xml, line 1: the root element is not in an Ed-Fi namespace"),
    (add_unknown_interchange, NotEdFi, "new.xml, line 1: the root element InterchangeMoon is no Ed-Fi"
    " interchange"),
    (add_unreadable_file, FileUnreadable, "new.xml cannot be read"),
    (empty, FolderUnusable, "holds no XML file"),
    (add_colliding_student, KeyCollision, "z.xml, line 1: this PersonIdentity record"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "failure", "sentence"), FAULTS, ids=lambda each: getattr(each, "__name__", "")
)
def test_a_load_that_fails_changes_nothing(
    loaded: Summary,
    bend: District,
    tmp_path: Path,
    fault: Callable[[Path], None],
    failure: type[EdFiError],
    sentence: str,
) -> None:
    before = everything(bend)
    folder = copytree(SMALL, tmp_path / "broken")
    fault(folder)
    with pytest.raises(failure, match=sentence):
        load_folder(bend.number, folder, 2022)
    assert everything(bend) == before


def test_a_database_that_refuses_changes_nothing(loaded: Summary, bend: District, small: Path) -> None:
    """The server's message would quote the row."""
    before = everything(bend)
    with open_writer(bend) as database:
        database.execute("ALTER TABLE enrollment ADD CONSTRAINT nobody CHECK (person_id <> 404) NOT VALID")
    try:
        with pytest.raises(
            RowsRefused, match=r"did not take the rows \(CheckViolation\)\. Nothing was changed\.$"
        ) as raised:
            load_folder(bend.number, small)
    finally:
        with open_writer(bend) as database:
            database.execute("ALTER TABLE enrollment DROP CONSTRAINT nobody")
    assert isinstance(raised.value.__cause__, psycopg.Error)
    assert everything(bend) == before


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [(2023, "The files are of 2021-2022, not of 2022-2023."), (2022, None), (None, None)],
)
def test_the_school_year_is_the_files(
    bend: District, small: Path, asked: int | None, sentence: str | None
) -> None:
    if sentence is None:
        assert load_folder(bend.number, small, asked).school_year == 2022
        return
    with pytest.raises(SchoolYearUnclear, match=sentence):
        load_folder(bend.number, small, asked)


def test_no_school_year_anywhere(bend: District, folder_of: Callable[..., Path]) -> None:
    folder = folder_of(Student=STUDENT.format(1, "A"))
    with pytest.raises(
        SchoolYearUnclear, match="name no school year. Say which one to load: --school-year 2022"
    ):
        load_folder(bend.number, folder)


def test_several_school_years(bend: District, folder_of: Callable[..., Path]) -> None:
    years = "".join(f"<Session><SchoolYear>{year}</SchoolYear></Session>" for year in (2021, 2022))
    with pytest.raises(SchoolYearUnclear, match="are of 2020-2021 and 2021-2022. Say which one"):
        load_folder(bend.number, folder_of(EducationOrgCalendar=years))


@pytest.mark.django_db
def test_a_new_district_needs_a_name(folder_of: Callable[..., Path]) -> None:
    with pytest.raises(
        DistrictUnnamed, match="There is no district 0815, and the files hold no LocalEducationAgency"
    ):
        load_folder("0815", folder_of(Student=STUDENT.format(1, "A")), 2022)
    assert not District.objects.filter(number="0815").exists()
