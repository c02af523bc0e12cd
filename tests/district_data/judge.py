"""A plain judge of a district's records, written without the engine: what would fail at the state, and why.

It reads every record into Python and holds each column against the catalogue: slow, and easy to follow.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import psycopg

from dis_objects.catalogue import ObjectDefinition, definitions

_RANGES = {"SmallIntegerField": 2**15, "IntegerField": 2**31, "BigIntegerField": 2**63}


@dataclass
class Verdict:
    """What became of one object's records: keys that arrived, and (key, reason) of those that did not."""

    processed: int = 0
    arrived: set[int] = field(default_factory=set)
    failures: list[tuple[int | None, str]] = field(default_factory=list)

    @property
    def reasons(self) -> set[str]:
        return {reason for _, reason in self.failures}

    @property
    def errors(self) -> int:
        """Failed records: one that breaks two rules counts once; copies and missing keys count each."""
        return self.processed - len(self.arrived)


def judge(connection: psycopg.Connection[Any], end_year: int) -> dict[str, Verdict]:
    verdicts: dict[str, Verdict] = {}
    for each in definitions().values():
        verdicts[each.name] = _judge_object(connection, each, end_year, verdicts)
    return verdicts


def _judge_object(
    connection: psycopg.Connection[Any], each: ObjectDefinition, end_year: int, above: dict[str, Verdict]
) -> Verdict:
    records = list(_records(connection, each, end_year))
    copies = Counter(record[each.key] for record in records)
    excluded = _excluded(connection, each, end_year)
    verdict = Verdict(processed=len(records))
    for record in records:
        key = record[each.key]
        reasons = [*excluded.get(key, []), *_broken(each, record), *_missing_parents(each, record, above)]
        if key is None:
            reasons.append("key")
        elif copies[key] > 1:
            reasons.append("duplicate")
        verdict.failures.extend((key, reason) for reason in reasons)
        if not reasons:
            verdict.arrived.add(key)
    return verdict


def _records(
    connection: psycopg.Connection[Any], each: ObjectDefinition, end_year: int
) -> Iterator[dict[str, Any]]:
    # Dates as text: Python has no date for infinity.
    columns = ", ".join(
        f'"{f.column}"::text' if f.get_internal_type() in ("DateField", "DateTimeField") else f'"{f.column}"'
        for f in each.fields
    )
    where = f"WHERE {each.school_year} = {end_year}" if each.school_year else ""
    for row in connection.execute(f"SELECT {columns} FROM {each.table} {where}"):
        yield dict(zip((f.name for f in each.fields), row, strict=True))


def _excluded(
    connection: psycopg.Connection[Any], each: ObjectDefinition, end_year: int
) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    where = f"AND r.{each.school_year} = {end_year}" if each.school_year else ""
    for exclusion in each.exclusions:
        query = f"SELECT r.{each.key} FROM {each.table} r WHERE ({exclusion.condition}) {where}"
        for (key,) in connection.execute(query, {"end_year": end_year}):
            found.setdefault(key, []).append(exclusion.code)
    return found


def _broken(each: ObjectDefinition, record: dict[str, Any]) -> Iterator[str]:
    for f in each.fields:
        value = record[f.name]
        if f.name != each.key and (reason := _wrong(f, value)):
            yield reason


def _wrong(f: Any, value: Any) -> str | None:
    kind = f.get_internal_type()
    if value is None:
        return None if f.null else "missing"
    if kind == "CharField" and len(value) > f.max_length:
        return "length"
    if kind in ("DateField", "DateTimeField") and "infinity" in value:
        return "infinity"
    if kind == "DecimalField" and abs(Decimal(value)) >= 10 ** (f.max_digits - f.decimal_places):
        return "decimal"
    if kind in _RANGES and not -_RANGES[kind] <= value < _RANGES[kind]:
        return kind.removesuffix("Field").lower()
    return None


def _missing_parents(
    each: ObjectDefinition, record: dict[str, Any], above: dict[str, Verdict]
) -> Iterator[str]:
    for key in each.parent_keys:
        value = record[key.name]
        if value is not None and value not in above[key.parent].arrived:
            yield "parent"
