"""The exclusions' SQL, run on a district's tables."""

import re

import pytest
from psycopg import sql

from dis_objects.catalogue import definition, definitions

HELD_BACK = [each for each in definitions().values() if each.exclusions]
RULES = [(each, rule) for each in HELD_BACK for rule in each.exclusions]

every_rule = pytest.mark.parametrize(
    ("known", "rule"), RULES, ids=[f"{known.name}-{rule.code}" for known, rule in RULES]
)


def put(database, name, **values):
    table = definition(name).table
    columns = sql.SQL(", ").join(map(sql.Identifier, values))
    places = sql.SQL(", ").join([sql.Placeholder()] * len(values))
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), columns, places)
    database.execute(statement, [*values.values()])


def codes(database, name, end_year=2024):
    """The codes of all rules that hold the one record of this object back."""
    known = definition(name)
    return [
        rule.code
        for rule in known.exclusions
        if database.execute(
            f"SELECT ({rule.condition}) IS TRUE FROM {known.table} r", {"end_year": end_year}
        ).fetchone()[0]
    ]


@every_rule
def test_condition_is_sql_on_the_districts_tables(district_database, known, rule):
    district_database.execute(
        f"EXPLAIN SELECT FROM {known.table} r WHERE {rule.condition}", {"end_year": 2024}
    )


@every_rule
def test_condition_reads_only_what_the_object_says(known, rule):
    tables = set(re.findall(r"(?:FROM|JOIN) ([a-z_]+)", rule.condition))
    assert tables <= {known.table, *(definition(name).table for name in known.reads)}


@pytest.mark.parametrize("known", HELD_BACK, ids=lambda known: known.name)
def test_an_empty_record_is_held_back_by_nothing_but_what_is_missing(district_database, known):
    put(district_database, known.name, **{known.key: 1})
    assert set(codes(district_database, known.name)) <= {"PLAN_NOT_LOCKED", "STUDENT_NOT_ENROLLED"}


@pytest.mark.parametrize("known", HELD_BACK, ids=lambda known: known.name)
def test_a_record_that_is_there_twice_does_not_fail_the_query(district_database, known):
    """Every number of every row is 1, so that each of the tables finds two rows of the others."""
    for name in [known.name, *known.reads] * 2:
        numbers = [each.name for each in definition(name).fields if "Integer" in each.get_internal_type()]
        put(district_database, name, **dict.fromkeys(numbers, 1))
    for rule in known.exclusions:
        query = f"SELECT ({rule.condition}) IS TRUE FROM {known.table} r"
        assert len(district_database.execute(query, {"end_year": 2024}).fetchall()) == 2


@pytest.mark.parametrize("known", HELD_BACK, ids=lambda known: known.name)
def test_codes_are_stable_names_and_not_twice_in_an_object(known):
    names = [rule.code for rule in known.exclusions]
    assert len(names) == len(set(names))
    assert all(re.fullmatch("[A-Z][A-Z_]{3,29}", name) for name in names)


@every_rule
def test_sentence_is_for_a_person_and_holds_no_value(known, rule):
    assert rule.sentence.endswith(".")
    assert not set("%{}") & set(rule.sentence)


@pytest.mark.parametrize(
    ("name", "marked", "code"),
    [
        ("School", {"state_exclude": True}, "SCHOOL_EXCLUDED"),
        ("Calendar", {"exclude": True}, "CALENDAR_EXCLUDED"),
        ("StructureGradeLevel", {"state_exclude": True}, "GRADE_EXCLUDED"),
        ("Enrollment", {"state_exclude": True}, "ENROLLMENT_EXCLUDED"),
        ("CourseSection", {"course_active": False}, "COURSE_INACTIVE"),
        ("CourseSection", {"course_state_exclude": True}, "COURSE_EXCLUDED"),
        ("Course", {"active": False}, "COURSE_INACTIVE"),
        ("Course", {"state_exclude": True}, "COURSE_EXCLUDED"),
    ],
)
def test_own_mark(district_database, name, marked, code):
    put(district_database, name, **marked)
    assert codes(district_database, name) == [code]


def test_calendar_of_an_excluded_school(district_database):
    put(district_database, "School", school_id=1, state_exclude=True)
    put(district_database, "Calendar", calendar_id=1, school_id=1)
    assert codes(district_database, "Calendar") == ["SCHOOL_EXCLUDED"]


@pytest.mark.parametrize(
    "name",
    [
        "Behavior",
        "BehaviorIncident",
        "Course",
        "CourseSection",
        "Day",
        "Enrollment",
        "ScheduleStructure",
        "SchoolMonth",
    ],
)
@pytest.mark.parametrize(("exclude", "expected"), [(True, ["CALENDAR_EXCLUDED"]), (False, []), (None, [])])
def test_record_of_a_calendar(district_database, name, exclude, expected):
    put(district_database, "Calendar", calendar_id=1, exclude=exclude)
    put(district_database, "Calendar", calendar_id=2, exclude=True)
    put(district_database, name, calendar_id=1)
    assert codes(district_database, name) == expected


@pytest.mark.parametrize(
    ("structure_id", "grade", "expected"), [(1, "09", ["GRADE_EXCLUDED"]), (1, "10", []), (2, "09", [])]
)
def test_enrollment_in_an_excluded_grade(district_database, structure_id, grade, expected):
    put(district_database, "StructureGradeLevel", structure_id=1, grade="09", state_exclude=True)
    put(district_database, "StructureGradeLevel", structure_id=1, grade="10", state_exclude=False)
    put(district_database, "Enrollment", structure_id=structure_id, grade=grade)
    assert codes(district_database, "Enrollment") == expected


@pytest.mark.parametrize(
    ("enrollment", "section", "expected"),
    [
        ({}, {}, []),
        ({"no_show": False}, {"course_active": True}, []),
        ({"no_show": True}, {}, ["STUDENT_NO_SHOW"]),
        ({}, {"course_active": False}, ["COURSE_INACTIVE"]),
        ({}, {"course_state_exclude": True}, ["COURSE_EXCLUDED"]),
    ],
)
def test_roster(district_database, enrollment, section, expected):
    put(district_database, "Enrollment", enrollment_id=1, **enrollment)
    put(district_database, "CourseSection", section_id=1, **section)
    put(district_database, "Roster", roster_id=1, enrollment_id=1, section_id=1)
    assert codes(district_database, "Roster") == expected


@pytest.mark.parametrize(
    ("code", "expected"), [("1", []), ("", ["EVENT_CODE_MISSING"]), (None, ["EVENT_CODE_MISSING"])]
)
@pytest.mark.parametrize("name", ["Behavior", "BehaviorEvent"])
def test_event_needs_a_state_event_code(district_database, name, code, expected):
    put(district_database, "BehaviorType", type_id=1, state_event_code=code)
    put(district_database, name, event_type_id=1)
    assert codes(district_database, name) == expected


@pytest.mark.parametrize(
    ("code", "expected"), [("1", []), ("", ["RESOLUTION_CODE_MISSING"]), (None, ["RESOLUTION_CODE_MISSING"])]
)
@pytest.mark.parametrize("name", ["Behavior", "BehaviorResolution"])
def test_resolution_needs_a_state_resolution_code(district_database, name, code, expected):
    put(district_database, "BehaviorResolutionType", type_id=1, state_resolution_code=code)
    put(district_database, name, resolution_type_id=1)
    assert codes(district_database, name) == expected


class TestScores:
    """The six conditions of seed 001: a score that meets all of them, then one change at a time."""

    @pytest.fixture(autouse=True)
    def rows(self, district_database):
        self.database = district_database
        self.test = {
            "test_id": 1,
            "state_code": "S1",
            "published": True,
            "edit_not_available": False,
            "end_year": None,
        }
        self.score = {"score_id": 1, "test_id": 1, "person_id": 1, "date": "2024-04-15"}
        self.enrollment = {
            "enrollment_id": 1,
            "person_id": 1,
            "calendar_id": 1,
            "end_year": 2024,
            "active": True,
        }
        self.calendar = {"calendar_id": 1, "end_date": "2024-06-07"}

    def codes(self, end_year=2024):
        put(self.database, "Test", **self.test)
        put(self.database, "TestScore", **self.score)
        put(self.database, "Enrollment", **self.enrollment)
        put(self.database, "Calendar", **self.calendar)
        return codes(self.database, "TestScore", end_year)

    def test_score_that_meets_all_conditions(self):
        assert self.codes() == []

    @pytest.mark.parametrize(
        ("state", "national", "held"), [(None, "N1", False), ("", "", True), (None, None, True)]
    )
    def test_state_or_national_code(self, state, national, held):
        self.test |= {"state_code": state, "national_code": national}
        assert self.codes() == ["TEST_CODE_MISSING"] * held

    @pytest.mark.parametrize("published", [False, None])
    def test_published(self, published):
        self.test["published"] = published
        assert self.codes() == ["TEST_NOT_PUBLISHED"]

    def test_neither_date_nor_end_year(self):
        self.score["date"] = None
        assert self.codes() == ["SCORE_WITHOUT_YEAR"]

    @pytest.mark.parametrize("date", ["2023-07-01", "2024-06-30"])
    def test_first_and_last_day_of_the_school_year(self, date):
        self.score["date"] = date
        assert self.codes() == []

    @pytest.mark.parametrize("date", ["2023-06-30", "2024-07-01"])
    def test_day_outside_the_school_year(self, date):
        self.score["date"] = date
        assert self.codes() == ["SCORE_OF_OTHER_YEAR"]

    @pytest.mark.parametrize("date", [None, "2022-04-15"])
    def test_end_year_of_the_test_is_enough(self, date):
        self.score["date"] = date
        self.test["end_year"] = 2024
        assert self.codes() == []

    def test_end_year_of_another_year_without_a_date(self):
        self.score["date"] = None
        self.test["end_year"] = 2023
        assert self.codes() == ["SCORE_OF_OTHER_YEAR"]

    @pytest.mark.parametrize(
        ("root_date", "expected"),
        [("2024-04-15", []), ("2022-04-15", ["SCORE_OF_OTHER_YEAR"]), (None, ["SCORE_WITHOUT_YEAR"])],
    )
    def test_score_below_another_takes_the_date_of_the_root(self, root_date, expected):
        self.score |= {"root_score_id": 9, "date": "2020-01-01"}
        self.codes()
        put(self.database, "TestScore", score_id=9, date=root_date)
        known = definition("TestScore")
        found = [
            rule.code
            for rule in known.exclusions
            if self.database.execute(
                f"SELECT FROM test_score r WHERE r.score_id = 1 AND {rule.condition}", {"end_year": 2024}
            ).fetchone()
            is not None
        ]
        assert found == expected

    def test_district_locked_test(self):
        self.test["edit_not_available"] = True
        assert self.codes() == ["TEST_LOCKED"]

    @pytest.mark.parametrize(
        "change",
        [
            {"person_id": 2},
            {"end_year": 2023},
            {"active": False},
            {"no_show": True},
            {"end_date": "2024-01-15"},
        ],
    )
    def test_student_without_an_active_enrollment(self, change):
        self.enrollment |= change
        assert self.codes() == ["STUDENT_NOT_ENROLLED"]

    @pytest.mark.parametrize(
        "change", [{"active": None}, {"end_date": "2024-06-07"}, {"end_date": "2099-06-07"}]
    )
    def test_student_who_stays_to_the_end_is_enrolled(self, change):
        self.enrollment |= change
        assert self.codes() == []

    def test_test_that_is_not_there_is_left_to_the_missing_parent(self):
        self.score["test_id"] = 2
        assert self.codes() == []
