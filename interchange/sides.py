"""The two sides of a comparison: the same records of one object, in the same form, at the district and at the state.

At the district the record is `r`, at the state `t`. The value of a column is what a push would write, so that the two
sides are equal where a push would change nothing: cast to the staged type, and decimals rounded as the state keeps
them. A text that has to be read first has no such form at the district (StagedColumn.needs_reading).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from psycopg import sql

from dis_objects.catalogue import Field, ObjectDefinition
from interchange.columns import StagedColumn
from interchange.copying import Parameters
from interchange.district import Connection, district_errors, of_school_year
from interchange.state import StateStore

LOWEST, HIGHEST = -(2**63), 2**63 - 1

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Span:
    """The keys above `after` up to `upto`; None: no limit. It is cut into buckets of `width` successive numbers: the
    bucket of a key is the key divided by the width, the rest cut off, so that both sides agree on it unasked."""

    after: int | None
    upto: int | None
    width: int = 1

    @property
    def ends(self) -> tuple[int, int]:
        """The lowest and the highest key that may be in it."""
        return LOWEST if self.after is None else self.after + 1, HIGHEST if self.upto is None else self.upto

    def ends_of(self, bucket: int) -> tuple[int, int]:
        """The lowest and the highest key that may be in a bucket of it. The one of 0 has both signs."""
        near, far = bucket * self.width, (abs(bucket) + 1) * self.width - 1
        low, high = (near if bucket > 0 else -far), (near if bucket < 0 else far)
        return max(low, self.ends[0]), min(high, self.ends[1])

    def from_to(self, buckets: Sequence[int]) -> "Span":
        """The part of it from the lowest to the highest of these buckets."""
        low, high = self.ends_of(min(buckets))[0], self.ends_of(max(buckets))[1]
        return Span(self.after if low == self.ends[0] else low - 1, high, self.width)

    def holds(self, key: sql.Composable) -> sql.Composable:
        conditions = [sql.SQL("{} IS NOT NULL").format(key)]
        if self.after is not None:
            conditions.append(sql.SQL("{} > {}").format(key, big(self.after)))
        if self.upto is not None:
            conditions.append(sql.SQL("{} <= {}").format(key, big(self.upto)))
        return sql.SQL(" AND ").join(conditions)

    def bucket(self, key: sql.Composable) -> sql.Composable:
        return sql.SQL("{}::bigint / {}").format(key, big(self.width))

    def holds_in(self, buckets: Sequence[int], key: sql.Composable) -> sql.Composable:
        """Whether the key is in one of these buckets."""
        chosen = big_array(list(buckets))
        within = self.from_to(buckets).holds(key)
        return sql.SQL("{} AND {} = ANY({})").format(within, self.bucket(key), chosen)


@dataclass(frozen=True)
class Upcoming:
    """The district's next records: how many rows, and their lowest and highest key."""

    rows: int
    low: int
    high: int

    def width(self, bucket_records: int) -> int:
        """Of buckets that hold about so many records each, if the keys lie evenly."""
        return min(max(1, (self.high - self.low + 1) * bucket_records // self.rows), HIGHEST)


@dataclass(frozen=True)
class Comparison:
    """One object of a district and of the state store, within a school year if it is bound to one. `columns` are those
    compared, the key first."""

    store: StateStore
    database: Connection
    known: ObjectDefinition
    columns: tuple[StagedColumn, ...]
    district_id: int
    end_year: int | None

    @property
    def district_key(self) -> sql.Composable:
        return sql.Identifier("r", self.known.key)

    @property
    def state_key(self) -> sql.Composable:
        return sql.Identifier("t", self.known.key)

    def from_district(self) -> sql.Composable:
        """FROM and WHERE of its records at the district; needs `parameters`."""
        table = sql.Identifier("public", self.known.table)
        return sql.SQL("FROM {} r WHERE {}").format(table, of_school_year(self.known))

    def from_state(self) -> sql.Composable:
        return sql.SQL("FROM {} t WHERE {}").format(
            sql.Identifier(self.known.table), of_state_year(self.known, self.district_id, self.end_year)
        )

    @property
    def parameters(self) -> Parameters:
        return {"end_year": self.end_year}

    def ask_district(self, query: sql.Composed) -> Rows:
        with district_errors(self.known):
            return self.database.execute(query, self.parameters).fetchall()

    def ask_state(self, query: sql.Composed) -> Rows:
        return self.store.execute(query).fetchall()


def upcoming_records(comparison: Comparison, cursor: int | None, limit: int) -> Upcoming | None:
    """The district's records after the cursor, at most `limit` rows; None where there are none. Raises what
    `district_errors` raises."""
    query = sql.SQL(
        "SELECT count(*), min(key), max(key)"
        " FROM (SELECT {key}::bigint AS key {records} AND {after} ORDER BY {key} LIMIT {limit}) next"
    ).format(
        key=comparison.district_key,
        records=comparison.from_district(),
        after=Span(cursor, None).holds(comparison.district_key),
        limit=sql.Literal(limit),
    )
    [[rows, low, high]] = comparison.ask_district(query)
    return Upcoming(rows, low, high) if rows else None


def count_keys(comparison: Comparison, span: Span) -> int:
    """How many keys the district's records in the span have. Raises what `district_errors` raises."""
    query = sql.SQL("SELECT count(DISTINCT {key}) {records} AND {within}").format(
        key=comparison.district_key,
        records=comparison.from_district(),
        within=span.holds(comparison.district_key),
    )
    return int(comparison.ask_district(query)[0][0])


def of_state_year(known: ObjectDefinition, district_id: int, end_year: int | None) -> sql.Composable:
    """The state's records `t` of a district and school year; every year's of an object that is bound to none."""
    of_district = sql.SQL("t.district_id = {}").format(sql.Literal(district_id))
    if known.school_year is None:
        return of_district
    year = sql.Identifier("t", known.school_year)
    return sql.SQL("{} AND {} = {}").format(of_district, year, sql.Literal(end_year))


def value_at_district(column: StagedColumn) -> sql.Composable:
    return rounded(column.field, column.at_district())


def value_at_state(column: StagedColumn) -> sql.Composable:
    return sql.SQL("{}::{}").format(sql.Identifier("t", column.name), sql.SQL(column.staged_type))


def rounded(field: Field, value: sql.Composable) -> sql.Composable:
    """A decimal with the places that the state keeps, any other value as it is."""
    if not isinstance(field, models.DecimalField):
        return value
    return sql.SQL("round({}, {})").format(value, sql.Literal(field.decimal_places))


def big(number: int) -> sql.Composable:
    """A bigint, also the lowest of all, which PostgreSQL would read as a negated numeric."""
    return sql.SQL("{}::bigint").format(sql.Literal(str(number)))


def big_array(numbers: list[int]) -> sql.Composable:
    return sql.SQL("{}::bigint[]").format(sql.Literal("{" + ",".join(map(str, numbers)) + "}"))
