"""The canonical tables of a district's database: one per DIS object of the catalogue.

They promise nothing. A real student information system holds values that are too long, missing, out of range
or twice there, and the engine must meet them: so no NOT NULL, no lengths, no unique keys, and numbers wider
than the catalogue's.
"""

from collections.abc import Iterable
from typing import Any

import psycopg
from django.db import connection as control_connection
from psycopg import sql

from attendance import schema as attendance
from dis_objects.catalogue import Field, ObjectDefinition, definitions

_WIDER = {
    "AutoField": "bigint",
    "BigIntegerField": "bigint",
    "CharField": "text",
    "DecimalField": "numeric",
    "IntegerField": "bigint",
    "PositiveBigIntegerField": "bigint",
    "PositiveIntegerField": "bigint",
    "PositiveSmallIntegerField": "bigint",
    "SmallIntegerField": "bigint",
}


def create_tables(connection: psycopg.Connection[Any], *, indexes: bool = True) -> None:
    """Creates what is not there yet. The caller commits.

    Whoever loads many rows leaves the indexes out and makes them afterwards: half the time.
    """
    _run(connection, (_create(each) for each in definitions().values()))
    if indexes:
        create_indexes(connection)


def create_indexes(connection: psycopg.Connection[Any]) -> None:
    """An index on each key, for reading in key order. Not unique, so that a key can be there twice."""
    # The aggregation of attendance has its table elsewhere, with an index of its own, and a view here.
    views = {
        name for (name,) in connection.execute("SELECT viewname FROM pg_views WHERE schemaname = 'public'")
    }
    _run(connection, (_create_index(each) for each in definitions().values() if each.table not in views))


def analyze_tables(connection: psycopg.Connection[Any]) -> None:
    """Gathers statistics for the planner."""
    # A plain ANALYZE takes the server's shared catalogues too, and keeps other districts' runs out of them.
    _run(connection, [sql.SQL("ANALYZE {}").format(_names())])


def drop_tables(connection: psycopg.Connection[Any]) -> None:
    """Drops the canonical tables with everything in them. The caller commits."""
    attendance.drop_tables(connection)
    # Without CASCADE: a view that somebody built on a table stops the drop instead of vanishing with it.
    _run(connection, [sql.SQL("DROP TABLE IF EXISTS {}").format(_names())])


def _names() -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier("public", each.table) for each in definitions().values())


def column_type(field: Field) -> str:
    """The type of a field's column at the district."""
    internal = field.get_internal_type()
    return _WIDER.get(internal) or field.db_type(control_connection) or "text"


def _create(each: ObjectDefinition) -> sql.Composed:
    return sql.SQL("CREATE TABLE IF NOT EXISTS {} ({})").format(
        sql.Identifier("public", each.table), sql.SQL(", ").join(_column(field) for field in each.fields)
    )


def _create_index(each: ObjectDefinition) -> sql.Composed:
    return sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} ({})").format(
        sql.Identifier(f"{each.table}_key"),
        sql.Identifier("public", each.table),
        sql.Identifier(_column_name(each.fields[0])),
    )


def _column(field: Field) -> sql.Composed:
    # The type comes from the catalogue, never from outside.
    return sql.Identifier(_column_name(field)) + sql.SQL(" " + column_type(field))


def _column_name(field: Field) -> str:
    return field.column or field.name


def _run(connection: psycopg.Connection[Any], statements: Iterable[sql.Composed]) -> None:
    # One round trip for all tables.
    connection.execute(sql.SQL("; ").join(statements))
