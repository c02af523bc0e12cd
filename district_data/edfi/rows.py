"""Rows of the catalogue's objects, from the text that the files hold."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from dis_objects.catalogue import Field, definition
from district_data.edfi.keys import Identity

Value: TypeAlias = str | int | bool | Decimal | date | datetime | None

NUMBER = re.compile(r"\s*[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})\s*")
_DATE = re.compile(r"\s*(\d{4}-\d{2}-\d{2})(?:T.*|Z|[+-]\d{2}:\d{2})?\s*", re.DOTALL)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_LARGEST_BIGINT = 2**63 - 1


@dataclass(frozen=True)
class Row:
    """A record to be: `identity` is its natural key, `values` are by column, as text or already in their
    type.
    """

    object: str
    identity: Identity
    values: Mapping[str, Value]
    # Where Ed-Fi's own number is the key, or part of it.
    key: int | None = None


class NotUnderstood(Exception):
    """A text does not have the form that its column needs."""


def convert(row: Row, key: int, end_year: int, zone: ZoneInfo) -> tuple[list[Value], list[str]]:
    """The values of all columns in the catalogue's order, and the columns whose text was not understood."""
    given = {**row.values, **_fixed(row.object, key, end_year)}
    fields = {field.name: field for field in definition(row.object).fields}
    if unknown := given.keys() - fields.keys():
        raise LookupError(f"{row.object} has no column {', '.join(sorted(unknown))}.")
    converted: list[Value] = []
    refused: list[str] = []
    for name, field in fields.items():
        try:
            converted.append(_typed(field, given.get(name), zone))
        except (NotUnderstood, ValueError, ArithmeticError):
            converted.append(None)
            refused.append(name)
    return converted, refused


def _fixed(name: str, key: int, end_year: int) -> dict[str, Value]:
    """The key, and the school year where the object belongs to one."""
    each = definition(name)
    fixed: dict[str, Value] = {each.key: key}
    return fixed | {each.school_year: end_year} if each.school_year else fixed


def _typed(field: Field, value: Value, zone: ZoneInfo) -> Value:
    if not isinstance(value, str):
        return value
    kind = field.get_internal_type()
    if kind == "DateTimeField":
        return _moment(value, zone)
    return _READERS[kind](value) if kind in _READERS else value


def _date(text: str) -> date:
    # Ed-Fi writes some dates with a time of day (xs:dateTime): the column holds the day.
    match = _DATE.fullmatch(text)
    if match is None:
        raise NotUnderstood
    return date.fromisoformat(match[1])


def _moment(text: str, zone: ZoneInfo) -> datetime:
    # A time without an offset is the clock on the district's wall.
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _boolean(text: str) -> bool:
    value = _BOOLEANS.get(text.strip().lower())
    if value is None:
        raise NotUnderstood
    return value


def _decimal(text: str) -> Decimal:
    if not NUMBER.fullmatch(text):
        raise NotUnderstood
    return Decimal(text.strip())


def _integer(text: str) -> int:
    number = _decimal(text)
    if number != number.to_integral_value() or abs(number) > _LARGEST_BIGINT:
        raise NotUnderstood
    return int(number)


_READERS: dict[str, Callable[[str], Value]] = {
    "BigIntegerField": _integer,
    "BooleanField": _boolean,
    "DateField": _date,
    "DecimalField": _decimal,
    "IntegerField": _integer,
    "SmallIntegerField": _integer,
}
