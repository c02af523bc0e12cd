"""When a district's data last changed, as far as its tables tell."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from districts.models import District
from interchange.last_change import last_change
from tests.conftest import DistrictDatabase
from tests.factories.district import DistrictFactory

AT = datetime(2024, 5, 31, 15, 0, tzinfo=UTC)


def attendance(writer: DistrictDatabase, key: int, at: str | None, end_year: int | None = 2024) -> None:
    writer.execute(
        "INSERT INTO att_day_aggregation (att_day_aggregation_id, person_id, calendar_id, end_year, date,"
        " scheduled_minutes, absent_minutes, modified_date) VALUES (%s, 1, 1, %s, '2024-05-01', 400, 0, %s)",
        [key, end_year, at],
    )


@pytest.fixture
def school_tells(writer: DistrictDatabase) -> Iterator[None]:
    """A district whose view of schools has the column too."""
    writer.execute("ALTER TABLE school ADD COLUMN modified_date timestamp")
    yield
    writer.execute("ALTER TABLE school DROP COLUMN modified_date")


def test_the_latest_of_all_tables_is_told(
    district: District, writer: DistrictDatabase, school_tells: None
) -> None:
    attendance(writer, 1, "2024-05-30 15:00+00")
    writer.execute(
        "INSERT INTO school (school_id, district_key, number, name, modified_date)"
        " VALUES (1, 1, '001', 'North', '2024-05-31 15:00')"
    )
    found = last_change(district, 2024)
    assert (found.at, found.object, found.reason) == (AT, "School", "")


def test_a_time_without_a_zone_is_the_districts_own(
    district: District, writer: DistrictDatabase, school_tells: None
) -> None:
    district.time_zone = "America/Los_Angeles"
    writer.execute(
        "INSERT INTO school (school_id, district_key, number, name, modified_date)"
        " VALUES (1, 1, '001', 'North', '2024-05-31 08:00')"
    )
    assert last_change(district, 2024).at == AT


def test_another_school_year_does_not_count(district: District, writer: DistrictDatabase) -> None:
    attendance(writer, 1, "2024-05-31 15:00+00")
    attendance(writer, 2, "2024-06-30 15:00+00", end_year=2025)
    assert last_change(district, 2024).at == AT


@pytest.mark.parametrize("at", ["infinity", "2999-01-01"])
def test_a_change_that_lies_ahead_is_one_of_just_now(
    district: District, writer: DistrictDatabase, at: str
) -> None:
    attendance(writer, 1, at)
    found = last_change(district, 2024)
    assert found.at is not None
    assert abs(found.at - timezone.now()) < timedelta(minutes=1)


def test_no_value_anywhere_is_unknown(district: District, writer: DistrictDatabase) -> None:
    attendance(writer, 1, None)
    found = last_change(district, 2024)
    assert (found.at, found.reason) == (None, "No table of the district has a modified_date that tells it.")


def test_a_database_that_does_not_answer_is_unknown(district: District) -> None:
    district.database_host, district.database_port = "127.0.0.1", 1
    assert "The database of district T1 does not answer." in last_change(district, 2024).reason


def test_no_database_is_unknown(db: None) -> None:
    assert "No database is entered" in last_change(DistrictFactory(number="T7"), 2024).reason


def test_a_table_that_cannot_be_read_is_unknown_and_tells_no_value(
    district: District, writer: DistrictDatabase
) -> None:
    writer.execute("ALTER TABLE att_day_aggregation RENAME COLUMN end_year TO elsewhere")
    try:
        found = last_change(district, 2024)
    finally:
        writer.execute("ALTER TABLE att_day_aggregation RENAME COLUMN elsewhere TO end_year")
    assert (found.at, found.reason) == (None, "The district's database could not tell it.")
