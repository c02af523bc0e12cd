import pytest

from district_data.edfi.exceptions import KeyCollision
from district_data.edfi.keys import KeyRegister, person_key, record_key

PLACE = "Student.xml, line 7"


def test_numbers_stay_what_they_are() -> None:
    assert person_key("Student", "604821") == 604821
    assert person_key("Student", "000001") == 1
    assert record_key("School", 2022, ("255901001",)) == 255901001
    assert record_key("District", 2022, ("255901",)) == 255901


def test_the_kinds_of_persons_are_numbered_apart() -> None:
    keys = {person_key(kind, "501") for kind in ("Student", "Staff", "Contact")}
    assert keys == {501, 1_000_000_000_501, 2_000_000_000_501}


@pytest.mark.parametrize("unique_id", ["A-17", "1234567890123", "", "١٢", "1.5", "-1"])
def test_everything_else_becomes_63_bits(unique_id: str) -> None:
    key = person_key("Student", unique_id)
    assert key is not None
    assert 10**13 < key < 2**63
    assert key != person_key("Staff", unique_id)


def test_nobody_has_no_key() -> None:
    assert person_key("Student", None) is None


def test_keys_do_not_change() -> None:
    """Written down: a key that changes makes every record of a district new at the state."""
    assert record_key("Section", 2022, ("ALG-1", None)) == 3124862012273412693
    assert record_key("Migrant", 2022, ("501", "255901")) == 5042647978551917013


def test_only_year_bound_records_have_another_key_in_another_year() -> None:
    assert record_key("Section", 2022, ("A",)) != record_key("Section", 2023, ("A",))
    assert record_key("Migrant", 2022, ("A",)) == record_key("Migrant", 2023, ("A",))


def test_the_parts_of_an_identity_do_not_run_together() -> None:
    keys = {record_key("Migrant", 2022, each) for each in [("a", "bc"), ("ab", "c"), ("abc",), ("abc", None)]}
    assert len(keys) == 4


def test_a_repeated_identity_is_told_apart_from_a_new_one() -> None:
    register = KeyRegister()
    assert register.enter("School", 7, ("7",), PLACE)
    assert register.enter("District", 7, ("7",), PLACE)
    assert not register.enter("School", 7, ("7",), PLACE)


def test_a_collision_names_the_place_and_no_value() -> None:
    register = KeyRegister()
    register.enter("School", 713, ("713",), PLACE)
    with pytest.raises(KeyCollision, match=r"^Student\.xml, line 7: this School record") as raised:
        register.enter("School", 713, ("0713",), PLACE)
    assert "713" not in str(raised.value)
