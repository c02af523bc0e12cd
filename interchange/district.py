"""The district's side: what a table looks like, and the query that delivers its records."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from dis_objects.catalogue import ObjectDefinition, definition
from districts.exceptions import DistrictUnreachable
from interchange.columns import StagedColumn
from interchange.exceptions import DistrictQueryError, DistrictTableError

Connection = psycopg.Connection[Any]

_ALL = sql.SQL("true")

_COLUMNS = """
SELECT a.attname, coalesce(base.typname, t.typname)
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type base ON base.oid = nullif(t.typbasetype, 0)
WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
"""


@contextmanager
def district_errors(known: ObjectDefinition) -> Iterator[None]:
    """Turns what the district's database says into our sentences. Its own text may hold values, so none of it is used.

    Raises DistrictUnreachable (may help to try again), DistrictTableError or DistrictQueryError (does not).
    """
    try:
        yield
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        raise DistrictTableError(
            f"A table or column that {known.name} needs is missing in the district's database "
            f"(needed: {', '.join((known.name, *known.reads))}). Add it, then resync {known.name}."
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise DistrictTableError(
            f"Upstate may not read all that {known.name} needs in the district's database. "
            f"Grant SELECT on {_tables(known)} to Upstate's role."
        ) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise DistrictUnreachable(
            f"The district's database stopped answering while {known.name} was being read."
        ) from error
    except psycopg.Error as error:
        raise DistrictQueryError(
            f"The district's database could not deliver {known.name} (error {error.sqlstate}). "
            "Check the view that holds it."
        ) from error


def _tables(known: ObjectDefinition) -> str:
    """The object's own table and those that its exclusions read."""
    return ", ".join(definition(name).table for name in (known.name, *known.reads))


def source_types(database: Connection, known: ObjectDefinition) -> dict[str, str]:
    """The base type of every column that a batch needs. Raises DistrictTableError."""
    with district_errors(known):
        found: dict[str, str] = dict(database.execute(_COLUMNS, [f'public."{known.table}"']).fetchall())
    if not found:
        raise DistrictTableError(
            f"The district's database has no table or view {known.table}. Create it, then resync {known.name}."
        )
    missing = [field.name for field in known.batch_fields if field.name not in found]
    if missing:
        raise DistrictTableError(
            f"{known.table} in the district's database lacks {', '.join(missing)}. Add what is missing, "
            f"then resync {known.name}."
        )
    if found[known.key] not in ("int2", "int4", "int8"):
        raise DistrictTableError(
            f"{known.table}.{known.key} in the district's database is not a whole number. "
            "Cast it to bigint in the view."
        )
    return found


def of_school_year(known: ObjectDefinition) -> sql.Composable:
    """A record without a school year belongs to none; it is read with every year, so that it shows up as an error."""
    if known.school_year is None:
        return sql.SQL("true")
    return sql.SQL("(r.{0} = %(end_year)s OR r.{0} IS NULL)").format(sql.Identifier(known.school_year))


def records_query(
    known: ObjectDefinition, columns: tuple[StagedColumn, ...], where: sql.Composable
) -> sql.Composed:
    """SELECT of the staged columns and of the number of the exclusion that holds the record back (from 1), or NULL."""
    return sql.SQL("SELECT {columns}, {exclusion} FROM {table} r WHERE {year} AND {where}").format(
        columns=sql.SQL(", ").join(column.at_district() for column in columns),
        exclusion=exclusion_number(known),
        table=sql.Identifier("public", known.table),
        year=of_school_year(known),
        where=where,
    )


def exclusion_number(known: ObjectDefinition) -> sql.Composable:
    """The number of the exclusion that holds the record `r` back (from 1), or NULL; needs the parameter `end_year`."""
    if not known.exclusions:
        return sql.SQL("NULL::smallint")
    # The conditions are code of the catalogue, not input.
    cases = [
        f"WHEN ({each.condition}) THEN {number}" for number, each in enumerate(known.exclusions, start=1)
    ]
    return sql.SQL(f"(CASE {' '.join(cases)} END)::smallint")


def count_records(
    database: Connection, known: ObjectDefinition, end_year: int | None, where: sql.Composable = _ALL
) -> int:
    query = sql.SQL("SELECT count(*) FROM {} r WHERE {} AND {}").format(
        sql.Identifier("public", known.table),
        of_school_year(known),
        where,
    )
    with district_errors(known):
        row = database.execute(query, {"end_year": end_year}).fetchone()
    return int(row[0]) if row else 0
