"""A district of a known size: six objects of together about a million records of 12 to 35 columns, 2 % of which fail.

Of every object below ScheduleStructure, one record in 200 is excluded where the object knows such a mark, one in 200
names a parent that does not exist, and what hangs on either fails too. Parents are drawn at random. An object that is
bound to a school year has a tenth more rows of another year, which no resync of this one may touch.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from django.db import models
from psycopg import sql

from dis_objects.catalogue import Field, ObjectDefinition, definition
from dis_objects.fields import ParentKey, RecordKey
from district_data import databases
from district_data.tables import create_tables
from districts.models import District, SchoolYear, Zone

NUMBER, YEAR = "1", 2024
# Records of the school year at scale 1, parents first: those of a large district.
SIZES = {
    "District": 1,
    "School": 194,
    "Calendar": 230,
    "ScheduleStructure": 264,
    "CourseSection": 16_557,
    "PersonIdentity": 114_609,
    "Enrollment": 97_574,
    "CensusContactSummary": 164_022,
    "Roster": 600_000,
}
OBJECTS = tuple(SIZES)
# They keep their size at every scale.
_FEW = ("District", "School", "Calendar", "ScheduleStructure")
_EXCLUDING = {"CourseSection": "course_state_exclude", "Enrollment": "state_exclude"}
# A text field of each object that a change is made in; not one that names or excludes a record.
CHANGED = {
    "CourseSection": "teacher_display",
    "PersonIdentity": "last_name",
    "Enrollment": "end_status",
    "CensusContactSummary": "relationship",
    "Roster": "end_date",
}
_DIGITS, _NEXT = "0123456789abcdef", "123456789abcdef0"


@dataclass(frozen=True)
class Dataset:
    """The district and the number of records that a resync of the year reads."""

    district: District
    records: int


def make(scale: float) -> Dataset:
    """Makes the district's database, its zone, and a copy of its sound records for tools that check nothing."""
    district = databases.ensure_district(NUMBER)
    databases.create_district_database(district)
    year, _ = SchoolYear.objects.get_or_create(end_year=YEAR)
    Zone.objects.update_or_create(district=district, defaults={"school_year": year})
    sizes = {name: size if name in _FEW else max(200, round(size * scale)) for name, size in SIZES.items()}
    with databases.open_writer(district) as database:
        create_tables(database)
        # A run before this one has changed and removed records.
        database.execute(f"TRUNCATE {', '.join(definition(name).table for name in OBJECTS)}")
        for name in OBJECTS:
            _fill(database, definition(name), sizes)
        copy_sound_records(database)
    vacuum(district)
    return Dataset(district, sum(sizes.values()))


def _fill(database: psycopg.Connection[object], known: ObjectDefinition, sizes: dict[str, int]) -> None:
    size = sizes[known.name]
    rows = size + size // 10 if known.school_year else size
    columns = {field.name: _value(known, field, size, sizes) for field in known.fields}
    database.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM generate_series(1, {}) i").format(
            sql.Identifier(known.table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(map(sql.SQL, columns.values())),
            sql.Literal(rows),
        )
    )


def _value(known: ObjectDefinition, field: Field, size: int, sizes: dict[str, int]) -> str:
    """An SQL expression over `i`, the number of the row: other years come last."""
    if isinstance(field, RecordKey):
        return "i"
    if isinstance(field, ParentKey):
        return _parent(known, field, sizes)
    if field.name == known.school_year:
        return f"CASE WHEN i <= {size} THEN {YEAR} ELSE {YEAR - 1} END"
    if field.name == _EXCLUDING.get(known.name):
        return "i % 200 = 7"
    if field.name == "section_id":
        return _drawn(field, sizes["CourseSection"])
    return _plain(field)


def _parent(known: ObjectDefinition, field: ParentKey, sizes: dict[str, int]) -> str:
    if field.parent not in sizes:
        return "NULL"
    drawn = _drawn(field, sizes[field.parent])
    if known.name in _FEW or field.name != known.parent_keys[0].name:
        return drawn
    return f"CASE WHEN i % 200 = 107 THEN 100000000 + i ELSE {drawn} END"


def _drawn(field: Field, size: int) -> str:
    return f"1 + abs(hashint8extended(i, {len(field.name)}) % {size})"


def _plain(field: Field) -> str:
    if isinstance(field, models.BooleanField):
        return "true" if field.name in ("active", "course_active") else "false"
    if isinstance(field, models.CharField):
        return f"left(md5(i::text), {min(field.max_length or 12, 12)})"
    by_type = {
        "TextField": "left(md5(i::text), 20)",
        "SmallIntegerField": "(i % 100)::smallint",
        "IntegerField": "(i % 10000)::integer",
        "BigIntegerField": "i::bigint",
        "DateField": "DATE '2010-01-01' + (i % 3000)::integer",
        "DateTimeField": "TIMESTAMPTZ '2024-01-01 00:00:00+00' + i * INTERVAL '1 second'",
        "DecimalField": "(i % 50)::numeric / 2",
        "UUIDField": "md5(i::text)::uuid",
    }
    return by_type[field.get_internal_type()]


def copy_sound_records(database: psycopg.Connection[object]) -> None:
    """Fills the schema `sound` with what must arrive at the state: an expectation that owes nothing to the engine."""
    database.execute("DROP SCHEMA IF EXISTS sound CASCADE; CREATE SCHEMA sound")
    for name in OBJECTS:
        known = definition(name)
        conditions = " AND ".join(_sound(known))
        database.execute(
            f"CREATE TABLE sound.{known.table} AS SELECT * FROM public.{known.table} r WHERE {conditions}"
        )
        database.execute(f"ALTER TABLE sound.{known.table} ADD PRIMARY KEY ({known.key})")
    # Upstate's own role reads it for the checks and the limits.
    database.execute(
        "GRANT USAGE ON SCHEMA sound TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA sound TO PUBLIC"
    )


def _sound(known: ObjectDefinition) -> Iterator[str]:
    yield f"r.{known.school_year} = {YEAR}" if known.school_year else "true"
    if known.name in _EXCLUDING:
        yield f"NOT r.{_EXCLUDING[known.name]}"
    if known.name == "Roster":
        # Its section is no parent in the catalogue, but one that is excluded holds it back.
        yield "NOT EXISTS (SELECT FROM course_section s WHERE s.section_id = r.section_id AND s.course_state_exclude)"
    for field in known.parent_keys:
        if field.parent in SIZES:
            parent = definition(field.parent)
            yield f"r.{field.name} IN (SELECT {parent.key} FROM sound.{parent.table})"


def drop_failing_records(district: District) -> None:
    """Leaves the district with the records that the state has, so that both agree."""
    with databases.open_writer(district) as database:
        for name in reversed(OBJECTS):
            known = definition(name)
            year = f"{known.school_year} = {YEAR} AND " if known.school_year else ""
            database.execute(
                f"DELETE FROM public.{known.table} r WHERE {year}"
                f"NOT EXISTS (SELECT FROM sound.{known.table} s WHERE s.{known.key} = r.{known.key})"
            )
    vacuum(district)


def change(district: District, condition: str) -> None:
    """Changes a value in the records for which the SQL condition over their `{key}` holds, here and in `sound`."""
    with databases.open_writer(district) as database:
        for name, column in CHANGED.items():
            known = definition(name)
            value = (
                f"{column} + 1" if column.endswith("date") else f"translate({column}, '{_DIGITS}', '{_NEXT}')"
            )
            where = condition.format(key=known.key)
            for schema in ("public", "sound"):
                database.execute(f"UPDATE {schema}.{known.table} SET {column} = {value} WHERE {where}")
    vacuum(district)


def vacuum(district: District) -> None:
    with databases.open_writer(district) as database:
        database.commit()
        database.autocommit = True
        for name in OBJECTS:
            for schema in ("public", "sound"):
                database.execute(f"VACUUM ANALYZE {schema}.{definition(name).table}")
