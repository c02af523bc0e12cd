import pytest
from django.db import models

from dis_objects.catalogue import definition, definitions
from district_data.tables import column_type, create_indexes, create_tables, drop_tables
from tests.conftest import DistrictDatabase

pytestmark = pytest.mark.django_db


def names(database: DistrictDatabase) -> set[str]:
    found = database.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')"
    )
    return {name for (name,) in found}


def test_a_table_per_object_with_its_columns(writer: DistrictDatabase) -> None:
    assert names(writer) >= {each.table for each in definitions().values()}
    found = writer.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'enrollment'"
        " ORDER BY ordinal_position"
    )
    assert [name for (name,) in found] == [field.column for field in definition("Enrollment").fields]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (models.SmallIntegerField(), "bigint"),
        (models.IntegerField(), "bigint"),
        (models.CharField(max_length=3), "text"),
        (models.DecimalField(max_digits=4, decimal_places=1), "numeric"),
        (models.DateField(), "date"),
        (models.DateTimeField(), "timestamp with time zone"),
        (models.BooleanField(), "boolean"),
        (models.UUIDField(), "uuid"),
        (models.TextField(), "text"),
    ],
)
def test_columns_are_wide(field: models.Field, expected: str) -> None:
    assert column_type(field) == expected


def test_bad_records_may_exist(writer: DistrictDatabase) -> None:
    writer.execute(
        "INSERT INTO enrollment (enrollment_id, grade, end_year, percent_enrolled, start_date) VALUES"
        " (1, 'far too long', 40000, 123456789, 'infinity'), (1, NULL, NULL, NULL, NULL),"
        " (NULL, NULL, 1, 1, NULL)"
    )
    assert writer.execute("SELECT count(*) FROM enrollment").fetchone() == (3,)


def test_keys_are_indexed_and_creating_again_does_no_harm(writer: DistrictDatabase) -> None:
    create_tables(writer)
    create_indexes(writer)
    indexed = {name for (name,) in writer.execute("SELECT tablename FROM pg_indexes")}
    assert indexed >= {each.table for each in definitions().values()}


def test_drop_takes_the_tables_and_nothing_else(writer: DistrictDatabase) -> None:
    writer.autocommit = False
    writer.execute("CREATE TABLE mine ()")
    drop_tables(writer)
    assert names(writer) == {"mine"}
    writer.rollback()
