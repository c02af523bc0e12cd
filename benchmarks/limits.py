"""What no tool can beat that moves the same rows, or hashes them, between the same servers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
from django.db import connection, transaction
from psycopg import sql

from benchmarks.dataset import OBJECTS, YEAR, Dataset
from benchmarks.measuring import Measured, ask, measuring
from dis_objects.catalogue import ObjectDefinition, definition
from districts.databases import open_district
from districts.models import District
from interchange import checksums
from interchange.columns import staged_columns
from interchange.district import exclusion_number, source_types
from interchange.sides import Comparison
from interchange.state import state_store

_BLOCK_BYTES = 128 * 1024


def copy_unindexed(data: Dataset) -> Measured:
    """COPY piped into a table without an index or a log."""
    return _copy(data, "CREATE UNLOGGED TABLE {copy} (LIKE {table})")


def copy_indexed(data: Dataset) -> Measured:
    """COPY piped into a table like the state store's, with its indexes."""
    return _copy(data, "CREATE TABLE {copy} (LIKE {table} INCLUDING ALL)")


def _copy(data: Dataset, create: str) -> Measured:
    ask("DROP SCHEMA IF EXISTS limits CASCADE")
    ask("CREATE SCHEMA limits")
    for name in OBJECTS:
        table = definition(name).table
        ask(create.format(copy=f"limits.{table}", table=f"public.{table}"))
    with open_district(data.district) as database, measuring(data.records) as measured:
        for name in OBJECTS:
            _pipe(database, definition(name), data.district)
    ask("DROP SCHEMA limits CASCADE")
    return measured


def _pipe(database: psycopg.Connection[object], known: ObjectDefinition, district: District) -> None:
    columns = sql.SQL(", ").join(sql.Identifier(field.name) for field in known.fields)
    out = sql.SQL(
        "COPY (SELECT {district}::bigint, {columns} FROM sound.{table} ORDER BY {key})"
        " TO STDOUT (FORMAT binary)"
    ).format(
        district=sql.Literal(district.pk),
        columns=sql.SQL(", ").join(map(_as_at_state, known.fields)),
        table=sql.Identifier(known.table),
        key=sql.Identifier(known.key),
    )
    into = sql.SQL("COPY limits.{} (district_id, {}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(known.table), columns
    )
    with (
        transaction.atomic(),
        database.cursor() as theirs,
        state_store().cursor() as ours,
        theirs.copy(out) as source,
        ours.copy(into) as target,
    ):
        block = bytearray()
        for message in source:
            block += message
            if len(block) >= _BLOCK_BYTES:
                target.write(block)
                block = bytearray()
        target.write(block)


def _as_at_state(field: object) -> sql.Composable:
    name, kind = field.name, field.db_type(connection)  # type: ignore[attr-defined]
    return sql.SQL("{}::{}").format(sql.Identifier(name), sql.SQL(kind))


def checksum_queries(data: Dataset) -> Measured:
    """Both sides hash all rows that they have, at the same time: one query per object and side, one number back."""
    with measuring(data.records) as measured:
        for name in OBJECTS:
            with transaction.atomic(), open_district(data.district) as database:
                known = definition(name)
                columns = staged_columns(known, source_types(database, known))
                both = Comparison(state_store(), database, known, columns, data.district.pk, YEAR)
                _at_once(
                    lambda both=both, known=known: _hash_district(both, known),  # type: ignore[misc]
                    lambda both=both: _hash_state(both),  # type: ignore[misc]
                )
    return measured


def _hash_district(both: Comparison, known: ObjectDefinition) -> None:
    both.ask_district(_total(checksums.rows_at_district(both, exclusion_number(known))))


def _hash_state(both: Comparison) -> None:
    both.ask_state(_total(checksums.rows_at_state(both, sql.SQL("NULL::smallint"))))


def _total(rows: checksums.HashedRows) -> sql.Composed:
    return sql.SQL("SELECT count(*), bit_xor({}(ROW({}), 0)) {}").format(
        sql.SQL(checksums.FUNCTION_AT_STATE), sql.SQL(", ").join(rows.values), rows.records
    )


def _at_once(here: Callable[[], None], there: Callable[[], None]) -> None:
    with ThreadPoolExecutor(max_workers=1) as other:
        other_one = other.submit(here)
        there()
        other_one.result()
