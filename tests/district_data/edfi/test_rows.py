from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dis_objects.catalogue import definition
from district_data.edfi.rows import Row, convert

ZONE = ZoneInfo("America/Chicago")


def converted(name: str, **values: Any) -> tuple[dict[str, Any], list[str]]:
    row, refused = convert(Row(name, ("x",), values), 1, 2022, ZONE)
    return dict(zip((field.name for field in definition(name).fields), row, strict=True)), refused


def test_key_and_school_year_come_by_themselves() -> None:
    row, refused = converted("Enrollment")
    assert (row["enrollment_id"], row["end_year"], refused) == (1, 2022, [])


def test_text_stays_as_it_is() -> None:
    row, _ = converted("PersonIdentity", last_name="  O'Neil " * 20)
    assert row["last_name"] == "  O'Neil " * 20


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2021-08-23", date(2021, 8, 23)),
        (" 2021-08-23 ", date(2021, 8, 23)),
        ("2021-08-23Z", date(2021, 8, 23)),
        ("2021-08-23-05:00", date(2021, 8, 23)),
        ("2021-12-01T16:00:00", date(2021, 12, 1)),
    ],
)
def test_dates(written: str, value: date) -> None:
    row, refused = converted("Enrollment", start_date=written)
    assert (row["start_date"], refused) == (value, [])


@pytest.mark.parametrize("written", ["8/23/2021", "2021-02-30", "2021", "0000-01-01", "soon", " "])
def test_dates_that_are_none(written: str) -> None:
    row, refused = converted("Enrollment", start_date=written)
    assert (row["start_date"], refused) == (None, ["start_date"])


@pytest.mark.parametrize(
    ("written", "value"), [("1", True), ("true", True), (" false ", False), ("0", False)]
)
def test_booleans(written: str, value: bool) -> None:
    assert converted("Enrollment", no_show=written)[0]["no_show"] is value


@pytest.mark.parametrize("written", ["yes", "2", "-"])
def test_booleans_that_are_none(written: str) -> None:
    assert converted("Enrollment", no_show=written)[1] == ["no_show"]


@pytest.mark.parametrize(
    ("written", "value"), [("7.20", "7.20"), ("-.5", "-.5"), (" +3. ", "3"), ("100000000", "100000000")]
)
def test_decimals(written: str, value: str) -> None:
    assert converted("Transportation", miles_transported=written)[0]["miles_transported"] == Decimal(value)


@pytest.mark.parametrize("written", ["1e5", "NaN", "Infinity", "1,000", "seven", ".", "9" * 41])
def test_decimals_that_are_none(written: str) -> None:
    assert converted("Transportation", miles_transported=written)[1] == ["miles_transported"]


@pytest.mark.parametrize(("written", "value"), [("350", 350), ("350.00", 350), ("99999", 99999)])
def test_integers(written: str, value: int) -> None:
    """Also one that is too large for the catalogue's column: a record error, not a load that fails."""
    assert converted("Calendar", student_day=written)[0]["student_day"] == value


@pytest.mark.parametrize("written", ["350.5", "9223372036854775808", "many"])
def test_integers_that_are_none(written: str) -> None:
    assert converted("Calendar", student_day=written)[1] == ["student_day"]


def test_a_time_without_offset_is_the_district_s() -> None:
    row, _ = converted("BehaviorIncident", occurred_on="2021-10-18T09:00:00")
    assert row["occurred_on"] == datetime(2021, 10, 18, 14, tzinfo=UTC)
    row, _ = converted("BehaviorIncident", occurred_on="2021-10-18T09:00:00+00:00")
    assert row["occurred_on"] == datetime(2021, 10, 18, 9, tzinfo=UTC)


def test_a_column_that_does_not_exist_is_a_mistake_of_the_mapping() -> None:
    with pytest.raises(LookupError, match="School has no column colour"):
        converted("School", colour="red")
