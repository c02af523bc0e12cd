"""Builds a synthetic district inside its own database, by SQL alone.

The same seed and size give the same rows on every machine: nothing is thrown by random(), nothing depends on
the order in which a plan delivers rows.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

from attendance import schema as attendance
from attendance.aggregation import aggregate_calendars
from dis_objects.catalogue import ObjectDefinition, definition, definitions
from district_data import faults, names
from district_data.filling import fill_statement
from district_data.proportions import proportions
from district_data.tables import analyze_tables, create_indexes, create_tables, drop_tables

# In this order: what comes later reads what came before.
_SCRIPTS = (
    "schools",
    "calendars",
    "people",
    "enrollments",
    "staff",
    "schedule",
    "attendance",
    "behavior",
    "assessment",
)
# When the aggregation of a day wrote its row: the same in every run.
_AGGREGATED_AT = sql.SQL("(r.date + time '22:15') AT TIME ZONE 'UTC'")
# The Bureau of Indian Education reports like a state without being one.
_POSTAL_STATES = {"BIE": "AZ"}
_TRIBES = ["PYRAMID", "WALKER", "WASHOE", "SHOSHONE", "PAIUTE", "NAVAJO"]
_SESSION = """
SET LOCAL search_path = public, generator;
SET LOCAL timezone = 'UTC';
SET LOCAL lock_timeout = '10s';
SET LOCAL work_mem = '64MB';
SET LOCAL maintenance_work_mem = '256MB';
SET LOCAL jit = off
"""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a synthetic district looks like."""

    number: str
    name: str
    state_code: str
    end_year: int
    students: int
    seed: int
    error_rate: float


def generate(connection: psycopg.Connection[Any], recipe: Recipe) -> dict[str, int]:
    """Replaces the district's tables by synthetic ones; rows per object. The caller commits or rolls back."""
    connection.execute(_SESSION)
    drop_tables(connection)
    create_tables(connection, indexes=False)
    _make_dice(connection, recipe)
    _fill(connection, recipe)
    create_indexes(connection)
    faults.spoil(connection, recipe.error_rate, recipe.state_code)
    connection.execute("DROP SCHEMA generator CASCADE")
    analyze_tables(connection)
    return count_rows(connection)


def count_rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Rows per object, in parent-first order."""
    counts = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {}, count(*) FROM {}").format(sql.Literal(name), sql.Identifier("public", each.table))
        for name, each in definitions().items()
    )
    found = dict(connection.execute(counts).fetchall())
    return {name: found[name] for name in definitions()}


def _make_dice(connection: psycopg.Connection[Any], recipe: Recipe) -> None:
    connection.execute("CREATE SCHEMA generator")
    for kind, constants in _constants(recipe).items():
        for name, value in constants.items():
            connection.execute(_constant(kind, name, value))
    _run_script(connection, "functions")
    _make_name_groups(connection)


def _constants(recipe: Recipe) -> dict[str, Mapping[str, Any]]:
    """Named values by type. The scripts call them as functions; the planner folds them into its plans."""
    amounts = proportions(recipe.students)
    return {
        "bigint": asdict(amounts) | {"regular_schools": amounts.regular_schools, "seed": recipe.seed},
        "int": {"end_year": recipe.end_year},
        "text": {
            "district_number": recipe.number,
            "district_name": recipe.name,
            "city": recipe.name[:30],
            "postal_state": _POSTAL_STATES.get(recipe.state_code, recipe.state_code[:2]),
        },
        "int[]": {"group_slots": [each.code for each in names.GROUPS for _ in range(each.share)]},
        "text[]": {
            "girls": sorted({name for each in names.GROUPS for name in each.girls.split()}),
            "last_names": sorted({name for each in names.GROUPS for name in each.last.split()}),
            "school_names": names.SCHOOLS.split(";"),
            "streets": names.STREETS.split(";"),
            "street_kinds": names.STREET_KINDS.split(";"),
            "tribes": _TRIBES,
        },
    }


def _constant(kind: str, name: str, value: Any) -> sql.Composed:
    return sql.SQL(
        "CREATE FUNCTION {name}() RETURNS {kind} LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN {value}::{kind}"
    ).format(name=sql.Identifier("generator", name), kind=sql.SQL(kind), value=sql.Literal(value))


def _make_name_groups(connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        "CREATE UNLOGGED TABLE generator.name_groups"
        " (code int, language text, last text[], girls text[], boys text[], countries text[])"
    )
    rows = [
        (
            each.code,
            each.language,
            *(words.split() for words in (each.last, each.girls, each.boys, each.countries)),
        )
        for each in names.GROUPS
    ]
    connection.cursor().executemany("INSERT INTO generator.name_groups VALUES (%s, %s, %s, %s, %s, %s)", rows)


def _fill(connection: psycopg.Connection[Any], recipe: Recipe) -> None:
    for name in _SCRIPTS:
        _run_script(connection, name)
    if definition("AttDayAggregation").applies_to(recipe.state_code):
        _fill_attendance(connection)
    for each in definitions().values():
        _finish(connection, each, recipe.state_code)


def _fill_attendance(connection: psycopg.Connection[Any]) -> None:
    """The attendance of periods, and the days that it adds up to."""
    attendance.create_tables(connection)
    _run_script(connection, "period_attendance")
    attendance.analyze_tables(connection)
    calendars = [key for (key,) in connection.execute("SELECT calendar_id FROM calendar")]
    aggregate_calendars(connection, calendars, modified=_AGGREGATED_AT)
    attendance.create_triggers(connection)


def _finish(connection: psycopg.Connection[Any], each: ObjectDefinition, state_code: str) -> None:
    """What no script filled is filled by the catalogue; what the state has no use for is emptied again."""
    if not each.applies_to(state_code):
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier("public", each.table)))
    elif _is_empty(connection, each):
        connection.execute(fill_statement(each).encode())


def _is_empty(connection: psycopg.Connection[Any], each: ObjectDefinition) -> bool:
    query = sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier("public", each.table))
    return connection.execute(query).fetchone() is None


def _run_script(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute(files("district_data").joinpath("sql", f"{name}.sql").read_bytes())
