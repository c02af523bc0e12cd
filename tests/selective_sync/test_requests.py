"""What asks for a selective sync: what is stored, and what is refused."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from audit.choices import Action
from audit.models import AuditEntry
from dis_objects.catalogue import definitions, hierarchy
from dis_objects.models import DISObject
from districts.models import District, SchoolYear, User, Zone
from resync.choices import Origin
from resync.plan import offered_names
from selective_sync.choices import KeyOutcome, Role, SyncStatus
from selective_sync.exceptions import SelectiveSyncRefused
from selective_sync.ids import MOST_IDS
from selective_sync.models import SyncKey, SyncRequest
from tests.factories.user import UserFactory
from tests.selective_sync.conftest import Ask

pytestmark = pytest.mark.django_db


def roles(request: SyncRequest) -> dict[str, str]:
    return dict(request.objects_in_order.order_by("place").values_list("object", "role"))


def test_a_request_has_the_chosen_object_and_what_is_under_it_in_hierarchy_order(
    ask: Ask, district: District
) -> None:
    request = ask(2, 1)
    offered = offered_names(district, district.zone.school_year)
    found = roles(request)
    assert [*found] == [*hierarchy().sorted(found)]
    assert found.pop("PersonIdentity") == Role.CHOSEN
    assert set(found.values()) == {Role.UNDER}
    # Day and Test are under PersonIdentity in the hierarchy, but nobody's.
    assert set(found) == {*hierarchy().children("PersonIdentity")} & offered - {"Day", "Test"}
    assert (request.status, request.origin) == (SyncStatus.QUEUED, Origin.DISTRICT)
    assert [each.keys_total for each in request.objects_in_order.order_by("place")][:2] == [2, 0]


def test_what_the_state_of_the_district_does_not_take_is_left_out(ask: Ask) -> None:
    under = roles(ask(1))
    kentuckys = {name for name, each in definitions().items() if each.states == ("KY",)}
    assert kentuckys
    assert not kentuckys & under.keys()


@pytest.mark.parametrize(
    ("chosen", "more", "expected"),
    [
        ("PersonIdentity", {"with_children": False}, {"PersonIdentity": Role.CHOSEN}),
        (
            "PersonIdentity",
            {"with_children": False, "with_missing_parents": True},
            {
                **dict.fromkeys(("District", "School", "Calendar", "ScheduleStructure"), Role.PARENT),
                "PersonIdentity": Role.CHOSEN,
            },
        ),
        ("HomelessService", {}, {"HomelessService": Role.CHOSEN}),
        ("Homeless", {}, {"Homeless": Role.CHOSEN, "HomelessService": Role.UNDER}),
    ],
)
def test_parents_and_children_are_taken_as_asked(
    ask: Ask, chosen: str, more: dict[str, bool], expected: dict[str, Role]
) -> None:
    assert roles(ask(1, object_name=chosen, **more)) == expected


def test_an_id_that_is_given_twice_is_stored_once(ask: Ask) -> None:
    request = ask(3, 1, 3, with_children=False)
    keys = SyncKey.objects.filter(sync_object__request=request)
    assert sorted(keys.values_list("key", "outcome")) == [(1, KeyOutcome.PENDING), (3, KeyOutcome.PENDING)]


def test_a_double_click_asks_once(ask: Ask) -> None:
    token = uuid4()
    assert ask(1, token=token) == ask(1, token=token)
    assert SyncRequest.objects.count() == 1
    assert AuditEntry.objects.filter(action=Action.SYNC_REQUESTED).count() == 1


def test_the_token_of_somebody_else_does_not_show_their_request(ask: Ask, district: District) -> None:
    request = ask(1)
    other = UserFactory(district=district)
    with pytest.raises(IntegrityError):
        ask(1, token=request.token, by=other)


@pytest.mark.parametrize(
    ("ids", "sentence"),
    [((), "No ID is entered"), (range(MOST_IDS + 1), "100,001 different IDs are entered")],
    ids=["none", "too many"],
)
def test_a_request_has_one_to_a_hundred_thousand_ids(ask: Ask, ids: tuple[int, ...], sentence: str) -> None:
    with pytest.raises(SelectiveSyncRefused, match=sentence):
        ask(ids=ids)
    assert not SyncRequest.objects.exists()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("TEDSKY", "cannot be resynced"), ("Pupil", "There is no DIS object named Pupil")],
)
def test_an_object_that_is_not_offered_is_refused(ask: Ask, name: str, sentence: str) -> None:
    with pytest.raises(SelectiveSyncRefused, match=sentence):
        ask(1, object_name=name)


def test_a_year_that_the_zone_does_not_sync_is_refused(ask: Ask) -> None:
    year, _ = SchoolYear.objects.get_or_create(end_year=2023)
    with pytest.raises(SelectiveSyncRefused, match="does not sync the school year"):
        ask(1, object_name="Enrollment", school_year=year)


def test_another_year_takes_only_what_is_set_to_sync_for_it(ask: Ask, district: District) -> None:
    year, _ = SchoolYear.objects.get_or_create(end_year=2023)
    Zone.objects.filter(district=district).update(syncs_previous_year=True)
    district.zone.refresh_from_db()
    DISObject.objects.filter(name__in=["Enrollment", "Roster"]).update(syncs_previous_year=True)
    assert roles(ask(1, object_name="Enrollment", school_year=year)) == {
        "Enrollment": Role.CHOSEN,
        "Roster": Role.UNDER,
    }
    with pytest.raises(SelectiveSyncRefused, match="not bound to a school year"):
        ask(1, object_name="PersonIdentity", school_year=year)


def test_an_alias_is_stored_by_the_objects_own_name(ask: Ask) -> None:
    aliased = next(
        each for each in definitions().values() if each.aliases and each.in_batch and not each.states
    )
    assert ask(1, object_name=aliased.aliases[0]).object == aliased.name


def test_who_asked_is_recorded_without_the_ids(ask: Ask, asker: User, district: District) -> None:
    request = ask(987654321, 987654322, with_missing_parents=True)
    entry = AuditEntry.objects.get(action=Action.SYNC_REQUESTED)
    assert (entry.by, entry.district, entry.object, entry.key, entry.count) == (
        *(asker, district, "PersonIdentity", request.pk, 2),
    )
    assert entry.facts == {"school_year": 2024, "with_children": True, "with_missing_parents": True}


def test_what_a_state_user_asks_for_is_the_states(ask: Ask, state_user: User) -> None:
    assert ask(1, by=state_user).origin == Origin.STATE


def test_a_hundred_thousand_ids_are_stored(ask: Ask) -> None:
    request = ask(ids=range(MOST_IDS), with_children=False)
    assert SyncKey.objects.filter(sync_object__request=request).count() == MOST_IDS


@pytest.mark.parametrize(
    "broken",
    [
        {"status": SyncStatus.COMPLETED},
        {"status": SyncStatus.WAITING},
        {"status": SyncStatus.FAILED, "ended_at": "2024-01-01T00:00Z"},
        {"ended_at": "2024-01-01T00:00Z"},
        {"hidden_at": "2024-01-01T00:00Z"},
    ],
    ids=str,
)
def test_a_request_cannot_contradict_itself(ask: Ask, broken: dict[str, object]) -> None:
    request = ask(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        SyncRequest.objects.filter(pk=request.pk).update(**broken)


@pytest.mark.parametrize(
    "broken",
    [
        {"errors": 1},
        {"processed": 2, "errors": 1, "written": 2},
        {"keys_done": 2},
        {"role": Role.CHOSEN, "object": "School"},
        {"place": 0},
        {"object": "PersonIdentity"},
    ],
    ids=str,
)
def test_an_object_of_a_request_cannot_contradict_itself(ask: Ask, broken: dict[str, object]) -> None:
    last = ask(1).objects_in_order.order_by("-place").first()
    assert last is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        type(last).objects.filter(pk=last.pk).update(**broken)


@pytest.mark.parametrize("broken", [{"outcome": KeyOutcome.FAILED}, {"code": "TOO_LONG"}], ids=str)
def test_a_key_has_a_code_exactly_if_it_failed(ask: Ask, broken: dict[str, object]) -> None:
    request = ask(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        SyncKey.objects.filter(sync_object__request=request).update(**broken)
