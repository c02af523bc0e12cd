"""District columns of other types than the catalogue's: read where they can be, told where they cannot."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from dis_objects.catalogue import definition, definitions
from districts.models import District
from interchange.columns import StagedColumn
from interchange.faults import Code
from tests.conftest import DistrictDatabase
from tests.interchange.pair import errors_of, fill, push, put_at_state, state_of
from tests.interchange.records import empty_record, record
from tests.interchange.reference import Counts, OpenError

INVALID, OUTSIDE, MISSING = Code.INVALID_VALUE, Code.OUT_OF_RANGE, Code.MISSING_REQUIRED
GUID = UUID("0d0e3b7a-5b1c-4d2f-9a61-3f3c5c0f7a11")
Retype = Callable[[str, str, str], None]

# object, column, type at the district: what stands there, and what becomes of it
CASES: dict[tuple[str, str, str], dict[Any, Any]] = {
    ("StructureGradeLevel", "seq", "text"): {
        "7": 7,
        " 8 ": 8,
        "-3": -3,
        "040": 40,
        None: None,
        "": INVALID,
        "1.5": INVALID,
        "seven": INVALID,
        "32768": OUTSIDE,
        "-32769": OUTSIDE,
        "9223372036854775808": INVALID,
    },
    ("StructureGradeLevel", "seq", "char(6)"): {"7": 7, "seven": INVALID},
    ("StructureGradeLevel", "seq", "smallint"): {7: 7, None: None},
    ("StructureGradeLevel", "seq", "integer"): {7: 7, 32768: OUTSIDE},
    ("StructureGradeLevel", "seq", "numeric"): {7: 7, "7.5": INVALID, 32768: OUTSIDE, "NaN": INVALID},
    ("StructureGradeLevel", "seq", "double precision"): {
        7: 7,
        "7.5": INVALID,
        "1e300": INVALID,
        "-Infinity": INVALID,
    },
    ("StructureGradeLevel", "seq", "boolean"): {True: INVALID},
    ("StructureGradeLevel", "seq", "date"): {"2024-01-05": INVALID},
    ("StructureGradeLevel", "structure_id", "text"): {"1": 1, "one": INVALID, None: MISSING},
    ("StructureGradeLevel", "grade", "integer"): {9: "9", 12345: Code.TOO_LONG},
    ("StructureGradeLevel", "grade", "char(6)"): {"09": "09", "kinder": Code.TOO_LONG},
    ("Plan", "service_minutes", "text"): {"2147483647": 2147483647, "2147483648": OUTSIDE, "many": INVALID},
    ("Plan", "service_minutes", "numeric"): {-2147483648: -2147483648, -2147483649: OUTSIDE},
    ("PersonIdentity", "identity_id", "text"): {
        "9223372036854775807": 2**63 - 1,
        "9223372036854775808": INVALID,
    },
    ("PersonIdentity", "identity_id", "numeric"): {5: 5, 2**63: INVALID, "0.5": INVALID},
    ("PersonIdentity", "immigrant", "text"): {
        "true": True,
        "YES": True,
        "on": True,
        " 1 ": True,
        "f": False,
        "No": False,
        "off": False,
        "0": False,
        None: None,
        "2": INVALID,
        "": INVALID,
        "maybe": INVALID,
    },
    ("PersonIdentity", "immigrant", "integer"): {1: True, 0: False, 2: INVALID, None: None},
    ("PersonIdentity", "immigrant", "char(1)"): {"Y": True, "N": False, "X": INVALID},
    ("PersonIdentity", "immigrant", "numeric"): {1: True, "1.0": INVALID},
    ("PersonIdentity", "immigrant", "date"): {"2024-01-05": INVALID},
    ("PersonIdentity", "birthdate", "text"): {
        "2012-02-29": date(2012, 2, 29),
        "20120229": date(2012, 2, 29),
        "2013-02-29": INVALID,
        "soon": INVALID,
        "": INVALID,
        "infinity": OUTSIDE,
        "10000-01-01": OUTSIDE,
        "0044-03-15 BC": OUTSIDE,
    },
    ("PersonIdentity", "birthdate", "timestamp"): {
        "2012-02-29 23:59:59": date(2012, 2, 29),
        "infinity": OUTSIDE,
        "294276-12-31": OUTSIDE,
    },
    ("PersonIdentity", "birthdate", "timestamptz"): {
        "2012-03-01 06:00:00+00": date(2012, 2, 29),
        "infinity": OUTSIDE,
    },
    ("PersonIdentity", "birthdate", "integer"): {20120229: date(2012, 2, 29), 7: INVALID},
    ("PersonIdentity", "birthdate", "numeric"): {"1.5": INVALID},
    ("PersonIdentity", "birthdate", "boolean"): {True: INVALID},
    ("PersonIdentity", "person_guid", "text"): {
        str(GUID): GUID,
        "{" + str(GUID).upper() + "}": GUID,
        GUID.hex: GUID,
        "0d0e": INVALID,
        "": INVALID,
    },
    ("PersonIdentity", "person_guid", "bigint"): {7: INVALID},
    ("PersonIdentity", "last_name", "date"): {"2024-01-05": "2024-01-05"},
    ("PersonIdentity", "last_name", "varchar(60)"): {"x" * 50: "x" * 50, "x" * 51: Code.TOO_LONG},
    ("ContactLog", "contacted_on", "timestamp"): {
        "2024-01-05 10:00:00": datetime(2024, 1, 5, 18, tzinfo=UTC),
        "2024-07-05 10:00:00": datetime(2024, 7, 5, 17, tzinfo=UTC),
        "infinity": OUTSIDE,
        "-infinity": OUTSIDE,
        "294276-12-31 23:59:59": OUTSIDE,
    },
    ("ContactLog", "contacted_on", "date"): {
        "2024-01-05": datetime(2024, 1, 5, 8, tzinfo=UTC),
        "infinity": OUTSIDE,
        "294277-01-01": OUTSIDE,
        "5874897-12-31": OUTSIDE,
        "4714-11-24 BC": OUTSIDE,
    },
    ("ContactLog", "contacted_on", "text"): {
        "2024-01-05 10:00:00+00": datetime(2024, 1, 5, 10, tzinfo=UTC),
        "2024-01-05T10:00:00Z": datetime(2024, 1, 5, 10, tzinfo=UTC),
        "2024-01-05 25:00": INVALID,
        "soon": INVALID,
        "infinity": OUTSIDE,
        None: MISSING,
    },
    ("Course", "credit", "text"): {
        "1.5": Decimal("1.5"),
        "1e2": Decimal(100),
        "0.0005": Decimal("0.001"),
        "999.9995": OUTSIDE,
        "1e6": OUTSIDE,
        "NaN": OUTSIDE,
        "Infinity": OUTSIDE,
        "1,5": INVALID,
        "": INVALID,
    },
    ("Course", "credit", "double precision"): {"1.5": Decimal("1.5"), "1e300": OUTSIDE, "NaN": OUTSIDE},
    ("Course", "credit", "integer"): {3: Decimal(3), 1000: OUTSIDE},
    ("Course", "credit", "money"): {"1.50": INVALID},
}
NAMES = [f"{column} as {kind}" for _, column, kind in CASES]


@pytest.fixture
def los_angeles(district: District) -> District:
    District.objects.filter(pk=district.pk).update(time_zone="America/Los_Angeles")
    district.refresh_from_db()
    return district


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_column_of_another_type(
    los_angeles: District, writer: DistrictDatabase, retype: Retype, case: tuple[str, str, str]
) -> None:
    name, column, kind = case
    retype(name, column, kind)
    put_at_state(los_angeles, *{field.parent for field in definition(name).parent_keys})
    rows = [record(name, key) | {column: value} for key, value in enumerate(CASES[case])]
    fill(writer, {name: rows})
    push(los_angeles, name)
    assert found_at(los_angeles, name, column) == dict(enumerate(CASES[case].values()))


def test_first_day_of_postgresql_east_of_greenwich(
    district: District, writer: DistrictDatabase, retype: Retype
) -> None:
    """Local midnight is then before the first moment that a time can hold."""
    district.time_zone = "Pacific/Auckland"
    retype("ContactLog", "contacted_on", "date")
    fill(writer, {"ContactLog": [record("ContactLog", contacted_on="4714-11-24 BC")]})
    push(district, "ContactLog")
    assert found_at(district, "ContactLog", "contacted_on") == {1: OUTSIDE}


def found_at(district: District, name: str, column: str) -> dict[int | None, Any]:
    """What became of a column's values, by key: the state's value, or the code of the column's error."""
    arrived = {key: row[column] for key, row in state_of(district, name).items()}
    errors = {
        key: e.code for each in errors_of(district).values() for key, e in each.items() if e.field == column
    }
    return arrived | errors


def test_parent_key_as_text_is_asked_for_its_parent(
    district: District, writer: DistrictDatabase, retype: Retype
) -> None:
    retype("School", "district_key", "text")
    put_at_state(district, "District")
    fill(writer, {"School": [record("School", 1), record("School", 2, district_key="2")]})
    assert push(district, "School") == Counts(processed=2, errors=1, written=1)
    assert errors_of(district)["School", None] == {2: OpenError("MISSING_PARENT", "district_key", 2)}


@pytest.mark.parametrize("kind", ["smallint", "integer", "whole_number"])
def test_key_of_another_whole_number(
    district: District, writer: DistrictDatabase, retype: Retype, kind: str
) -> None:
    writer.execute("DROP DOMAIN IF EXISTS whole_number; CREATE DOMAIN whole_number AS integer")
    retype("District", "district_key", kind)
    fill(writer, {"District": [record("District", key) for key in (-32768, 1, 2, 32767)]})
    assert push(district, "District", limit=2) == Counts(processed=4, written=4)
    assert push(district, "District", keys=[1, 99999, 2**63 - 1]) == Counts(processed=1)


def test_unreadable_value_is_told_again_although_the_state_holds_nothing_in_its_place(
    district: District, writer: DistrictDatabase, retype: Retype
) -> None:
    retype("PersonIdentity", "birthdate", "text")
    fill(writer, {"PersonIdentity": [record("PersonIdentity")]})
    push(district, "PersonIdentity")
    fill(writer, {"PersonIdentity": [record("PersonIdentity", birthdate="soon")]})
    assert push(district, "PersonIdentity") == Counts(processed=1, errors=1)
    assert push(district, "PersonIdentity") == Counts(processed=1, errors=1)


def test_readable_text_that_did_not_change_is_not_written(
    district: District, writer: DistrictDatabase, retype: Retype
) -> None:
    retype("PersonIdentity", "birthdate", "text")
    fill(writer, {"PersonIdentity": [record("PersonIdentity", birthdate="2012-02-29")]})
    assert push(district, "PersonIdentity") == Counts(processed=1, written=1)
    fill(writer, {"PersonIdentity": [record("PersonIdentity", birthdate="Feb 29 2012")]})
    assert push(district, "PersonIdentity") == Counts(processed=1)


def test_view_that_knows_only_what_is_required(
    district: District, put_view: Callable[[str, str], None]
) -> None:
    """A bare NULL in a view is of type text."""
    given = {"person_id": "1", "last_name": "'Kanarie'"}
    columns = [f"{given.get(column, 'NULL')} AS {column}" for column in empty_record("PersonIdentity")]
    put_view("PersonIdentity", f"SELECT {', '.join(columns)}")
    assert push(district, "PersonIdentity") == Counts(processed=1, written=1)


@pytest.mark.parametrize("name", definitions())
def test_every_field_of_the_catalogue_can_be_staged(name: str) -> None:
    for field in definition(name).fields:
        for source in ("text", "int8", "bool", "date", "timestamp", "timestamptz", "numeric", "uuid"):
            column = StagedColumn(field, source)
            assert column.at_district()
            assert [*column.conditions("d")] or field.null
