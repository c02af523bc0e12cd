"""The attendance of a district in the district's database: tables, triggers, and who may do what.

A schema of its own, because the aggregation is the one thing that writes at the district, and may write there alone.
"""

from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

# What the aggregation reads of the canonical tables.
READS = ("attendance_excuse", "calendar", "day", "enrollment", "period_schedule")
_WRITES = {
    "att_day_aggregation": "SELECT, INSERT, UPDATE",
    "period_attendance": "SELECT",
    "touched": "SELECT, DELETE",
}


def create_tables(database: psycopg.Connection[Any]) -> None:
    """Makes the tables, and moves the canonical att_day_aggregation among them. The caller commits."""
    database.execute(_script("tables"))


def create_triggers(database: psycopg.Connection[Any]) -> None:
    """Who loads many rows does it before: neither indexes nor the queue slow the load down."""
    database.execute(_script("triggers"))


def drop_tables(database: psycopg.Connection[Any]) -> None:
    database.execute(_script("drop"))


def analyze_tables(database: psycopg.Connection[Any]) -> None:
    database.execute(
        sql.SQL("ANALYZE {}").format(
            sql.SQL(", ").join(sql.Identifier("attendance", name) for name in _WRITES)
        )
    )


def grant(database: psycopg.Connection[Any], role: str) -> None:
    """Lets the role aggregate, and nothing else."""
    granted = {"role": sql.Identifier(role)}
    reads = sql.SQL(", ").join(sql.Identifier("public", name) for name in READS)
    database.execute(sql.SQL("GRANT USAGE ON SCHEMA public, attendance TO {role}").format(**granted))
    database.execute(sql.SQL("GRANT SELECT ON {reads} TO {role}").format(reads=reads, **granted))
    for name, rights in _WRITES.items():
        statement = sql.SQL("GRANT {rights} ON {table} TO {role}")
        table = sql.Identifier("attendance", name)
        database.execute(statement.format(rights=sql.SQL(rights), table=table, **granted))


def _script(name: str) -> bytes:
    return files("attendance").joinpath("sql", f"{name}.sql").read_bytes()
