from collections.abc import Iterator
from dataclasses import replace
from math import gcd

import pytest

from dis_objects.catalogue import definitions
from district_data import faults, names
from district_data.databases import open_writer
from district_data.generation import count_rows, generate
from resync.choices import Dot, result_dot
from tests.conftest import DistrictDatabase
from tests.district_data.conftest import RECIPE, Build
from tests.district_data.judge import Verdict, judge

pytestmark = pytest.mark.django_db

KINDS = {
    "duplicate",
    "infinity",
    "decimal",
    "integer",
    "key",
    "length",
    "missing",
    "parent",
    "smallinteger",
}
# What a district of about 60,000 students shows (seed 000), in processed records, of the objects whose rows
# mean the same there and here.
YARDSTICK = {
    "School": 194,
    "Calendar": 230,
    "CourseSection": 16_557,
    "SchoolMonth": 2_140,
    "ScheduleStructure": 264,
    "TermSchedule": 234,
    "PeriodSchedule": 302,
    "Day": 69_620,
    "PersonIdentity": 114_609,
    "BehaviorType": 6_519,
    "BehaviorResolutionType": 821,
    "CensusContactSummary": 164_022,
    "EmploymentCredential": 12_638,
    "Enrollment": 97_574,
    "Graduation": 28_474,
}


def checksum(database: DistrictDatabase) -> dict[str, tuple[int, int]]:
    """Rows and the sum of their hashes, by table: the order of rows does not matter."""
    return {
        each.table: database.execute(
            f"SELECT count(*), COALESCE(sum(hashtextextended(t::text, 0)), 0) FROM {each.table} AS t"
        ).fetchone()
        for each in definitions().values()
    }


def column(database: DistrictDatabase, query: str) -> list:
    return [value for (value,) in database.execute(query)]


@pytest.fixture(scope="module")
def verdicts(faulty: DistrictDatabase) -> dict[str, Verdict]:
    return judge(faulty, 2024)


@pytest.mark.parametrize(
    "settings",
    [
        ("enable_hashjoin = off", "enable_mergejoin = off"),
        pytest.param(
            ("min_parallel_table_scan_size = 0", "parallel_setup_cost = 0", "parallel_tuple_cost = 0"),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_same_seed_same_district_whatever_the_plan(build: Build, settings: tuple[str, ...]) -> None:
    usual = checksum(build(students=100, error_rate=0.02))
    other = build(*(f"SET LOCAL {setting}" for setting in settings), students=100, error_rate=0.02)
    assert checksum(other) == usual


def test_another_seed_is_another_district(build: Build, sound: DistrictDatabase) -> None:
    other = checksum(build(seed=8))
    same = {table for table, found in checksum(sound).items() if found == other[table]}
    # What does not depend on chance: codes, days, an empty table of another state ...
    assert {"person_identity", "enrollment", "roster", "test_score", "school", "plan"}.isdisjoint(same)


def test_without_errors_every_record_arrives(sound: DistrictDatabase) -> None:
    failures = {name: verdict.reasons for name, verdict in judge(sound, 2024).items() if verdict.failures}
    assert failures == {}


@pytest.mark.parametrize("end_year", [2023, 2025])
def test_the_years_beside_have_data_that_arrives(sound: DistrictDatabase, end_year: int) -> None:
    verdicts = judge(sound, end_year)
    assert len(verdicts["Enrollment"].arrived) > 200
    assert verdicts["Enrollment"].reasons == set()


def test_every_object_of_the_state_is_filled_and_no_other(build: Build) -> None:
    rows = count_rows(build(students=3_000))
    assert {name for name, count in rows.items() if count} == {
        name for name, each in definitions().items() if each.applies_to("NV")
    }


@pytest.mark.parametrize("state", ["KY", "BIE", "MT"])
def test_another_state_has_its_own_objects(build: Build, state: str) -> None:
    database = build(state_code=state)
    filled = {name for name, count in count_rows(database).items() if count}
    assert filled >= {name for name, each in definitions().items() if each.states and each.applies_to(state)}
    assert {name for name, verdict in judge(database, 2024).items() if verdict.failures} == set()
    assert all(definitions()[name].applies_to(state) for name in filled)


def test_every_kind_of_failure_is_there(verdicts: dict[str, Verdict]) -> None:
    assert set.union(*(verdict.reasons for verdict in verdicts.values())) >= KINDS


def exclusions() -> Iterator[tuple[str, str]]:
    for name, each in definitions().items():
        for exclusion in each.exclusions:
            yield name, exclusion.code


@pytest.mark.parametrize(("name", "code"), list(exclusions()))
def test_every_exclusion_is_there(verdicts: dict[str, Verdict], name: str, code: str) -> None:
    assert code in verdicts[name].reasons


def test_every_exclusion_is_known_to_the_faults() -> None:
    assert set(exclusions()) == faults.BREACHES.keys() | faults.FOLLOWING


def test_no_errors_at_all_are_asked_for_and_none_are_made(sound: DistrictDatabase) -> None:
    assert column(sound, "SELECT count(*) FROM school WHERE state_exclude") == [0]


@pytest.mark.slow
def test_town(build: Build) -> None:
    """A tenth of the yardstick: its proportions, and dots of every colour."""
    town = judge(build(students=6_000, error_rate=0.005), 2024)
    processed = {name: town[name].processed for name in YARDSTICK}
    assert processed == {
        name: pytest.approx(count / 10, rel=0.15, abs=2) for name, count in YARDSTICK.items()
    }
    dots = {name: result_dot(verdict.processed, verdict.errors) for name, verdict in town.items()}
    assert {dots[name] for name in ("District", "Graduation", "BehaviorType", "EarlyWarning")} == {Dot.GREEN}
    assert {dots[name] for name in ("PersonIdentity", "CensusContactSummary", "Roster")} == {Dot.YELLOW}
    assert {dots[name] for name in ("School", "Calendar", "CourseSection", "TestScore")} == {Dot.RED}


@pytest.mark.slow
def test_more_fails_at_a_higher_rate(build: Build) -> None:
    errors = [
        sum(verdict.errors for verdict in judge(build(students=3_000, error_rate=rate), 2024).values())
        for rate in (0.002, 0.005, 0.02)
    ]
    assert errors[0] < errors[1] < errors[2]


def test_small_district_has_two_or_three_schools(build: Build) -> None:
    assert count_rows(build(students=200))["School"] in (2, 3)


@pytest.mark.parametrize("students", [1, 20])
def test_tiny_district(build: Build, students: int) -> None:
    database = build(students=students, error_rate=0.2)
    assert (
        len(column(database, "SELECT person_id FROM person_identity WHERE student_number IS NOT NULL"))
        >= students
    )


def test_ages_fit_the_grades(sound: DistrictDatabase) -> None:
    ages = sound.execute(
        "SELECT e.grade, min(extract(year FROM age(date '2023-08-31', p.birthdate))),"
        " max(extract(year FROM age(date '2023-08-31', p.birthdate)))"
        " FROM enrollment e JOIN person_identity p USING (person_id)"
        " WHERE e.end_year = 2024 AND e.service_type = 'P' GROUP BY e.grade"
    ).fetchall()
    place = {"PK": 4, "KG": 5} | {f"{grade:02}": grade + 5 for grade in range(1, 13)}
    assert {grade for grade, _, _ in ages} == place.keys()
    assert all(place[grade] <= youngest <= oldest <= place[grade] + 2 for grade, youngest, oldest in ages)


def test_school_starts_in_august(sound: DistrictDatabase) -> None:
    assert column(
        sound, "SELECT DISTINCT to_char(min(start_date), 'YYYY-MM') FROM enrollment WHERE end_year = 2024"
    ) == ["2023-08"]


def test_enrollments_of_a_student_do_not_end_before_they_start(sound: DistrictDatabase) -> None:
    assert column(sound, "SELECT enrollment_id FROM enrollment WHERE end_date < start_date") == []


def test_nobody_can_be_reached(sound: DistrictDatabase) -> None:
    phones = column(
        sound,
        "SELECT unnest(ARRAY[home_phone, cell_phone, work_phone]) FROM census_contact_summary"
        " UNION SELECT phone FROM school",
    )
    emails = column(
        sound, "SELECT email FROM census_contact_summary UNION SELECT principal_email FROM school"
    )
    assert all(") 555-01" in phone for phone in phones if phone)
    assert all(email.endswith("@example.org") for email in emails if email)


def test_no_two_persons_share_a_state_id(sound: DistrictDatabase) -> None:
    ids = column(sound, "SELECT state_id FROM person_identity WHERE state_id IS NOT NULL")
    assert len(ids) == len(set(ids)) > 300


def test_brothers_and_sisters_share_name_and_contacts(sound: DistrictDatabase) -> None:
    rows = sound.execute(
        "SELECT count(DISTINCT p.last_name), count(*) FROM census_contact_summary c"
        " JOIN person_identity p USING (person_id) WHERE c.contact_person_id IS NOT NULL"
        " GROUP BY c.contact_person_id"
    ).fetchall()
    assert {names for names, _ in rows} == {1}
    assert {children for _, children in rows} == {1, 2}


def test_names_of_schools_repeat_only_when_all_were_used() -> None:
    places = names.SCHOOLS.split(";")
    assert len(places) == len(set(places))
    # schools.sql goes through the list in steps of 47.
    assert gcd(47, len(places)) == 1


def test_shares_of_the_name_groups_add_up() -> None:
    assert sum(each.share for each in names.GROUPS) == 100


def test_a_run_that_fails_leaves_the_district_as_it_was(district, writer, monkeypatch) -> None:
    writer.execute("INSERT INTO school (school_id, name) VALUES (1, 'Kept')")

    def fail(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(faults, "spoil", fail)
    with pytest.raises(RuntimeError), open_writer(district) as database:
        generate(database, replace(RECIPE, students=20))
    assert column(writer, "SELECT name FROM school") == ["Kept"]
    assert column(writer, "SELECT count(*) FROM person_identity") == [0]
    assert column(writer, "SELECT nspname FROM pg_namespace WHERE nspname = 'generator'") == []


def test_attendance_is_of_enrolled_students_on_days_and_in_periods_of_their_calendar(
    sound: DistrictDatabase,
) -> None:
    odd = sound.execute(
        "SELECT count(*) FROM attendance.period_attendance a"
        " LEFT JOIN enrollment e ON e.enrollment_id = a.enrollment_id AND e.person_id = a.person_id"
        " AND e.calendar_id = a.calendar_id AND a.date BETWEEN e.start_date AND COALESCE(e.end_date, 'infinity')"
        " LEFT JOIN day d ON d.calendar_id = a.calendar_id AND d.structure_id = a.structure_id AND d.date = a.date"
        " AND d.attendance"
        " LEFT JOIN period_schedule p USING (period_id)"
        " LEFT JOIN schedule_structure s ON s.structure_id = p.structure_id AND s.calendar_id = a.calendar_id"
        " LEFT JOIN attendance_excuse x ON x.excuse_id = a.excuse_id AND x.calendar_id = a.calendar_id"
        " WHERE e IS NULL OR d IS NULL OR s IS NULL OR (a.excuse_id IS NOT NULL AND x IS NULL)"
    ).fetchone()
    assert odd == (0,)
    kinds = column(
        sound, "SELECT DISTINCT status || COALESCE(minutes::text, '') FROM attendance.period_attendance"
    )
    assert set(kinds) == {"A", "A185", "T20"}


def test_attendance_is_the_same_for_the_same_seed(build: Build) -> None:
    def rows(database: DistrictDatabase) -> object:
        return database.execute(
            "SELECT count(*), sum(hashtextextended(t::text, 0)) FROM attendance.period_attendance AS t"
        ).fetchone()

    usual = rows(build(students=100))
    assert rows(build("SET LOCAL enable_hashjoin = off", students=100)) == usual
    assert rows(build(students=100, seed=9)) != usual
