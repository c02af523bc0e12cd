"""Requests of verifications, and the settings that govern them."""

import time
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from audit.choices import Action
from audit.models import AuditEntry
from districts.models import District, SchoolYear, User
from resync.choices import Origin
from tests.factories.district import DistrictFactory, StateFactory, ZoneFactory
from tests.factories.user import UserFactory
from verification import actions
from verification.choices import RunStatus
from verification.exceptions import VerificationRefused
from verification.models import VerificationResult, VerificationRun, VerificationSettings
from verification.plan import choices_for

pytestmark = pytest.mark.django_db
# Seed 002 lists the areas; these are their objects, parents first.
DEFAULT = [
    "PersonIdentity",
    "Employment",
    "EmploymentAssignment",
    "Enrollment",
    "Behavior",
    "Graduation",
    "LEP",
    "TestScore",
]


@pytest.fixture(autouse=True)
def no_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "wake_results", lambda ids: None)


@pytest.fixture
def home() -> District:
    return DistrictFactory()


@pytest.fixture
def own(home: District) -> User:
    return UserFactory(district=home, rights="", everywhere="RWAD")


def request(*districts: District, by: User | None, **more: Any) -> list[VerificationRun]:
    year = districts[0].zone.school_year if districts else SchoolYear.objects.get_or_create(end_year=2024)[0]
    return actions.request_verification(**{"districts": districts, "school_year": year, "by": by} | more)


def objects_of(run: VerificationRun) -> list[str]:
    return list(run.results.order_by("place").values_list("object", flat=True))


# ---- What is verified ----------------------------------------------------------------------------------------


def test_the_areas_of_the_seed_by_default(home: District, own: User) -> None:
    [run] = request(home, by=own)
    assert sorted(objects_of(run)) == sorted(DEFAULT)
    assert objects_of(run)[0] == "PersonIdentity"


def test_any_object_that_is_offered_by_choice_parents_first(home: District, own: User) -> None:
    [run] = request(home, by=own, objects=["Enrollment", "School", "Enrollment"])
    assert objects_of(run) == ["School", "Enrollment"]


def test_choices_tell_which_are_the_default(home: District) -> None:
    choices = choices_for(home, home.zone.school_year)
    assert sorted(each.name for each in choices if each.by_default) == sorted(DEFAULT)
    assert len(choices) > 50


def test_states_that_are_offered_other_objects_get_their_own_defaults() -> None:
    """One request of the state for districts of several states."""
    nevada = DistrictFactory()
    kentucky = DistrictFactory(state=StateFactory(code="KY"))
    of_state = UserFactory(district=None)
    runs = request(nevada, kentucky, by=of_state)
    assert [objects_of(run)[0] for run in runs] == ["PersonIdentity", "PersonIdentity"]


@pytest.mark.parametrize(
    ("objects", "sentence"),
    [
        ([], "No object is chosen"),
        (["NoSuchObject"], "no DIS object named NoSuchObject"),
        (["DISVerificationResult"], "cannot be verified"),
        (["Enrollment", "AttendanceKYMinute"], "AttendanceKYMinute cannot be verified"),
    ],
)
def test_an_object_that_is_not_offered_is_refused(
    home: District, own: User, objects: list[str], sentence: str
) -> None:
    with pytest.raises(VerificationRefused, match=sentence):
        request(home, by=own, objects=objects)
    assert VerificationRun.objects.count() == 0


def test_a_year_that_the_zone_does_not_sync_is_refused(home: District, own: User) -> None:
    year, _ = SchoolYear.objects.get_or_create(end_year=2023)
    with pytest.raises(VerificationRefused, match="2022-2023 is not open"):
        request(home, by=own, school_year=year)


def test_a_neighbouring_year_has_what_is_set_to_sync_for_it() -> None:
    home = DistrictFactory(zone=None)
    ZoneFactory(district=home, syncs_previous_year=True)
    home = District.objects.get(pk=home.pk)
    year, _ = SchoolYear.objects.get_or_create(end_year=2023)
    with pytest.raises(VerificationRefused, match="PersonIdentity cannot be verified"):
        request(home, by=None, school_year=year, objects=["PersonIdentity"])


def test_a_district_without_a_zone_is_refused() -> None:
    alone = DistrictFactory(zone=None)
    year, _ = SchoolYear.objects.get_or_create(end_year=2024)
    with pytest.raises(VerificationRefused, match="not open"):
        actions.request_verification(districts=[alone], school_year=year, by=None)


def test_all_or_none(home: District) -> None:
    without = DistrictFactory(zone=None)
    with pytest.raises(VerificationRefused, match=f"district {without.number}"):
        request(home, District.objects.get(pk=without.pk), by=None)
    assert VerificationRun.objects.count() == 0


def test_no_district_is_refused() -> None:
    with pytest.raises(VerificationRefused, match="No district is chosen"):
        request(by=None)


# ---- Who asks ------------------------------------------------------------------------------------------------


def test_a_districts_user_verifies_the_own_district_only(home: District, own: User) -> None:
    other = DistrictFactory()
    for districts in ([other], [home, other]):
        with pytest.raises(VerificationRefused, match="its own data only"):
            request(*districts, by=own)
    [run] = request(home, by=own)
    assert (run.origin, run.requested_by) == (Origin.DISTRICT, own)


@pytest.mark.parametrize("with_user", [True, False])
def test_the_state_and_the_command_line_are_the_state(home: District, with_user: bool) -> None:
    by = UserFactory(district=None) if with_user else None
    [run] = request(home, by=by)
    assert (run.origin, run.requested_by) == (Origin.STATE, by)


@pytest.mark.parametrize(
    ("setting", "of_state", "sentence"),
    [
        ("state_may_verify", True, "by the state are turned off"),
        ("districts_may_verify", False, "turned off verifications by districts"),
    ],
)
def test_settings_keep_one_side_out_and_not_the_other(
    home: District, own: User, setting: str, of_state: bool, sentence: str
) -> None:
    VerificationSettings.objects.create(**{setting: False})
    state_user = UserFactory(district=None)
    out, allowed = (state_user, own) if of_state else (own, state_user)
    with pytest.raises(VerificationRefused, match=sentence):
        request(home, by=out)
    assert len(request(home, by=allowed)) == 1


def test_a_request_is_recorded_with_its_objects(home: District, own: User) -> None:
    request(home, by=own, objects=["School"])
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.district) == (Action.VERIFICATION_REQUESTED, own, home)
    assert (entry.object, entry.count) == ("School", 1)
    assert entry.facts["objects"] == ["School"]


def test_a_request_for_many_is_one_entry_that_names_them(home: District) -> None:
    other = DistrictFactory()
    request(home, other, by=UserFactory(district=None))
    entry = AuditEntry.objects.get()
    assert (entry.district, entry.count) == (None, 2)
    assert set(entry.facts["districts"]) == {home.number, other.number}


# ---- Double clicks -------------------------------------------------------------------------------------------


def test_the_same_token_is_the_same_request(home: District) -> None:
    other, by, token = DistrictFactory(), UserFactory(district=None), uuid4()
    first = request(home, other, by=by, token=token)
    second = request(home, other, by=by, token=token)
    assert [run.pk for run in first] == [run.pk for run in second]
    assert (VerificationRun.objects.count(), AuditEntry.objects.count()) == (2, 1)


def test_a_token_of_somebody_else_is_refused(home: District, own: User) -> None:
    token = uuid4()
    request(home, by=own, token=token)
    with pytest.raises(Exception, match="token"), transaction.atomic():
        request(home, by=UserFactory(district=None), token=token)


def test_a_second_request_queues_behind_the_first(home: District, own: User) -> None:
    request(home, by=own)
    request(home, by=own)
    statuses = VerificationRun.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == [RunStatus.RUNNING, RunStatus.QUEUED]


@pytest.mark.slow
@pytest.mark.parametrize("analyzed", [False, True])
def test_twelve_hundred_districts_are_asked_in_seconds(*, analyzed: bool) -> None:
    """Whether the planner knows nothing of the tables, or takes them for empty."""
    if analyzed:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    year, _ = SchoolYear.objects.get_or_create(end_year=2024)
    state = StateFactory()
    districts = District.objects.bulk_create(
        District(state=state, number=f"5{n:04}", name=f"D {n}") for n in range(1_200)
    )
    for each in districts:
        each.zone = ZoneFactory.build(district=each, school_year=year)
    type(districts[0].zone).objects.bulk_create(each.zone for each in districts)
    started = time.monotonic()
    runs = request(*districts, by=UserFactory(district=None))
    assert time.monotonic() - started < 5
    assert (len(runs), VerificationResult.objects.count()) == (1_200, 9_600)
    assert VerificationRun.objects.filter(status=RunStatus.RUNNING).count() == 1_200
    started = time.monotonic()
    assert actions.sweep() == 4
    assert time.monotonic() - started < 2


# ---- Settings ------------------------------------------------------------------------------------------------


def test_the_state_changes_settings_and_that_is_recorded() -> None:
    by = UserFactory(district=None)
    assert actions.change_settings(by=by, districts_may_verify=False, side_by_side=4, nightly_hour=22) == [
        "districts_may_verify",
        "nightly_hour",
    ]
    kept = VerificationSettings.objects.get()
    assert (kept.districts_may_verify, kept.nightly_hour, kept.changed_by) == (False, 22, by)
    assert kept.changed_at is not None
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by) == (Action.SETTINGS_CHANGED, by)
    assert entry.facts == {"of": "verification", "districts_may_verify": False, "nightly_hour": 22}


def test_nothing_changed_is_nothing_recorded() -> None:
    assert actions.change_settings(by=UserFactory(district=None), side_by_side=4) == []
    assert AuditEntry.objects.count() == 0


def test_a_district_changes_no_settings(own: User) -> None:
    with pytest.raises(VerificationRefused, match="Only the state"):
        actions.change_settings(by=own, nightly=False)
    assert VerificationSettings.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nightly_hour", 24),
        ("nightly_hour", -1),
        ("side_by_side", 0),
        ("side_by_side", 65),
        ("chunk_records", 999),
        ("kept_differences", 1_000_001),
    ],
)
def test_a_number_out_of_its_range_is_refused(name: str, value: int) -> None:
    with pytest.raises(VerificationRefused, match="must be from"):
        actions.change_settings(by=UserFactory(district=None), **{name: value})


def test_a_setting_that_there_is_not_is_a_fault_of_ours() -> None:
    with pytest.raises(TypeError, match="speed"):
        actions.change_settings(by=UserFactory(district=None), speed=9)
