"""The values of one record on both sides, read live for the person who asked. They are stored and logged nowhere."""

from collections.abc import Collection
from dataclasses import dataclass

from psycopg import sql

from dis_objects.catalogue import ObjectDefinition, RecordModel, definition
from dis_objects.queries import locked_fields
from districts.databases import open_district
from districts.models import District
from interchange import differences
from interchange.columns import staged_columns
from interchange.comparison import compared_fields
from interchange.differences import Portion
from interchange.district import source_types
from interchange.sides import LOWEST, Comparison, Span
from interchange.state import in_time_zone, state_store

Texts = list[tuple[str | None, ...]]


@dataclass(frozen=True)
class FieldValues:
    """One field on both sides, as text; None where it is empty. Times are the district's own.

    `at_district` has a value for each of the district's rows with this key. `differs` says that one of these is not
    what the state has, also where that counts as no difference: because the field is `locked`, or not `compared`.
    """

    name: str
    at_district: tuple[str | None, ...]
    at_state: str | None
    differs: bool
    compared: bool
    locked: bool


@dataclass(frozen=True)
class RecordValues:
    """A record of both sides. `copies` is how many rows the district has of it: none, or more than one of a duplicate.
    Where a side has no record, no field differs."""

    fields: tuple[FieldValues, ...]
    copies: int
    is_at_state: bool


def read_values(
    record_model: RecordModel, district: District, key: int, *, end_year: int | None = None
) -> RecordValues:
    """All fields that a batch pushes, the key first, as both sides have them now.

    Must be called within a transaction. Raises as `interchange.comparison.compare_chunk`.
    """
    known = definition(record_model.__name__)
    if known.school_year and end_year is None:
        raise ValueError(f"{known.name} is bound to a school year: say in which one the record is.")
    store, locked = state_store(), locked_fields(known.name)
    with open_district(district) as database:
        columns = staged_columns(known, source_types(database, known), locked)
        comparison = Comparison(store, database, known, columns, district.pk, end_year)
        with in_time_zone(store, district.time_zone):
            return _read(comparison, key, locked)


def _read(comparison: Comparison, key: int, locked: Collection[str]) -> RecordValues:
    portion = Portion(Span(None if key == LOWEST else key - 1, key))
    differences.create_tables(comparison)
    differences.copy_portion(comparison, portion)
    at_district = _texts(comparison, "s", sql.SQL("compared s"))
    state = sql.SQL("({}) t").format(differences.at_state(comparison, portion))
    at_state = _texts(comparison, "t", state)
    return RecordValues(
        _fields(comparison.known, locked, at_district, at_state, _differs(comparison, state)),
        copies=len(at_district),
        is_at_state=bool(at_state),
    )


def _texts(comparison: Comparison, alias: str, source: sql.Composable) -> Texts:
    columns = [sql.SQL("{}::text").format(sql.Identifier(alias, each.name)) for each in comparison.columns]
    query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(columns), source)
    return comparison.ask_state(query)


def _differs(comparison: Comparison, state: sql.Composable) -> list[bool]:
    """Whether one of the district's rows has another value, by column. The text of equal values may differ."""
    differs = [sql.SQL("bool_or({})").format(each.differs("s", "t")) for each in comparison.columns]
    query = sql.SQL("SELECT {} FROM compared s CROSS JOIN {}").format(sql.SQL(", ").join(differs), state)
    return [bool(each) for each in comparison.ask_state(query)[0]]


def _fields(
    known: ObjectDefinition, locked: Collection[str], at_district: Texts, at_state: Texts, differs: list[bool]
) -> tuple[FieldValues, ...]:
    compared = {field.name for field in compared_fields(known, locked)}
    return tuple(
        FieldValues(
            name=field.name,
            at_district=tuple(row[place] for row in at_district),
            at_state=at_state[0][place] if at_state else None,
            differs=differs[place],
            compared=field.name in compared,
            locked=field.name in locked,
        )
        for place, field in enumerate(known.batch_fields)
    )
