"""Whether a district's database can be resynced: which objects are there, and what a DBA has to mend.

It asks the catalogues of the database, and lets it plan the very query that a push would send, which finds what no
catalogue tells: a view that breaks, an exclusion that compares what cannot be compared. No record is read.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg
from psycopg import sql

from dis_objects.catalogue import ObjectDefinition, definition, offered_in_batch
from districts.databases import connect
from districts.exceptions import DistrictError, DistrictNotConnected, DistrictUnreachable
from districts.models import District
from interchange.columns import StagedColumn, staged_columns
from interchange.district import Connection, records_query

# Seconds. A check answers a person who waits: it gives up on what does not answer.
_CONNECT_TIMEOUT = 5
_TIME_FOR_ALL = 30
_SESSION = "SET statement_timeout = '10s'; SET lock_timeout = '2s'"
_WHOLE_NUMBERS = ("int2", "int4", "int8")


class Severity(StrEnum):
    """An error stops an object as a whole; a warning is worth knowing."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """What is wrong, and what the DBA does next, in a sentence of names and types: never a value."""

    severity: Severity
    code: str
    sentence: str


@dataclass(frozen=True)
class ObjectCheck:
    """One object at the district. `kind` is table or view as the database says, empty where there is none."""

    name: str
    table: str
    kind: str
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        return all(each.severity is not Severity.ERROR for each in self.findings)


@dataclass(frozen=True)
class DistrictCheck:
    """What the check has found. `role`, `server` and `time_zone` are empty where the database did not answer."""

    district: District
    findings: tuple[Finding, ...]
    objects: tuple[ObjectCheck, ...] = ()
    role: str = ""
    server: str = ""
    time_zone: str = ""

    @property
    def is_sound(self) -> bool:
        own = all(each.severity is not Severity.ERROR for each in self.findings)
        return own and all(each.is_sound for each in self.objects)

    @property
    def sound_objects(self) -> int:
        return sum(each.is_sound for each in self.objects)


@dataclass(frozen=True)
class Relation:
    """A table or view at the district: base type and readability of each column, and whether the role could write."""

    kind: str
    types: dict[str, str]
    readable: frozenset[str]
    is_writable: bool


def check_district(district: District) -> DistrictCheck:
    """Never raises for what is wrong at the district: that is what it reports. Takes about half a minute at most."""
    try:
        ZoneInfo(district.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return DistrictCheck(district, (_unknown_time_zone(district),))
    try:
        with connect(district, timeout=_CONNECT_TIMEOUT) as database:
            return _check(district, database)
    except DistrictError as error:
        return DistrictCheck(district, (_unreachable(error),))
    except psycopg.OperationalError:
        lost = "The district's database stopped answering during the check. Check that it runs, then check again."
        return DistrictCheck(district, (Finding(Severity.ERROR, "UNREACHABLE", lost),))


def answers(district: District, *, timeout: int = 3) -> str:
    """Empty if the district's database answers, else the sentence that says why not. `timeout` is in seconds."""
    try:
        with connect(district, timeout=timeout) as database:
            database.execute("SELECT 1")
    except DistrictError as error:
        return str(error)
    except psycopg.Error:
        return f"The database of district {district.number} stopped answering."
    return ""


def _check(district: District, database: Connection) -> DistrictCheck:
    # Each question stands alone: one that fails must not spoil those after it.
    database.autocommit = True
    database.execute(_SESSION)
    relations = _relations(database)
    known = offered_in_batch(district.state.code)
    reads = dict.fromkeys(name for each in known for name in (each.name, *each.reads))
    deadline = time.monotonic() + _TIME_FOR_ALL
    ends = district.zone.school_year_id if hasattr(district, "zone") else None
    objects = tuple(_check_object(database, each, relations, ends, deadline) for each in known)
    own = [relations[definition(name).table] for name in reads if definition(name).table in relations]
    return DistrictCheck(
        district=district,
        findings=tuple(_of_role(database, own)),
        objects=objects,
        role=_ask(database, "SELECT current_user"),
        server=_ask(database, "SELECT current_setting('server_version')"),
        time_zone=_ask(database, "SELECT current_setting('TimeZone')"),
    )


def _ask(database: Connection, question: str) -> Any:
    row = database.execute(question).fetchone()
    return row[0] if row else None


_RELATIONS = """
SELECT c.relname,
    CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END,
    json_object_agg(a.attname, coalesce(base.typname, t.typname)),
    array_agg(a.attname) FILTER (WHERE has_column_privilege(c.oid, a.attnum, 'SELECT')),
    has_table_privilege(c.oid, 'INSERT') OR has_table_privilege(c.oid, 'UPDATE')
        OR has_table_privilege(c.oid, 'DELETE') OR has_table_privilege(c.oid, 'TRUNCATE')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type base ON base.oid = nullif(t.typbasetype, 0)
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
GROUP BY c.oid, c.relname, c.relkind
"""


def _relations(database: Connection) -> dict[str, Relation]:
    return {
        name: Relation(kind, types, frozenset(readable or ()), bool(writable))
        for name, kind, types, readable, writable in database.execute(_RELATIONS)
    }


def _of_role(database: Connection, relations: Iterable[Relation]) -> Iterator[Finding]:
    """What is wrong with the role. Upstate never writes, but a role that could is one mistake away from it."""
    if not _ask(database, "SELECT has_schema_privilege('public', 'USAGE')"):
        grant = "Upstate's role may not use the schema public. Run GRANT USAGE ON SCHEMA public TO the role."
        yield Finding(Severity.ERROR, "NO_SCHEMA_ACCESS", grant)
    if _ask(database, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        yield Finding(
            Severity.WARNING,
            "SUPERUSER",
            "Upstate's role is a superuser of the server. Enter a role that may only read.",
        )
        return
    writable = sum(each.is_writable for each in relations)
    if writable:
        yield Finding(
            Severity.WARNING,
            "ROLE_COULD_WRITE",
            f"Upstate's role could write to {writable} of the tables. It never does, but a role that may only read is "
            "safer: revoke INSERT, UPDATE, DELETE and TRUNCATE from it.",
        )


def _check_object(
    database: Connection,
    known: ObjectDefinition,
    relations: dict[str, Relation],
    end_year: int | None,
    deadline: float,
) -> ObjectCheck:
    found = relations.get(known.table)
    if found is None:
        missing = f"There is no table or view {known.table}. Create it in the schema public."
        return ObjectCheck(known.name, known.table, "", (Finding(Severity.ERROR, "TABLE_MISSING", missing),))
    findings = [*_of_columns(known, found), *_of_reads(known, relations)]
    if all(each.severity is Severity.WARNING for each in findings):
        findings += _of_query(database, known, found, end_year, deadline)
    return ObjectCheck(known.name, known.table, found.kind, tuple(findings))


def _of_columns(known: ObjectDefinition, found: Relation) -> Iterator[Finding]:
    names = [field.name for field in known.batch_fields]
    missing = [name for name in names if name not in found.types]
    unreadable = [name for name in names if name in found.types and name not in found.readable]
    if missing:
        lacking = _listed(missing)
        sentence = f"{known.table} lacks {lacking}. Add what is missing, as NULL where the district has no such data."
        yield Finding(Severity.ERROR, "COLUMN_MISSING", sentence)
    if unreadable:
        what = known.table if len(unreadable) == len(names) else f"{_listed(unreadable)} of {known.table}"
        sentence = f"Upstate may not read {what}. Run GRANT SELECT ON {known.table} TO Upstate's role."
        yield Finding(Severity.ERROR, "NO_ACCESS", sentence)
    for name in filter(None, (known.key, known.school_year)):
        if found.types.get(name, "int8") not in _WHOLE_NUMBERS:
            sentence = (
                f"{known.table}.{name} is {found.types[name]}, but must be a whole number. Cast it to bigint in the "
                "view."
            )
            yield Finding(Severity.ERROR, "WRONG_TYPE", sentence)
    if not missing:
        yield from _read_as_text(known, staged_columns(known, found.types))


def _read_as_text(known: ObjectDefinition, columns: Sequence[StagedColumn]) -> Iterator[Finding]:
    told = (known.key, known.school_year)
    odd = [f"{each.name} ({each.source})" for each in columns if each.needs_reading and each.name not in told]
    if odd:
        yield Finding(
            Severity.WARNING,
            "READ_AS_TEXT",
            f"{known.table}: {_listed(odd)} will be read as text, and each value that does not fit is an error of its "
            "record. Cast in the view what is of another type than the catalogue's.",
        )


def _of_reads(known: ObjectDefinition, relations: dict[str, Relation]) -> Iterator[Finding]:
    """The tables of other objects that the object's exclusions look at."""
    for table in (definition(name).table for name in known.reads if name != known.name):
        if table not in relations:
            sentence = (
                f"The rules for {known.name} look at {table}, which is missing. Create it, then check again."
            )
            yield Finding(Severity.ERROR, "RELATED_TABLE_MISSING", sentence)
        elif not relations[table].readable:
            sentence = (
                f"The rules for {known.name} look at {table}, which Upstate may not read. Run GRANT SELECT ON {table} "
                "TO Upstate's role."
            )
            yield Finding(Severity.ERROR, "NO_ACCESS", sentence)


def _of_query(
    database: Connection,
    known: ObjectDefinition,
    found: Relation,
    end_year: int | None,
    deadline: float,
) -> Iterator[Finding]:
    """The push's own query, without its rows."""
    if time.monotonic() > deadline:
        yield Finding(
            Severity.WARNING,
            "NOT_TRIED",
            f"The check took too long to try {known.name} too. Check again at a quieter hour.",
        )
        return
    query = records_query(known, staged_columns(known, found.types), sql.SQL("true LIMIT 0"))
    try:
        database.execute(query, {"end_year": end_year})
    except psycopg.errors.LockNotAvailable:
        sentence = f"{known.table} is locked by another session. End what holds it, then check again."
        yield Finding(Severity.ERROR, "LOCKED", sentence)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedColumn) as error:
        yield Finding(Severity.ERROR, *_refused(known, error))
    except psycopg.OperationalError:
        if database.closed:
            raise
        yield Finding(Severity.ERROR, "QUERY_FAILS", _query_fails(known, "57014"))
    except psycopg.Error as error:
        yield Finding(Severity.ERROR, "QUERY_FAILS", _query_fails(known, error.sqlstate))


def _refused(known: ObjectDefinition, error: psycopg.Error) -> tuple[str, str]:
    related = _listed([definition(name).table for name in (known.name, *known.reads)])
    if isinstance(error, psycopg.errors.UndefinedColumn):
        return "COLUMN_MISSING", (
            f"A column that the rules for {known.name} look at is missing. Compare the columns of {related} with the "
            "catalogue."
        )
    return "NO_ACCESS", (
        f"Upstate may not read all that {known.table} is made of. Grant SELECT on {related} to Upstate's role; for a "
        "view also on its tables to the view's owner."
    )


def _query_fails(known: ObjectDefinition, sqlstate: str | None) -> str:
    related = _listed([definition(name).table for name in dict.fromkeys((known.name, *known.reads))])
    return (
        f"The query for {known.name} fails (error {sqlstate}). Check the types of the columns in {related}, and that "
        "each view can be read."
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _unknown_time_zone(district: District) -> Finding:
    return Finding(
        Severity.ERROR,
        "UNKNOWN_TIME_ZONE",
        f"The time zone entered for district {district.number} is none that the servers know. Enter one such as "
        "America/Chicago.",
    )


def _unreachable(error: DistrictError) -> Finding:
    if isinstance(error, DistrictNotConnected):
        sentence = (
            "No database is entered for the district. Enter its address and Upstate's role, then check again."
        )
        return Finding(Severity.ERROR, "NOT_CONNECTED", sentence)
    return Finding(Severity.ERROR, "UNREACHABLE", _why_unreachable(error))


def _why_unreachable(error: DistrictError) -> str:
    """The driver's own text names host and user, so it is only looked at for which of three things is wrong."""
    cause = error.__cause__
    told = str(cause).lower() if isinstance(error, DistrictUnreachable) else ""
    if isinstance(cause, psycopg.errors.ConnectionTimeout) or "timeout" in told:
        return (
            "The district's database does not answer in time. Check its address and the firewalls on the way."
        )
    if "password" in told or "authentication" in told or "role" in told:
        return "The district's server refuses Upstate's role. Check the user name and the password, and pg_hba.conf."
    if "database" in told and "does not exist" in told:
        return "The district's server has no database of the entered name. Check the name."
    return str(error)
