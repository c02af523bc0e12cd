"""Which records belong to a person or an enrollment, and that they are pushed with them and no others."""

from collections.abc import Callable

import pytest
from django.db import transaction

from dis_objects.catalogue import definition, definitions, hierarchy
from dis_objects.fields import ParentKey
from districts.models import District
from interchange.lineage import lineage, objects_of_nobody, objects_under
from interchange.parents import missing_parents
from interchange.push import push_keys
from interchange.selections import RecordsUnder
from tests.interchange.pair import Pair, push_once, put_at_state
from tests.interchange.records import full_record, record
from tests.interchange.reference import Counts
from tests.interchange.ways import WAYS

Retype = Callable[[str, str, str], None]
ROOTS = ("PersonIdentity", "Enrollment")
EVERY_PAIR = [(root, name) for root in ROOTS for name in objects_under(root)]


def flat(name: str, root: str) -> tuple[str, ...]:
    """The way as `ways.py` writes it down."""
    way = lineage(name, root)
    assert way is not None
    return (*(part for hop in way.hops for part in (hop.column, hop.object, hop.matched)), way.last)


@pytest.mark.parametrize(("name", "root"), WAYS)
def test_way_is_the_one_written_down_by_hand(name: str, root: str) -> None:
    assert flat(name, root) == WAYS[name, root]


def test_only_what_names_no_person_belongs_to_nobody() -> None:
    assert objects_of_nobody("PersonIdentity") == ("Day", "Test")
    assert objects_of_nobody("Enrollment") == ()


@pytest.mark.parametrize("root", ROOTS)
def test_every_object_under_a_root_is_taken_or_nobodys(root: str) -> None:
    assert sorted([*objects_under(root), *objects_of_nobody(root)]) == sorted(hierarchy().children(root))


@pytest.mark.parametrize("root", ROOTS)
def test_objects_under_a_root_are_in_parent_first_order(root: str) -> None:
    places = [list(definitions()).index(name) for name in objects_under(root)]
    assert places == sorted(places)


def fill_lineage(pair: Pair, root: str, name: str) -> None:
    """Records 1 and 2 of the object, and of all between, of the root records 1 and 2."""
    way = lineage(name, root)
    assert way is not None
    for each in ("Enrollment", "Test", *way.objects, name):
        pair.fill({each: [of_root(each, key) for key in (1, 2)]})


def of_root(name: str, key: int) -> dict[str, object]:
    return record(name, key, **{field.name: key for field in definition(name).parent_keys})


@pytest.mark.parametrize(("root", "name"), EVERY_PAIR)
def test_records_of_one_root_are_pushed_and_nobody_elses(pair: Pair, root: str, name: str) -> None:
    parents = {field.parent for field in definition(name).parent_keys}
    pair.put_at_state(*parents - {name}, keys=(1, 2))
    fill_lineage(pair, root, name)
    outcome = push_once(pair.district, name, RecordsUnder(root, (2, 99)))
    assert (outcome.processed, outcome.errors, outcome.written, outcome.finished) == (1, 0, 1, True)
    model = definition(name).model
    assert [each.pk[1] for each in model.objects.filter(district_id=pair.district.pk)] == [2]


def test_object_without_a_way_to_the_root_is_refused(pair: Pair) -> None:
    with pytest.raises(ValueError, match="No record of Test belongs to one of PersonIdentity"):
        push_once(pair.district, "Test", RecordsUnder("PersonIdentity", (1,)))


def test_score_is_found_by_the_person_of_the_enrollment(pair: Pair) -> None:
    pair.put_at_state("PersonIdentity", "Test", keys=(1, 2))
    pair.fill(
        {
            "Test": [full_record("Test")],
            "Enrollment": [record("Enrollment", 7, person_id=1), record("Enrollment", 8, person_id=2)],
            "TestScore": [record("TestScore", 1, person_id=1), record("TestScore", 2, person_id=2)],
        }
    )
    assert pair.push_under("TestScore", "Enrollment", 8) == Counts(processed=1, written=1)


@pytest.mark.parametrize("kind", ["text", "int4", "numeric"])
def test_column_that_names_the_root_may_have_another_type(pair: Pair, retype: Retype, kind: str) -> None:
    retype("BehaviorRole", "person_id", kind)
    retype("BehaviorDrug", "role_id", kind)
    pair.put_at_state("BehaviorRole", keys=(1, 2))
    pair.fill(
        {
            "BehaviorRole": [record("BehaviorRole", key, person_id=key) for key in (1, 2)],
            "BehaviorDrug": [record("BehaviorDrug", key, role_id=key) for key in (1, 2)],
        }
    )
    outcome = push_once(pair.district, "BehaviorDrug", RecordsUnder("PersonIdentity", (2,)))
    assert (outcome.processed, outcome.errors) == (1, 0)


def test_copies_of_a_record_are_duplicates_whoever_they_belong_to(pair: Pair) -> None:
    pair.put_at_state("PersonIdentity", keys=(1, 2))
    pair.fill({"Plan": [record("Plan", 5, person_id=1), record("Plan", 5, person_id=2)]})
    assert pair.push_under("Plan", "PersonIdentity", 1) == Counts(processed=2, errors=2)
    assert pair.codes("Plan") == {5: "DUPLICATE_KEY"}


def test_record_without_a_key_is_not_met(pair: Pair) -> None:
    pair.put_at_state("PersonIdentity")
    pair.fill({"Plan": [record("Plan", None), record("Plan", 5)]})
    assert pair.push_under("Plan", "PersonIdentity", 1) == Counts(processed=1, written=1)


def test_only_the_errors_of_what_came_are_settled(pair: Pair) -> None:
    pair.fill({"Plan": [record("Plan", 5, person_id=1), record("Plan", 6, person_id=2)]})
    pair.push("Plan")
    assert pair.codes("Plan") == {5: "MISSING_PARENT", 6: "MISSING_PARENT"}
    pair.put_at_state("PersonIdentity", keys=(1, 2))
    pair.push_under("Plan", "PersonIdentity", 1)
    assert pair.codes("Plan") == {6: "MISSING_PARENT"}
    pair.push_under("Plan", "PersonIdentity", 77)
    assert pair.codes("Plan") == {6: "MISSING_PARENT"}


# ---- What became of each key --------------------------------------------------------------------------------------


def outcomes(pair: Pair, name: str, *keys: int, end_year: int = 2024) -> tuple[set[int], dict[int, tuple]]:
    with transaction.atomic():
        found = push_keys(definition(name).model, pair.district, keys, end_year=end_year)
    failed = {key: (each.code, each.field, each.parent_key) for key, each in found.failed.items()}
    return set(found.not_found), failed


def test_each_key_has_its_outcome(pair: Pair) -> None:
    pair.put_at_state("PersonIdentity", "Calendar", "ScheduleStructure")
    pair.fill(
        {
            "Enrollment": [
                record("Enrollment", 1),
                record("Enrollment", 2, person_id=9),
                record("Enrollment", 3),
                record("Enrollment", 3),
                record("Enrollment", 4, end_year=2023),
                record("Enrollment", 5, state_exclude=True),
                record("Enrollment", 6, grade=None),
                record("Enrollment", 7),
            ]
        }
    )
    missing, failed = outcomes(pair, "Enrollment", 1, 2, 3, 4, 5, 6, 99)
    assert missing == {4, 99}
    assert failed == {
        2: ("MISSING_PARENT", "person_id", 9),
        3: ("DUPLICATE_KEY", "", None),
        5: ("ENROLLMENT_EXCLUDED", "", None),
        6: ("MISSING_REQUIRED", "grade", None),
    }
    assert {*definition("Enrollment").model.objects.values_list("enrollment_id", flat=True)} == {1}


@pytest.mark.parametrize("again", [False, True], ids=["new", "unchanged"])
def test_keys_that_arrive_have_nothing_told_of_them(pair: Pair, again: bool) -> None:
    pair.fill({"PersonIdentity": [record("PersonIdentity", key) for key in (1, 2)]})
    for _ in range(1 + again):
        assert outcomes(pair, "PersonIdentity", 2, 1, 2) == (set(), {})


def test_keys_that_are_all_unknown_are_all_not_found(pair: Pair) -> None:
    pair.fill({"PersonIdentity": [record("PersonIdentity", 1, last_name=None)]})
    with transaction.atomic():
        model = definition("PersonIdentity").model
        first = push_keys(model, pair.district, [1])
        assert set(first.failed) == {1}
        # In one transaction, the temporary tables of the first push are no part of the second's answer.
        second = push_keys(model, pair.district, [2, 3])
    assert (second.not_found, second.failed) == ({2, 3}, {})


# ---- Parents that are missing --------------------------------------------------------------------------------------


def missing(pair: Pair, name: str, *keys: int, end_year: int = 2024) -> dict[str, set[int]]:
    with transaction.atomic():
        return missing_parents(definition(name).model, pair.district, keys, end_year)


def test_parents_that_the_state_lacks_are_told_by_object(pair: Pair) -> None:
    pair.put_at_state("PersonIdentity", "Calendar", keys=(1,))
    pair.fill(
        {
            "Enrollment": [
                record("Enrollment", 1),
                record("Enrollment", 2, person_id=5, calendar_id=6, structure_id=7),
                record("Enrollment", 3, person_id=5),
                record("Enrollment", 4, person_id=8),
                record("Enrollment", 5, person_id=9, end_year=2023),
            ]
        }
    )
    expected = {"PersonIdentity": {5}, "Calendar": {6}, "ScheduleStructure": {7}}
    assert missing(pair, "Enrollment", 1, 2, 3, 5, 99) == expected
    assert missing(pair, "Enrollment", 1) == {}


def test_what_another_district_has_at_the_state_is_missing_all_the_same(
    pair: Pair, make_district: Callable[..., District]
) -> None:
    put_at_state(make_district("T2"), "PersonIdentity")
    pair.fill({"Plan": [record("Plan", 1)]})
    assert missing(pair, "Plan", 1) == {"PersonIdentity": {1}}


def test_text_that_is_no_number_names_no_parent(pair: Pair, retype: Retype) -> None:
    retype("Plan", "person_id", "text")
    pair.fill({"Plan": [record("Plan", 1, person_id=" 4 "), record("Plan", 2, person_id="four")]})
    assert missing(pair, "Plan", 1, 2) == {"PersonIdentity": {4}}


@pytest.mark.parametrize("name", [name for name, each in definitions().items() if each.parent_keys])
def test_parents_are_asked_for_in_every_object(pair: Pair, name: str) -> None:
    pair.fill({name: [full_record(name)]})
    expected = {field.parent: {1} for field in definition(name).parent_keys if isinstance(field, ParentKey)}
    assert missing(pair, name, 1) == expected
