"""The comparison against the reference comparison, on generated pairs of a district and a state.

As in test_generated.py, the same few dozen cases run every time; UPSTATE_HYPOTHESIS=long looks for new ones.
"""

from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from dis_objects.catalogue import definition, lockable_fields
from district_data import databases
from districts.models import District, SchoolYear
from tests.interchange import comparing, comparing_reference
from tests.interchange.comparing import WAYS, put, taking
from tests.interchange.pair import fill, lock, state_of
from tests.interchange.records import record
from tests.interchange.reference import judge
from tests.interchange.rules import Row
from tests.interchange.strategies import TEXT_COLUMNS, odd_values
from tests.interchange.strategies import records as odd_records
from tests.interchange.test_generated import profile

OBJECTS = (
    "School",
    "Calendar",
    "PersonIdentity",
    "Enrollment",
    "Roster",
    "Plan",
    "ContactLog",
    "HealthScreening",
    "TestScore",
)


@pytest.fixture
def compared_district(make_district: Callable[..., District]) -> District:
    SchoolYear.objects.get_or_create(end_year=2023)
    return make_district("COMPARED-1")


@pytest.fixture
def district_with_texts(make_district: Callable[..., District]) -> District:
    """A district whose database keeps some columns as text."""
    SchoolYear.objects.get_or_create(end_year=2023)
    district = make_district("COMPARED-2")
    with databases.open_writer(district) as database:
        for name, column in TEXT_COLUMNS:
            database.execute(
                sql.SQL("ALTER TABLE {0} ALTER {1} TYPE text USING {1}::text").format(
                    sql.Identifier(definition(name).table), sql.Identifier(column)
                )
            )
    return district


@pytest.mark.parametrize("name", OBJECTS)
@profile
@given(data=st.data())
def test_comparison_finds_what_the_reference_finds(
    compared_district: District, name: str, data: st.DataObject
) -> None:
    check(compared_district, name, data, text_columns=frozenset())


@pytest.mark.parametrize("name", sorted({name for name, _ in TEXT_COLUMNS}))
@profile
@given(data=st.data())
def test_comparison_of_texts_finds_what_the_reference_finds(
    district_with_texts: District, name: str, data: st.DataObject
) -> None:
    check(district_with_texts, name, data, text_columns=TEXT_COLUMNS)


def check(
    district: District, name: str, data: st.DataObject, text_columns: frozenset[tuple[str, str]]
) -> None:
    theirs, ours, locked = data.draw(sides(name, text_columns))
    with transaction.atomic(), databases.open_writer(district) as database:
        database.autocommit = True
        fill(database, {name: theirs})
        put(district, name, *ours)
        lock(name, *locked)
        state = state_of(district, name).values()
        for end_year in (2024, 2023):
            expected = comparing_reference.compare(name, theirs, state, end_year, locked, text_columns)
            for way in WAYS:
                limit = data.draw(st.sampled_from([1, 2, 3, 100]))
                with taking(way):
                    compared, _ = comparing.compare(district, name, end_year=end_year, limit=limit)
                assert compared == expected
        transaction.set_rollback(True)


@st.composite
def sides(
    draw: st.DrawFn, name: str, text_columns: frozenset[tuple[str, str]]
) -> tuple[list[Row], list[Row], list[str]]:
    """Some records as the district has them, what the state has of them, and what has changed on either side."""
    known = definition(name)
    common = [record(name, key) for key in range(1, draw(st.integers(0, 8)))]
    common += draw(st.lists(rows(name, text_columns), max_size=4))
    theirs = [draw(changed(name, text_columns, each)) for each in common if draw(KEEPS)]
    theirs += draw(st.lists(st.sampled_from(theirs), max_size=2)) if theirs and draw(RARELY) else []
    stored: dict[int, Row] = {}
    for each in common:
        row = stored_row(name, draw(changed(name, text_columns, each)), text_columns)
        if row is not None and draw(KEEPS):
            stored.setdefault(row[known.key], row)
    fields = lockable_fields(known)
    locked = draw(st.lists(st.sampled_from(fields), unique=True, max_size=3)) if draw(RARELY) else []
    return theirs, [*stored.values()], locked


KEEPS = st.sampled_from([True, True, True, True, False])
RARELY = st.sampled_from([False, False, True])


@st.composite
def rows(draw: st.DrawFn, name: str, text_columns: frozenset[tuple[str, str]]) -> Row:
    return fitting(name, draw(odd_records(name)), text_columns)


@st.composite
def changed(draw: st.DrawFn, name: str, text_columns: frozenset[tuple[str, str]], row: Row) -> Row:
    return row | (fitting(name, draw(odd_values(name)), text_columns) if draw(RARELY) else {})


def fitting(name: str, values: Row, text_columns: frozenset[tuple[str, str]]) -> Row:
    """The strategies put texts into columns that only some districts keep as text."""
    plain = record(name)
    return {
        column: plain[column]
        if (name, column) in TEXT_COLUMNS - text_columns and isinstance(value, str)
        else value
        for column, value in values.items()
    }


def stored_row(name: str, row: Row, text_columns: frozenset[tuple[str, str]]) -> Row | None:
    """The record as the state stores it; None where it cannot."""
    values = {}
    for field in definition(name).fields:
        code, values[field.name] = judge(field, row[field.name], (name, field.name) in text_columns)
        if code:
            return None
    return values
