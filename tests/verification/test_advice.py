"""What the latest verifications recommend to whoever thinks of a resync."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from districts.models import District, SchoolYear, User
from resync.choices import ObjectStatus, Origin
from selective_sync.choices import Role, SyncStatus
from selective_sync.models import SyncObject, SyncRequest
from tests.factories.batch import STARTED_AT, BatchFactory, BatchObjectFactory
from tests.factories.district import DistrictFactory
from tests.factories.errors import RecordErrorFactory
from tests.factories.user import UserFactory
from tests.factories.verification import (
    RemovalFactory,
    VerificationDifferenceFactory,
    VerificationResultFactory,
)
from verification.advice import Recommendation, recommendations
from verification.choices import Advice

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> District:
    return DistrictFactory()


@pytest.fixture
def year(home: District) -> SchoolYear:
    return home.zone.school_year


@pytest.fixture
def own(home: District) -> User:
    return UserFactory(district=home)


def advice(user: User, home: District, name: str = "Enrollment") -> Recommendation:
    return recommendations(user, home, home.zone.school_year)[name]


def told(user: User, home: District) -> tuple[Advice, int]:
    found = advice(user, home)
    return found.kind, found.records


def test_never_verified(home: District, own: User) -> None:
    assert told(own, home) == (Advice.NEVER, 0)
    assert len(recommendations(own, home, home.zone.school_year)) > 50


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, (Advice.AGREES, 0)),
        ({"not_at_state": 3, "differences": 2}, (Advice.RESYNC, 5)),
        ({"not_at_state": 3, "not_at_district": 2}, (Advice.RESYNC, 3)),
        ({"not_at_district": 2}, (Advice.NOT_BY_RESYNC, 2)),
    ],
)
def test_by_what_the_verification_found(
    home: District, own: User, counts: dict[str, int], expected: tuple[Advice, int]
) -> None:
    result = VerificationResultFactory(run__district=home, **counts)
    assert told(own, home) == expected
    assert advice(own, home).at == result.ended_at


def test_what_the_last_push_rejected_is_not_mended_by_another(
    home: District, own: User, year: SchoolYear
) -> None:
    result = VerificationResultFactory(run__district=home, not_at_state=2)
    for key in (1, 2):
        VerificationDifferenceFactory(result=result, key=key)
    RecordErrorFactory(district=home, school_year=year, key=1)
    assert told(own, home) == (Advice.RESYNC, 1)
    RecordErrorFactory(district=home, school_year=year, key=2)
    assert told(own, home) == (Advice.NOT_BY_RESYNC, 2)


def test_what_was_removed_since_is_no_matter_any_more(home: District, own: User) -> None:
    result = VerificationResultFactory(run__district=home, not_at_district=2)
    RemovalFactory(result=result, keys=[1])
    assert told(own, home) == (Advice.NOT_BY_RESYNC, 1)
    RemovalFactory(result=result, keys=[2])
    assert told(own, home) == (Advice.AGREES, 0)


@pytest.mark.parametrize(
    ("pushed", "is_stale"),
    [
        ({"ended_at": STARTED_AT + timedelta(hours=1)}, True),
        ({"ended_at": STARTED_AT + timedelta(seconds=1)}, True),  # while it was verified
        ({"ended_at": STARTED_AT - timedelta(hours=1)}, False),
        ({"status": ObjectStatus.RUNNING}, True),
        ({"status": ObjectStatus.QUEUED}, False),
    ],
)
def test_a_resync_since_makes_it_stale(
    home: District, own: User, pushed: dict[str, Any], is_stale: bool
) -> None:
    VerificationResultFactory(run__district=home, not_at_state=1)
    BatchObjectFactory(batch__district=home, object="Enrollment", **pushed)
    assert (told(own, home)[0] == Advice.STALE) is is_stale


def test_a_resync_that_the_state_asked_for_tells_the_district_nothing(home: District, own: User) -> None:
    VerificationResultFactory(run__district=home, not_at_state=1)
    later = STARTED_AT + timedelta(hours=1)
    BatchObjectFactory(
        batch=BatchFactory(district=home, origin=Origin.STATE), object="Enrollment", ended_at=later
    )
    assert told(own, home) == (Advice.RESYNC, 1)
    assert told(UserFactory(district=None), home)[0] == Advice.STALE


@pytest.mark.parametrize("origin", [Origin.DISTRICT, Origin.STATE])
def test_a_selective_sync_since_makes_it_stale_too(
    home: District, own: User, year: SchoolYear, origin: Origin
) -> None:
    VerificationResultFactory(run__district=home, not_at_state=1)
    now = timezone.now()
    request = SyncRequest.objects.create(
        district=home,
        school_year=year,
        origin=origin,
        object="Enrollment",
        with_children=False,
        status=SyncStatus.COMPLETED,
        started_at=now,
        ended_at=now,
    )
    SyncObject.objects.create(
        request=request, object="Enrollment", place=0, role=Role.CHOSEN, processed=1, ended_at=now
    )
    assert (told(own, home)[0] == Advice.STALE) is (origin == Origin.DISTRICT)
    assert told(UserFactory(district=None), home)[0] == Advice.STALE


def test_another_district_changes_nothing(home: District, own: User) -> None:
    VerificationResultFactory()
    BatchObjectFactory(object="Enrollment")
    assert told(own, home) == (Advice.NEVER, 0)


@pytest.mark.parametrize(("records", "words"), [(1, "1 record of"), (1_234, "1,234 records of")])
def test_it_says_it_in_a_sentence(records: int, words: str) -> None:
    sentence = Recommendation("Enrollment", Advice.RESYNC, records).sentence
    assert sentence.startswith(words)
    assert sentence.endswith("Resync Enrollment.")
    assert all(Recommendation("School", kind).sentence for kind in Advice)
