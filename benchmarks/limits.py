"""What no tool can beat that moves the same rows, or hashes them, between the same servers."""

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
from interchange.district import source_types
from interchange.ranges import BUCKET_RECORDS, hashed_sides
from interchange.sides import Comparison, Span
from interchange.state import state_store

_BLOCK_BYTES = 128 * 1024


def copy_unindexed(data: Dataset) -> Measured:
    """COPY piped into a table without an index or a log."""
    return _copy(data, "CREATE UNLOGGED TABLE {copy} (LIKE {table})")


def copy_indexed(data: Dataset) -> Measured:
    """COPY piped into a table like the state store's, with its indexes."""
    return _copy(data, "CREATE TABLE {copy} (LIKE {table} INCLUDING ALL)")


def copy_indexed_by_parent(data: Dataset) -> Measured:
    """The same with an index on each parent, which ours have not: docs/performance.md tells why this row is here."""
    return _copy(data, "CREATE TABLE {copy} (LIKE {table} INCLUDING ALL)", index_parents=True)


def _copy(data: Dataset, create: str, *, index_parents: bool = False) -> Measured:
    ask("DROP SCHEMA IF EXISTS limits CASCADE")
    ask("CREATE SCHEMA limits")
    for name in OBJECTS:
        table = definition(name).table
        ask(create.format(copy=f"limits.{table}", table=f"public.{table}"))
        if index_parents:
            for each in definition(name).parent_keys:
                ask(f"CREATE INDEX ON limits.{table} (district_id, {each.name})")
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
    """Both sides hash all rows that they have, at the same time, in the buckets that a resync would ask for."""
    with measuring(data.records) as measured:
        for name in OBJECTS:
            with transaction.atomic(), open_district(data.district) as database:
                known = definition(name)
                columns = staged_columns(known, source_types(database, known))
                both = Comparison(state_store(), database, known, columns, data.district.pk, YEAR)
                checksums.compare_buckets(both, Span(None, None, BUCKET_RECORDS), *hashed_sides(both))
    return measured
