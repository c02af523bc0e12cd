"""What people do about differences: resync the records, and look at their values."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from audit.choices import Action
from audit.models import AuditEntry
from districts.exceptions import DistrictUnreachable
from districts.models import District, SchoolYear, User, Zone
from interchange.choices import DifferenceKind
from resync.choices import Origin
from selective_sync import runs as sync_runs
from selective_sync.choices import OPEN_SYNC, Role
from selective_sync.models import SyncRequest
from tests.conftest import DistrictDatabase
from tests.factories.user import UserFactory
from tests.verification.conftest import Verify, at_state, counts, result_of
from verification import differences
from verification.differences import resync_differences, see_values
from verification.exceptions import VerificationRefused
from verification.figures import figures_of
from verification.models import VerificationResult

pytestmark = pytest.mark.django_db


@pytest.fixture
def spoiled(resynced: DistrictDatabase, verify: Verify) -> VerificationResult:
    """After the resync two enrollments changed and two came; one of those belongs to a person whom the state lacks.
    The 7 that the state never takes are not at the state either."""
    resynced.execute("UPDATE enrollment SET grade = '10' WHERE enrollment_id IN (2, 3)")
    resynced.execute("INSERT INTO person_identity (person_id, last_name, first_name) VALUES (500, 'L', 'F')")
    resynced.execute(
        "INSERT INTO enrollment (enrollment_id, person_id, calendar_id, structure_id, end_year, grade, service_type,"
        " start_date) SELECT key, person, 1, 1, 2024, '09', 'P', '2023-08-14'"
        " FROM (VALUES (98, 1), (99, 500)) AS new (key, person)"
    )
    return result_of(verify("Enrollment"), "Enrollment")


def work(requests: list[SyncRequest]) -> None:
    """Does in this process what workers do, until the requests have ended."""
    for request in requests:
        for _ in range(50):
            request.refresh_from_db()
            if request.status in OPEN_SYNC:
                sync_runs.push_next_keys(request.pk)
        assert request.status == "completed"


# ---- Resync these records ------------------------------------------------------------------------------------


def test_verify_resync_the_differences_verify_again_and_only_rejected_ones_are_left(
    spoiled: VerificationResult, asker: User, verify: Verify
) -> None:
    assert counts(spoiled) == (62, 53, 9, 0, 2)
    work(resync_differences(result=spoiled, by=asker))
    again = result_of(verify("Enrollment"), "Enrollment")
    assert counts(again) == (62, 55, 7, 0, 0)


def test_a_hundred_percent_when_nothing_was_rejected(
    spoiled: VerificationResult, asker: User, verify: Verify, resynced: DistrictDatabase
) -> None:
    resynced.execute("UPDATE enrollment SET state_exclude = false, person_id = least(person_id, 40)")
    work(resync_differences(result=result_of(verify("Enrollment"), "Enrollment"), by=asker))
    figures = figures_of(result_of(verify("Enrollment"), "Enrollment"))
    assert (figures.distinct, figures.errors, str(figures.accuracy)) == (62, 0, "100.00")


def test_a_missing_parent_goes_first(spoiled: VerificationResult, asker: User) -> None:
    [request] = resync_differences(result=spoiled, by=asker, keys=[99])
    roles = dict(request.objects_in_order.values_list("object", "role"))
    assert (roles["Enrollment"], Role.UNDER in roles.values()) == (Role.CHOSEN, False)
    assert request.with_missing_parents
    work([request])
    assert at_state("PersonIdentity").filter(person_id=500).exists()
    assert at_state("Enrollment").filter(enrollment_id=99).exists()


@pytest.mark.parametrize(
    ("chosen", "keys"),
    [
        ({"kinds": [DifferenceKind.DIFFERENCE]}, [2, 3]),
        ({"keys": [3, 98]}, [3, 98]),
        ({"expected": False}, [2, 3, 98, 99]),
        ({"kinds": [DifferenceKind.NOT_AT_STATE], "expected": True}, [1, 16, 20, 31, 40, 46, 60]),
    ],
)
def test_any_set_of_them(
    spoiled: VerificationResult, asker: User, chosen: dict[str, Any], keys: list[int]
) -> None:
    [request] = resync_differences(result=spoiled, by=asker, **chosen)
    own = request.objects_in_order.get(role=Role.CHOSEN)
    assert sorted(own.keys.values_list("key", flat=True)) == keys
    assert (request.object, request.school_year, request.with_children) == (
        "Enrollment",
        spoiled.school_year,
        False,
    )


def test_very_many_make_several_requests_and_a_double_click_makes_no_more(
    spoiled: VerificationResult, asker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(differences, "MOST_IDS", 4)
    token = uuid4()
    first = resync_differences(result=spoiled, by=asker, token=token)
    second = resync_differences(result=spoiled, by=asker, token=token)
    assert [request.pk for request in first] == [request.pk for request in second]
    assert [request.objects_in_order.get(role=Role.CHOSEN).keys_total for request in first] == [4, 4, 3]


@pytest.mark.parametrize("kind", [DifferenceKind.NOT_AT_DISTRICT, DifferenceKind.DUPLICATE])
def test_what_a_resync_does_not_mend_is_refused(
    spoiled: VerificationResult, asker: User, kind: DifferenceKind
) -> None:
    with pytest.raises(VerificationRefused, match="mends only"):
        resync_differences(result=spoiled, by=asker, kinds=[kind])


@pytest.mark.parametrize("keys", [[4], [2, 4], []])
def test_a_record_that_is_not_listed_is_refused(
    spoiled: VerificationResult, asker: User, keys: list[int]
) -> None:
    with pytest.raises(VerificationRefused, match="not on the list|list of the latest"):
        resync_differences(result=spoiled, by=asker, keys=keys)
    assert SyncRequest.objects.count() == 0


def test_the_results_of_an_earlier_verification_are_refused(
    spoiled: VerificationResult, asker: User, verify: Verify
) -> None:
    verify("Enrollment")
    with pytest.raises(VerificationRefused, match="verified again since"):
        resync_differences(result=spoiled, by=asker)


def test_another_districts_user_resyncs_nothing(
    spoiled: VerificationResult, make_district: Callable[..., District]
) -> None:
    stranger = UserFactory(district=make_district("T2"), rights="", everywhere="RWAD")
    with pytest.raises(VerificationRefused, match="not records of your district"):
        resync_differences(result=spoiled, by=stranger)


def test_what_the_state_resyncs_is_the_states(spoiled: VerificationResult, of_state: User) -> None:
    [request] = resync_differences(result=spoiled, by=of_state, keys=[2])
    assert (request.origin, request.requested_by) == (Origin.STATE, of_state)


def test_a_refusal_of_the_sync_is_told_as_ours(
    spoiled: VerificationResult, asker: User, district: District
) -> None:
    """The zone has moved on: the year of the verification does not sync any more."""
    year, _ = SchoolYear.objects.get_or_create(end_year=2026)
    Zone.objects.filter(district=district).update(school_year=year)
    stale = VerificationResult.objects.select_related("district__zone", "school_year").get(pk=spoiled.pk)
    with pytest.raises(VerificationRefused, match="does not sync"):
        resync_differences(result=stale, by=asker)


# ---- Values --------------------------------------------------------------------------------------------------


def test_values_are_read_live_from_both_sides_and_that_is_recorded(
    spoiled: VerificationResult, asker: User, resynced: DistrictDatabase
) -> None:
    resynced.execute("UPDATE enrollment SET grade = '11' WHERE enrollment_id = 2")
    values = see_values(result=spoiled, key=2, by=asker)
    [grade] = [each for each in values.fields if each.name == "grade"]
    assert (grade.at_district, grade.at_state, grade.differs) == (("11",), "09", True)
    entry = AuditEntry.objects.get(action=Action.VALUES_SEEN)
    assert (entry.by, entry.district, entry.object, entry.key) == (asker, spoiled.district, "Enrollment", 2)
    assert "grade" in entry.facts["fields"]
    assert "11" not in str(entry.facts["fields"])


def test_only_values_of_records_that_do_not_agree_are_shown(spoiled: VerificationResult, asker: User) -> None:
    with pytest.raises(VerificationRefused, match="does not list this record"):
        see_values(result=spoiled, key=4, by=asker)
    assert not AuditEntry.objects.filter(action=Action.VALUES_SEEN).exists()


def test_what_could_not_be_read_is_not_recorded_as_seen(
    spoiled: VerificationResult, asker: User, district: District
) -> None:
    District.objects.filter(pk=district.pk).update(database_host="127.0.0.1", database_port=1)
    again = VerificationResult.objects.select_related("district").get(pk=spoiled.pk)
    with pytest.raises(DistrictUnreachable):
        see_values(result=again, key=2, by=asker)
    assert not AuditEntry.objects.filter(action=Action.VALUES_SEEN).exists()
