"""Records that the district no longer has are taken from the state: by whom, which, in what order, and what is kept."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from audit.choices import Action
from audit.models import AuditEntry
from districts.models import District, User
from interchange.attempts import RETRY_DELAYS
from interchange.choices import DifferenceKind
from process_alerts.models import AlertRecipient, ProcessAlert
from tests.conftest import DistrictDatabase
from tests.factories.user import UserFactory
from tests.verification.conftest import Verify, at_state, counts, found, result_of
from verification import removals
from verification.choices import OPEN_REMOVAL, RemovalStatus
from verification.exceptions import VerificationRefused
from verification.models import Removal, VerificationResult
from verification.queries import results_of
from verification.removals import phrase_for, remove_from_state, request_removal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    ids: list[int] = []
    monkeypatch.setattr(removals, "wake_removals", ids.extend)
    return ids


@pytest.fixture
def gone(resynced: DistrictDatabase, verify: Verify) -> VerificationResult:
    """Persons 1 and 2 and their enrollments left the district after the resync; the persons are verified."""
    resynced.execute("DELETE FROM enrollment WHERE person_id IN (1, 2)")
    resynced.execute("DELETE FROM person_identity WHERE person_id IN (1, 2)")
    return result_of(verify("PersonIdentity", "Enrollment"), "PersonIdentity")


def ask(
    result: VerificationResult, by: User, keys: list[int] | None = None, typed: str | None = None, **more: Any
) -> Removal:
    if typed is None:
        count = len(keys) if keys is not None else result.not_at_district
        typed = phrase_for(result, count)
    return request_removal(result=result, keys=keys, confirmation=typed, by=by, **more)


def work(removal: Removal) -> Removal:
    for _ in range(len(removal.keys) + 1):
        remove_from_state(removal.pk)
    removal.refresh_from_db()
    return removal


# ---- What is removed -----------------------------------------------------------------------------------------


def test_records_go_with_what_hangs_on_them(gone: VerificationResult, asker: User) -> None:
    assert counts(gone) == (38, 40, 0, 2, 0)
    enrolled = at_state("Enrollment").filter(person_id__in=[1, 2]).count()
    assert enrolled > 0
    removal = work(ask(gone, asker))
    assert (removal.status, removal.done, removal.stayed) == (RemovalStatus.COMPLETED, 2, {})
    assert removal.removed == {"PersonIdentity": 2, "Enrollment": enrolled}
    assert not at_state("PersonIdentity").filter(person_id__in=[1, 2]).exists()
    assert not at_state("Enrollment").filter(person_id__in=[1, 2]).exists()
    assert at_state("PersonIdentity").count() == 38


def test_after_it_another_verification_agrees(gone: VerificationResult, asker: User, verify: Verify) -> None:
    work(ask(gone, asker))
    assert counts(result_of(verify("PersonIdentity"), "PersonIdentity")) == (38, 38, 0, 0, 0)


def test_only_the_chosen_keys_go(gone: VerificationResult, asker: User) -> None:
    assert work(ask(gone, asker, [2])).removed["PersonIdentity"] == 1
    assert at_state("PersonIdentity").filter(person_id=1).exists()


def test_what_the_district_has_again_stays_and_says_why(
    gone: VerificationResult, asker: User, resynced: DistrictDatabase
) -> None:
    removal = ask(gone, asker)
    resynced.execute("INSERT INTO person_identity (person_id, last_name, first_name) VALUES (2, 'L2', 'F2')")
    work(removal)
    assert removal.removed["PersonIdentity"] == 1
    assert list(removal.stayed) == ["2"]
    assert "The district has this record" in removal.stayed["2"]
    assert found(gone) == {"not_at_district": [2]}


def test_what_was_removed_is_listed_no_longer_and_the_counts_stay_as_history(
    gone: VerificationResult, asker: User, district: District
) -> None:
    work(ask(gone, asker, [1]))
    gone.refresh_from_db()
    assert (gone.not_at_district, found(gone)) == (2, {"not_at_district": [2]})
    [row] = [row for row in results_of(asker, district, gone.school_year) if row.name == "PersonIdentity"]
    assert (row.removed, row.figures.errors if row.figures else None) == (1, 2)


def test_it_goes_on_in_pieces_each_with_its_entry(
    gone: VerificationResult, asker: User, monkeypatch: pytest.MonkeyPatch, woken: list[int]
) -> None:
    monkeypatch.setattr(removals, "KEYS_AT_ONCE", 1)
    removal = ask(gone, asker)
    remove_from_state(removal.pk)
    removal.refresh_from_db()
    assert (removal.status, removal.done, removal.removed["PersonIdentity"]) == (RemovalStatus.RUNNING, 1, 1)
    assert woken == [removal.pk]
    remove_from_state(removal.pk)
    removal.refresh_from_db()
    assert (removal.status, removal.done, removal.removed["PersonIdentity"]) == (
        RemovalStatus.COMPLETED,
        2,
        2,
    )
    entries = AuditEntry.objects.filter(action=Action.RECORDS_REMOVED).order_by("pk")
    assert [each.facts["keys"] for each in entries] == [[1], [2]]


def test_a_message_too_many_removes_nothing_more(gone: VerificationResult, asker: User) -> None:
    removal = work(ask(gone, asker))
    before = removal.changed_at
    remove_from_state(removal.pk)
    removal.refresh_from_db()
    assert removal.changed_at == before


# ---- What is refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["", "remove 2", "remove 1 from T1", "Remove 2 from T1", "remove 2 from T2"]
)
def test_without_the_typed_words_nothing_happens(gone: VerificationResult, asker: User, typed: str) -> None:
    with pytest.raises(VerificationRefused, match="type exactly: remove 2 from T1"):
        ask(gone, asker, typed=typed)
    assert Removal.objects.count() == 0


def test_only_what_the_verification_lists_as_not_at_the_district(
    gone: VerificationResult, asker: User
) -> None:
    for keys in ([3], [1, 3], []):
        with pytest.raises(VerificationRefused, match="list of the latest verification"):
            ask(gone, asker, keys)
    assert at_state("PersonIdentity").count() == 40


def test_only_by_the_latest_verification(gone: VerificationResult, asker: User, verify: Verify) -> None:
    verify("PersonIdentity")
    with pytest.raises(VerificationRefused, match="verified again since"):
        ask(gone, asker)


def test_a_key_of_another_kind_is_no_choice(gone: VerificationResult, asker: User, verify: Verify) -> None:
    """An enrollment that is not at the state has no record there to remove."""
    enrollment = VerificationResult.objects.get(object="Enrollment", is_latest=True)
    missing = found(enrollment)[DifferenceKind.NOT_AT_STATE][0]
    with pytest.raises(VerificationRefused):
        ask(enrollment, asker, [missing])


def test_another_districts_user_removes_nothing(
    gone: VerificationResult, make_district: Callable[..., District]
) -> None:
    stranger = UserFactory(district=make_district("T2"), rights="", everywhere="RWAD")
    with pytest.raises(VerificationRefused, match="not records of your district"):
        ask(gone, stranger)


def test_a_double_click_asks_once(gone: VerificationResult, asker: User) -> None:
    token = uuid4()
    assert ask(gone, asker, token=token) == ask(gone, asker, token=token)
    assert Removal.objects.count() == 1


# ---- Audit and alerts ----------------------------------------------------------------------------------------


def test_the_audit_log_tells_who_asked_and_what_went(gone: VerificationResult, asker: User) -> None:
    removal = work(ask(gone, asker))
    asked = AuditEntry.objects.get(action=Action.REMOVAL_REQUESTED)
    done = AuditEntry.objects.get(action=Action.RECORDS_REMOVED)
    assert (asked.by, asked.district, asked.object, asked.count) == (
        asker,
        gone.district,
        "PersonIdentity",
        2,
    )
    assert (done.by, done.count) == (asker, sum(removal.removed.values()))
    assert done.facts["keys"] == [1, 2]
    assert done.facts["Enrollment"] == removal.removed["Enrollment"]


def test_without_an_audit_entry_nothing_is_removed(
    gone: VerificationResult, asker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    removal = ask(gone, asker)

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise psycopg.OperationalError("no")

    monkeypatch.setattr(removals, "_record", refuse)
    remove_from_state(removal.pk)
    removal.refresh_from_db()
    assert (removal.status, removal.done) == (RemovalStatus.WAITING, 0)
    assert at_state("PersonIdentity").count() == 40


def test_who_asked_is_told_the_end_once(gone: VerificationResult, asker: User) -> None:
    removal = work(ask(gone, asker))
    alert = ProcessAlert.objects.get(key=f"removal-ended:{removal.pk}")
    assert "2 of 2 records of PersonIdentity were removed" in alert.text
    assert f"Enrollment {removal.removed['Enrollment']}" in alert.text
    assert [each.user for each in AlertRecipient.objects.filter(alert=alert)] == [asker]


def test_who_may_no_longer_see_verifications_is_not_told(gone: VerificationResult, asker: User) -> None:
    removal = ask(gone, asker)
    asker.groups.clear()
    work(removal)
    assert AlertRecipient.objects.filter(alert__key=f"removal-ended:{removal.pk}").count() == 0


# ---- What breaks ---------------------------------------------------------------------------------------------


def test_an_unreachable_district_waits_then_fails_and_tells(
    gone: VerificationResult, asker: User, district: District
) -> None:
    removal = ask(gone, asker)
    District.objects.filter(pk=district.pk).update(database_host="127.0.0.1", database_port=1)
    for attempt in range(len(RETRY_DELAYS)):
        remove_from_state(removal.pk)
        removal.refresh_from_db()
        assert (removal.status, removal.attempts) == (RemovalStatus.WAITING, attempt + 1)
        remove_from_state(removal.pk)  # its waiting time is not over: nothing happens
        Removal.objects.filter(pk=removal.pk).update(retry_at=removal.requested_at)
    remove_from_state(removal.pk)
    removal.refresh_from_db()
    assert (removal.status, removal.removed) == (RemovalStatus.FAILED, {})
    alert = ProcessAlert.objects.get(key=f"removal-ended:{removal.pk}")
    assert removal.reason in alert.text
    assert at_state("PersonIdentity").count() == 40


def test_a_fault_of_ours_tells_no_value(
    gone: VerificationResult, asker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    removal = ask(gone, asker)

    def stumble(*args: Any, **kwargs: Any) -> None:
        raise ValueError("the last name is Doe")

    monkeypatch.setattr(removals, "remove_records", stumble)
    remove_from_state(removal.pk)
    removal.refresh_from_db()
    assert removal.status == RemovalStatus.WAITING
    assert "Doe" not in removal.reason


@pytest.mark.django_db(transaction=True)
def test_what_another_worker_has_is_left_alone_and_found_when_it_was_killed(
    gone: VerificationResult, asker: User, woken: list[int]
) -> None:
    removal = ask(gone, asker)
    woken.clear()
    with psycopg.connect(**connection.get_connection_params()) as other_worker:
        other_worker.execute("SELECT FROM verification_removal WHERE id = %s FOR UPDATE", [removal.pk])
        remove_from_state(removal.pk)
        assert removals.wake_forgotten_removals() == 0
        other_worker.rollback()
    removal.refresh_from_db()
    assert removal.status in OPEN_REMOVAL
    assert removals.wake_forgotten_removals() == 1
    assert woken == [removal.pk]
    assert work(removal).status == RemovalStatus.COMPLETED
