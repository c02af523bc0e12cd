"""The engine against the reference engine, on generated districts.

The same few dozen cases run every time. To look for new ones:

    UPSTATE_HYPOTHESIS=long ./upstate test tests/interchange/test_generated.py
"""

import os
from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from dis_objects.catalogue import definition
from district_data import databases
from districts.models import District, SchoolYear
from interchange.models import RecordError
from tests.interchange.pair import Pair, fill, push, put_at_state, state_of
from tests.interchange.pushing import PUSH_WAYS, pushing
from tests.interchange.records import CANARY, MAX, MIN, record
from tests.interchange.strategies import FAMILIES, OBJECTS, TEXT_COLUMNS, Fill, Lock, Story, stories

UNHURRIED = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}
settings.register_profile("short", max_examples=6, derandomize=True, **UNHURRIED)
settings.register_profile("long", max_examples=1000, **UNHURRIED)
profile = settings.get_profile(os.environ.get("UPSTATE_HYPOTHESIS", "short"))


@pytest.fixture
def generated(make_district: Callable[..., District]) -> District:
    """A district whose database keeps some columns as text."""
    SchoolYear.objects.get_or_create(end_year=2023)
    district = make_district("GENERATED1")
    with databases.open_writer(district) as database:
        for name, column in TEXT_COLUMNS:
            database.execute(
                sql.SQL("ALTER TABLE {0} ALTER {1} TYPE text USING {1}::text").format(
                    sql.Identifier(definition(name).table), sql.Identifier(column)
                )
            )
    return district


@pytest.fixture
def neighbour(make_district: Callable[..., District]) -> District:
    """A district that has the same keys at the state, and open errors of both kinds for each object."""
    district = make_district("T2")
    put_at_state(district, *OBJECTS, keys=(1, 2, 3, 4, 5, -1, MIN, MAX))
    for name in OBJECTS:
        year = 2024 if definition(name).school_year else None
        told = {"district": district, "object": name, "school_year_id": year, "code": "TOO_LONG"}
        for key in (1, None):
            RecordError.objects.create(key=key, superseded=True, **told)
            RecordError.objects.create(key=key, confidential=True, **told)
        RecordError.objects.create(key=2, **told)
    return district


@pytest.mark.parametrize("way", PUSH_WAYS)
@pytest.mark.parametrize("family", FAMILIES, ids=" ".join)
@profile
@given(data=st.data())
def test_engine_does_what_the_reference_engine_does(
    generated: District, neighbour: District, family: tuple[str, ...], way: str, data: st.DataObject
) -> None:
    """The same stories, once with all records copied and once compared first: rows, errors and counts are the same."""
    story = data.draw(stories(family))
    with pushing(way), transaction.atomic(), databases.open_writer(generated) as database:
        database.autocommit = True
        theirs = everything_of(neighbour, story)
        play(story, Pair(generated, database, TEXT_COLUMNS))
        assert everything_of(neighbour, story) == theirs
        assert CANARY not in everything_said(generated)
        transaction.set_rollback(True)


def play(story: Story, pair: Pair) -> None:
    pair.fill({name: [] for name in OBJECTS})
    parents = {field.parent for name in story.family for field in definition(name).parent_keys}
    pair.put_at_state(*parents - {*story.family}, keys=(1, 2))
    for step in story.steps:
        if isinstance(step, Fill):
            pair.fill({step.name: step.rows})
        elif isinstance(step, Lock):
            pair.lock(step.name, *step.columns)
        elif step.root:
            roots = step.keys or ()
            pair.push_under(step.name, step.root, *roots, end_year=step.end_year, by_state=step.by_state)
        else:
            pair.push(
                step.name, end_year=step.end_year, limit=step.limit, keys=step.keys, by_state=step.by_state
            )


def everything_of(district: District, story: Story) -> object:
    errors = RecordError.objects.filter(district=district).order_by("pk")
    return [state_of(district, name) for name in story.family], list(errors.values())


def everything_said(district: District) -> str:
    """All that a person may come to read about the records that failed."""
    errors = RecordError.objects.filter(district=district)
    return " ".join(f"{error} {error.sentence} {vars(error)}" for error in errors)


def test_canary_would_be_heard(generated: District) -> None:
    put_at_state(generated, "District")
    with databases.open_writer(generated) as database:
        fill(database, {"School": [record("School", number=CANARY * 2)]})
    push(generated, "School")
    assert "TOO_LONG" in everything_said(generated)
    assert record("School")["name"] == CANARY
