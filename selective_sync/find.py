"""Find IDs: a search in the district's own data, read live and stored nowhere (seed 004, Finding ID Fields).

What somebody typed is a name or a number of a person: it is bound as a parameter, and neither logged nor recorded. The
audit log keeps what kind of search it was and how many people it found.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from audit import actions as audit
from audit.choices import Action
from dis_objects.catalogue import definition
from districts.databases import open_district
from districts.models import District, SchoolYear, User
from interchange.district import Connection, district_errors
from selective_sync.choices import SearchKind
from selective_sync.exceptions import SearchRefused
from selective_sync.ids import LARGEST_ID

MOST_PEOPLE = 50
# Beyond this it is only told that there are more.
MOST_COUNTED = 1_000
MOST_WORDS = 6
LONGEST_SEARCH = 100
SECONDS = 5
NOTHING_ENTERED = "Nothing is entered. Type a name, a student number, a state ID, a birth date or an ID."

_WRITTEN_DATES = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII),
    re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})", re.ASCII),
)
_NAMES = ("last_name", "first_name", "middle_name", "alias")


@dataclass(frozen=True)
class FoundEnrollment:
    enrollment_id: int
    school: str
    grade: str
    start_date: date | None
    end_date: date | None


@dataclass(frozen=True)
class FoundPerson:
    """A person of the district, with the enrollments in the school year of the search."""

    person_id: int
    last_name: str
    first_name: str
    middle_name: str
    birthdate: date | None
    enrollments: Sequence[FoundEnrollment]


@dataclass(frozen=True)
class Found:
    """At most MOST_PEOPLE people by name; `total` is how many there are, MOST_COUNTED if `is_more` tells that there are
    more than that."""

    kind: SearchKind
    people: Sequence[FoundPerson]
    total: int
    is_more: bool


@dataclass(frozen=True)
class Search:
    """What was typed, understood: a condition on the person `r` and its parameters."""

    kind: SearchKind
    condition: str
    parameters: Mapping[str, object]


def find_people(
    *,
    district: District,
    school_year: SchoolYear,
    text: str,
    by: User,
) -> Found:
    """Raises SearchRefused for what cannot be searched for, DistrictError and InterchangeError where the district's
    data cannot be read: sentences for the person, all of them."""
    search = understand(text)
    found = _ask(district, school_year, search)
    audit.record(
        Action.IDS_FOUND,
        by=by,
        district=district,
        object_name="PersonIdentity",
        count=found.total,
        facts={"kind": search.kind.value, "shown": len(found.people), "school_year": school_year.pk},
    )
    return found


# ---- What was typed -----------------------------------------------------------------------------------------------


def understand(text: str) -> Search:
    """A birth date, a number (with a digit in it, and not more than one word), or else a name. Raises SearchRefused."""
    typed = " ".join(text.replace("\0", " ").encode(errors="replace").decode().split())
    if not typed:
        raise SearchRefused(NOTHING_ENTERED)
    if len(typed) > LONGEST_SEARCH:
        raise SearchRefused(f"A search takes at most {LONGEST_SEARCH} characters. Type less.")
    written = next((found for each in _WRITTEN_DATES if (found := each.fullmatch(typed))), None)
    if written:
        return _by_birth_date(written)
    if " " not in typed and any(each.isdigit() for each in typed):
        return _by_number(typed)
    return _by_name(typed.replace(",", " ").split())


def _by_birth_date(written: re.Match[str]) -> Search:
    try:
        day = date(int(written["year"]), int(written["month"]), int(written["day"]))
    except ValueError as error:
        raise SearchRefused(
            "There is no such date. Type a birth date as 2010-05-31 or 05/31/2010."
        ) from error
    # As text, because a district may keep it as a time or as text.
    return Search(SearchKind.BIRTH_DATE, "left(r.birthdate::text, 10) = %(day)s", {"day": day.isoformat()})


def _by_number(typed: str) -> Search:
    """Student number and state ID as they are typed; personID and enrollmentID where it may be one."""
    conditions = [
        "upper(r.student_number::text) = upper(%(text)s)",
        "upper(r.state_id::text) = upper(%(text)s)",
    ]
    parameters: dict[str, object] = {"text": typed}
    if typed.isascii() and typed.isdigit() and int(typed) <= LARGEST_ID:
        conditions += [
            "r.person_id = %(number)s",
            "r.person_id = ANY(ARRAY(SELECT e.person_id::bigint FROM public.enrollment e"
            " WHERE e.enrollment_id = %(number)s))",
        ]
        parameters["number"] = int(typed)
    return Search(SearchKind.NUMBER, " OR ".join(conditions), parameters)


def _by_name(words: Sequence[str]) -> Search:
    """Every word is the beginning of a word in one of the person's names."""
    if not words:
        raise SearchRefused(NOTHING_ENTERED)
    if len(words) > MOST_WORDS:
        raise SearchRefused(f"A search takes at most {MOST_WORDS} words. Type fewer.")
    parameters: dict[str, object] = {}
    conditions = []
    for number, word in enumerate(words):
        pattern = _as_pattern(word)
        parameters |= {f"first{number}": f"{pattern}%", f"later{number}": f"% {pattern}%"}
        conditions.append(_begins_a_name(f"%(first{number})s", f"%(later{number})s"))
    return Search(SearchKind.NAME, " AND ".join(conditions), parameters)


def _begins_a_name(first: str, later: str) -> str:
    return "(" + " OR ".join(f"r.{name} ILIKE ANY(ARRAY[{first}, {later}])" for name in _NAMES) + ")"


def _as_pattern(word: str) -> str:
    """Nothing that was typed has another meaning in it."""
    return re.sub(r"([\\%_])", r"\\\1", word)


# ---- What the district has ----------------------------------------------------------------------------------------

_PEOPLE = """
SELECT person_id, last_name, first_name, middle_name, birthdate, count(*) OVER ()
FROM (
    SELECT r.person_id, r.last_name, r.first_name, r.middle_name, r.birthdate::text AS birthdate
    FROM public.person_identity r
    WHERE r.person_id IS NOT NULL AND ({condition})
    ORDER BY lower(r.last_name), lower(r.first_name), r.person_id LIMIT %(counted)s
) found
ORDER BY lower(last_name), lower(first_name), person_id LIMIT %(shown)s
"""
# Which of several calendars or schools with one key is meant nobody knows; a record must not come twice for it.
_ENROLLMENTS = """
SELECT e.person_id::bigint, e.enrollment_id,
    (SELECT min(s.name) FROM public.calendar c JOIN public.school s ON s.school_id = c.school_id
     WHERE c.calendar_id = e.calendar_id),
    e.grade, e.start_date::text, e.end_date::text
FROM public.enrollment e
WHERE e.person_id = ANY(%(people)s) AND e.end_year = %(end_year)s AND e.enrollment_id IS NOT NULL
ORDER BY e.start_date, e.enrollment_id
"""


def _ask(district: District, school_year: SchoolYear, search: Search) -> Found:
    with open_district(district) as database, district_errors(definition("PersonIdentity")), _patiently():
        database.execute("SELECT set_config('statement_timeout', %s, true)", [f"{SECONDS}s"])
        rows = _people(database, search)
        enrollments = _enrollments(database, [row[0] for row in rows], school_year.pk)
    total = rows[0][-1] if rows else 0
    people = [_person(row, enrollments.get(row[0], ())) for row in rows]
    return Found(search.kind, people, min(total, MOST_COUNTED), is_more=total > MOST_COUNTED)


@contextmanager
def _patiently() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        raise SearchRefused(
            f"The district's database did not find it within {SECONDS} seconds. Type more of the name, or a number."
        ) from error


def _people(database: Connection, search: Search) -> list[tuple[Any, ...]]:
    limits = {"counted": MOST_COUNTED + 1, "shown": MOST_PEOPLE}
    # The condition is ours; what was typed is in the parameters.
    query = sql.SQL(_PEOPLE).format(condition=sql.SQL(search.condition))
    return database.execute(query, {**search.parameters, **limits}).fetchall()


def _enrollments(database: Connection, people: list[int], end_year: int) -> dict[int, list[FoundEnrollment]]:
    found: dict[int, list[FoundEnrollment]] = {}
    for person_id, enrollment_id, school, grade, start, end in database.execute(
        _ENROLLMENTS, {"people": people, "end_year": end_year}
    ):
        enrollment = FoundEnrollment(enrollment_id, school or "", grade or "", _day(start), _day(end))
        found.setdefault(person_id, []).append(enrollment)
    return found


def _person(row: tuple[Any, ...], enrollments: Sequence[FoundEnrollment]) -> FoundPerson:
    person_id, last_name, first_name, middle_name, birthdate, _ = row
    return FoundPerson(
        person_id, last_name or "", first_name or "", middle_name or "", _day(birthdate), tuple(enrollments)
    )


def _day(text: str | None) -> date | None:
    """None also for what no calendar has: a district may keep dates as text, and PostgreSQL has an infinite one."""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
