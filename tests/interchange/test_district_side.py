"""What an object as a whole can fail of at the district, and the sentence that tells it."""

from collections.abc import Callable

import pytest

from dis_objects.catalogue import definition
from district_data import databases
from districts.exceptions import DistrictNotConnected, DistrictUnreachable
from districts.models import District
from interchange.exceptions import DistrictQueryError, DistrictTableError
from interchange.push import ChunkOutcome, count_total
from interchange.selections import KeyRange
from tests.conftest import DistrictDatabase
from tests.interchange.pair import errors_of, fill, push, push_once, put_at_state, state_of
from tests.interchange.records import CANARY, empty_record, record
from tests.interchange.reference import Counts

PutView = Callable[[str, str], None]
Retype = Callable[[str, str, str], None]


@pytest.fixture
def school(district: District, writer: DistrictDatabase) -> None:
    put_at_state(district, "District")
    fill(writer, {"School": [record("School", key, name=CANARY) for key in range(1, 6)]})


def school_view(**replaced: str) -> str:
    columns = [f"{replaced.get(column, column)} AS {column}" for column in empty_record("School")]
    return f"SELECT {', '.join(columns)} FROM school_behind"


def test_table_is_missing(district: District, writer: DistrictDatabase, put_view: PutView) -> None:
    put_view("School", school_view())
    writer.execute("DROP VIEW school")
    with pytest.raises(DistrictTableError) as told:
        push(district, "School")
    assert str(told.value) == (
        "The district's database has no table or view school. Create it, then resync School."
    )


def test_table_of_another_schema_is_not_taken(
    district: District, writer: DistrictDatabase, put_view: PutView
) -> None:
    put_view("School", school_view())
    writer.execute(
        "DROP VIEW school; CREATE SCHEMA elsewhere; CREATE VIEW elsewhere.school AS " + school_view()
    )
    with pytest.raises(DistrictTableError, match="has no table or view school"):
        push(district, "School")
    writer.execute("DROP SCHEMA elsewhere CASCADE")


def test_columns_are_missing(district: District, put_view: PutView) -> None:
    put_view("School", "SELECT school_id, district_key, number FROM school_behind")
    with pytest.raises(DistrictTableError) as told:
        push(district, "School")
    assert str(told.value).startswith(
        "school in the district's database lacks reporting_entity_id, name, standard_code, "
    )
    assert str(told.value).endswith("school_guid. Add what is missing, then resync School.")


def test_columns_may_be_more_and_in_another_order(
    district: District, school: None, put_view: PutView
) -> None:
    columns = ", ".join(reversed(empty_record("School")))
    put_view("School", f"SELECT 1 AS another, {columns} FROM school_behind")
    assert push(district, "School") == Counts(processed=5, written=5)


def test_table_that_an_exclusion_reads_is_missing(
    district: District, writer: DistrictDatabase, put_view: PutView
) -> None:
    put_view("Calendar", "SELECT 1")
    writer.execute("DROP VIEW calendar")
    with pytest.raises(DistrictTableError) as told:
        push(district, "Enrollment")
    assert str(told.value) == (
        "A table or column that Enrollment needs is missing in the district's database"
        " (needed: Enrollment, Calendar, StructureGradeLevel). Add it, then resync Enrollment."
    )


@pytest.fixture
def forbid(district: District, writer: DistrictDatabase) -> Callable[[str], None]:
    """Takes SELECT on a table away from Upstate's role, for this test."""
    reader, forbidden = databases.reader_name(district), []

    def revoke(table: str) -> None:
        forbidden.append(table)
        writer.execute(f"REVOKE SELECT ON {table} FROM {reader}")

    yield revoke
    for table in forbidden:
        writer.execute(f"GRANT SELECT ON {table} TO {reader}")


def test_table_may_not_be_read(district: District, school: None, forbid: Callable[[str], None]) -> None:
    forbid("school")
    with pytest.raises(DistrictTableError) as told:
        push(district, "School")
    assert str(told.value) == (
        "Upstate may not read all that School needs in the district's database."
        " Grant SELECT on school to Upstate's role."
    )


def test_table_that_an_exclusion_reads_may_not_be_read(
    district: District, forbid: Callable[[str], None]
) -> None:
    forbid("calendar")
    with pytest.raises(DistrictTableError) as told:
        push(district, "Enrollment")
    assert str(told.value) == (
        "Upstate may not read all that Enrollment needs in the district's database."
        " Grant SELECT on enrollment, calendar, structure_grade_level to Upstate's role."
    )


@pytest.mark.parametrize("kind", ["text", "numeric", "uuid", "double precision", "date"])
def test_key_is_not_a_whole_number(district: District, retype: Retype, kind: str) -> None:
    retype("School", "school_id", kind)
    with pytest.raises(DistrictTableError) as told:
        push(district, "School")
    assert str(told.value) == (
        "school.school_id in the district's database is not a whole number. Cast it to bigint in the view."
    )


def test_no_database_is_entered(district: District) -> None:
    district.database_name = ""
    with pytest.raises(DistrictNotConnected):
        push(district, "School")


@pytest.mark.parametrize(
    "entered",
    [
        {"database_host": "127.0.0.1", "database_port": 1},
        {"database_host": "/nowhere"},
        {"database_name": "no_such_database"},
        {"database_user": "no_such_role"},
    ],
    ids=str,
)
def test_database_does_not_answer(district: District, entered: dict[str, object]) -> None:
    for name, value in entered.items():
        setattr(district, name, value)
    with pytest.raises(DistrictUnreachable) as told:
        push(district, "School")
    assert str(told.value).startswith("The database of district T1 does not answer.")
    assert not any(str(value) in str(told.value) for value in entered.values() if value != 1)


DYING = "CASE WHEN school_id = 4 AND pg_terminate_backend(pg_backend_pid()) THEN name ELSE name END"


def test_database_goes_away_in_the_middle(
    district: District, writer: DistrictDatabase, school: None, put_view: PutView
) -> None:
    put_view("School", school_view())
    push_once(district, "School", KeyRange(2))
    writer.execute("CREATE OR REPLACE VIEW school AS " + school_view(name=DYING))
    with pytest.raises(DistrictUnreachable) as told:
        push_once(district, "School", KeyRange(3), 2)
    assert str(told.value) == "The district's database stopped answering while School was being read."
    assert {*state_of(district, "School")} == {1, 2}
    writer.execute("CREATE OR REPLACE VIEW school AS " + school_view())
    assert push_once(district, "School", KeyRange(4), 2) == ChunkOutcome(3, 0, 3, 5, finished=True)


@pytest.mark.parametrize(
    ("column", "expression", "code"),
    [
        ("name", "(1 / (school_id - 4))::text", "22012"),
        ("name", "name::integer::text", "22P02"),
        ("district_key", "name::bigint", "22P02"),
        ("school_id", "(school_id - 4) / (school_id - 4)", "22012"),
    ],
)
def test_view_fails(
    district: District, school: None, put_view: PutView, column: str, expression: str, code: str
) -> None:
    put_view("School", school_view(**{column: expression}))
    with pytest.raises(DistrictQueryError) as told:
        push(district, "School")
    assert str(told.value) == (
        f"The district's database could not deliver School (error {code}). Check the view that holds it."
    )
    assert state_of(district, "School") == {}


def test_total_fails_as_a_push_does(district: District, school: None, put_view: PutView) -> None:
    put_view("School", "SELECT 1 AS school_id")
    with pytest.raises(DistrictTableError):
        count_total(definition("School").model, district, 2024)


@pytest.mark.parametrize(("name", "column"), [("School", "state_exclude"), ("Calendar", "end_year")])
def test_column_that_the_engine_itself_asks_has_another_type(
    district: District, retype: Retype, name: str, column: str
) -> None:
    """Marks of exclusions and the school year are compared at the district, in the catalogue's type."""
    retype(name, column, "text")
    with pytest.raises(DistrictQueryError):
        push(district, name)


def test_failed_object_leaves_everything_as_it_was(
    district: District, writer: DistrictDatabase, school: None, put_view: PutView
) -> None:
    fill(writer, {"School": [record("School", 1), record("School", 2, name=None)]})
    push(district, "School")
    before = state_of(district, "School"), errors_of(district)
    put_view("School", school_view(name="(1 / 0)::text"))
    with pytest.raises(DistrictQueryError):
        push(district, "School")
    assert (state_of(district, "School"), errors_of(district)) == before
