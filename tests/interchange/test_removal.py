"""Which records a removal takes from the state, and which it leaves there."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from dis_objects.catalogue import definition, definitions
from districts.models import District
from interchange.exceptions import DistrictTableError
from interchange.models import RecordError
from interchange.removal import Fate, RemovalOutcome, Stay, remove_records
from tests.conftest import DistrictDatabase
from tests.interchange.comparing import put, records
from tests.interchange.pair import fill, push, state_of
from tests.interchange.records import CANARY, record


def remove(
    district: District, name: str, *keys: int, end_year: int = 2024, **options: bool
) -> RemovalOutcome:
    with transaction.atomic():
        return remove_records(definition(name).model, district, keys, end_year=end_year, **options)


def keys_of(district: District, name: str) -> set[int]:
    return {*state_of(district, name)}


def stays(name: str, fate: Fate, *children: tuple[str, int]) -> Stay:
    return Stay(name, fate, children)


@pytest.fixture
def family(district: District, writer: DistrictDatabase) -> District:
    """At the state, and nowhere else: a person with two enrollments, one with two rosters; and another person."""
    put(district, "PersonIdentity", *records("PersonIdentity", 1, 2))
    put(
        district,
        "Enrollment",
        *records("Enrollment", 10, 11, person_id=1),
        *records("Enrollment", 20, person_id=2),
    )
    put(
        district,
        "Roster",
        *records("Roster", 100, 101, person_id=1, enrollment_id=10),
        *records("Roster", 200, person_id=2, enrollment_id=20),
    )
    return district


def test_record_that_the_district_lacks_is_removed(district: District, writer: DistrictDatabase) -> None:
    put(district, "Test", *records("Test", 1, 2, 3))
    fill(writer, {"Test": records("Test", 3)})
    assert remove(district, "Test", 1) == RemovalOutcome({"Test": 1}, {})
    assert keys_of(district, "Test") == {2, 3}


def test_record_that_the_district_has_stays(district: District, writer: DistrictDatabase) -> None:
    put(district, "Test", *records("Test", 1, 2))
    fill(writer, {"Test": records("Test", 1, 1)})
    outcome = remove(district, "Test", 1, 2, 7)
    assert outcome.removed == {"Test": 1}
    assert outcome.kept == {1: stays("Test", Fate.AT_DISTRICT), 7: stays("Test", Fate.NOT_AT_STATE)}
    assert keys_of(district, "Test") == {1}


def test_record_that_the_district_has_in_another_year_stays(
    district: District, writer: DistrictDatabase
) -> None:
    """It is not gone: the other year's resync takes it along."""
    put(district, "Calendar", *records("Calendar", 1, 2, 3, end_year=2024))
    fill(writer, {"Calendar": records("Calendar", 1, end_year=2023) + records("Calendar", 2, end_year=None)})
    outcome = remove(district, "Calendar", 1, 2, 3)
    assert outcome.removed == {"Calendar": 1}
    assert outcome.kept == {
        1: stays("Calendar", Fate.IN_OTHER_YEAR),
        2: stays("Calendar", Fate.AT_DISTRICT),
    }


def test_record_that_the_state_has_in_another_year_stays(
    district: District, writer: DistrictDatabase
) -> None:
    put(district, "Calendar", *records("Calendar", 1, end_year=2023))
    assert remove(district, "Calendar", 1).kept == {1: stays("Calendar", Fate.NOT_AT_STATE)}
    assert keys_of(district, "Calendar") == {1}


def test_what_hangs_on_a_record_goes_with_it(family: District) -> None:
    """Also of another school year: without its parent a record may be nowhere at the state."""
    put(family, "Plan", *records("Plan", 5, 6, person_id=1), *records("Plan", 7, person_id=2))
    put(
        family,
        "Enrollment",
        *records("Enrollment", 9, person_id=1, end_year=2022),
        *records("Enrollment", 20, person_id=2),
    )
    outcome = remove(family, "PersonIdentity", 1)
    assert outcome == RemovalOutcome({"Plan": 2, "Enrollment": 1, "Roster": 2, "PersonIdentity": 1}, {})
    assert list(outcome.removed)[-1] == "PersonIdentity"
    assert [keys_of(family, name) for name in ("PersonIdentity", "Enrollment", "Roster", "Plan")] == [
        {2},
        {20},
        {200},
        {7},
    ]


def test_parent_of_a_record_that_the_district_has_stays(family: District, writer: DistrictDatabase) -> None:
    """With all that hangs on it: what the person asked for has not happened."""
    fill(writer, {"Enrollment": records("Enrollment", 10, person_id=1)})
    outcome = remove(family, "PersonIdentity", 1, 2)
    assert outcome.removed == {"Roster": 1, "Enrollment": 1, "PersonIdentity": 1}
    assert outcome.kept == {1: stays("PersonIdentity", Fate.CHILDREN_STAY, ("Enrollment", 1))}
    assert keys_of(family, "Enrollment") == {10, 11}
    assert keys_of(family, "Roster") == {100, 101}


def test_grandparent_of_a_record_that_the_district_has_stays(
    family: District, writer: DistrictDatabase
) -> None:
    """The enrollment that the district lacks is held by its rosters, which hang on the person too."""
    fill(writer, {"Roster": records("Roster", 100, 101, person_id=1, enrollment_id=10)})
    outcome = remove(family, "PersonIdentity", 1)
    assert outcome.removed == {}
    assert outcome.kept == {1: stays("PersonIdentity", Fate.CHILDREN_STAY, ("Enrollment", 1), ("Roster", 2))}
    outcome = remove(family, "Enrollment", 10, 11)
    assert outcome.removed == {"Enrollment": 1}
    assert outcome.kept == {10: stays("Enrollment", Fate.CHILDREN_STAY, ("Roster", 2))}


def test_child_in_another_year_at_the_district_holds_its_parent(
    family: District, writer: DistrictDatabase
) -> None:
    fill(writer, {"Enrollment": records("Enrollment", 11, person_id=1, end_year=2023)})
    outcome = remove(family, "PersonIdentity", 1)
    assert outcome.kept == {1: stays("PersonIdentity", Fate.CHILDREN_STAY, ("Enrollment", 1))}


def test_child_with_two_parents_goes_with_the_one_that_goes(
    district: District, writer: DistrictDatabase
) -> None:
    put(district, "School", *records("School", 1, 2))
    put(district, "Calendar", *records("Calendar", 1, school_id=1))
    put(district, "CourseSection", *records("CourseSection", 1, 2, school_id=2, calendar_id=1))
    assert remove(district, "Calendar", 1).removed == {"CourseSection": 2, "Calendar": 1}
    assert keys_of(district, "School") == {1, 2}


def test_more_keys_than_are_asked_one_by_one(
    district: District, writer: DistrictDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interchange.removal._FEW", 3)
    put(district, "Test", *records("Test", *range(1, 21)))
    fill(writer, {"Test": [*records("Test", 3, 4, 4), record("Test", None)]})
    outcome = remove(district, "Test", *range(1, 11))
    assert outcome.removed == {"Test": 8}
    assert {*outcome.kept} == {3, 4}
    assert keys_of(district, "Test") == {3, 4, *range(11, 21)}


def test_another_districts_records_stay(
    family: District, writer: DistrictDatabase, make_district: Callable[..., District]
) -> None:
    neighbour = make_district("T2")
    put(neighbour, "PersonIdentity", *records("PersonIdentity", 1))
    put(neighbour, "Enrollment", *records("Enrollment", 10, person_id=1))
    RecordError.objects.create(district=neighbour, object="PersonIdentity", key=1, code="TOO_LONG")
    remove(family, "PersonIdentity", 1)
    assert (keys_of(neighbour, "PersonIdentity"), keys_of(neighbour, "Enrollment")) == ({1}, {10})
    assert RecordError.objects.filter(district=neighbour).count() == 1


def errors(district: District) -> set[tuple[str, int | None, bool, bool]]:
    found = RecordError.objects.filter(district=district)
    return {(each.object, each.key, each.confidential, each.superseded) for each in found}


@pytest.fixture
def with_errors(family: District, writer: DistrictDatabase) -> District:
    """Both persons and an enrollment that go, a person that stays, all with open errors."""
    put(family, "PersonIdentity", *records("PersonIdentity", 1, 2, 3))
    fill(writer, {"PersonIdentity": records("PersonIdentity", 3)})
    for name, key in (("PersonIdentity", 1), ("PersonIdentity", 3), ("Enrollment", 10), ("Roster", 1)):
        year = 2024 if definition(name).school_year else None
        told = {"district": family, "object": name, "key": key, "code": "TOO_LONG", "school_year_id": year}
        RecordError.objects.create(superseded=True, **told)
        RecordError.objects.create(confidential=True, **told)
    RecordError.objects.create(district=family, object="PersonIdentity", key=2, code="TOO_LONG")
    return family


def test_errors_of_what_was_removed_close(with_errors: District) -> None:
    remove(with_errors, "PersonIdentity", 1, 2, 3)
    assert errors(with_errors) == {
        (name, key, confidential, not confidential)
        for name, key in (("PersonIdentity", 3), ("Roster", 1))
        for confidential in (True, False)
    }


def test_removal_by_the_state_does_not_show_in_the_districts_errors(with_errors: District) -> None:
    seen = [*RecordError.objects.filter(confidential=False).order_by("pk").values("pk", "key", "last_met_at")]
    remove(with_errors, "PersonIdentity", 1, 2, 3, confidential=True)
    assert [
        *RecordError.objects.filter(confidential=False).order_by("pk").values("pk", "key", "last_met_at")
    ] == seen
    assert not RecordError.objects.filter(superseded=False, object="PersonIdentity", key__in=[1, 2]).exists()
    assert RecordError.objects.filter(confidential=True, object="PersonIdentity", key=3).exists()


def test_reasons_are_sentences_without_values(family: District, writer: DistrictDatabase) -> None:
    fill(writer, {"Enrollment": records("Enrollment", 10, 11, person_id=1), "Test": records("Test", 1)})
    put(family, "Test", *records("Test", 1))
    told = remove(family, "PersonIdentity", 1, 5).kept | remove(family, "Test", 1).kept
    assert told[1].sentence == "The district has this record of Test. Verify Test again."
    assert told[5].sentence == (
        "The state does not have this record of PersonIdentity. Verify PersonIdentity again."
    )
    [held] = remove(family, "PersonIdentity", 1).kept.values()
    assert held.sentence == (
        "Records that hang on it stay, because the district has them or others under them: 2 of Enrollment."
        " Correct these at the district first."
    )
    assert CANARY not in str([each.sentence for each in told.values()])
    assert all(Stay("Test", fate).sentence for fate in Fate if fate is not Fate.REMOVED)


def test_removal_waits_for_pushes_and_keeps_them_out(family: District, writer: DistrictDatabase) -> None:
    """It takes the lock that a push shares, alone."""
    remove(family, "PersonIdentity", 1)
    with connection.cursor() as cursor:
        cursor.execute(
            # Only its own: tests of other processes hold locks on the same server.
            "SELECT count(*) FROM pg_locks"
            " WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND pid = pg_backend_pid()"
        )
        assert cursor.fetchone() == (1,)


def test_table_that_cannot_be_asked_removes_nothing(
    family: District, writer: DistrictDatabase, put_view: Callable[[str, str], None]
) -> None:
    """Whether the district has the enrollments is not known then."""
    put_view("Enrollment", "SELECT 1 AS other")
    with pytest.raises(DistrictTableError):
        remove(family, "PersonIdentity", 1)
    assert keys_of(family, "PersonIdentity") == {1, 2}


def test_object_of_a_school_year_needs_one(district: District) -> None:
    with pytest.raises(ValueError, match="Enrollment is bound to a school year"), transaction.atomic():
        remove_records(definition("Enrollment").model, district, [1])


def test_what_was_removed_arrives_again_when_the_district_has_it(
    district: District, writer: DistrictDatabase
) -> None:
    put(district, "PersonIdentity", *records("PersonIdentity", 1))
    remove(district, "PersonIdentity", 1)
    fill(writer, {"PersonIdentity": records("PersonIdentity", 1)})
    assert push(district, "PersonIdentity").written == 1
    assert remove(district, "PersonIdentity", 1).removed == {}


def test_records_name_parents_of_objects_before_their_own() -> None:
    """So the engine needs one way down and one way up, and never goes round in a circle."""
    places = {name: place for place, name in enumerate(definitions())}
    assert [
        (known.name, column.name)
        for known in definitions().values()
        for column in known.parent_keys
        if places[column.parent] >= places[known.name]
    ] == []
