"""Find IDs: the search in the district's own data."""

from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest

from audit.choices import Action
from districts.exceptions import DistrictNotConnected
from districts.models import District, SchoolYear, User
from interchange.exceptions import DistrictQueryError, DistrictTableError
from selective_sync import find
from selective_sync.choices import SearchKind
from selective_sync.exceptions import SearchRefused
from selective_sync.find import MOST_PEOPLE, Found, find_people, understand
from tests.audit.entries import deeds
from tests.conftest import DistrictDatabase
from tests.interchange.pair import fill
from tests.interchange.records import record

pytestmark = pytest.mark.django_db
Search = Callable[[str], Found]


@pytest.fixture
def known(writer: DistrictDatabase) -> DistrictDatabase:
    fill(
        writer,
        {
            "PersonIdentity": [
                person(1, "Test", "Erik", middle_name="S", birthdate="2010-05-31", student_number="4711"),
                person(2, "Tester", "Ann", alias="Nan", birthdate="2010-05-31", state_id="9000000001"),
                person(3, "O'Brien", "Erika", birthdate="2011-01-02", student_number="A12", state_id="5"),
                person(4, "100%_Sure\\", None),
                person(5, "de la Cruz", "José"),
            ],
            "Enrollment": [
                record(
                    "Enrollment", 81, person_id=1, start_date="2023-08-14", end_date="2023-12-01", grade="09"
                ),
                record("Enrollment", 80, person_id=1, start_date="2023-12-04", grade="10", calendar_id=7),
                record("Enrollment", 79, person_id=1, end_year=2023),
                record("Enrollment", 4711, person_id=2),
            ],
            "Calendar": [record("Calendar", 1, school_id=1), record("Calendar", 1, school_id=1)],
            "School": [record("School", 1, name="North")],
        },
    )
    return writer


def person(key: int, last_name: str, first_name: str | None, **more: object) -> dict[str, Any]:
    return record("PersonIdentity", key, last_name=last_name, first_name=first_name, **more)


@pytest.fixture
def search(district: District, known: DistrictDatabase, asker: User) -> Search:
    def run(text: str) -> Found:
        return find_people(district=district, school_year=district.zone.school_year, text=text, by=asker)

    return run


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("test", "name", [1, 2]),
        ("TEST erik", "name", [1]),
        ("Erik Test", "name", [1]),
        ("Test, Erik", "name", [1]),
        ("Test , Erik", "name", [1]),
        ("erik", "name", [3, 1]),
        ("s test", "name", [1]),
        ("nan", "name", [2]),
        ("est", "name", []),
        ("o'br", "name", [3]),
        ("josé", "name", [5]),
        ("de la", "name", [5]),
        ("cruz j", "name", [5]),
        ("%", "name", []),
        ("_____", "name", []),
        ("100%_s", "number", []),
        ("x'; DROP TABLE person_identity; --", "name", []),
        ("4711", "number", [1, 2]),
        ("47", "number", []),
        ("a12", "number", [3]),
        ("9000000001", "number", [2]),
        ("3", "number", [3]),
        ("5", "number", [5, 3]),
        ("80", "number", [1]),
        ("79", "number", [1]),
        ("99999999999999999999", "number", []),
        ("2010-05-31", "birth_date", [1, 2]),
        ("05/31/2010", "birth_date", [1, 2]),
        ("5/31/2010", "birth_date", [1, 2]),
        ("  2011-1-2 ", "birth_date", [3]),
        ("2001-01-01", "birth_date", []),
    ],
)
def test_people_are_found_by(search: Search, text: str, kind: str, found: list[int]) -> None:
    answer = search(text)
    assert answer.kind == kind
    assert [each.person_id for each in answer.people] == found
    assert (answer.total, answer.is_more) == (len(found), False)


def test_signs_of_a_pattern_mean_themselves(search: Search) -> None:
    assert [each.person_id for each in search("100%_sure\\ ").people] == []
    assert [each.person_id for each in search("100%_sure\\ 100%").people] == [4]


def test_a_person_comes_with_the_enrollments_of_the_year(search: Search) -> None:
    [found] = search("Erik Test").people
    assert (found.last_name, found.first_name, found.middle_name) == ("Test", "Erik", "S")
    assert found.birthdate == date(2010, 5, 31)
    assert [
        (each.enrollment_id, each.school, each.grade, each.start_date, each.end_date)
        for each in found.enrollments
    ] == [
        (81, "North", "09", date(2023, 8, 14), date(2023, 12, 1)),
        (80, "", "10", date(2023, 12, 4), None),
    ]


def test_another_year_has_other_enrollments(search: Search, district: District, asker: User) -> None:
    year, _ = SchoolYear.objects.get_or_create(end_year=2023)
    [found] = find_people(district=district, school_year=year, text="Erik Test", by=asker).people
    assert [each.enrollment_id for each in found.enrollments] == [79]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Nothing is entered"),
        (" \t ", "Nothing is entered"),
        ("\0", "Nothing is entered"),
        (" , ", "Nothing is entered"),
        ("x" * 101, "at most 100 characters"),
        ("a b c d e f g", "at most 6 words"),
        ("2010-02-30", "no such date"),
        ("31/05/2010", "no such date"),
        ("0000-01-01", "no such date"),
    ],
)
def test_what_cannot_be_searched_for_is_told(search: Search, text: str, sentence: str) -> None:
    with pytest.raises(SearchRefused, match=sentence):
        search(text)
    assert not deeds().exists()


@pytest.mark.parametrize("text", ["a\0b", "\ud800x", "²", "٣", "½"])
def test_odd_text_finds_nobody(search: Search, text: str) -> None:
    assert search(text).people == []


@pytest.mark.parametrize(
    ("people", "total", "is_more"), [(60, 60, False), (1_000, 1_000, False), (1_001, 1_000, True)]
)
def test_only_the_first_are_shown_and_the_rest_counted(
    search: Search, writer: DistrictDatabase, people: int, total: int, is_more: bool
) -> None:
    writer.execute(
        "INSERT INTO person_identity (person_id, last_name) SELECT i, 'Many' || lpad(i::text, 5, '0')"
        " FROM generate_series(101, 100 + %s) i",
        [people],
    )
    found = search("many")
    assert (len(found.people), found.total, found.is_more) == (MOST_PEOPLE, total, is_more)
    assert [each.last_name for each in found.people] == [f"Many{key:05}" for key in range(101, 151)]


def test_a_search_is_recorded_by_its_kind_and_never_by_its_words(
    search: Search, asker: User, district: District, caplog: pytest.LogCaptureFixture
) -> None:
    search("Tester")
    entry = deeds().get()
    assert (entry.action, entry.by, entry.district, entry.count) == (Action.IDS_FOUND, asker, district, 1)
    assert entry.facts == {"kind": "name", "shown": 1, "school_year": 2024}
    assert "Tester" not in f"{vars(entry)} {caplog.text}"


def test_dates_that_no_calendar_has_are_left_out(search: Search, writer: DistrictDatabase) -> None:
    writer.execute("UPDATE person_identity SET birthdate = 'infinity' WHERE person_id = 5")
    assert search("josé").people[0].birthdate is None


def test_a_search_that_takes_too_long_is_stopped(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "SECONDS", 1)
    slow = find.Search(SearchKind.NAME, "(SELECT pg_sleep(30)) IS NULL", {})
    monkeypatch.setattr(find, "understand", lambda text: slow)
    with pytest.raises(SearchRefused, match="did not find it within 1 seconds"):
        search("x")


def test_a_district_without_a_database_or_table_is_told(
    search: Search, district: District, writer: DistrictDatabase
) -> None:
    writer.execute("ALTER TABLE person_identity RENAME TO gone")
    try:
        with pytest.raises(DistrictTableError, match="PersonIdentity"):
            search("x")
    finally:
        writer.execute("ALTER TABLE gone RENAME TO person_identity")
    district.database_name = ""
    with pytest.raises(DistrictNotConnected):
        search("x")


def test_what_was_typed_is_in_no_error(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = find.Search(SearchKind.NAME, "%(text)s::text::int = 1", {"text": "Kanarie"})
    monkeypatch.setattr(find, "understand", lambda text: failing)
    with pytest.raises(DistrictQueryError) as told:
        search("x")
    assert "Kanarie" in str(told.value.__cause__)
    assert "Kanarie" not in str(told.value)


@pytest.mark.parametrize("text", ["4711", "2010-05-31", "Ann"])
def test_what_was_typed_is_only_in_the_parameters(text: str) -> None:
    understood = understand(text)
    assert text not in understood.condition
    assert psycopg.sql.SQL(understood.condition).as_string()
