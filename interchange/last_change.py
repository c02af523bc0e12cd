"""When a district's data last changed, as far as its tables tell: by `modified_date`, where a table has that column.

Most canonical tables need not have it; every view that gives it makes the answer better. A deleted record is not told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from dis_objects.catalogue import ObjectDefinition, offered_in_batch
from districts.databases import open_district
from districts.exceptions import DistrictError
from districts.models import District
from interchange.district import Connection, of_school_year

# A person waits for the answer, and may go on without it.
_PATIENCE = "SET LOCAL statement_timeout = '10s'"
_TABLES_THAT_TELL = """
SELECT c.relname
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid
WHERE n.nspname = 'public' AND c.relname = ANY(%s) AND a.attname = 'modified_date' AND NOT a.attisdropped
    AND a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype)
    AND has_column_privilege(a.attrelid, a.attnum, 'SELECT')
"""
_SILENT = "No table of the district has a modified_date that tells it."
_REFUSED = "The district's database could not tell it."


@dataclass(frozen=True)
class LastChange:
    """`at` is None where nobody can tell, and `reason` says why. `object` is what changed last."""

    at: datetime | None
    object: str = ""
    reason: str = ""


def last_change(district: District, end_year: int) -> LastChange:
    """The latest change of what the district may resync for a school year. Takes up to 20 seconds; raises nothing."""
    try:
        with open_district(district) as database:
            database.execute(_PATIENCE)
            return _latest(database, _telling(database, district), end_year)
    except DistrictError as error:
        return LastChange(None, reason=str(error))
    except psycopg.Error:
        # The database's own text may hold a value.
        return LastChange(None, reason=_REFUSED)


def _telling(database: Connection, district: District) -> list[ObjectDefinition]:
    offered = {each.table: each for each in offered_in_batch(district.state.code)}
    found = database.execute(_TABLES_THAT_TELL, [list(offered)]).fetchall()
    return [offered[table] for (table,) in found]


def _latest(database: Connection, known: Sequence[ObjectDefinition], end_year: int) -> LastChange:
    if not known:
        return LastChange(None, reason=_SILENT)
    # A date that lies ahead cannot be right: whatever it stands for is taken as changed just now.
    query = sql.SQL(
        "SELECT object, least(at, now()) FROM ({}) AS each WHERE at IS NOT NULL ORDER BY at DESC LIMIT 1"
    ).format(sql.SQL(" UNION ALL ").join(map(_of_object, known)))
    row = database.execute(query, {"end_year": end_year}).fetchone()
    return LastChange(row[1], row[0]) if row else LastChange(None, reason=_SILENT)


def _of_object(known: ObjectDefinition) -> sql.Composable:
    return sql.SQL("SELECT {} AS object, max(r.modified_date::timestamptz) AS at FROM {} r WHERE {}").format(
        sql.Literal(known.name), sql.Identifier("public", known.table), of_school_year(known)
    )
