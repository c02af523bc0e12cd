"""Finds the keys that do not agree, among the records of a span that were copied from the district.

compared          the district's records of the buckets that differ, in the staged types
compared_twice    the keys that came more than once
found_difference  what was found: (key, kind, fields), never a value
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from interchange.choices import DifferenceKind
from interchange.columns import StagedColumn
from interchange.copying import copy_records
from interchange.sides import Comparison, Span, big_array

_TABLES = "compared, compared_twice, found_difference"


@dataclass(frozen=True)
class Portion:
    """The part of a span that is copied: the buckets of these numbers, or all of it."""

    span: Span
    buckets: Sequence[int] | None = None

    @property
    def stretches(self) -> list[tuple[int, int]]:
        """The lowest and the highest key of each of its buckets."""
        return [self.span.ends_of(bucket) for bucket in self.buckets or ()]

    def holds(self, key: sql.Composable) -> sql.Composable:
        if self.buckets is None:
            return self.span.holds(key)
        return self.span.holds_in(self.buckets, key)


@dataclass(frozen=True)
class Found:
    """How many distinct keys the district has in the portion, and how many of each kind do not agree."""

    distinct: int
    kinds: dict[str, int]

    def __getitem__(self, kind: DifferenceKind) -> int:
        return self.kinds.get(kind, 0)


def create_tables(comparison: Comparison) -> None:
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.staged_type))
        for column in comparison.columns
    ]
    comparison.store.execute(f"DROP TABLE IF EXISTS {_TABLES}")
    comparison.store.execute(
        sql.SQL("CREATE TEMPORARY TABLE compared ({}) ON COMMIT DROP").format(sql.SQL(", ").join(columns))
    )
    comparison.store.execute(
        "CREATE TEMPORARY TABLE found_difference (key bigint NOT NULL, kind text NOT NULL, fields text[] NOT NULL)"
        " ON COMMIT DROP"
    )


def copy_portion(comparison: Comparison, portion: Portion) -> None:
    """Fills `compared`. Raises what `district_errors` raises."""
    query = sql.SQL("SELECT {values} {records} AND {within}").format(
        values=sql.SQL(", ").join(column.at_district() for column in comparison.columns),
        records=comparison.from_district(),
        within=portion.holds(comparison.district_key),
    )
    store, database = comparison.store, comparison.database
    copy_records(database, store, comparison.known, query, comparison.parameters, table="compared")
    store.execute("ANALYZE compared")


def find_differences(comparison: Comparison, portion: Portion) -> Found:
    """Fills `found_difference` from `compared`: each key once with each kind."""
    rows, distinct = _count_copied(comparison)
    _join(comparison, portion)
    if rows > distinct:
        _merge_copies(comparison)
    counted = comparison.store.execute("SELECT kind, count(*) FROM found_difference GROUP BY kind")
    return Found(distinct, dict(counted.fetchall()))


def _count_copied(comparison: Comparison) -> tuple[int, int]:
    """The number of rows that came, and of their distinct keys."""
    key = sql.Identifier(comparison.known.key)
    query = sql.SQL("SELECT count(*), count(DISTINCT {}) FROM compared").format(key)
    [[rows, distinct]] = comparison.store.execute(query)
    return rows, distinct


def _join(comparison: Comparison, portion: Portion) -> None:
    """One row for each of the district's rows that does not agree, and for each record that only the state has."""
    fields = comparison.columns[1:]
    differs = [column.differs("s", "t") for column in fields]
    comparison.store.execute(
        sql.SQL(
            "INSERT INTO found_difference SELECT coalesce(s.{key}, t.{key}),"
            " CASE WHEN t.{key} IS NULL THEN {not_at_state} WHEN s.{key} IS NULL THEN {not_at_district}"
            " ELSE {difference} END,"
            " CASE WHEN s.{key} = t.{key} THEN {names} ELSE ARRAY[]::text[] END"
            " FROM compared s FULL JOIN ({records}) t ON t.{key} = s.{key}"
            " WHERE s.{key} IS NULL OR t.{key} IS NULL OR {differs}"
        ).format(
            key=sql.Identifier(comparison.known.key),
            not_at_state=sql.Literal(DifferenceKind.NOT_AT_STATE.value),
            not_at_district=sql.Literal(DifferenceKind.NOT_AT_DISTRICT.value),
            difference=sql.Literal(DifferenceKind.DIFFERENCE.value),
            names=_names(fields),
            records=at_state(comparison, portion),
            differs=sql.SQL(" OR ").join([*differs, sql.SQL("false")]),
        )
    )


def at_state(comparison: Comparison, portion: Portion) -> sql.Composable:
    """The state's records of the portion, with the columns that are compared."""
    records = sql.SQL("SELECT {columns} {records} AND {within}").format(
        columns=sql.SQL(", ").join(sql.Identifier("t", column.name) for column in comparison.columns),
        records=comparison.from_state(),
        within=portion.span.holds(comparison.state_key),
    )
    if portion.buckets is None:
        return records
    # OFFSET keeps the planner from looking up the bucket of each record, as it does when it expects few of them.
    return sql.SQL(
        "SELECT t.* FROM unnest({lows}, {highs}) bucket (low, high),"
        " LATERAL ({records} AND {key} >= low AND {key} <= high OFFSET 0) t"
    ).format(
        lows=big_array([low for low, _ in portion.stretches]),
        highs=big_array([high for _, high in portion.stretches]),
        records=records,
        key=comparison.state_key,
    )


def _names(fields: Sequence[StagedColumn]) -> sql.Composable:
    """The names of the fields that differ."""
    whens = [
        sql.SQL("CASE WHEN {} THEN {} END").format(column.differs("s", "t"), sql.Literal(column.name))
        for column in fields
    ]
    return sql.SQL("array_remove(ARRAY[{}]::text[], NULL)").format(sql.SQL(", ").join(whens))


def _merge_copies(comparison: Comparison) -> None:
    """A key that came more than once differs in every field in which one of its rows does, and is a duplicate too."""
    key = sql.Identifier(comparison.known.key)
    comparison.store.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE compared_twice ON COMMIT DROP AS"
            " SELECT {0} AS key FROM compared GROUP BY {0} HAVING count(*) > 1"
        ).format(key)
    )
    names = sql.Literal([column.name for column in comparison.columns])
    comparison.store.execute(
        sql.SQL(
            "WITH copies AS (DELETE FROM found_difference"
            " WHERE key IN (SELECT key FROM compared_twice) RETURNING key, kind, fields),"
            " merged AS (SELECT key, kind, array_agg(DISTINCT field) AS fields"
            " FROM copies LEFT JOIN unnest(fields) field ON true GROUP BY key, kind)"
            " INSERT INTO found_difference SELECT key, kind, ARRAY(SELECT name"
            " FROM unnest({}::text[]) WITH ORDINALITY n (name, place) WHERE name = ANY(fields) ORDER BY place)"
            " FROM merged"
        ).format(names)
    )
    comparison.store.execute(
        sql.SQL("INSERT INTO found_difference SELECT key, {}, ARRAY[]::text[] FROM compared_twice").format(
            sql.Literal(DifferenceKind.DUPLICATE.value)
        )
    )
