"""Deeds that the access sweep does not do, each with its one entry. The sweep tries all others."""

from collections import Counter

import pytest
from django.test import Client

from agents.actions import clear_error_log
from agents.queries import EntryFilter
from audit.choices import Action
from audit.models import AuditEntry
from dis_objects.actions import FieldSetting, change_field_settings
from dis_objects.catalogue import definition
from dis_objects.choices import FieldOwner
from dis_objects.queries import settings_of
from districts.actions import add_group
from districts.models import District, User
from districts.signals import tell
from resync.actions import cancel_batch
from resync.choices import Origin
from resync.requests import cancel_request
from tests.factories.batch import BatchFactory, ResyncRequestFactory
from tests.factories.errors import ErrorLogEntryFactory
from tests.factories.user import PASSWORD, UserFactory
from tests.pages import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(district: District) -> User:
    return UserFactory(username="home.admin", district=district, rights="", everywhere="RWAD")


@pytest.fixture
def state_admin() -> User:
    return UserFactory(district=None, rights="", everywhere="RWAD")


def only_entry() -> AuditEntry:
    return AuditEntry.objects.get()


def test_a_sign_in_and_its_end(client: Client, admin: User) -> None:
    assert sign_in(client, admin.username, PASSWORD)
    client.post("/sign-out/")
    entries = AuditEntry.objects.order_by("pk")
    assert [(each.action, each.by, each.district) for each in entries] == [
        (Action.SIGNED_IN, admin, admin.district),
        (Action.SIGNED_OUT, admin, admin.district),
    ]
    assert {each.address for each in entries} == {"127.0.0.1"}


def test_a_failure_names_the_account_whose_password_was_guessed(client: Client, admin: User) -> None:
    assert not sign_in(client, admin.username, "guessed")
    entry = only_entry()
    assert (entry.action, entry.by, entry.key) == (Action.SIGN_IN_FAILED, None, admin.pk)
    assert entry.district == admin.district


def test_what_was_typed_as_a_name_that_nobody_has_is_not_kept(client: Client) -> None:
    assert not sign_in(client, "my-secret-password", "my.name")
    entry = only_entry()
    assert (entry.action, entry.key, entry.facts) == (Action.SIGN_IN_FAILED, None, {})


def test_the_attempt_that_locks_is_told_once_and_none_after_it(client: Client, admin: User) -> None:
    for _ in range(13):
        sign_in(client, admin.username, "guessed")
    told = Counter(AuditEntry.objects.values_list("action", "key", "by"))
    assert told == {
        (Action.SIGN_IN_FAILED, admin.pk, None): 10,
        (Action.SIGN_IN_LOCKED, admin.pk, None): 1,
    }


def test_a_changed_password(client: Client, admin: User) -> None:
    client.force_login(admin)
    new = {"new_password1": "a longer phrase 7", "new_password2": "a longer phrase 7"}
    client.post("/account/password/", {"old_password": PASSWORD} | new)
    entry = AuditEntry.objects.get(action=Action.PASSWORD_CHANGED)
    assert (entry.by, entry.key) == (admin, admin.pk)


def test_a_cancelled_resync_is_told_once(admin: User) -> None:
    batch = BatchFactory(district=admin.district, status="running")
    assert cancel_batch(batch=batch, by=admin)
    assert not cancel_batch(batch=batch, by=admin)
    entry = only_entry()
    assert (entry.action, entry.by, entry.district) == (Action.RESYNC_CANCELLED, admin, admin.district)
    assert entry.key == batch.pk


def test_a_resync_of_the_state_that_is_cancelled_is_no_entry_of_the_district(
    district: District, state_admin: User
) -> None:
    assert cancel_batch(
        batch=BatchFactory(district=district, origin=Origin.STATE, status="running"), by=state_admin
    )
    assert only_entry().district is None


def test_a_request_that_is_cancelled_tells_how_many_batches_were_open(state_admin: User) -> None:
    request = ResyncRequestFactory()
    for status in ("running", "queued", "completed"):
        BatchFactory(origin=Origin.STATE, request=request, status=status)
    assert cancel_request(request=request, by=state_admin) == 2
    entry = only_entry()
    assert (entry.action, entry.key, entry.count) == (Action.STATE_RESYNC_CANCELLED, request.pk, 2)
    cancel_request(request=BatchFactory(origin=Origin.STATE, status="completed").request, by=state_admin)
    assert AuditEntry.objects.count() == 1


def test_a_cleared_error_log_tells_how_many(admin: User) -> None:
    last = [ErrorLogEntryFactory(district=admin.district) for _ in range(3)][-1]
    asked = EntryFilter(user=admin, district=admin.district)
    assert clear_error_log(asked=asked, up_to=last.pk, by=admin) == 3
    clear_error_log(asked=asked, up_to=last.pk, by=admin)
    entry = only_entry()
    assert (entry.action, entry.district, entry.count) == (Action.ERROR_LOG_CLEARED, admin.district, 3)


def test_changed_settings_of_fields_name_the_fields(state_admin: User) -> None:
    seen = settings_of(definition("School")).version
    locked = {"zip": FieldSetting(FieldOwner.STATE, locked=True)}
    change_field_settings(object_name="School", settings=locked, seen=seen, by=state_admin)
    entry = only_entry()
    assert (entry.action, entry.object, entry.count) == (Action.SETTINGS_CHANGED, "School", 1)
    assert entry.facts == {"of": "fields", "fields": ["zip"]}


def test_a_group_of_the_state(state_admin: User) -> None:
    group = add_group(name="Auditors", district=None, by=state_admin)
    entry = only_entry()
    assert (entry.action, entry.key, entry.district) == (Action.GROUP_ADDED, group.pk, None)


def test_a_deed_that_nobody_knows_is_not_done(admin: User) -> None:
    with pytest.raises(ValueError, match="gossip"):
        tell("gossip", by=admin)


def test_a_deed_whose_entry_cannot_be_written_is_taken_back(
    admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError

    batch = BatchFactory(district=admin.district, status="running")
    monkeypatch.setattr("audit.actions.record", refuse)
    with pytest.raises(OSError):
        cancel_batch(batch=batch, by=admin)
    batch.refresh_from_db()
    assert (batch.status, batch.cancelled_by) == ("running", None)
