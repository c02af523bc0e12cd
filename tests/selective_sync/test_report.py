"""The report Sync Request History: what it says, and who may have it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from districts.models import District, User
from reports.document import Document, KeyList
from reports.models import Report
from reports.pdf import render_pdf
from reports.queries import allowed_builder
from resync.choices import Origin
from selective_sync.actions import hide_request
from selective_sync.choices import OPEN_SYNC, SyncStatus
from selective_sync.models import SyncRequest
from selective_sync.report import KIND, SyncRequestHistory
from tests.factories.district import DistrictFactory
from tests.factories.selective_sync import SyncRequestFactory
from tests.factories.user import UserFactory

pytestmark = pytest.mark.django_db
FAILED = {"outcome": "failed", "code": "MISSING_REQUIRED", "field": "last_name"}
FIVE = {3667: "synced", 3669: "synced", 10990: FAILED, 49158: FAILED, 7: "not_found"}


@pytest.fixture
def jefferson() -> District:
    return DistrictFactory(
        number="275", name="JEFFERSON COUNTY PUBLIC SCHOOLS", time_zone="America/Kentucky/Louisville"
    )


@pytest.fixture
def reader(jefferson: District) -> User:
    return UserFactory(
        username="jgodfrey",
        first_name="Jill",
        last_name="Godfrey",
        district=jefferson,
        rights="",
        everywhere="R",
    )


def asked(district: District, by: User | None, **more: object) -> SyncRequest:
    given = {"keys": FIVE, "requested_at": datetime(2013, 1, 3, 15, 15, 51, tzinfo=UTC)} | more
    request: SyncRequest = SyncRequestFactory(district=district, requested_by=by, **given)
    return request


def report_of(request: SyncRequest, by: User) -> Report:
    return Report(kind=KIND, district=request.district, subject_id=request.pk, format="pdf", requested_by=by)


def built(request: SyncRequest, by: User) -> Document:
    return SyncRequestHistory().build(report_of(request, by))


def keys(document: Document) -> dict[str, Sequence[int]]:
    return {
        section.heading: block.keys
        for section in document.sections
        for block in section.blocks
        if isinstance(block, KeyList)
    }


def test_it_says_who_asked_when_and_what_became_of_the_ids(jefferson: District, reader: User) -> None:
    document = built(asked(jefferson, reader), reader)
    assert (document.title, document.subtitle) == ("Sync Request History", "JEFFERSON COUNTY PUBLIC SCHOOLS")
    assert document.header == "275 JEFFERSON COUNTY PUBLIC SCHOOLS District"
    for told in ("PersonIdentity", "2023-2024", "01/03/2013 10:15:51 AM", "Jill Godfrey"):
        assert told in document.intro
    assert keys(document) == {
        "IDs failed to process at District": [10990, 49158],
        "IDs not found at District": [7],
        "IDs successful": [3667, 3669],
    }
    assert render_pdf(document).startswith(b"%PDF")


def test_both_lists_of_the_seed_are_there_even_if_empty(jefferson: District, reader: User) -> None:
    document = built(asked(jefferson, reader, keys={1: "synced"}), reader)
    assert keys(document) == {"IDs failed to process at District": [], "IDs successful": [1]}


def test_of_a_request_that_failed_it_says_why_and_what_was_not_reached(
    jefferson: District, reader: User
) -> None:
    request = asked(jefferson, None, status=SyncStatus.FAILED, keys={1: "synced", 2: "pending"})
    document = built(request, reader)
    assert document.intro.endswith(f"by the command line. The request failed: {request.reason}")
    assert keys(document)["IDs not attempted"] == [2]


def may(user: User, request: SyncRequest) -> bool:
    return allowed_builder(user, report_of(request, user)) is not None


def test_who_sees_the_request_may_have_the_report(jefferson: District, reader: User) -> None:
    request = asked(jefferson, reader)
    assert may(reader, request)
    assert may(UserFactory(district=None, rights="", everywhere="R"), request)
    assert not may(UserFactory(district=jefferson, rights=""), request)
    assert not may(UserFactory(district=DistrictFactory(), rights="", everywhere="R"), request)


def test_a_district_has_no_report_of_what_the_state_asked_for(jefferson: District, reader: User) -> None:
    request = asked(jefferson, None, origin=Origin.STATE)
    assert not may(reader, request)
    assert may(UserFactory(district=None, rights="", everywhere="R"), request)


def test_of_what_was_deleted_there_is_no_report(jefferson: District, reader: User) -> None:
    request = asked(jefferson, reader)
    hide_request(sync_request=request, by=reader)
    assert not may(reader, request)


@pytest.mark.parametrize("status", OPEN_SYNC)
def test_of_what_is_in_progress_there_is_no_report(
    jefferson: District, reader: User, status: SyncStatus
) -> None:
    assert not may(reader, asked(jefferson, reader, status=status))


def test_another_districts_request_is_not_told_under_ones_own_district(
    jefferson: District, reader: User
) -> None:
    theirs = asked(DistrictFactory(), None)
    report = report_of(theirs, reader)
    report.district = jefferson
    assert allowed_builder(reader, report) is None


def test_its_file_is_named_by_codes(jefferson: District, reader: User) -> None:
    request = asked(jefferson, reader)
    report = report_of(request, reader)
    assert SyncRequestHistory().file_name(report) == f"sync-request-275-{request.pk}"
    assert SyncRequestHistory().page_url(report).endswith(f"/275/requests/{request.pk}/")
