"""Locked fields: the state's values stay as they are (seed 000, Synchronization Field Settings; docs/adr/0006)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from dis_objects.catalogue import definition, definitions, lockable_fields
from interchange import staging
from tests.interchange.pair import Pair, state_of
from tests.interchange.records import full_record, record
from tests.interchange.reference import Counts
from tests.interchange.test_writing import places

Retype = Callable[[str, str, str], None]


@pytest.fixture
def schools(pair: Pair) -> Callable[..., Pair]:
    """The schools 1 to 3 are at the state. The district has what the test gives, with `zip` locked."""
    pair.put_at_state("District")
    pair.fill({"School": [record("School", key, zip="55401", name="x") for key in (1, 2, 3)]})
    pair.push("School")
    pair.lock("School", "zip")

    def put(*rows: dict[str, Any]) -> Pair:
        pair.fill({"School": [record("School", **({"zip": "55401", "name": "x"} | row)) for row in rows]})
        return pair

    return put


def test_value_of_the_state_stays_and_the_record_counts_as_processed(schools: Callable[..., Pair]) -> None:
    pair = schools({"key": 1, "zip": "00000"}, {"key": 2, "zip": None}, {"key": 3})
    assert pair.push("School") == Counts(processed=3, kept=2)
    assert {row["zip"] for row in state_of(pair.district, "School").values()} == {"55401"}


def test_record_that_differs_only_in_locked_fields_is_not_written(schools: Callable[..., Pair]) -> None:
    pair = schools({"key": 1, "zip": "00000"}, {"key": 2}, {"key": 3})
    before = places(pair.district, "School")
    pair.push("School")
    assert places(pair.district, "School") == before


def test_other_fields_of_the_record_are_written(schools: Callable[..., Pair]) -> None:
    pair = schools({"key": 1, "zip": "00000", "name": "other"}, {"key": 2, "name": "other"})
    assert pair.push("School") == Counts(processed=2, written=2, kept=1)
    at_state = state_of(pair.district, "School")
    assert [(at_state[key]["zip"], at_state[key]["name"]) for key in (1, 2)] == [("55401", "other")] * 2


def test_new_record_brings_its_first_value(schools: Callable[..., Pair]) -> None:
    pair = schools({"key": 4, "zip": "00000"})
    assert pair.push("School") == Counts(processed=1, written=1)
    pair = schools({"key": 4, "zip": "11111"})
    assert pair.push("School") == Counts(processed=1, kept=1)
    assert state_of(pair.district, "School")[4]["zip"] == "00000"


def test_new_record_of_a_district_that_the_state_has_nothing_of_brings_its_first_value(pair: Pair) -> None:
    """There the staged rows are judged themselves."""
    pair.lock("District", *lockable_fields(definition("District")))
    pair.fill({"District": [record("District", 1), record("District", 2, name=None)]})
    assert pair.push("District") == Counts(processed=2, errors=1, written=1)


@pytest.mark.parametrize("bad", [{"zip": "x" * 99}, {"zip": None}], ids=str)
def test_value_that_the_state_could_not_store_does_not_fail_a_record_that_it_has(
    schools: Callable[..., Pair], bad: dict[str, Any]
) -> None:
    pair = schools({"key": 1, **bad}, {"key": 2, "name": "other", **bad})
    assert pair.push("School") == Counts(processed=2, written=1, kept=2)


def test_value_that_the_state_could_not_store_fails_a_new_record(schools: Callable[..., Pair]) -> None:
    pair = schools({"key": 1}, {"key": 4, "zip": "x" * 99})
    assert pair.push("School") == Counts(processed=2, errors=1)
    assert pair.codes("School") == {4: "TOO_LONG"}


def test_required_field_that_the_district_has_emptied_keeps_its_value(pair: Pair) -> None:
    pair.fill({"District": [record("District", 1, name="kept")]})
    pair.push("District")
    pair.lock("District", "name")
    pair.fill({"District": [record("District", 1, name=None), record("District", 2, name=None)]})
    assert pair.push("District") == Counts(processed=2, errors=1, kept=1)
    assert pair.codes("District") == {2: "MISSING_REQUIRED"}
    assert state_of(pair.district, "District")[1]["name"] == "kept"


@pytest.mark.parametrize("unlocked_fault", [True, False])
def test_records_that_end_as_errors_keep_nothing_that_counts(
    schools: Callable[..., Pair], unlocked_fault: bool
) -> None:
    fault = {"name": None} if unlocked_fault else {"state_exclude": True}
    pair = schools({"key": 1, "zip": "00000", **fault}, {"key": 2, "zip": "00000"})
    assert pair.push("School") == Counts(processed=2, errors=1, kept=1)


def test_records_that_share_a_key_fail_and_keep_nothing(schools: Callable[..., Pair]) -> None:
    pair = schools({"key": 1, "zip": "00000"}, {"key": 1, "zip": "00000"}, {"key": 2, "zip": "00000"})
    assert pair.push("School", limit=1) == Counts(processed=3, errors=2, kept=1)


def test_every_field_that_may_be_locked_can_be_at_once(schools: Callable[..., Pair]) -> None:
    pair = schools({"key": 1, "zip": "00000", "name": None, "number": "x" * 99}, {"key": 2})
    pair.lock("School", *lockable_fields(definition("School")))
    before = state_of(pair.district, "School")
    assert pair.push("School") == Counts(processed=2, kept=3)
    assert state_of(pair.district, "School") == before


def test_record_whose_every_field_but_the_key_is_locked_is_left_alone(pair: Pair) -> None:
    pair.fill({"District": [record("District", 1), record("District", 2)]})
    pair.push("District")
    pair.lock("District", *lockable_fields(definition("District")))
    pair.fill({"District": [record("District", key, name="other") for key in (1, 2, 2, 3)]})
    assert pair.push("District") == Counts(processed=4, errors=2, written=1, kept=1)


def test_lock_that_is_gone_brings_the_value_of_the_district(schools: Callable[..., Pair]) -> None:
    pair = schools({"key": 1, "zip": "00000"})
    pair.push("School")
    pair.lock("School")
    assert pair.push("School") == Counts(processed=1, written=1)
    assert state_of(pair.district, "School")[1]["zip"] == "00000"


def test_lock_of_another_object_changes_nothing(schools: Callable[..., Pair]) -> None:
    pair = schools({"key": 1, "name": "other"})
    pair.lock("District", "name")
    assert pair.push("School") == Counts(processed=1, written=1)


def test_parents_are_still_checked(schools: Callable[..., Pair]) -> None:
    pair = schools({"key": 1, "zip": "00000", "district_key": 9})
    assert pair.push("School") == Counts(processed=1, errors=1)
    assert pair.codes("School") == {1: "MISSING_PARENT"}


@pytest.mark.parametrize(
    ("name", "column", "to", "sound", "raw", "kept"),
    [
        ("Enrollment", "cohort_year", "text", "2024", "seven", 1),
        ("Enrollment", "cohort_year", "text", None, "seven", 1),
        ("Enrollment", "cohort_year", "text", "2024", " 2024 ", 0),
        ("Enrollment", "cohort_year", "text", "2024", None, 1),
        ("Enrollment", "cohort_year", "text", None, None, 0),
        ("Enrollment", "cohort_year", "text", "2024", "99999", 1),
        ("PersonIdentity", "birthdate", "text", "2010-01-05", "2010-02-30", 1),
        ("PersonIdentity", "birthdate", "text", "2010-01-05", "infinity", 1),
    ],
)
def test_value_of_a_text_column_is_read_before_it_is_compared(
    pair: Pair,
    retype: Retype,
    name: str,
    column: str,
    to: str,
    sound: str | None,
    raw: str | None,
    kept: int,
) -> None:
    pair.reference.text_columns = frozenset({(name, column)})
    retype(name, column, to)
    pair.put_at_state(*{field.parent for field in definition(name).parent_keys})
    pair.fill({name: [record(name, 1, **{column: sound})]})
    pair.push(name)
    pair.lock(name, column)
    pair.fill({name: [record(name, 1, **{column: raw})]})
    assert pair.push(name) == Counts(processed=1, kept=kept)


@pytest.mark.parametrize(
    ("at_district", "kept"),
    [("50.0004", 0), ("50.0005", 1), ("NaN", 1), ("99999", 1)],
)
def test_decimal_is_compared_as_the_state_would_store_it(pair: Pair, at_district: str, kept: int) -> None:
    pair.put_at_state("PersonIdentity", "Calendar", "ScheduleStructure")
    pair.fill({"Enrollment": [record("Enrollment", percent_enrolled=Decimal(50))]})
    pair.push("Enrollment")
    pair.lock("Enrollment", "percent_enrolled")
    pair.fill({"Enrollment": [record("Enrollment", percent_enrolled=Decimal(at_district))]})
    assert pair.push("Enrollment") == Counts(processed=1, kept=kept)


def test_values_are_counted_field_by_field_over_all_chunks(schools: Callable[..., Pair]) -> None:
    pair = schools(*({"key": key, "zip": "00000", "name": "other"} for key in (1, 2, 3)))
    pair.lock("School", "zip", "name")
    assert pair.push("School", limit=2) == Counts(processed=3, kept=6)
    assert pair.push("School", keys=[1, 3]) == Counts(processed=2, kept=4)


@pytest.mark.parametrize("name", [*definitions()])
def test_every_object_takes_locks_on_all_it_may_lock(pair: Pair, name: str) -> None:
    pair.put_at_state(*{field.parent for field in definition(name).parent_keys})
    pair.fill({"Enrollment": [record("Enrollment")], "Test": [full_record("Test")]})
    whole, bare, lockable = full_record(name), record(name), lockable_fields(definition(name))
    pair.fill({name: [whole]})
    pair.push(name)
    pair.lock(name, *lockable)
    pair.fill({name: [bare]})
    lost = [column for column in whole if whole[column] != bare[column]]
    kept = [column for column in lost if column in lockable]
    assert pair.push(name) == Counts(processed=1, written=len(lost) > len(kept), kept=len(kept))


def test_push_without_locks_counts_nothing(
    schools: Callable[..., Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It costs what it cost before there were locks."""
    pair = schools({"key": 1, "zip": "00000"})
    pair.lock("School")
    monkeypatch.delattr(staging, "count_kept")
    assert pair.push("School") == Counts(processed=1, written=1)
