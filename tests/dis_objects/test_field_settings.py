"""Owner and lock of fields: what the state may set, and what stays over a migrate."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from dis_objects import catalogue
from dis_objects.actions import FieldSetting, change_field_settings, fill_catalogue
from dis_objects.catalogue import definition, definitions, lockable_fields
from dis_objects.choices import FieldOwner
from dis_objects.exceptions import SettingsRefused, UnknownObject
from dis_objects.fields import ParentKey, RecordKey
from dis_objects.models import SyncField
from dis_objects.queries import locked_fields, objects_with_settings, settings_of
from districts.choices import Right, Tool
from districts.models import ToolRight, User
from tests.factories.user import GroupFactory, UserFactory

pytestmark = pytest.mark.django_db

LOCKED = FieldSetting(FieldOwner.STATE, locked=True)
OF_STATE = FieldSetting(FieldOwner.STATE)
OF_DISTRICT = FieldSetting(FieldOwner.DISTRICT)


@pytest.fixture
def by() -> User:
    user = UserFactory(district=None, rights="")
    user.groups.add(GroupFactory(tool=Tool.FIELD_SETTINGS, name="Fields", rights=""))
    for right in (Right.READ, Right.WRITE):
        ToolRight.objects.create(group=user.groups.get(), tool=Tool.FIELD_SETTINGS, right=right)
    return user


def change(
    by: User, object_name: str = "School", /, *, seen: str | None = None, **settings: FieldSetting
) -> Any:
    return change_field_settings(
        object_name=object_name,
        settings=settings,
        seen=settings_of(definition(object_name)).version if seen is None else seen,
        by=by,
    )


def stored(object_name: str, name: str) -> tuple[str, bool]:
    return SyncField.objects.values_list("owner", "locked").get(object=object_name, name=name)


def test_every_field_begins_as_the_districts() -> None:
    assert {*SyncField.objects.values_list("owner", "locked")} == {("district", False)}


def test_state_locks_a_field_of_one_object(by: User) -> None:
    changes = change(by, zip=LOCKED)
    assert [(each.name, each.was, each.now) for each in changes] == [("zip", OF_DISTRICT, LOCKED)]
    assert stored("School", "zip") == ("state", True)
    assert locked_fields("School") == {"zip"}
    assert SyncField.objects.filter(locked=True).count() == 1


def test_fields_that_are_not_named_stay_as_they_are(by: User) -> None:
    change(by, zip=LOCKED)
    change(by, name=OF_STATE)
    assert stored("School", "zip") == ("state", True)
    assert stored("School", "name") == ("state", False)


def test_settings_that_are_so_already_are_no_change(by: User) -> None:
    change(by, zip=LOCKED)
    assert change(by, zip=LOCKED, name=OF_DISTRICT) == []


def test_field_that_is_not_the_states_cannot_be_locked(by: User) -> None:
    with pytest.raises(SettingsRefused, match="zip is the district's"):
        change(by, name=OF_STATE, zip=FieldSetting(FieldOwner.DISTRICT, locked=True))
    assert stored("School", "name") == ("district", False)


@pytest.mark.parametrize(
    ("object_name", "field", "label"),
    [
        ("School", "school_id", "schoolID"),
        ("School", "district_key", "districtKey"),
        ("Calendar", "end_year", "endYear"),
    ],
)
def test_what_names_the_record_its_parent_or_its_year_cannot_be_locked(
    by: User, object_name: str, field: str, label: str
) -> None:
    with pytest.raises(SettingsRefused, match=f"^{label} cannot be locked"):
        change(by, object_name, **{field: LOCKED})
    change(by, object_name, **{field: OF_STATE})
    assert stored(object_name, field) == ("state", False)


def test_everything_else_can_be_locked(by: User) -> None:
    for known in definitions().values():
        change(by, known.name, **dict.fromkeys(lockable_fields(known), LOCKED))
        left = {field.name for field in known.fields} - locked_fields(known.name)
        keys = {field.name for field in known.fields if isinstance(field, RecordKey | ParentKey)}
        assert left == keys | ({known.school_year} if known.school_year else set())


def test_field_that_is_gone_is_refused(by: User) -> None:
    with pytest.raises(SettingsRefused, match="School has no field ofLastYear"):
        change(by, of_last_year=LOCKED)


def test_object_that_is_not_there_is_refused(by: User) -> None:
    with pytest.raises(UnknownObject):
        change_field_settings(object_name="Wizard", settings={}, seen="", by=by)


def test_change_on_an_outdated_page_is_refused(by: User) -> None:
    """Else the last one to save would undo what another had set."""
    seen = settings_of(definition("School")).version
    change(by, zip=LOCKED)
    with pytest.raises(SettingsRefused, match="Somebody else has changed"):
        change(by, seen=seen, name=OF_STATE)
    assert stored("School", "name") == ("district", False)


def test_settings_of_another_object_do_not_outdate_a_page(by: User) -> None:
    seen = settings_of(definition("School")).version
    change(by, "Calendar", name=LOCKED)
    assert change(by, seen=seen, name=OF_STATE)


@pytest.mark.parametrize("setting", [OF_STATE, LOCKED])
def test_version_tells_every_setting(by: User, setting: FieldSetting) -> None:
    before = settings_of(definition("School")).version
    change(by, zip=setting)
    changed = settings_of(definition("School")).version
    change(by, zip=OF_STATE if setting == LOCKED else LOCKED)
    assert len({before, changed, settings_of(definition("School")).version}) == 3


@pytest.mark.parametrize("letters", ["", "R"])
def test_change_takes_the_right_to_write(letters: str) -> None:
    with pytest.raises(PermissionDenied):
        change(UserFactory(district=None, rights="RW", everywhere=letters), zip=LOCKED)
    assert not locked_fields("School")


def test_district_changes_nothing_even_with_the_right_to_write() -> None:
    with pytest.raises(PermissionDenied, match="the state's"):
        change(UserFactory(rights="", everywhere="RWAD"), zip=LOCKED)
    assert not locked_fields("School")


def test_objects_are_listed_with_their_counts(by: User) -> None:
    change(by, zip=LOCKED, name=OF_STATE)
    [school] = objects_with_settings().filter(name="School")
    assert (school.field_count, school.of_state_count, school.locked_count) == (
        len(definition("School").fields),
        2,
        1,
    )
    assert [each.name for each in objects_with_settings()] == [*definitions()]


class TestMigrate:
    def test_keeps_owner_and_lock(self, by: User) -> None:
        change(by, zip=LOCKED, name=OF_STATE)
        SyncField.objects.filter(object="School").update(place=99, on_save=False, in_batch=False)
        fill_catalogue()
        assert stored("School", "zip") == ("state", True)
        assert stored("School", "name") == ("state", False)
        again = SyncField.objects.get(object="School", name="zip")
        assert (again.place != 99, again.on_save, again.in_batch) == (True, True, True)

    def test_takes_the_lock_off_a_field_that_has_become_a_key(
        self, by: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        change(by, zip=LOCKED, name=LOCKED)
        monkeypatch.setattr(
            "dis_objects.actions.lockable_fields",
            lambda known: tuple(name for name in lockable_fields(known) if name != "zip"),
        )
        fill_catalogue()
        assert stored("School", "zip") == ("state", False)
        assert stored("School", "name") == ("state", True)

    def test_forgets_a_field_that_is_gone(self, by: User) -> None:
        gone = SyncField.objects.create(
            object_id="School", name="fax", place=99, on_save=True, in_batch=True, lockable=True
        )
        SyncField.objects.filter(pk=gone.pk).update(owner=FieldOwner.STATE, locked=True)
        fill_catalogue()
        assert locked_fields("School") == set()

    def test_says_which_fields_may_be_locked(self) -> None:
        for known in definitions().values():
            lockable = SyncField.objects.filter(object=known.name, lockable=True)
            assert {*lockable.values_list("name", flat=True)} == {*lockable_fields(known)}

    def test_fields_of_an_object_that_no_batch_holds_do_not_sync_in_batch(self) -> None:
        apart = [known.name for known in definitions().values() if not known.in_batch]
        assert apart
        found = SyncField.objects.filter(object__in=apart)
        assert {*found.values_list("in_batch", flat=True)} == {False}


@pytest.mark.parametrize(
    ("name", "changed", "constraint"),
    [
        ("zip", {"locked": True}, "only_fields_of_the_state_are_locked"),
        ("school_id", {"locked": True, "owner": "state"}, "only_lockable_fields_are_locked"),
        ("district_key", {"locked": True, "owner": "state"}, "only_lockable_fields_are_locked"),
        ("zip", {"owner": "nobody"}, "sync_field_known_owner"),
    ],
)
def test_database_refuses(name: str, changed: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        SyncField.objects.filter(object="School", name=name).update(**changed)


def test_lockable_fields_are_asked_of_the_catalogue_alone() -> None:
    assert "end_year" not in lockable_fields(definition("Calendar"))
    assert "end_year" in catalogue.lockable_fields(definition("Test"))
