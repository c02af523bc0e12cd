"""Compares a chunk of records of a district's database with the state store, by key and by fields.

1. Span: the next keys after the cursor, in the order of both sides' keys; the last span has no end.
2. Checksums: both databases hash their own rows in small buckets of keys. Buckets that agree are done.
3. Copy: the district's rows of the buckets that differ stream into a temporary table at the state.
4. Join: it tells the keys that one side lacks, and the names of the fields that differ.

Where checksums cannot be trusted (interchange/checksums.py), all rows of the span are copied. The result is the same.

It reads only, on both sides, apart from temporary tables at the state. What it found stands in one of them,
`found_difference (key bigint, kind text, fields text[])`, until the end of the caller's transaction.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from psycopg import sql

from dis_objects.catalogue import Field, ObjectDefinition, RecordModel, definition
from dis_objects.queries import locked_fields
from districts.databases import open_district
from districts.models import District
from interchange import checksums, differences
from interchange.choices import DifferenceKind
from interchange.columns import StagedColumn
from interchange.differences import Found, Portion
from interchange.district import Connection, count_records, source_types
from interchange.sides import Comparison, Span, upcoming_records
from interchange.state import in_time_zone, state_store

CHUNK_RECORDS = 250_000
# The fewer rows a bucket has, the fewer are copied for each one that differs; the more, the fewer checksums there are.
_BUCKET_RECORDS = 64
# Where most buckets differ, to pick them costs more than it spares.
_PICKED_SHARE = 0.3


class Method(StrEnum):
    """How a chunk was compared: by checksums before any copy, or by copying all of it."""

    CHECKSUMS = "checksums"
    COPY = "copy"


@dataclass(frozen=True)
class ComparisonOutcome:
    """What the comparison of a chunk found, in distinct keys; `keyless` counts rows of the district without a key, all
    of them told by the first chunk.

    `at_district + not_at_district == at_state + not_at_state`: the distinct keys of both sides together. `duplicates`
    are keys that more than one row of the district has; such a key is compared too, and differs if one of its rows
    does. `last_key` is where the next chunk goes on; `finished` says that there is none.
    """

    at_district: int
    at_state: int
    not_at_state: int
    not_at_district: int
    differences: int
    duplicates: int
    keyless: int
    last_key: int | None
    finished: bool
    method: Method


def compared_fields(known: ObjectDefinition, locked: Collection[str] = ()) -> tuple[Field, ...]:
    """The fields that a comparison looks at, the key first.

    Those that the catalogue names for a verification, or else all that a batch pushes. Not the `locked` ones, whose
    value at the state is the state's by rule, so that another one at the district is no difference.
    """
    key, *others = known.batch_fields
    return (
        key,
        *(
            field
            for field in others
            if field.name not in locked and (not known.verify or field.name in known.verify)
        ),
    )


def compare_chunk(
    record_model: RecordModel,
    district: District,
    cursor: int | None = None,
    *,
    end_year: int | None = None,
    limit: int = CHUNK_RECORDS,
) -> ComparisonOutcome:
    """Compares the records after `cursor` (None: from the beginning), about `limit` of the district's.

    `end_year` is the school year of an object that is bound to one: the records of another are on neither side.
    Must be called within a transaction. Raises DistrictNotConnected, DistrictUnreachable, DistrictTableError and
    DistrictQueryError; the caller's transaction must then be rolled back.
    """
    known = definition(record_model.__name__)
    if known.school_year and end_year is None:
        raise ValueError(f"{known.name} is bound to a school year: say which one is compared.")
    store = state_store()
    with open_district(district) as database:
        columns = _columns(known, database)
        comparison = Comparison(store, database, known, columns, district.pk, end_year)
        with in_time_zone(store, district.time_zone):
            return _compare(comparison, _next_span(comparison, cursor, limit))


def _columns(known: ObjectDefinition, database: Connection) -> tuple[StagedColumn, ...]:
    sources = source_types(database, known)
    fields = compared_fields(known, locked_fields(known.name))
    return tuple(StagedColumn(field, sources[field.name]) for field in fields)


def _next_span(comparison: Comparison, cursor: int | None, limit: int) -> Span:
    """No side has many more than `limit` records in it, however unlike their keys are."""
    upcoming = upcoming_records(comparison, cursor, limit)
    upto = upcoming.high if upcoming and upcoming.rows == limit else None
    cut = _state_bound(comparison, Span(cursor, upto), 2 * limit)
    width = upcoming.width(_BUCKET_RECORDS) if upcoming else _BUCKET_RECORDS
    return Span(cursor, upto if cut is None else cut, width)


def _state_bound(comparison: Comparison, span: Span, limit: int) -> int | None:
    """The key at which the state has `limit` records of a span already, of whichever year, because an index tells that
    alone; None if it has fewer."""
    query = sql.SQL(
        "SELECT {key} FROM {table} t WHERE t.district_id = {district} AND {within}"
        " ORDER BY {key} OFFSET {offset} LIMIT 1"
    ).format(
        key=comparison.state_key,
        table=sql.Identifier(comparison.known.table),
        district=sql.Literal(comparison.district_id),
        within=span.holds(comparison.state_key),
        offset=sql.Literal(limit - 1),
    )
    found = comparison.ask_state(query)
    return found[0][0] if found else None


def _compare(comparison: Comparison, span: Span) -> ComparisonOutcome:
    method, equal, portion = _narrow(comparison, span)
    differences.create_tables(comparison)
    found = _look_into(comparison, portion) if portion else Found(0, {})
    not_at_state, not_at_district = found[DifferenceKind.NOT_AT_STATE], found[DifferenceKind.NOT_AT_DISTRICT]
    at_district = equal + found.distinct
    return ComparisonOutcome(
        at_district=at_district,
        # Counted from what both sides have, because the state may change from one statement to the next.
        at_state=at_district - not_at_state + not_at_district,
        not_at_state=not_at_state,
        not_at_district=not_at_district,
        differences=found[DifferenceKind.DIFFERENCE],
        duplicates=found[DifferenceKind.DUPLICATE],
        keyless=_count_keyless(comparison) if span.after is None else 0,
        last_key=span.after if span.upto is None else span.upto,
        finished=span.upto is None,
        method=method,
    )


def _narrow(comparison: Comparison, span: Span) -> tuple[Method, int, Portion | None]:
    """What has to be copied, and the number of records that are known to be equal without it."""
    whole = Portion(span)
    if not checksums.can_be_told(comparison):
        return Method.COPY, 0, whole
    agreement = checksums.compare_buckets(
        comparison, span, checksums.rows_at_district(comparison), checksums.rows_at_state(comparison)
    )
    if len(agreement.differing) > _PICKED_SHARE * agreement.buckets:
        return Method.CHECKSUMS, 0, whole
    portion = Portion(span, agreement.differing) if agreement.differing else None
    return Method.CHECKSUMS, agreement.equal_records, portion


def _look_into(comparison: Comparison, portion: Portion) -> Found:
    differences.copy_portion(comparison, portion)
    return differences.find_differences(comparison, portion)


def _count_keyless(comparison: Comparison) -> int:
    keyless = sql.SQL("{} IS NULL").format(comparison.district_key)
    return count_records(comparison.database, comparison.known, comparison.end_year, keyless)
