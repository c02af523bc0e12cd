"""Records of a district for tests: from a table drawn in text, or plausible ones of any object."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from dis_objects.catalogue import Field, definition
from dis_objects.fields import ParentKey, RecordKey
from tests.interchange.reference import OpenError
from tests.interchange.rules import Row, Tables

MIN, MAX = -(2**63), 2**63 - 1
# Stands in every text that a person could recognise; it must never turn up in an error.
CANARY = "Kanarie"
ARROW = "->"

# What a plausible record needs besides its required columns, to get past the exclusions.
ACCEPTED: dict[str, Row] = {
    "Plan": {"locked": True},
    "Test": {"state_code": "S1", "published": True},
    "TestScore": {"date": "2024-04-15"},
    "BehaviorType": {"state_event_code": "E1"},
    "BehaviorResolutionType": {"state_resolution_code": "R1"},
    "Calendar": {"end_date": "2024-06-07"},
}
PLAUSIBLE: dict[str, Any] = {
    "BigIntegerField": 1,
    "BooleanField": False,
    "DateField": "2023-09-01",
    "DateTimeField": "2023-09-01 08:30:00+00",
    "DecimalField": Decimal("1.5"),
    "IntegerField": 1,
    "SmallIntegerField": 1,
    "UUIDField": "0d0e3b7a-5b1c-4d2f-9a61-3f3c5c0f7a11",
}


def record(name: str, /, key: int | None = 1, **values: Any) -> Row:
    """A record that the state accepts if its parents, each with the key 1, are there."""
    known = definition(name)
    required = {field.name: plausible_value(field) for field in known.fields if not field.null}
    return empty_record(name) | required | ACCEPTED.get(name, {}) | {known.key: key} | values


def full_record(name: str, key: int | None = 1) -> Row:
    """As `record`, with a value in every column."""
    known = definition(name)
    every = {field.name: plausible_value(field) for field in known.fields}
    return every | ACCEPTED.get(name, {}) | {known.key: key}


def empty_record(name: str) -> Row:
    return {field.name: None for field in definition(name).fields}


def plausible_value(field: Field) -> Any:
    if isinstance(field, RecordKey | ParentKey):
        return 1
    if field.name == "end_year":
        return 2024
    if field.name in ("active", "course_active"):
        return True
    if field.get_internal_type() in ("CharField", "TextField"):
        return CANARY[: field.max_length]
    return PLAUSIBLE[field.get_internal_type()]


def drawn(picture: str) -> Tables:
    """Records from tables drawn in text; an empty line stands between two tables.

        School
        school_id | number | state_exclude | ->
        1         | 42     | true          | SCHOOL_EXCLUDED
        2         | NULL   |               | MISSING_REQUIRED number

    A column that is not drawn and an empty cell hold what `record` gives them; NULL takes it away, '' is an
    empty text. What stands under the arrow is what should become of the record, for `outcomes`.
    """
    tables: Tables = {}
    for name, heading, lines in _blocks(picture):
        fields = {field.name: field for field in definition(name).fields}
        tables[name] = [
            record(name)
            | {column: read_cell(fields[column], cell) for column, cell in line if cell and column != ARROW}
            for line in (list(zip(heading, cells, strict=True)) for cells in lines)
        ]
    return tables


def outcomes(picture: str, name: str) -> dict[int | None, OpenError | None]:
    """What stands under the arrow of an object's table, by key.

    Nothing: the record arrives. A dash: the push does not meet it.
    """
    [(heading, lines)] = [(heading, lines) for each, heading, lines in _blocks(picture) if each == name]
    keys = [row[definition(name).key] for row in drawn(picture)[name]]
    cells = [line[heading.index(ARROW)] for line in lines]
    return {key: _outcome(cell) for key, cell in zip(keys, cells, strict=True) if cell != "-"}


def _blocks(picture: str) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    text = "\n".join(line.strip() for line in picture.splitlines()).strip()
    for block in text.split("\n\n"):
        name, heading, *lines = block.splitlines()
        yield name, _cells(heading), [_cells(line) for line in lines]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def _outcome(cell: str) -> OpenError | None:
    """CODE, CODE field, CODE field parent_key, or CODE x2 for an error that two rows share."""
    if not cell:
        return None
    words = [word for word in cell.split() if not word.startswith("x")]
    times = [int(word[1:]) for word in cell.split() if word.startswith("x")]
    code, field, parent_key = [*words, "", ""][:3]
    return OpenError(code, field, _whole(parent_key) if parent_key else None, *times)


def _whole(cell: str) -> int:
    return {"MIN": MIN, "MAX": MAX}.get(cell) or int(cell)


def read_cell(field: Field, cell: str) -> Any:
    kind = field.get_internal_type()
    if cell == "NULL":
        return None
    if kind == "BooleanField":
        return {"true": True, "false": False}[cell]
    if kind == "DecimalField":
        return Decimal(cell)
    if kind.endswith("IntegerField"):
        return _whole(cell)
    return "" if cell == "''" else cell
