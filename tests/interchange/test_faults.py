"""Each fault that keeps a record from the state: when it is there, which comes first, and when it is over."""

from collections.abc import Callable

import pytest

from districts.models import District, SchoolYear
from interchange.models import RecordError
from tests.interchange.pair import Pair, errors_of, put_at_state, state_of
from tests.interchange.records import drawn, record
from tests.interchange.reference import Counts, OpenError

PICTURES = {
    "no key": """
        School
        school_id | number | ->
        1         | 1      |
        NULL      | 2      | MISSING_KEY school_id x3
        NULL      | 3      | MISSING_KEY school_id x3
        NULL      | NULL   | MISSING_KEY school_id x3
    """,
    "key twice": """
        School
        school_id | number | ->
        1         | 1      | DUPLICATE_KEY x2
        1         | 2      | DUPLICATE_KEY x2
        2         | 3      |
        3         | 4      | DUPLICATE_KEY x3
        3         | 4      | DUPLICATE_KEY x3
        3         | 4      | DUPLICATE_KEY x3
    """,
    "required value": """
        School
        school_id | district_key | number | name | city | ->
        1         | NULL         | 1      | A    | NULL | MISSING_REQUIRED district_key
        2         | 1            | NULL   | A    | NULL | MISSING_REQUIRED number
        3         | 1            | 1      | NULL | NULL | MISSING_REQUIRED name
        4         | 1            | ''     | ''   | NULL |
    """,
    "required date, time and year": """
        Calendar
        calendar_id | end_year | start_date | end_date   | ->
        1           | 2024     | 2023-08-01 | 2024-06-07 |
        2           | NULL     | 2023-08-01 | 2024-06-07 | MISSING_REQUIRED end_year
        3           | 2024     | NULL       | NULL       | MISSING_REQUIRED start_date
        4           | 2024     | 2023-08-01 | NULL       | MISSING_REQUIRED end_date
        5           | 2023     | NULL       | NULL       | -
    """,
    "small whole number": """
        StructureGradeLevel
        grade_level_id | seq    | ->
        1              | 32767  |
        2              | 32768  | OUT_OF_RANGE seq
        3              | -32768 |
        4              | -32769 | OUT_OF_RANGE seq
        5              | MAX    | OUT_OF_RANGE seq
        6              | MIN    | OUT_OF_RANGE seq
        7              | NULL   |
    """,
    "whole number": """
        Plan
        plan_id | service_minutes | ->
        1       | 2147483647      |
        2       | 2147483648      | OUT_OF_RANGE service_minutes
        3       | -2147483648     |
        4       | -2147483649     | OUT_OF_RANGE service_minutes
        5       | MAX             | OUT_OF_RANGE service_minutes
    """,
    "number with places": """
        Course
        course_id | credit                | ->
        1         | 999.999               |
        2         | 999.9994              |
        3         | 999.9995              | OUT_OF_RANGE credit
        4         | -999.9995             | OUT_OF_RANGE credit
        5         | 1000                  | OUT_OF_RANGE credit
        6         | NaN                   | OUT_OF_RANGE credit
        7         | Infinity              | OUT_OF_RANGE credit
        8         | -Infinity             | OUT_OF_RANGE credit
        9         | 0.00000000000000001   |
        10        | 1E+100                | OUT_OF_RANGE credit
    """,
    "date": """
        PersonIdentity
        person_id | birthdate     | ->
        1         | 0001-01-01    |
        2         | 9999-12-31    |
        3         | 10000-01-01   | OUT_OF_RANGE birthdate
        4         | 0001-12-31 BC | OUT_OF_RANGE birthdate
        5         | infinity      | OUT_OF_RANGE birthdate
        6         | -infinity     | OUT_OF_RANGE birthdate
        7         | 5874897-12-31 | OUT_OF_RANGE birthdate
        8         | 2012-02-29    |
    """,
    "date and time": """
        ContactLog
        contact_log_id | contacted_on                     | ->
        1              | 0001-01-01 00:00:00+00           |
        2              | 9999-12-31 23:59:59.999999+00    |
        3              | 10000-01-01 00:00:00+00          | OUT_OF_RANGE contacted_on
        4              | 0001-12-31 23:59:59.999999+00 BC | OUT_OF_RANGE contacted_on
        5              | infinity                         | OUT_OF_RANGE contacted_on
        6              | -infinity                        | OUT_OF_RANGE contacted_on
        7              | 2024-03-10 02:30:00.000001+00    |
    """,
    "long text": f"""
        Calendar
        calendar_id | name             | number | ->
        1           | {"x" * 30}       | 123    |
        2           | {"x" * 31}       | 123    | TOO_LONG name
        3           | x                | 1234   | TOO_LONG number
        4           | {"😀" * 30}      | אבג    |
        5           | {"😀" * 31}      | 123    | TOO_LONG name
        6           | {"א" * 30}       | אבג    |
    """,
    "parent": """
        Roster
        roster_id | person_id | enrollment_id | grade_level_id | section_id | ->
        1         | 1         | 1             | 1              | 7          |
        2         | 1         | 1             | NULL           | 7          |
        3         | 1         | 1             | 2              | 7          | MISSING_PARENT grade_level_id 2
        4         | 1         | 2             | 2              | 7          | MISSING_PARENT enrollment_id 2
        5         | 2         | 2             | 2              | 7          | MISSING_PARENT person_id 2
        6         | MAX       | 1             | 1              | 7          | MISSING_PARENT person_id MAX
        7         | MIN       | 1             | 1              | 7          | MISSING_PARENT person_id MIN
        8         | -1        | 1             | 1              | 7          | MISSING_PARENT person_id -1
    """,
    "a copy comes before all the rest": """
        School
        school_id | state_exclude | number   | district_key | ->
        1         | true          | NULL     | 9            | DUPLICATE_KEY x2
        1         | false         | 1        | 1            | DUPLICATE_KEY x2
    """,
    "an exclusion comes before fields": """
        School
        school_id | state_exclude | number   | district_key | ->
        1         | true          | NULL     | 9            | SCHOOL_EXCLUDED
        2         | false         | NULL     | 9            | MISSING_REQUIRED number
        3         | false         | 12345678 | 9            | TOO_LONG number
        4         | false         | 1        | 9            | MISSING_PARENT district_key 9
    """,
    "fields come in their order": """
        Calendar
        calendar_id | end_year | name       | number | start_date  | student_day | ->
        1           | NULL     | NULL       | 1234   | infinity    | 99999       | MISSING_REQUIRED end_year
        2           | 2024     | NULL       | 1234   | infinity    | 99999       | MISSING_REQUIRED name
        3           | 2024     | x          | 1234   | infinity    | 99999       | TOO_LONG number
        4           | 2024     | x          | 123    | infinity    | 99999       | OUT_OF_RANGE start_date
        5           | 2024     | x          | 123    | 2023-08-01  | 99999       | OUT_OF_RANGE student_day
    """,
}
OBJECTS = {title: picture.split()[0] for title, picture in PICTURES.items()}


@pytest.mark.parametrize("title", PICTURES)
def test_fault(pair: Pair, title: str) -> None:
    pair.check(PICTURES[title], OBJECTS[title])


def test_blanks_at_the_end_count_as_characters(pair: Pair) -> None:
    """PostgreSQL's own cast would cut them off."""
    pair.put_at_state("District")
    pair.fill({"School": [record("School", 1, number="1234567"), record("School", 2, number="123456  ")]})
    pair.push("School")
    assert pair.codes("School") == {2: "TOO_LONG"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "Zo\u00eb",
        "Zoe\u0308",
        "Nguyễn  ",
        "\t|,\\N\n\r",
        "'\"; --",
        "שלום \u200f",
        "🦉 and 👩\u200d👧",
        "\ufffe",
        "\x01",
    ],
    ids=ascii,
)
def test_text_arrives_as_it_is(pair: Pair, text: str) -> None:
    pair.put_at_state("District")
    pair.fill({"School": [record("School", name=text)]})
    assert pair.push("School") == Counts(processed=1, written=1)
    assert pair.reference.state["School"][1]["name"] == text


def test_accent_that_is_spelled_otherwise_is_a_change(pair: Pair) -> None:
    pair.put_at_state("District")
    pair.fill({"School": [record("School", name="Zo\u00eb")]})
    pair.push("School")
    pair.fill({"School": [record("School", name="Zoe\u0308")]})
    assert pair.push("School") == Counts(processed=1, written=1)


def test_parent_of_another_district_is_none(pair: Pair, make_district: Callable[..., District]) -> None:
    put_at_state(make_district("T2"), "District")
    pair.fill({"School": [record("School")]})
    pair.push("School")
    assert pair.every_error("School") == {1: OpenError("MISSING_PARENT", "district_key", 1)}


def test_nothing_of_another_district_is_touched(pair: Pair, make_district: Callable[..., District]) -> None:
    """Its errors have the same keys as the records that arrive here."""
    pair.put_at_state("District")
    others = [make_district("T2"), make_district("T3")]
    for other in others:
        put_at_state(other, "School")
        RecordError.objects.create(district=other, object="School", key=1, code="TOO_LONG", field="name")
        RecordError.objects.create(district=other, object="School", key=None, code="MISSING_KEY")
    before = [(state_of(other, "School"), errors_of(other)) for other in others]
    pair.fill({"School": [record("School", 1, name="ours"), record("School", 2, name=None)]})
    assert pair.push("School") == Counts(processed=2, errors=1, written=1)
    assert [(state_of(other, "School"), errors_of(other)) for other in others] == before


def test_parent_of_another_school_year_is_one(pair: Pair) -> None:
    pair.put_at_state("School")
    pair.fill(
        {"Calendar": [record("Calendar", end_year=2023)], "ScheduleStructure": [record("ScheduleStructure")]}
    )
    pair.push("Calendar", end_year=2023)
    assert pair.push("ScheduleStructure") == Counts(processed=1, written=1)


def test_record_at_the_state_that_did_not_change_is_not_asked_for_its_parents(pair: Pair) -> None:
    pair.put_at_state("School")
    pair.fill({"School": [record("School")]})
    pair.push("School")
    assert pair.codes("School") == {1: "MISSING_PARENT"}


class TestEndOfAnError:
    @pytest.fixture(autouse=True)
    def failed(self, pair: Pair) -> None:
        self.pair = pair
        SchoolYear.objects.get_or_create(end_year=2023)
        pair.put_at_state("School")
        self.fill(
            """
            1 | x    | 2024
            2 | NULL | 2024
            3 | NULL | NULL
            4 | NULL | 2023
            """
        )
        pair.push("Calendar")
        pair.push("Calendar", end_year=2023)
        assert pair.errors("Calendar", 2024) == {
            2: OpenError("MISSING_REQUIRED", "name"),
            3: OpenError("MISSING_REQUIRED", "end_year"),
        }

    def fill(self, lines: str) -> None:
        self.pair.fill(drawn("Calendar\ncalendar_id | name | end_year\n" + lines.strip()))

    def codes(self) -> dict[int | None, str]:
        return {key: error.code for key, error in self.pair.errors("Calendar", 2024).items()}

    def test_record_arrives(self) -> None:
        self.fill("2 | x | 2024\n3 | x | NULL")
        assert self.pair.push("Calendar") == Counts(processed=2, errors=1, written=1)
        assert self.codes() == {3: "MISSING_REQUIRED"}

    def test_record_leaves_the_district(self) -> None:
        self.fill("1 | x | 2024")
        self.pair.push("Calendar")
        assert self.codes() == {}

    def test_record_moves_to_another_school_year(self) -> None:
        self.fill("2 | NULL | 2023")
        self.pair.push("Calendar")
        assert self.codes() == {}

    def test_errors_of_the_other_school_year_stay(self) -> None:
        self.fill("1 | x | 2024")
        self.pair.push("Calendar")
        assert {*self.pair.errors("Calendar", 2023)} == {3, 4}

    def test_table_is_empty(self) -> None:
        self.pair.fill({"Calendar": []})
        assert self.pair.push("Calendar") == Counts()
        assert self.codes() == {}

    def test_one_error_takes_the_place_of_another(self) -> None:
        self.fill("2 | x | 2024\n2 | x | 2024")
        self.pair.push("Calendar")
        assert self.codes() == {2: "DUPLICATE_KEY"}

    def test_another_parent_is_missing(self) -> None:
        for school_id in (8, 9):
            self.pair.fill({"Calendar": [record("Calendar", 2, school_id=school_id)]})
            self.pair.push("Calendar")
            expected = OpenError("MISSING_PARENT", "school_id", school_id)
            assert self.pair.errors("Calendar", 2024) == {2: expected}

    def test_key_set_ends_the_errors_of_its_keys_alone(self) -> None:
        self.fill("1 | x | 2024")
        assert self.pair.push("Calendar", keys=[2, 99]) == Counts()
        assert self.codes() == {3: "MISSING_REQUIRED"}

    def test_rows_without_a_key_have_one_error_until_there_are_none(self) -> None:
        self.fill("NULL | x | 2024\nNULL | x | 2024")
        self.pair.push("Calendar")
        assert self.codes() == {None: "MISSING_KEY"}
        self.fill("NULL | x | 2024")
        self.pair.push("Calendar", keys=[1])
        assert self.pair.errors("Calendar", 2024)[None].occurrences == 2
        self.pair.push("Calendar")
        assert self.pair.errors("Calendar", 2024)[None].occurrences == 1
        self.fill("5 | x | 2024")
        self.pair.push("Calendar")
        assert self.codes() == {}

    def test_record_that_fails_now_stays_at_the_state_as_it_was(self) -> None:
        self.fill("1 | NULL | 2024")
        assert self.pair.push("Calendar") == Counts(processed=1, errors=1)
        assert self.pair.reference.state["Calendar"][1]["name"] == "x"
