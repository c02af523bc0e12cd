"""Which buckets of a span differ, told by checksums that both databases compute over their own rows.

A bucket's checksum is the number of its rows and their hashes, xored. The state has no two rows with the same key, so
that none cancels another there; copies at the district are counted. A row is hashed with its key as the seed, because
PostgreSQL adds up the hashes of a row's columns: with one seed for all, two records that have swapped a value would
cancel out. `hash_record_extended` is PostgreSQL's own: fast, but not promised to be the same in every version, encoding
and platform. So both servers hash the same row of every type in use first; where their answers differ, checksums say
nothing, and the records have to be copied.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

import psycopg
from psycopg import sql

from interchange.columns import StagedColumn
from interchange.district import district_errors
from interchange.sides import Comparison, Rows, Span, value_at_district, value_at_state

# Unknown to a district's server older than PostgreSQL 14.
FUNCTION_AT_DISTRICT = FUNCTION_AT_STATE = "pg_catalog.hash_record_extended"

# Per type: what another encoding, platform or version would hash to something else.
_PROBES = {
    "text": ("", "Zo\u00eb Zoe\u0308 שלום 🦉 ", "'\\\t"),
    "bigint": ("0", "-1", "9223372036854775807", "-9223372036854775808"),
    "numeric": ("0", "1.50", "-98765432109876543210.123", "1E+40"),
    "date": ("0001-01-01", "1969-12-31", "9999-12-31"),
    "timestamptz": (
        "1883-11-18 12:00:00+00",
        "2024-01-05 10:00:00.123456-08",
        "9999-12-31 23:59:59.999999+00",
    ),
    "boolean": ("true", "false"),
    "uuid": ("0d0e3b7a-5b1c-4d2f-9a61-3f3c5c0f7a11",),
}

# By bucket: the number of rows and the checksum.
Checksums = dict[int, tuple[int, int]]
_PROBED_SEED = 20_240_131_123_456


@dataclass(frozen=True)
class HashedRows:
    """Rows of one side: their key, the values that are hashed, and FROM with WHERE."""

    key: sql.Composable
    values: tuple[sql.Composable, ...]
    records: sql.Composable


@dataclass(frozen=True)
class Agreement:
    """The buckets that differ, of how many in all, the number of the district's records, and of those in buckets that
    do not differ."""

    differing: tuple[int, ...]
    buckets: int
    records: int
    equal_records: int


def can_be_told(comparison: Comparison) -> bool:
    """Whether equal rows have equal checksums on both sides."""
    if any(column.needs_reading for column in comparison.columns):
        return False
    types = sorted({column.staged_type for column in comparison.columns})
    theirs = _answer_of_district(comparison, _probe(types, FUNCTION_AT_DISTRICT))
    return theirs == comparison.ask_state(_probe(types, FUNCTION_AT_STATE))


def _probe(types: Iterable[str], function: str) -> sql.Composed:
    values = [
        sql.SQL("{}::{}").format(sql.Literal(text), sql.SQL(kind))
        for kind in types
        for text in (*_PROBES[kind], None)
    ]
    return sql.SQL("SELECT {}").format(_hash(values, function, sql.Literal(_PROBED_SEED)))


def _hash(values: Iterable[sql.Composable], function: str, seed: sql.Composable) -> sql.Composable:
    return sql.SQL("{}(ROW({}), {}::bigint)").format(sql.SQL(function), sql.SQL(", ").join(values), seed)


def _answer_of_district(comparison: Comparison, probe: sql.Composed) -> Rows | None:
    """None where the server does not know the function, or a character of the probe."""
    with district_errors(comparison.known):
        try:
            # A savepoint, because the transaction goes on after a refusal.
            with comparison.database.transaction():
                return comparison.database.execute(probe).fetchall()
        except (psycopg.ProgrammingError, psycopg.DataError, psycopg.NotSupportedError):
            return None


def rows_at_district(comparison: Comparison, *more: sql.Composable) -> HashedRows:
    """`more` are values that are hashed after those of the columns."""
    values = chain.from_iterable(hashed(column, value_at_district(column)) for column in comparison.columns)
    return HashedRows(comparison.district_key, (*values, *more), comparison.from_district())


def rows_at_state(comparison: Comparison, *more: sql.Composable) -> HashedRows:
    values = chain.from_iterable(hashed(column, value_at_state(column)) for column in comparison.columns)
    return HashedRows(comparison.state_key, (*values, *more), comparison.from_state())


def hashed(column: StagedColumn, value: sql.Composable) -> Iterator[sql.Composable]:
    """What is hashed of a value. PostgreSQL's own hashes are for tables in memory, which look again: a decimal has that
    of its negative, NaN, infinity and NULL have one, and the two halves of 64 bits are folded into one."""
    if column.staged_type == "timestamptz":
        # Folded too. As a decimal number of seconds it is not.
        value = sql.SQL("extract(epoch FROM {})").format(value)
    yield value
    if column.staged_type in ("numeric", "timestamptz"):
        yield sql.SQL("{0} IS NULL OR {0} < 0").format(value)
        yield sql.SQL("{} IS NULL").format(value)
    elif column.staged_type == "bigint" and column.is_wide:
        yield sql.SQL("{} >> 32").format(value)


def compare_buckets(
    comparison: Comparison, span: Span, at_district: HashedRows, *at_state: HashedRows
) -> Agreement:
    """Both databases count and hash at the same time. Raises what `district_errors` raises."""
    with ThreadPoolExecutor(max_workers=1) as other:
        asked = other.submit(comparison.ask_district, _checksums(span, FUNCTION_AT_DISTRICT, at_district))
        ours = _by_bucket(comparison.ask_state(_checksums(span, FUNCTION_AT_STATE, *at_state)))
        theirs = _by_bucket(asked.result())
    buckets = ours.keys() | theirs.keys()
    differing = sorted(bucket for bucket in buckets if ours.get(bucket) != theirs.get(bucket))
    records = sum(count for count, _ in theirs.values())
    different = sum(theirs[bucket][0] for bucket in differing if bucket in theirs)
    return Agreement(tuple(differing), len(buckets), records, records - different)


def _by_bucket(rows: Rows) -> Checksums:
    return {bucket: (count, checksum) for bucket, count, checksum in rows}


def _checksums(span: Span, function: str, *sources: HashedRows) -> sql.Composed:
    rows = (
        # OFFSET, so that a row is hashed where it is read. Else the planner sorts whole rows by their bucket first.
        sql.SQL("(SELECT {} AS bucket, {} AS hash {} AND {} OFFSET 0)").format(
            span.bucket(rows.key), _hash(rows.values, function, rows.key), rows.records, span.holds(rows.key)
        )
        for rows in sources
    )
    return sql.SQL("SELECT bucket, count(*), bit_xor(hash) FROM ({}) hashed GROUP BY 1").format(
        sql.SQL(" UNION ALL ").join(rows)
    )
