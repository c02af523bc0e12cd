"""The reference engine: what pushes must leave behind, in plain Python, one record after the other.

It is slow, and meant to be obviously right. Of the code under test it takes only the catalogue: the fields of
each object, its parents and its school-year column. The exclusions are written down again, in `rules.py`.

A record of a district is a dict of raw values: int, bool, Decimal and text as themselves; dates, times and
GUIDs as the text that PostgreSQL prints. A record of the state holds what Django reads from it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from dis_objects.catalogue import Field, ObjectDefinition, definition
from tests.interchange.rules import RULES, Row, Tables
from tests.interchange.ways import belongs_to

WHOLE_NUMBERS = {"SmallIntegerField": 15, "IntegerField": 31}
TRUE, FALSE = {"t", "true", "y", "yes", "on", "1"}, {"f", "false", "n", "no", "off", "0"}


@dataclass(frozen=True)
class OpenError:
    code: str
    field: str = ""
    parent_key: int | None = None
    occurrences: int = 1


OpenErrors = dict[tuple[str, int | None], dict[int | None, OpenError]]


@dataclass(frozen=True)
class Counts:
    processed: int = 0
    errors: int = 0
    written: int = 0
    kept: int = 0


class ReferenceEngine:
    """One district and what the state holds of it: `state[object][key]`.

    The district and the state each have their own view of the open errors, `[object, school year][key]`: an attempt of
    the district is seen by both, one of the state by the state alone. `locked[object]` are the columns whose values are
    the state's. `text_columns` are the (object, column) pairs that the district keeps as text although the state does
    not.
    """

    def __init__(self, tables: Tables, text_columns: Iterable[tuple[str, str]] = ()) -> None:
        self.tables = tables
        self.text_columns = frozenset(text_columns)
        self.state: dict[str, dict[int, Row]] = {}
        self.locked: dict[str, frozenset[str]] = {}
        self.errors: OpenErrors = {}
        self.errors_for_state: OpenErrors = {}

    def push_under(
        self, name: str, end_year: int, root: str, roots: Iterable[int], *, by_state: bool = False
    ) -> Counts:
        """Pushes the records that belong to these records of the root."""
        keys = self.keys_under(name, end_year, root, set(roots))
        return self.push(name, end_year, keys, by_state=by_state)

    def keys_under(self, name: str, end_year: int, root: str, roots: set[int]) -> set[int]:
        known = definition(name)
        rows = [row for row in self.tables.get(name, []) if belongs(known, row, end_year)]
        mine = {row[known.key] for row in rows if belongs_to(self.tables, name, row, root, roots)}
        return mine - {None}

    def keys_of(self, name: str, end_year: int) -> set[int | None]:
        known = definition(name)
        rows = self.tables.get(name, [])
        return {row[known.key] for row in rows if belongs(known, row, end_year)}

    def push(
        self, name: str, end_year: int, keys: Iterable[int] | None = None, *, by_state: bool = False
    ) -> Counts:
        """Pushes the records with these keys; without `keys` all of them, the rows without a key included."""
        known = definition(name)
        rows = [row for row in self.tables.get(name, []) if belongs(known, row, end_year)]
        if keys is not None:
            rows = [row for row in rows if row[known.key] in set(keys)]
        faults, written, kept = self._push_rows(known, rows, end_year)
        for errors in [self.errors_for_state] if by_state else [self.errors, self.errors_for_state]:
            store_errors(errors, (name, end_year if known.school_year else None), faults, keys)
        return Counts(processed=len(rows), errors=len(faults), written=written, kept=kept)

    def _push_rows(
        self, known: ObjectDefinition, rows: list[Row], end_year: int
    ) -> tuple[list[tuple[int | None, OpenError]], int, int]:
        at_state = self.state.setdefault(known.name, {})
        copies = Counter(row[known.key] for row in rows)
        faults, written, kept = [], 0, 0
        for row in rows:
            key, values = row[known.key], {}
            ours = self._locked_values(known, at_state.get(key))
            fault = self._fault_of_row(known, row, copies[key], end_year) or self._fault_of_values(
                known, row, values, ours
            )
            if fault is None and at_state.get(key) != values:
                fault = self._missing_parent(known, values)
                written += fault is None
            if fault is not None:
                faults.append((key, fault))
            else:
                at_state[key] = values
                kept += sum(self._differs(known, row, field, ours) for field in known.batch_fields)
        return faults, written, kept

    def _locked_values(self, known: ObjectDefinition, at_state: Row | None) -> Row:
        """What the state keeps of a record that it has."""
        return {name: at_state[name] for name in self.locked.get(known.name, ())} if at_state else {}

    def _differs(self, known: ObjectDefinition, row: Row, field: Field, ours: Row) -> bool:
        """What the state would not store differs from all that it stores."""
        if field.name not in ours:
            return False
        code, value = judge(field, row[field.name], (known.name, field.name) in self.text_columns)
        return code is not None or value != ours[field.name]

    def _fault_of_row(
        self, known: ObjectDefinition, row: Row, copies: int, end_year: int
    ) -> OpenError | None:
        if row[known.key] is None:
            return OpenError("MISSING_KEY", known.key, occurrences=copies)
        if copies > 1:
            return OpenError("DUPLICATE_KEY", occurrences=copies)
        for code, holds_back in RULES.get(known.name, []):
            if holds_back(row, self.tables, end_year):
                return OpenError(code)
        return None

    def _fault_of_values(self, known: ObjectDefinition, row: Row, values: Row, ours: Row) -> OpenError | None:
        """Fills `values` with what the state would store: `ours` where it has that already and keeps it."""
        for field in known.batch_fields:
            if field.name in ours:
                values[field.name] = ours[field.name]
                continue
            raw = row[field.name]
            code, values[field.name] = judge(field, raw, (known.name, field.name) in self.text_columns)
            if code:
                return OpenError(code, field.name)
        return None

    def _missing_parent(self, known: ObjectDefinition, values: Row) -> OpenError | None:
        for field in known.parent_keys:
            parent_key = values[field.name]
            if parent_key is not None and parent_key not in self.state.get(field.parent, {}):
                return OpenError("MISSING_PARENT", field.name, parent_key)
        return None


def store_errors(
    errors: OpenErrors,
    scope: tuple[str, int | None],
    faults: list[tuple[int | None, OpenError]],
    keys: Iterable[int] | None,
) -> None:
    """What was pushed and has no fault now, or has left the district, has no error any more."""
    left = {} if keys is None else {k: e for k, e in errors.get(scope, {}).items() if k not in set(keys)}
    errors[scope] = left | dict(faults)


def belongs(known: ObjectDefinition, row: Row, end_year: int) -> bool:
    """A record without a school year is met in every year."""
    return known.school_year is None or row[known.school_year] in (end_year, None)


def judge(field: Field, raw: Any, is_text: bool) -> tuple[str | None, Any]:
    """The code of the fault, or the value as the state stores it."""
    kind = field.get_internal_type()
    if raw is None:
        return (None if field.null else "MISSING_REQUIRED"), None
    if is_text and kind in READERS:
        try:
            raw = READERS[kind](raw)
        except (ValueError, InvalidOperation):
            return "INVALID_VALUE", None
    if kind == "CharField":
        return ("TOO_LONG" if len(raw) > (field.max_length or 0) else None), raw
    if kind in WHOLE_NUMBERS:
        limit = 2 ** WHOLE_NUMBERS[kind]
        return (None if -limit <= raw < limit else "OUT_OF_RANGE"), raw
    if kind == "DecimalField":
        return judge_number(raw, field.max_digits, field.decimal_places)
    if kind in ("DateField", "DateTimeField"):
        if not fits_python(raw):
            return "OUT_OF_RANGE", None
        moment = datetime.fromisoformat(raw)
        return None, moment.date() if kind == "DateField" else moment
    return None, UUID(raw) if kind == "UUIDField" else raw


def judge_number(raw: Decimal, digits: int, places: int) -> tuple[str | None, Decimal | None]:
    if not raw.is_finite():
        return "OUT_OF_RANGE", None
    rounded = raw.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, Context(prec=1000))
    return (None if abs(rounded) < 10 ** (digits - places) else "OUT_OF_RANGE"), rounded


def fits_python(day: str) -> bool:
    """Not for ever, not before Christ, no year beyond 9999."""
    return re.match(r"\d{4}-", day) is not None and not day.endswith("BC")


def read_day(text: str) -> str:
    if fits_python(text):
        datetime.fromisoformat(text)
    elif not re.fullmatch(r"-?infinity|\d{4,}-\d\d-\d\d.*( BC)?", text):
        raise ValueError(text)
    return text


def read_whole_number(text: str) -> int:
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError(text)
    return number


def read_yes_or_no(text: str) -> bool:
    word = text.strip().lower()
    if word not in TRUE | FALSE:
        raise ValueError(text)
    return word in TRUE


READERS: dict[str, Callable[[str], Any]] = {
    "BigIntegerField": read_whole_number,
    "SmallIntegerField": read_whole_number,
    "IntegerField": read_whole_number,
    "DecimalField": Decimal,
    "BooleanField": read_yes_or_no,
    "DateField": read_day,
    "DateTimeField": read_day,
    "UUIDField": lambda text: str(UUID(text)),
}
