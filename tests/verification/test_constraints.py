"""What the database refuses about verifications, whoever writes."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from interchange.choices import DifferenceKind
from tests.factories.district import DistrictFactory
from tests.factories.verification import (
    RemovalFactory,
    VerificationDifferenceFactory,
    VerificationResultFactory,
    VerificationRunFactory,
)
from verification.choices import RemovalStatus, ResultStatus, RunStatus
from verification.models import (
    Removal,
    VerificationDifference,
    VerificationResult,
    VerificationRun,
    VerificationSettings,
)

pytestmark = pytest.mark.django_db
NIGHT = "2024-01-09"


def refuses(model: type[Any], row: Any, constraint: str, **broken: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.filter(pk=row.pk).update(**broken)


@pytest.mark.parametrize(
    ("broken", "constraint"),
    [
        ({"at_state": 11}, "verification_counts_agree"),
        ({"not_at_state": 1}, "verification_counts_agree"),
        ({"not_at_district": 1}, "verification_counts_agree"),
        ({"not_at_state": -1, "not_at_district": -1}, "verification_counts_are_possible"),
        (
            {"not_at_state": 11, "not_at_district": 11},
            "counts_are_possible|only_records_of_both_sides_differ",
        ),
        ({"duplicates": 11}, "verification_counts_are_possible"),
        ({"keyless": -1}, "verification_counts_are_possible"),
        ({"differences": -1}, "verification_counts_are_possible"),
        ({"differences": 11}, "only_records_of_both_sides_differ"),
        ({"status": ResultStatus.RUNNING, "is_latest": False}, "verification_result_has_ended_iff_not_open"),
        ({"ended_at": None}, "verification_result_has_ended_iff_not_open"),
        ({"status": ResultStatus.FAILED, "is_latest": False}, "failed_verification_result_has_a_reason"),
        ({"status": ResultStatus.FAILED, "reason": "Why."}, "latest_verification_is_complete"),
        (
            {"status": ResultStatus.WAITING, "ended_at": None, "is_latest": False},
            "waiting_verification_knows_until_when",
        ),
    ],
)
def test_a_result_that_cannot_be(broken: dict[str, Any], constraint: str) -> None:
    refuses(VerificationResult, VerificationResultFactory(), constraint, **broken)


def test_an_object_has_one_latest_result_per_district_and_year() -> None:
    first = VerificationResultFactory()
    run = VerificationRunFactory(district=first.district, school_year=first.school_year)
    with pytest.raises(IntegrityError, match="one_latest_verification_per_object"), transaction.atomic():
        VerificationResultFactory(run=run)
    VerificationResultFactory(run=run, is_latest=False)
    VerificationResultFactory(run=run, object="School")


@pytest.mark.parametrize(
    ("same", "constraint"),
    [
        ({"object": "Enrollment", "place": 2}, "object_once_per_verification"),
        ({"object": "School", "place": 1}, "place_once_per_verification"),
    ],
)
def test_an_object_and_a_place_once_per_verification(same: dict[str, Any], constraint: str) -> None:
    run = VerificationRunFactory()
    VerificationResultFactory(run=run, object="Enrollment", place=1)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        VerificationResultFactory(run=run, is_latest=False, **same)


@pytest.mark.parametrize(
    ("broken", "constraint"),
    [
        ({"origin": "schedule"}, "verification_has_a_night_iff_scheduled"),
        ({"night": NIGHT}, "verification_has_a_night_iff_scheduled"),
        ({"status": RunStatus.RUNNING}, "verification_has_ended_iff_not_open"),
        ({"ended_at": None}, "verification_has_ended_iff_not_open"),
    ],
)
def test_a_run_that_cannot_be(broken: dict[str, Any], constraint: str) -> None:
    refuses(VerificationRun, VerificationRunFactory(), constraint, **broken)


def test_a_district_has_one_running_verification() -> None:
    district = DistrictFactory()
    VerificationRunFactory(district=district, status=RunStatus.RUNNING)
    VerificationRunFactory(status=RunStatus.RUNNING)
    with pytest.raises(IntegrityError, match="one_running_verification_per_district"), transaction.atomic():
        VerificationRunFactory(district=district, status=RunStatus.RUNNING)


def test_a_night_is_verified_once() -> None:
    district = DistrictFactory()
    VerificationRunFactory(district=district, night=NIGHT)
    with pytest.raises(IntegrityError, match="one_verification_per_night"), transaction.atomic():
        VerificationRunFactory(district=district, night=NIGHT)


def test_a_token_is_one_verification() -> None:
    run = VerificationRunFactory()
    with pytest.raises(IntegrityError, match="token"), transaction.atomic():
        VerificationRunFactory(token=run.token)


@pytest.mark.parametrize(
    ("broken", "constraint"),
    [
        ({"kind": "other"}, "difference_is_of_a_known_kind"),
        ({"kind": DifferenceKind.DIFFERENCE}, "only_a_difference_names_fields"),
        ({"fields": ["grade"]}, "only_a_difference_names_fields"),
    ],
)
def test_a_difference_that_cannot_be(broken: dict[str, Any], constraint: str) -> None:
    refuses(VerificationDifference, VerificationDifferenceFactory(), constraint, **broken)


def test_a_key_is_found_once_with_each_kind() -> None:
    found = VerificationDifferenceFactory(key=7)
    VerificationDifferenceFactory(result=found.result, key=7, kind=DifferenceKind.DUPLICATE)
    with pytest.raises(IntegrityError, match="difference_found_once"), transaction.atomic():
        VerificationDifferenceFactory(result=found.result, key=7)


@pytest.mark.parametrize(
    ("broken", "constraint"),
    [
        ({"keys": []}, "removal_names_keys|removal_works_through_its_keys"),
        ({"done": 2}, "removal_works_through_its_keys"),
        ({"status": RemovalStatus.QUEUED}, "removal_has_ended_iff_not_open"),
        ({"ended_at": None}, "removal_has_ended_iff_not_open"),
        ({"status": RemovalStatus.FAILED}, "failed_removal_has_a_reason"),
        ({"status": RemovalStatus.WAITING, "ended_at": None}, "waiting_removal_knows_until_when"),
    ],
)
def test_a_removal_that_cannot_be(broken: dict[str, Any], constraint: str) -> None:
    refuses(Removal, RemovalFactory(), constraint, **broken)


def test_a_removal_names_keys() -> None:
    with pytest.raises(IntegrityError, match="removal_names_keys"), transaction.atomic():
        RemovalFactory(keys=[], status=RemovalStatus.QUEUED, done=0)


@pytest.mark.parametrize(
    "broken",
    [
        {"nightly_hour": 24},
        {"nightly_hour": -1},
        {"side_by_side": 0},
        {"side_by_side": 65},
        {"chunk_records": 999},
        {"chunk_records": 2_000_001},
        {"kept_differences": 999},
        {"kept_differences": 1_000_001},
    ],
)
def test_settings_out_of_range(broken: dict[str, int]) -> None:
    with pytest.raises(IntegrityError, match="verification_settings_are_in_range"), transaction.atomic():
        VerificationSettings.objects.create(**broken)


def test_there_is_one_row_of_settings() -> None:
    VerificationSettings.objects.create(changed_at=timezone.now())
    with pytest.raises(IntegrityError, match="one_row_of_verification_settings"), transaction.atomic():
        VerificationSettings.objects.create(pk=2)
