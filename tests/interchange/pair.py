"""The engine and the reference engine side by side, on the same district."""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db import transaction
from psycopg import sql

from dis_objects.catalogue import definition
from districts.models import District
from interchange.models import RecordError
from interchange.push import ChunkOutcome, push_chunk
from interchange.selections import KeyRange, KeySet
from tests.conftest import DistrictDatabase
from tests.interchange.records import drawn, full_record, outcomes
from tests.interchange.reference import Counts, OpenError, ReferenceEngine
from tests.interchange.rules import Row, Tables


class Pair:
    """Pushes with both engines. After each push the counts, the state's records and the open errors agree."""

    def __init__(
        self, district: District, database: DistrictDatabase, text_columns: Iterable[tuple[str, str]] = ()
    ) -> None:
        self.district = district
        self.database = database
        self.reference = ReferenceEngine({}, text_columns)

    def fill(self, tables: Tables) -> None:
        """Replaces the records of these objects at the district."""
        self.reference.tables |= tables
        fill(self.database, tables)

    def put_at_state(self, *names: str, keys: Iterable[int] = (1,)) -> None:
        put_at_state(self.district, *names, keys=keys)
        for name in names:
            self.reference.state[name] = state_of(self.district, name)

    def check(self, picture: str, name: str, **options: Any) -> None:
        """Fills the district with a picture (`records.drawn`), pushes one object, and finds what it says.

        Of its parents, the record with the key 1 is at the state.
        """
        self.put_at_state(*{field.parent for field in definition(name).parent_keys})
        self.fill(drawn(picture))
        self.push(name, **options)
        expected = outcomes(picture, name)
        assert self.every_error(name) == {key: error for key, error in expected.items() if error}
        assert {*state_of(self.district, name)} == {key for key, error in expected.items() if error is None}

    def push(
        self, name: str, *, end_year: int = 2024, limit: int = 100, keys: Iterable[int] | None = None
    ) -> Counts:
        expected = self.reference.push(name, end_year, keys)
        counts = push(self.district, name, end_year=end_year, limit=limit, keys=keys)
        assert counts == expected
        self.compare()
        return counts

    def compare(self) -> None:
        found = {name: state_of(self.district, name) for name in self.reference.state}
        assert found == self.reference.state
        assert errors_of(self.district) == {
            scope: each for scope, each in self.reference.errors.items() if each
        }

    def errors(self, name: str, end_year: int | None = None) -> dict[int | None, OpenError]:
        return errors_of(self.district).get((name, end_year), {})

    def every_error(self, name: str) -> dict[int | None, OpenError]:
        """The open errors of an object by key, of all school years together."""
        every = errors_of(self.district)
        return {
            key: error for (each, _), errors in every.items() if each == name for key, error in errors.items()
        }

    def codes(self, name: str) -> dict[int | None, str]:
        return {key: error.code for key, error in self.every_error(name).items()}


def fill(database: DistrictDatabase, tables: Tables) -> None:
    """Replaces the records of these objects at the district."""
    with database.transaction():
        for name, rows in tables.items():
            table = sql.Identifier(definition(name).table)
            database.execute(sql.SQL("DELETE FROM {}").format(table))
            insert = "INSERT INTO {0} SELECT * FROM jsonb_populate_recordset(NULL::{0}, %s)"
            database.execute(sql.SQL(insert).format(table), [json.dumps(rows, default=_number)])


def _number(value: Decimal) -> str:
    return str(value)


def put_at_state(district: District, *names: str, keys: Iterable[int] = (1,)) -> None:
    """Plausible records that are at the state already."""
    for name in names:
        model = definition(name).model
        model.objects.bulk_create([model(district_id=district.pk, **full_record(name, key)) for key in keys])


def push(
    district: District,
    name: str,
    *,
    end_year: int = 2024,
    limit: int = 100,
    keys: Iterable[int] | None = None,
) -> Counts:
    """Pushes an object to its end, in chunks of `limit` records, or the records with these keys."""
    outcomes = (
        [*_chunks(district, name, end_year, limit)]
        if keys is None
        else [_key_set(district, name, end_year, keys)]
    )
    return Counts(
        processed=sum(each.processed for each in outcomes),
        errors=sum(each.errors for each in outcomes),
        written=sum(each.written for each in outcomes),
    )


def _chunks(district: District, name: str, end_year: int, limit: int) -> Iterator[ChunkOutcome]:
    cursor, finished = None, False
    while not finished:
        outcome = push_once(district, name, KeyRange(limit), cursor, end_year)
        yield outcome
        assert outcome.finished or cursor is None or outcome.last_key > cursor, "the push does not get on"
        cursor, finished = outcome.last_key, outcome.finished


def _key_set(district: District, name: str, end_year: int, keys: Iterable[int]) -> ChunkOutcome:
    return push_once(district, name, KeySet(tuple(keys)), None, end_year)


def push_once(
    district: District,
    name: str,
    selection: KeyRange | KeySet,
    cursor: int | None = None,
    end_year: int = 2024,
) -> ChunkOutcome:
    with transaction.atomic():
        return push_chunk(definition(name).model, district, selection, cursor, end_year=end_year)


def state_of(district: District, name: str) -> dict[int, Row]:
    """All columns of the records that the state holds of a district."""
    known = definition(name)
    columns = [field.name for field in known.fields]
    rows = known.model.objects.filter(district_id=district.pk).values_list(*columns)
    return {row[0]: dict(zip(columns, row, strict=True)) for row in rows}


def errors_of(district: District) -> dict[tuple[str, int | None], dict[int | None, OpenError]]:
    found: dict[tuple[str, int | None], dict[int | None, OpenError]] = {}
    for each in RecordError.objects.filter(district=district):
        error = OpenError(each.code, each.field, each.parent_key, each.occurrences)
        found.setdefault((each.object, each.school_year_id), {})[each.key] = error
    return found
