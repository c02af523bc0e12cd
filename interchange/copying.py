"""Streams records from a district into the staging table: binary blocks, whatever the number of records."""

from collections.abc import Iterator

from psycopg import sql

from dis_objects.catalogue import ObjectDefinition
from interchange.district import Connection, district_errors
from interchange.state import StateStore

# psycopg hands out one message per row; joined to blocks they cost a tenth of the calls.
_BLOCK_BYTES = 128 * 1024

Parameters = dict[str, object]


def copy_records(
    database: Connection,
    store: StateStore,
    known: ObjectDefinition,
    query: sql.Composed,
    parameters: Parameters,
    *,
    table: str = "staging",
) -> None:
    """Fills a table of the state with what `query` delivers. Raises what `district_errors` raises."""
    statement = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(table))
    with store.cursor() as cursor, cursor.copy(statement) as target:
        for block in _blocks(database, known, query, parameters):
            target.write(block)


def _blocks(
    database: Connection, known: ObjectDefinition, query: sql.Composed, parameters: Parameters
) -> Iterator[bytes]:
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(query)
    with district_errors(known), database.cursor() as cursor, cursor.copy(statement, parameters) as source:
        buffer = bytearray()
        for message in source:
            buffer += message
            if len(buffer) >= _BLOCK_BYTES:
                yield bytes(buffer)
                buffer.clear()
        yield bytes(buffer)
