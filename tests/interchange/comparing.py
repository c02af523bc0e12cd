"""Compares an object to its end, in each of the ways that the engine has."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from dis_objects.catalogue import definition
from districts.models import District
from interchange import checksums, comparison
from interchange.comparison import ComparisonOutcome, compare_chunk
from tests.interchange.comparing_reference import (
    DIFFERENCE,
    DUPLICATE,
    NOT_AT_DISTRICT,
    NOT_AT_STATE,
    Compared,
    Difference,
)
from tests.interchange.records import record
from tests.interchange.rules import Row

# What to change in the engine so that it takes this way, also with a handful of records.
WAYS: dict[str, list[tuple[Any, str, object]]] = {
    "checksums, picked buckets": [(comparison, "_BUCKET_RECORDS", 2), (comparison, "_PICKED_SHARE", 1)],
    "checksums, all copied": [(comparison, "_BUCKET_RECORDS", 1), (comparison, "_PICKED_SHARE", 0)],
    "older server": [(checksums, "SCHEMA_AT_DISTRICT", "of_an_older_server")],
}
COPYING = ("older server",)


@contextmanager
def taking(way: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for place, name, value in WAYS[way]:
            patch.setattr(place, name, value)
        yield


def compare(
    district: District, name: str, *, end_year: int | None = 2024, limit: int = 100
) -> tuple[Compared, list[ComparisonOutcome]]:
    """All chunks added up, and each of them. Each chunk's counts agree with the rows that it found."""
    outcomes, found, cursor = [], list[Difference](), None
    while not outcomes or not outcomes[-1].finished:
        with transaction.atomic():
            outcome = compare_chunk(definition(name).model, district, cursor, end_year=end_year, limit=limit)
            rows = found_rows()
        assert_counted(outcome, rows)
        assert outcome.finished or cursor is None or outcome.last_key > cursor, "it does not get on"
        outcomes.append(outcome)
        found += rows
        cursor = outcome.last_key
    assert len(found) == len({(key, kind) for key, kind, _ in found}), "a key is told twice"
    return added_up(outcomes, found), outcomes


def found_rows() -> list[Difference]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, kind, fields FROM found_difference")
        return [(key, kind, tuple(fields)) for key, kind, fields in cursor.fetchall()]


def assert_counted(outcome: ComparisonOutcome, rows: list[Difference]) -> None:
    found = Counter(kind for _, kind, _ in rows)
    told = (outcome.not_at_state, outcome.not_at_district, outcome.differences, outcome.duplicates)
    assert told == (found[NOT_AT_STATE], found[NOT_AT_DISTRICT], found[DIFFERENCE], found[DUPLICATE])
    assert outcome.at_district + outcome.not_at_district == outcome.at_state + outcome.not_at_state


def added_up(outcomes: list[ComparisonOutcome], found: list[Difference]) -> Compared:
    return Compared(
        at_district=sum(each.at_district for each in outcomes),
        at_state=sum(each.at_state for each in outcomes),
        keyless=sum(each.keyless for each in outcomes),
        found=frozenset(found),
    )


def put(district: District, name: str, *rows: Row) -> None:
    """Records that the state has, whatever it had before."""
    model = definition(name).model
    model.objects.filter(district_id=district.pk).delete()
    model.objects.bulk_create([model(district_id=district.pk, **row) for row in rows])


def records(name: str, /, *keys: int, **values: Any) -> list[Row]:
    return [record(name, key, **values) for key in keys]
