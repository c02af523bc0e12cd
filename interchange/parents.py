"""Which parents of chosen records are not at the state."""

from collections.abc import Collection

from psycopg import sql

from dis_objects.catalogue import ObjectDefinition, RecordModel, definition
from dis_objects.fields import ParentKey
from districts.databases import open_district
from districts.models import District
from interchange.district import Connection, district_errors, of_school_year, source_types
from interchange.state import StateStore, state_store


def missing_parents(
    record_model: RecordModel, district: District, keys: Collection[int], end_year: int | None
) -> dict[str, set[int]]:
    """The keys of the parents that these records name at the district and that are not at the state, by object.

    To be called within a transaction. Raises DistrictNotConnected, DistrictUnreachable, DistrictTableError,
    DistrictQueryError.
    """
    known = definition(record_model.__name__)
    named = _named_parents(known, district, keys, end_year)
    store, missing = state_store(), dict[str, set[int]]()
    for parent, texts in named.items():
        absent = _absent(store, definition(parent), district.pk, texts)
        if absent:
            missing[parent] = absent
    return missing


def _named_parents(
    known: ObjectDefinition, district: District, keys: Collection[int], end_year: int | None
) -> dict[str, set[str]]:
    """What the columns of parents hold, as text, because a district may keep numbers as text."""
    named: dict[str, set[str]] = {}
    with open_district(district) as database:
        source_types(database, known)
        for column in known.batch_fields:
            if isinstance(column, ParentKey):
                held = _held(database, known, column, keys, end_year)
                named.setdefault(column.parent, set()).update(held)
    return named


def _held(
    database: Connection,
    known: ObjectDefinition,
    column: ParentKey,
    keys: Collection[int],
    end_year: int | None,
) -> set[str]:
    query = sql.SQL(
        "SELECT DISTINCT r.{column}::text FROM {table} r"
        " WHERE {year} AND r.{key} = ANY(%(keys)s) AND r.{column} IS NOT NULL"
    ).format(
        column=sql.Identifier(column.name),
        table=sql.Identifier("public", known.table),
        year=of_school_year(known),
        key=sql.Identifier(known.key),
    )
    with district_errors(known):
        return {text for (text,) in database.execute(query, {"keys": list(keys), "end_year": end_year})}


def _absent(store: StateStore, parent: ObjectDefinition, district_id: int, texts: set[str]) -> set[int]:
    query = sql.SQL(
        "SELECT DISTINCT key FROM (SELECT CASE WHEN pg_input_is_valid(v, 'bigint') THEN v::bigint END"
        " FROM unnest(%(texts)s::text[]) v) named (key) WHERE key IS NOT NULL AND NOT EXISTS"
        " (SELECT FROM {target} t WHERE t.district_id = %(district)s AND t.{key} = named.key)"
    ).format(target=sql.Identifier(parent.table), key=sql.Identifier(parent.key))
    rows = store.execute(query, {"texts": list(texts), "district": district_id})
    return {key for (key,) in rows}
