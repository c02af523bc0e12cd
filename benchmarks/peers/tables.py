"""The tables that tools read from and write to: sound records, without a check, with the primary key that ours have."""

import os

from django.db import connection

from benchmarks.dataset import CHANGED, OBJECTS
from benchmarks.measuring import ask
from dis_objects.catalogue import definition
from district_data.databases import open_writer
from districts.databases import open_district
from districts.models import District

# Tools that know no uuid read texts instead, all of them, so that none is favoured.
SOURCE = "peer_source"


def address(database: str) -> str:
    # The server trusts its own machine; some tools ask for a password all the same.
    return f"postgresql://upstate:trusted@127.0.0.1:{os.environ['UPSTATE_BENCH_PORT']}/{database}?sslmode=disable"


def state_address() -> str:
    return address(str(connection.settings_dict["NAME"]))


def district_address(district: District) -> str:
    return address(district.database_name)


def make_views(district: District) -> None:
    """The sound records with GUIDs as text, in the district's database."""
    with open_writer(district) as database:
        database.execute(f"CREATE SCHEMA IF NOT EXISTS {SOURCE}")
        for name in OBJECTS:
            known = definition(name)
            columns = ", ".join(
                f"{each.name}::text" if each.get_internal_type() == "UUIDField" else each.name
                for each in known.fields
            )
            database.execute(
                f"CREATE OR REPLACE VIEW {SOURCE}.{known.table} AS SELECT {columns} FROM sound.{known.table}"
            )


def empty_target(schema: str) -> None:
    """Each tool has a schema of its own in the state's database."""
    ask(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    ask(f"CREATE SCHEMA {schema}")


def make_target(schema: str) -> None:
    """Tables like those of the state store, for tools that take one that is there."""
    empty_target(schema)
    for name in OBJECTS:
        known = definition(name)
        columns = ", ".join(f"{each.name} {_type(each)}" for each in known.fields)
        ask(f"CREATE TABLE {schema}.{known.table} ({columns}, PRIMARY KEY ({known.key}))")


def _type(field: object) -> str:
    if field.get_internal_type() == "UUIDField":  # type: ignore[attr-defined]
        return "text"
    return str(field.db_type(connection))  # type: ignore[attr-defined]


def settle_target(schema: str) -> None:
    for [table] in ask(f"SELECT tablename FROM pg_tables WHERE schemaname = '{schema}'"):
        ask(f'VACUUM ANALYZE {schema}."{table}"')


def stale_tables(schema: str, district: District) -> list[str]:
    """Those that do not have each sound record, with its present value in the field that changes."""
    stale = []
    with open_district(district) as database:
        for name in OBJECTS:
            known = definition(name)
            column = CHANGED.get(name, known.key)
            query = f"SELECT count(*), sum(hashtextextended({known.key}::text || ' ' || {column}::text, 0)) FROM {{}}"
            theirs = ask(query.format(f"{schema}.{known.table}"))[0]
            if tuple(theirs) != database.execute(query.format(f"sound.{known.table}")).fetchone():
                stale.append(known.table)
    return stale
