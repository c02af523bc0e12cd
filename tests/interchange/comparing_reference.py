"""The reference comparison: what a verification must find, in plain Python, one key after the other.

Of the code under test it takes only the catalogue. Values of the district are read as in `reference.py`: what the state
could not store differs from all that it stores.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from dis_objects.catalogue import Field, ObjectDefinition, definition
from tests.interchange.reference import belongs, judge
from tests.interchange.rules import Row

NOT_AT_STATE, NOT_AT_DISTRICT = "not_at_state", "not_at_district"
DIFFERENCE, DUPLICATE = "difference", "duplicate"
# key, kind, the names of the fields that differ
Difference = tuple[int, str, tuple[str, ...]]


@dataclass(frozen=True)
class Compared:
    at_district: int
    at_state: int
    keyless: int
    found: frozenset[Difference]

    def count(self, kind: str) -> int:
        return sum(each == kind for _, each, _ in self.found)


def compare(
    name: str,
    district: Iterable[Row],
    state: Iterable[Row],
    end_year: int,
    locked: Collection[str] = (),
    text_columns: Collection[tuple[str, str]] = (),
) -> Compared:
    """`district` are raw rows, `state` what Django reads from the state."""
    known = definition(name)
    copies: dict[int | None, list[Row]] = {}
    for row in district:
        if belongs(known, row, end_year):
            copies.setdefault(row[known.key], []).append(row)
    keyless = len(copies.pop(None, []))
    stored = {row[known.key]: row for row in state if is_of_year(known, row, end_year)}
    fields = [
        (field, (name, field.name) in text_columns)
        for field in known.batch_fields
        if counts(known, field, locked)
    ]
    found = {
        (key, kind, names)
        for key in copies.keys() | stored.keys()
        for kind, names in disagreements(fields, copies.get(key, []), stored.get(key))
    }
    return Compared(len(copies), len(stored), keyless, frozenset(found))


def is_of_year(known: ObjectDefinition, row: Row, end_year: int) -> bool:
    return known.school_year is None or row[known.school_year] == end_year


def counts(known: ObjectDefinition, field: Field, locked: Collection[str]) -> bool:
    is_verified = not known.verify or field.name in known.verify
    return is_verified and field.name not in locked and field.name != known.key


def disagreements(
    fields: list[tuple[Field, bool]], rows: list[Row], stored: Row | None
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is to be told of one key: the district has these rows of it."""
    if len(rows) > 1:
        yield DUPLICATE, ()
    if not rows:
        yield NOT_AT_DISTRICT, ()
    elif stored is None:
        yield NOT_AT_STATE, ()
    else:
        differing = (
            field.name
            for field, is_text in fields
            if any(differs(field, row, stored, is_text) for row in rows)
        )
        names = tuple(differing)
        if names:
            yield DIFFERENCE, names


def differs(field: Field, row: Row, at_state: Row, is_text: bool) -> bool:
    code, value = judge(field, row[field.name], is_text)
    return code is not None or value != at_state[field.name]
