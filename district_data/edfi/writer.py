"""Replaces a district's rows of one school year, by COPY, within the caller's transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql

from dis_objects.catalogue import ObjectDefinition, definition
from district_data.edfi.rows import Value

_ROWS_PER_COPY = 2_000
# Any number: it only has to be the same for every load into this database.
_LOCK = 7_305_260


def wait_for_other_loads(database: psycopg.Connection[Any]) -> None:
    """A second load into the same database waits here for the end of the first."""
    database.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


class Writer:
    """Collects rows in staging tables; `replace` then swaps them in."""

    def __init__(self, database: psycopg.Connection[Any], names: Iterable[str]) -> None:
        """`names` are the objects that a load owns: what they hold of the year is replaced, even by
        nothing.
        """
        self._database = database
        self._objects = {name: definition(name) for name in names}
        self._waiting: dict[str, list[Sequence[Value]]] = {name: [] for name in self._objects}
        for each in self._objects.values():
            database.execute(_statement("CREATE TEMP TABLE {staging} (LIKE {table}) ON COMMIT DROP", each))

    def add(self, name: str, values: Sequence[Value]) -> None:
        """`values` are in the catalogue's order of the fields."""
        self._waiting[name].append(values)
        if len(self._waiting[name]) >= _ROWS_PER_COPY:
            self._copy(name)

    def replace(self, end_year: int) -> None:
        for name in self._objects:
            self._copy(name)
        shared = self._holds_other_year(end_year)
        for each in self._objects.values():
            self._delete(each, end_year, shared=shared)
            # In key order, as a resync reads them.
            self._database.execute(
                _statement("INSERT INTO {table} SELECT * FROM {staging} ORDER BY {key}", each)
            )
            self._database.execute(_statement("ANALYZE {table}", each))

    def _copy(self, name: str) -> None:
        each, rows = self._objects[name], self._waiting[name]
        columns = sql.SQL(", ").join(sql.Identifier(field.column or field.name) for field in each.fields)
        command = _statement("COPY {staging} ({columns}) FROM STDIN", each, columns=columns)
        with self._database.cursor() as cursor, cursor.copy(command) as copy:
            for row in rows:
                copy.write_row(row)
        rows.clear()

    def _delete(self, each: ObjectDefinition, end_year: int, *, shared: bool) -> None:
        """Records without a school year may belong to the district's other years as well.

        If there are any, only those that the files have again are replaced. Otherwise everything is.
        """
        if each.school_year:
            year = sql.Identifier(each.school_year)
            self._database.execute(
                _statement("DELETE FROM {table} WHERE {year} = %s", each, year=year), [end_year]
            )
        elif shared:
            self._database.execute(
                _statement("DELETE FROM {table} t USING {staging} s WHERE t.{key} = s.{key}", each)
            )
        else:
            self._database.execute(_statement("DELETE FROM {table}", each))

    def _holds_other_year(self, end_year: int) -> bool:
        bound = [each for each in self._objects.values() if each.school_year]
        tests = [
            _statement(
                "EXISTS (SELECT FROM {table} WHERE {year} <> %s)",
                each,
                year=sql.Identifier(each.school_year or ""),
            )
            for each in bound
        ]
        query = sql.SQL("SELECT ") + sql.SQL(" OR ").join(tests)
        found = self._database.execute(query, [end_year] * len(tests)).fetchone()
        return bool(found and found[0])


def _statement(text: str, each: ObjectDefinition, **names: sql.Composable) -> sql.Composed:
    known: dict[str, sql.Composable] = {
        "table": sql.Identifier("public", each.table),
        "staging": sql.Identifier(f"staging_{each.table}"),
        "key": sql.Identifier(each.key),
    }
    return sql.SQL(text).format(**known, **names)
