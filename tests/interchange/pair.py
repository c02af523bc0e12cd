"""The engine and the reference engine side by side, on the same district."""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from psycopg import sql

from dis_objects.catalogue import definition
from dis_objects.choices import FieldOwner
from dis_objects.models import SyncField
from districts.models import District
from interchange.models import RecordError
from interchange.push import ChunkOutcome, push_chunk, push_keys
from interchange.selections import KeyRange, KeySet, RecordsUnder, Selection
from tests.conftest import DistrictDatabase
from tests.interchange.records import drawn, full_record, outcomes
from tests.interchange.reference import Counts, OpenError, OpenErrors, ReferenceEngine
from tests.interchange.rules import Row, Tables

DISTRICT_VIEW, STATE_VIEW = Q(confidential=False), Q(superseded=False)


class Pair:
    """Pushes with both engines. After each push the counts, the state's records and the open errors agree, as the
    district and as the state see them; and a push that the state asked for has changed nothing that the district sees.
    """

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
        self,
        name: str,
        *,
        end_year: int = 2024,
        limit: int = 100,
        keys: Iterable[int] | None = None,
        by_state: bool = False,
    ) -> Counts:
        expected = self.reference.push(name, end_year, keys, by_state=by_state)
        before = seen_by(self.district)
        if keys is None:
            counts = push(self.district, name, end_year=end_year, limit=limit, confidential=by_state)
        else:
            counts = self._push_keys(name, end_year, {*keys}, by_state)
        assert counts == expected
        self.compare()
        assert not by_state or seen_by(self.district) == before
        return counts

    def _push_keys(self, name: str, end_year: int, keys: set[int], by_state: bool) -> Counts:
        """What became of each key is what the reference engine has met and found."""
        known, reference = definition(name), self.reference
        with transaction.atomic():
            outcome = push_keys(known.model, self.district, keys, end_year=end_year, confidential=by_state)
        met = reference.errors_for_state.get((name, end_year if known.school_year else None), {})
        failed = {key: (each.code, each.field, each.parent_key) for key, each in met.items() if key in keys}
        assert {
            key: (each.code, each.field, each.parent_key) for key, each in outcome.failed.items()
        } == failed
        assert outcome.not_found == keys - reference.keys_of(name, end_year)
        return counts_of([outcome.counts])

    def push_under(
        self, name: str, root: str, *roots: int, end_year: int = 2024, by_state: bool = False
    ) -> Counts:
        """Pushes what belongs to these records of the root."""
        expected = self.reference.push_under(name, end_year, root, roots, by_state=by_state)
        before = seen_by(self.district)
        selection = RecordsUnder(root, roots)
        outcome = push_once(self.district, name, selection, None, end_year, confidential=by_state)
        assert counts_of([outcome]) == expected
        self.compare()
        assert not by_state or seen_by(self.district) == before
        return expected

    def lock(self, name: str, *columns: str) -> None:
        """These fields of the object, and no others, are the state's from now on."""
        lock(name, *columns)
        self.reference.locked[name] = frozenset(columns)

    def compare(self) -> None:
        found = {name: state_of(self.district, name) for name in self.reference.state}
        assert found == self.reference.state
        for view, expected in (
            (DISTRICT_VIEW, self.reference.errors),
            (STATE_VIEW, self.reference.errors_for_state),
        ):
            assert errors_of(self.district, view) == {scope: each for scope, each in expected.items() if each}

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


def lock(name: str, *columns: str) -> None:
    SyncField.objects.filter(object=name).update(locked=False, owner=FieldOwner.DISTRICT)
    chosen = SyncField.objects.filter(object=name, name__in=columns)
    assert chosen.update(locked=True, owner=FieldOwner.STATE) == len(columns)


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
    **options: Any,
) -> Counts:
    """Pushes an object to its end, in chunks of `limit` records, or the records with these keys."""
    outcomes = (
        [*_chunks(district, name, end_year, limit, options)]
        if keys is None
        else [push_once(district, name, KeySet(tuple(keys)), None, end_year, **options)]
    )
    return counts_of(outcomes)


def counts_of(outcomes: Iterable[ChunkOutcome]) -> Counts:
    outcomes = [*outcomes]
    return Counts(
        processed=sum(each.processed for each in outcomes),
        errors=sum(each.errors for each in outcomes),
        written=sum(each.written for each in outcomes),
        kept=sum(each.kept for each in outcomes),
    )


def _chunks(
    district: District, name: str, end_year: int, limit: int, options: dict[str, Any]
) -> Iterator[ChunkOutcome]:
    cursor, finished = None, False
    while not finished:
        outcome = push_once(district, name, KeyRange(limit), cursor, end_year, **options)
        yield outcome
        assert outcome.finished or cursor is None or outcome.last_key > cursor, "the push does not get on"
        cursor, finished = outcome.last_key, outcome.finished


def push_once(
    district: District,
    name: str,
    selection: Selection,
    cursor: int | None = None,
    end_year: int = 2024,
    **options: Any,
) -> ChunkOutcome:
    with transaction.atomic():
        model = definition(name).model
        return push_chunk(model, district, selection, cursor, end_year=end_year, **options)


def state_of(district: District, name: str) -> dict[int, Row]:
    """All columns of the records that the state holds of a district."""
    known = definition(name)
    columns = [field.name for field in known.fields]
    rows = known.model.objects.filter(district_id=district.pk).values_list(*columns)
    return {row[0]: dict(zip(columns, row, strict=True)) for row in rows}


def seen_by(district: District) -> list[dict[str, Any]]:
    """All that a district may come to read of its open errors."""
    columns = [field.attname for field in RecordError._meta.concrete_fields if field.name != "superseded"]
    return [*RecordError.objects.filter(DISTRICT_VIEW, district=district).order_by("pk").values(*columns)]


def errors_of(district: District, view: Q = DISTRICT_VIEW) -> OpenErrors:
    """The open errors of an object and school year by key, in a view that has one for each record."""
    found: OpenErrors = {}
    for each in RecordError.objects.filter(view, district=district):
        error = OpenError(each.code, each.field, each.parent_key, each.occurrences)
        of_scope = found.setdefault((each.object, each.school_year_id), {})
        assert each.key not in of_scope, "two open errors of one record"
        of_scope[each.key] = error
    return found
