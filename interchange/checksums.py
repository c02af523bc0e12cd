"""Which buckets of a span differ, told by checksums that both databases compute over their own rows.

A bucket's checksum is the number of its rows and their hashes, xored. The state has no two rows with the same key, so
that none cancels another there; copies at the district are counted. A row's hash is that of its values, each with a
seed of its column, mixed with its key: else two records that have swapped a value would cancel out, and so would two
that changed alike. PostgreSQL's own hashes are fast, but not promised to be the same in every version, encoding and
platform. So both servers hash the same values of every type in use first; where their answers differ, checksums say
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
from interchange.sides import Comparison, Rows, Span, big, value_at_district, value_at_state

# Where the functions are. Those of a district's server older than PostgreSQL 14 answer otherwise for times.
SCHEMA_AT_DISTRICT = SCHEMA_AT_STATE = "pg_catalog"

# Per staged type. PostgreSQL's hashes are for tables in memory, which look again: a decimal has that of its negative,
# NaN and infinity have one, places only flip some bits, and halves of 64 bits are folded. As a text none of that is so.
_HASHES = {
    "text": '{schema}.hashtextextended({value} COLLATE "C", {seed})',
    "bigint": "{schema}.hashint8extended({value}, {seed})",
    "numeric": '{schema}.hashtextextended({value}::text COLLATE "C", {seed})',
    "date": "{schema}.hashint4extended(CASE WHEN isfinite({value}) THEN {value} - '2000-01-01'::date"
    " WHEN {value} IS NOT NULL THEN 2147483647 END, {seed})",
    "timestamptz": '{schema}.hashtextextended(extract(epoch FROM {value})::text COLLATE "C", {seed})',
    "boolean": "{schema}.hashint4extended({value}::int, {seed})",
    "uuid": "{schema}.uuid_hash_extended({value}, {seed})",
}
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
_PROBED_KEY = 20_240_131_123_456


# What is hashed: its staged type and the value.
HashedValue = tuple[str, sql.Composable]


@dataclass(frozen=True)
class HashedRows:
    """Rows of one side: their key, the values that are hashed, and FROM with WHERE."""

    key: sql.Composable
    values: tuple[HashedValue, ...]
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
    theirs = _answer_of_district(comparison, _probe(types, SCHEMA_AT_DISTRICT))
    return theirs == comparison.ask_state(_probe(types, SCHEMA_AT_STATE))


def _probe(types: Iterable[str], schema: str) -> sql.Composed:
    values = [
        (kind, sql.SQL("{}::{}").format(sql.Literal(text), sql.SQL(kind)))
        for kind in types
        for text in (*_PROBES[kind], None)
    ]
    return sql.SQL("SELECT {} FROM (SELECT {} AS cells) probe").format(
        _mixed(sql.SQL("cells"), big(_PROBED_KEY), schema), _cells(values, schema)
    )


def _cells(values: Iterable[HashedValue], schema: str) -> sql.Composable:
    """The hashes of a row's values, each with its column as the seed, xored. NULL is 0 in every column: to swap it for
    a value does not cancel out, because the value has another hash in each."""
    return sql.SQL(" # ").join(
        sql.SQL("coalesce({}, 0)").format(_hash(kind, value, schema, big(number)))
        for number, (kind, value) in enumerate(values, start=1)
    )


def _mixed(cells: sql.Composable, key: sql.Composable, schema: str) -> sql.Composable:
    """A row's cells and its key. In two halves, because the hash folds those of 64 bits."""
    return sql.SQL("({} # {})").format(
        _hash("bigint", cells, schema, key),
        _hash("bigint", sql.SQL("({} >> 32)").format(cells), schema, sql.SQL("~{}").format(key)),
    )


def _hash(kind: str, value: sql.Composable, schema: str, seed: sql.Composable) -> sql.Composable:
    return sql.SQL(_HASHES[kind]).format(schema=sql.Identifier(schema), value=value, seed=seed)


def _answer_of_district(comparison: Comparison, probe: sql.Composed) -> Rows | None:
    """None where the server does not know the function, or a character of the probe."""
    with district_errors(comparison.known):
        try:
            # A savepoint, because the transaction goes on after a refusal.
            with comparison.database.transaction():
                return comparison.database.execute(probe).fetchall()
        except (psycopg.ProgrammingError, psycopg.DataError, psycopg.NotSupportedError):
            return None


def rows_at_district(comparison: Comparison, *more: HashedValue) -> HashedRows:
    """`more` are values that are hashed after those of the columns."""
    values = chain.from_iterable(hashed(column, value_at_district(column)) for column in comparison.columns)
    return HashedRows(comparison.district_key, (*values, *more), comparison.from_district())


def rows_at_state(comparison: Comparison, *more: HashedValue) -> HashedRows:
    values = chain.from_iterable(hashed(column, value_at_state(column)) for column in comparison.columns)
    return HashedRows(comparison.state_key, (*values, *more), comparison.from_state())


def hashed(column: StagedColumn, value: sql.Composable) -> Iterator[HashedValue]:
    """What is hashed of a value."""
    yield column.staged_type, value
    if column.staged_type == "bigint" and column.is_wide:
        # The hash folds the halves of 64 bits.
        yield "bigint", sql.SQL("({} >> 32)").format(value)


def compare_buckets(
    comparison: Comparison, span: Span, at_district: HashedRows, *at_state: HashedRows
) -> Agreement:
    """Both databases count and hash at the same time. Raises what `district_errors` raises."""
    with ThreadPoolExecutor(max_workers=1) as other:
        asked = other.submit(_ask_district, comparison, _checksums(span, SCHEMA_AT_DISTRICT, at_district))
        ours = _by_bucket(comparison.ask_state(_checksums(span, SCHEMA_AT_STATE, *at_state)))
        theirs = _by_bucket(asked.result())
    buckets = ours.keys() | theirs.keys()
    differing = sorted(bucket for bucket in buckets if ours.get(bucket) != theirs.get(bucket))
    records = sum(count for count, _ in theirs.values())
    different = sum(theirs[bucket][0] for bucket in differing if bucket in theirs)
    return Agreement(tuple(differing), len(buckets), records, records - different)


def _ask_district(comparison: Comparison, checksums: sql.Composed) -> Rows:
    """Beside the cost of an exclusion, that of sorting all rows into buckets looks like nothing to the planner."""
    with district_errors(comparison.known):
        comparison.database.execute("SET LOCAL enable_sort = off")
        rows = comparison.ask_district(checksums)
        comparison.database.execute("SET LOCAL enable_sort = on")
    return rows


def _by_bucket(rows: Rows) -> Checksums:
    return {bucket: (count, checksum) for bucket, count, checksum in rows}


def _checksums(span: Span, schema: str, *sources: HashedRows) -> sql.Composed:
    rows = (
        # OFFSET, so that a row is hashed where it is read, and nothing is known of how many buckets there are. Else the
        # planner would sort all rows by their bucket.
        sql.SQL(
            "(SELECT {key}::bigint AS key, {bucket} AS bucket, {cells} AS cells {rows} AND {span} OFFSET 0)"
        ).format(
            key=rows.key,
            bucket=span.bucket(rows.key),
            cells=_cells(rows.values, schema),
            rows=rows.records,
            span=span.holds(rows.key),
        )
        for rows in sources
    )
    return sql.SQL("SELECT bucket, count(*), bit_xor({}) FROM ({}) hashed GROUP BY 1").format(
        _mixed(sql.SQL("cells"), sql.SQL("key"), schema), sql.SQL(" UNION ALL ").join(rows)
    )
