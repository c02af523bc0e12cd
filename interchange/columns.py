"""How each column travels: cast at the district, staged at the state, judged, compared and written.

A column is staged in the widest type of its family, so that a bad value becomes an error row and never a failed batch:
whole numbers as bigint, numbers as numeric, text without a length. A district column of another family is staged as
text and read at the state with `pg_input_is_valid`.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db import models
from psycopg import sql

from dis_objects.catalogue import Field, ObjectDefinition
from interchange.faults import Code

Condition = tuple[Code, sql.Composable]

_INTEGERS = frozenset({"int2", "int4", "int8"})
_WHOLE_RANGES = {"SmallIntegerField": (-(2**15), 2**15 - 1), "IntegerField": (-(2**31), 2**31 - 1)}
# Python's dates, which read the state store, end at the year 9999; PostgreSQL's do not.
_FIRST_AND_LAST = {
    "DateField": ("0001-01-01", "9999-12-31"),
    "DateTimeField": ("0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00"),
}


@dataclass(frozen=True)
class StagedColumn:
    """One column between the district and the state. `source` is the district's base type; the value of a `locked`
    column is the state's wherever the state has the record."""

    field: Field
    source: str
    locked: bool = False

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def staged_type(self) -> str:
        family, accepted = _family(self.field)
        return family if self.source in accepted else "text"

    @property
    def needs_reading(self) -> bool:
        """Staged as text although the state's column is not text."""
        return self.staged_type != self._family

    @property
    def is_wide(self) -> bool:
        """Whether the district may have a whole number of more than 32 bits."""
        return self.source not in ("int2", "int4")

    def at_district(self) -> sql.Composable:
        """The value as it is staged. No cast fails: dates reach further than times do, so a far one becomes infinite,
        which the state does not take either."""
        cast = sql.SQL("r.{}::{}").format(sql.Identifier(self.name), sql.SQL(self.staged_type))
        if self.staged_type != "timestamptz" or self.source == "timestamptz":
            return cast
        near = (
            "CASE WHEN r.{0} BETWEEN '4000-01-01 BC' AND '20000-01-01' THEN {1}"
            " WHEN r.{0} IS NOT NULL THEN 'infinity' END"
        )
        return sql.SQL(near).format(sql.Identifier(self.name), cast)

    def staged(self, alias: str) -> sql.Composable:
        return sql.Identifier(alias, self.name)

    def value(self, alias: str) -> sql.Composable:
        """What is written to the state, and compared with it. NULL where the text cannot be read."""
        value = self._read(alias) if self.needs_reading else self.staged(alias)
        if isinstance(self.field, models.DecimalField):
            return sql.SQL("round({}, {})").format(value, sql.Literal(self.field.decimal_places))
        return value

    def _read(self, alias: str) -> sql.Composable:
        """Read as the widest type of the family, so that a number that is too large is told as just that."""
        read = sql.SQL("CASE WHEN pg_input_is_valid({0}, {1}) THEN {0}::{2} END")
        return read.format(self.staged(alias), sql.Literal(self._family), sql.SQL(self._family))

    @property
    def _family(self) -> str:
        return _family(self.field)[0]

    def conditions(self, alias: str) -> Iterator[Condition]:
        """When the value keeps the record from the state, in the order in which it is told."""
        staged = self.staged(alias)
        if not self.field.null:
            yield Code.MISSING_REQUIRED, sql.SQL("{} IS NULL").format(staged)
        if self.needs_reading:
            yield Code.INVALID_VALUE, self.unreadable(alias)
        out_of_range = self._out_of_range(alias)
        if out_of_range is not None:
            yield Code.OUT_OF_RANGE, out_of_range
        if isinstance(self.field, models.CharField):
            # A text has at least as many bytes as characters, and bytes need not be counted.
            too_long = sql.SQL("(octet_length({0}) > {1} AND char_length({0}) > {1})")
            yield Code.TOO_LONG, too_long.format(staged, sql.Literal(self.field.max_length))

    def differs(self, alias: str, at_state: str) -> sql.Composable:
        """Whether the district's value is another than the state's, as one that cannot be read always is. NULL: no."""
        differs = sql.SQL("{} IS DISTINCT FROM {}").format(
            sql.Identifier(at_state, self.name), self.value(alias)
        )
        if not self.needs_reading:
            return differs
        return sql.SQL("({} OR {})").format(differs, self.unreadable(alias))

    def unreadable(self, alias: str) -> sql.Composable:
        valid = sql.SQL("NOT pg_input_is_valid({}, {})")
        return valid.format(self.staged(alias), sql.Literal(self._family))

    def _out_of_range(self, alias: str) -> sql.Composable | None:
        value, kind = self.value(alias), type(self.field).__name__
        if kind in _FIRST_AND_LAST:
            outside = sql.SQL("({0} < {1} OR {0} > {2})")
            return outside.format(value, *map(sql.Literal, _FIRST_AND_LAST[kind]))
        if isinstance(self.field, models.DecimalField):
            limit = 10 ** ((self.field.max_digits or 0) - (self.field.decimal_places or 0))
            # NaN is greater than every number, so it is caught here too.
            return sql.SQL("abs({}) >= {}").format(value, sql.Literal(limit))
        if kind in _WHOLE_RANGES:
            low, high = _WHOLE_RANGES[kind]
            return sql.SQL("{} NOT BETWEEN {} AND {}").format(value, sql.Literal(low), sql.Literal(high))
        return None


def _family(field: Field) -> tuple[str, frozenset[str]]:
    """The staging type of a field, and the district's types that can be cast to it without a failing value."""
    if isinstance(field, models.CharField | models.TextField):
        return "text", frozenset()
    if isinstance(field, models.IntegerField):
        return "bigint", _INTEGERS
    if isinstance(field, models.DateTimeField):
        return "timestamptz", frozenset({"timestamptz", "timestamp", "date"})
    if isinstance(field, models.DateField):
        return "date", frozenset({"date", "timestamp"})
    if isinstance(field, models.BooleanField):
        return "boolean", frozenset({"bool"})
    if isinstance(field, models.DecimalField):
        return "numeric", _INTEGERS | {"numeric"}
    if isinstance(field, models.UUIDField):
        return "uuid", frozenset({"uuid"})
    raise TypeError(f"{field} has a type that the engine does not push.")


def staged_columns(
    known: ObjectDefinition, sources: dict[str, str], locked: Collection[str] = ()
) -> tuple[StagedColumn, ...]:
    """The columns of a batch, the key first. `sources` maps each column to the district's base type."""
    return tuple(
        StagedColumn(field, sources[field.name], field.name in locked) for field in known.batch_fields
    )
