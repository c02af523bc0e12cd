"""Fills the less central objects by what the catalogue says of them: their parent keys and column types.

Every object becomes one INSERT ... SELECT. Its rows hang on the rows of another table, `s`: a student, an
enrollment, or the parent object that the catalogue names. `s.k` is the number from which a row's values are
thrown, `s.d` its date.
"""

from django.db import models

from dis_objects.catalogue import Field, ObjectDefinition, definitions
from dis_objects.fields import ParentKey
from district_data.plausible import ANY_DATE, ANY_NUMBER, CHANCES, DATES, NUMBERS, TEXTS, Dating
from district_data.shares import ANY_SHARE, SHARES, Share

_MOST_ROWS_EACH = 64
# What a student's row brings along; other tables bring their own columns.
_OF_STUDENT = {
    "person_id": "s.person_id",
    "enrollment_id": "s.person_id",
    "calendar_id": "s.calendar_id",
    "structure_id": "s.structure_id",
    "school_id": "s.school_id",
    "grade": "s.grade_code",
    "testing_grade": "s.grade_code",
}
_OF_ENROLLMENT = {
    name: f"s.{name}" for name in ("person_id", "enrollment_id", "calendar_id", "structure_id", "grade")
}
_OF_STAFF = {"person_id": "s.person_id", "school_id": "s.school_id"}
_TOO_GENERAL = {"Calendar", "School", "ScheduleStructure", "StructureGradeLevel"}


def fill_statement(each: ObjectDefinition) -> str:
    """SQL that fills the object's table. Whatever it names comes from the catalogue and this package."""
    share = SHARES.get(each.name, ANY_SHARE)
    source, brought = _source(each, share)
    columns = ", ".join(f'"{field.column}"' for field in each.fields)
    values = ",\n    ".join(_value(each, field, brought) for field in each.fields)
    k = f"s.source_key * {_MOST_ROWS_EACH} + nth"
    rows = f"generate_series(1, {_rows_each(each, share)})"
    return (
        f"INSERT INTO {each.table} ({columns})\nSELECT {values}\nFROM (\n"
        f"    SELECT s.*, {k} AS k, first_day(end_year()) + pick('{each.table}.date', {k}, 200) AS d\n"
        f"    FROM ({source}) AS s CROSS JOIN LATERAL {rows} AS nth\n) AS s"
    )


def _rows_each(each: ObjectDefinition, share: Share) -> str:
    whole, part = divmod(share.each, 1)
    if not part:
        return str(int(whole))
    return f"{int(whole)} + (chance('{each.table}.rows', s.source_key) < {part:.4f})::int"


def _source(each: ObjectDefinition, share: Share) -> tuple[str, dict[str, str]]:
    """The rows that the object hangs on, and the values that they bring along by column name."""
    if share.of:
        return f"SELECT s.*, s.person_id AS source_key FROM {share.of} AS s WHERE {share.where}", _OF_STAFF
    parents = [key for key in each.parent_keys if key.parent not in _TOO_GENERAL]
    for key in parents:
        if key.parent not in ("PersonIdentity", "Enrollment"):
            return _parent_source(key, share)
    if any(key.parent == "Enrollment" for key in parents):
        return (
            "SELECT s.*, s.enrollment_id AS source_key FROM enrollment AS s"
            f" WHERE s.end_year = end_year() AND NOT s.no_show AND ({share.where})",
            _OF_ENROLLMENT,
        )
    if parents:
        return (
            f"SELECT s.*, s.person_id AS source_key FROM generator.students AS s WHERE {share.where}",
            _OF_STUDENT,
        )
    # What hangs on nothing has a fixed number of rows, however large the district is.
    return "SELECT 1::bigint AS source_key", {}


def _parent_source(key: ParentKey, share: Share) -> tuple[str, dict[str, str]]:
    parent = definitions()[key.parent]
    year = f"s.{parent.school_year} = end_year()" if parent.school_year else "true"
    source = (
        f"SELECT s.*, s.{parent.key} AS source_key FROM {parent.table} AS s WHERE {year} AND ({share.where})"
    )
    return source, {key.name: f"s.{parent.key}"}


def _value(each: ObjectDefinition, field: Field, brought: dict[str, str]) -> str:
    if field.name == each.key:
        return "row_number() OVER (ORDER BY s.k)"
    if field.name == each.school_year:
        return "end_year()"
    if field.name in brought:
        return brought[field.name]
    if isinstance(field, ParentKey):
        return _any_parent(each, field)
    make = _VALUES.get(field.get_internal_type(), _nothing)
    return make(f"{each.table}.{field.name}", field)


def _any_parent(each: ObjectDefinition, key: ParentKey) -> str:
    label = f"{each.table}.{key.name}"
    if key.parent == "PersonIdentity":
        return f"1 + pick('{label}', s.k, students())"
    if key.parent in _TOO_GENERAL:
        # Of this year: the student's own.
        column = definitions()[key.parent].key
        student = "1 + s.k % ((students() + 1) / 2)"
        return f"(SELECT x.{column} FROM generator.seats AS x WHERE x.present = {student})"
    # Keys run from 1 without a gap.
    return f"1 + pick('{label}', s.k, (SELECT count(*) FROM {definitions()[key.parent].table}))"


def _text(label: str, field: Field) -> str:
    choices = _fitting(TEXTS.get(label) or TEXTS.get(field.name) or _texts_by_ending(field), field.max_length)
    listed = ", ".join("'" + choice.replace("'", "''") + "'" for choice in choices)
    text = f"one_of('{label}', s.k, ARRAY[{listed}])"
    return _sometimes(label, field, text, 0.2)


def _texts_by_ending(field: Field) -> tuple[str, ...]:
    if field.name.endswith(("_number", "number")):
        return tuple(str(10_000 + step * 7_919) for step in range(40))
    if field.name.endswith(("_code", "code", "_type")):
        return ("01", "02", "03", "04", "05")
    return ("A", "B", "C")


def _fitting(choices: tuple[str, ...], longest: int | None) -> tuple[str, ...]:
    if longest is None:
        return choices
    return tuple(dict.fromkeys(choice[:longest] for choice in choices))


def _number(label: str, field: Field) -> str:
    if field.name.endswith("person_id"):
        return f"students() + 1 + pick('{label}', s.k, staff())"
    low, high = NUMBERS.get(field.name, ANY_NUMBER)
    return f"{low} + pick('{label}', s.k, {high - low + 1})"


def _decimal(label: str, field: Field) -> str:
    assert isinstance(field, models.DecimalField)
    places = field.decimal_places or 0
    largest = 10 ** ((field.max_digits or 0) - places) - 1
    low, high = (min(bound, largest) for bound in NUMBERS.get(field.name, ANY_NUMBER))
    return f"round(({low} + {high - low} * chance('{label}', s.k))::numeric, {min(places, 2)})"


def _boolean(label: str, field: Field) -> str:
    return f"chance('{label}', s.k) < {CHANCES.get(field.name, 0.5)}"


def _date(label: str, field: Field) -> str:
    dating = DATES.get(field.name, ANY_DATE)
    return _sometimes(label, field, _day(dating), dating.empty)


def _moment(label: str, field: Field) -> str:
    dating = DATES.get(field.name, ANY_DATE)
    minutes = f"pick('{label}', s.k, 500) * interval '1 minute'"
    moment = f"({_day(dating)} + time '08:00' + {minutes}) AT TIME ZONE 'UTC'"
    return _sometimes(label, field, moment, dating.empty)


def _day(dating: Dating) -> str:
    return f"s.d + {dating.days}"


def _guid(label: str, field: Field) -> str:
    return f"guid('{label}', s.k)"


def _nothing(label: str, field: Field) -> str:
    return "NULL"


def _sometimes(label: str, field: Field, value: str, empty: float) -> str:
    """An optional column is empty now and then, as in life."""
    return f"CASE WHEN chance('{label}.empty', s.k) >= {empty} THEN {value} END" if field.null else value


_VALUES = {
    "CharField": _text,
    "TextField": _text,
    "BigIntegerField": _number,
    "IntegerField": _number,
    "SmallIntegerField": _number,
    "PositiveIntegerField": _number,
    "PositiveSmallIntegerField": _number,
    "DecimalField": _decimal,
    "BooleanField": _boolean,
    "DateField": _date,
    "DateTimeField": _moment,
    "UUIDField": _guid,
}
