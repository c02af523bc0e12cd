"""The values of one record, read from both sides."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import transaction

from dis_objects.catalogue import definition
from districts.models import District
from interchange.exceptions import DistrictTableError
from interchange.values import FieldValues, RecordValues, read_values
from tests.conftest import DistrictDatabase
from tests.interchange.comparing import put, records
from tests.interchange.pair import fill, lock
from tests.interchange.records import MAX, MIN, record


def read(district: District, name: str, key: int, end_year: int = 2024) -> RecordValues:
    with transaction.atomic():
        return read_values(definition(name).model, district, key, end_year=end_year)


def field(values: RecordValues, name: str) -> FieldValues:
    [found] = [each for each in values.fields if each.name == name]
    return found


def test_both_values_are_told_of_every_field(district: District, writer: DistrictDatabase) -> None:
    fill(writer, {"School": [record("School", 1, city="Reno", zip=""), *records("School", 2, city="Elko")]})
    put(district, "School", record("School", 1, city="Reno "), record("School", 2, city="Ely"))
    values = read(district, "School", 1)
    assert [each.name for each in values.fields] == [each.name for each in definition("School").batch_fields]
    assert field(values, "city") == FieldValues("city", ("Reno",), "Reno ", True, True, False)
    assert field(values, "zip") == FieldValues("zip", ("",), None, True, True, False)
    assert field(values, "school_id") == FieldValues("school_id", ("1",), "1", False, True, False)
    assert [each.name for each in values.fields if each.differs] == ["city", "zip"]
    assert (values.copies, values.is_at_state) == (1, True)


def test_every_copy_of_a_duplicate_is_told(district: District, writer: DistrictDatabase) -> None:
    fill(writer, {"School": [record("School", 1, city="Reno"), record("School", 1, city="Elko")]})
    put(district, "School", record("School", 1, city="Reno"))
    values = read(district, "School", 1)
    assert values.copies == 2
    assert sorted(field(values, "city").at_district) == ["Elko", "Reno"]
    assert field(values, "city").differs
    assert not field(values, "name").differs


@pytest.mark.parametrize("key", [MIN, MAX, 0])
def test_a_missing_record_has_no_values(district: District, writer: DistrictDatabase, key: int) -> None:
    here, nowhere = records("School", key, city="Reno"), read(district, "School", key)
    assert (nowhere.copies, nowhere.is_at_state) == (0, False)
    fill(writer, {"School": here})
    of_district = read(district, "School", key)
    assert (of_district.copies, of_district.is_at_state) == (1, False)
    assert field(of_district, "city") == FieldValues("city", ("Reno",), None, False, True, False)
    fill(writer, {"School": []})
    put(district, "School", *here)
    of_state = read(district, "School", key)
    assert (of_state.copies, of_state.is_at_state) == (0, True)
    assert field(of_state, "city") == FieldValues("city", (), "Reno", False, True, False)


def test_locked_and_uncompared_fields_are_marked(district: District, writer: DistrictDatabase) -> None:
    lock("PersonIdentity", "first_name")
    fill(writer, {"PersonIdentity": [record("PersonIdentity", 1, first_name="A", birth_city="Reno")]})
    put(district, "PersonIdentity", record("PersonIdentity", 1, first_name="B", birth_city="Elko"))
    values = read(district, "PersonIdentity", 1)
    assert field(values, "first_name") == FieldValues("first_name", ("A",), "B", True, False, True)
    assert field(values, "birth_city") == FieldValues("birth_city", ("Reno",), "Elko", True, False, False)
    assert field(values, "last_name").compared


def test_times_are_told_in_the_districts_own(
    district: District, writer: DistrictDatabase, retype: Callable[[str, str, str], None]
) -> None:
    District.objects.filter(pk=district.pk).update(time_zone="America/Los_Angeles")
    district.refresh_from_db()
    retype("ContactLog", "contacted_on", "timestamp")
    fill(writer, {"ContactLog": records("ContactLog", 1, contacted_on="2024-01-09 08:00:00")})
    put(district, "ContactLog", *records("ContactLog", 1, contacted_on="2024-01-09 16:00:00+00"))
    told = field(read(district, "ContactLog", 1), "contacted_on")
    assert told.at_district == (told.at_state,) == ("2024-01-09 08:00:00-08",)
    assert not told.differs


def test_a_value_that_cannot_be_read_is_told_as_it_is(
    district: District, writer: DistrictDatabase, retype: Callable[[str, str, str], None]
) -> None:
    retype("Plan", "service_minutes", "text")
    fill(writer, {"Plan": [record("Plan", 1, service_minutes="seven")]})
    put(district, "Plan", record("Plan", 1, service_minutes=7))
    assert field(read(district, "Plan", 1), "service_minutes") == FieldValues(
        "service_minutes", ("seven",), "7", True, True, False
    )


def test_other_digits_of_the_same_number_do_not_differ(district: District, writer: DistrictDatabase) -> None:
    name = "HealthScreening"
    fill(writer, {name: [record(name, 1, height_inches=Decimal("60.1"))]})
    put(district, name, record(name, 1, height_inches=Decimal("60.10")))
    assert not field(read(district, name, 1), "height_inches").differs


def test_record_of_another_year_or_district_is_not_read(
    district: District, writer: DistrictDatabase, make_district: Callable[..., District]
) -> None:
    fill(writer, {"Calendar": records("Calendar", 1, end_year=2023)})
    put(district, "Calendar", *records("Calendar", 1, end_year=2023))
    put(make_district("T2"), "Calendar", *records("Calendar", 1, end_year=2024))
    values = read(district, "Calendar", 1)
    assert (values.copies, values.is_at_state) == (0, False)
    values = read(district, "Calendar", 1, end_year=2023)
    assert (values.copies, values.is_at_state) == (1, True)


def test_a_table_that_is_missing_is_told(
    district: District, writer: DistrictDatabase, put_view: Callable[[str, str], None]
) -> None:
    put_view("School", "SELECT 1 AS school_id")
    with pytest.raises(DistrictTableError):
        read(district, "School", 1)
