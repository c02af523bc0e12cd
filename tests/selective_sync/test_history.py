"""What a person sees of the syncs of a district, and what is deleted from it."""

from typing import Any

import pytest
from django.db import connection
from django.http import Http404

from audit.choices import Action
from audit.models import AuditEntry
from districts.models import District, User
from resync.choices import Origin
from selective_sync.actions import clear_history, hide_request
from selective_sync.choices import OPEN_SYNC, Role, SyncStatus
from selective_sync.exceptions import SelectiveSyncRefused
from selective_sync.models import SyncObject, SyncRequest
from selective_sync.queries import (
    NO_VERSION,
    details,
    first_keys,
    history,
    ids_to_sync_again,
    live_line,
    live_version,
    request_for,
    visible_requests,
)
from tests.factories.district import DistrictFactory
from tests.factories.selective_sync import SyncRequestFactory
from tests.factories.user import UserFactory

pytestmark = pytest.mark.django_db
FAILED = {"outcome": "failed", "code": "MISSING_REQUIRED", "field": "last_name"}
FIVE = {3667: "synced", 3669: "synced", 10990: FAILED, 49158: FAILED, 7: "not_found"}


@pytest.fixture
def district() -> District:
    return DistrictFactory()


@pytest.fixture
def own(district: District) -> User:
    return UserFactory(district=district, rights="", everywhere="RWD")


@pytest.fixture
def of_state() -> User:
    return UserFactory(district=None, rights="", everywhere="RWD")


def asked(district: District, **more: Any) -> SyncRequest:
    return SyncRequestFactory(**{"district": district, "keys": FIVE} | more)


# ---- Who sees what ------------------------------------------------------------------------------------------------


def test_the_latest_request_comes_first(district: District, own: User) -> None:
    first, second = asked(district), asked(district)
    assert [*history(own, district)] == [second, first]


def test_another_districts_requests_are_not_in_the_history(district: District, own: User) -> None:
    other = asked(DistrictFactory())
    assert [*visible_requests(own, district)] == []
    with pytest.raises(Http404):
        request_for(own, district, other.pk)


def test_a_district_sees_nothing_of_what_the_state_asked_for(district: District, own: User) -> None:
    theirs = asked(district, origin=Origin.STATE)
    assert [*history(own, district)] == []
    assert live_line(own, district) is None
    assert live_version(own, district) == NO_VERSION
    with pytest.raises(Http404):
        request_for(own, district, theirs.pk)


def test_the_states_requests_do_not_change_what_a_district_sees(district: District, own: User) -> None:
    mine = asked(district)
    before = live_version(own, district)
    asked(district, origin=Origin.STATE, status=SyncStatus.RUNNING)
    assert live_version(own, district) == before
    line = live_line(own, district)
    assert line is not None
    assert (line.request, line.is_open) == (mine, False)


def test_the_state_sees_all_of_a_district(district: District, of_state: User) -> None:
    mine, theirs = asked(district, origin=Origin.STATE), asked(district)
    assert [*history(of_state, district)] == [theirs, mine]
    assert request_for(of_state, district, mine.pk) == mine


# ---- Figures ------------------------------------------------------------------------------------------------------


def test_a_row_tells_how_many_of_how_many_ids_are_at_the_state(district: District, own: User) -> None:
    asked(district)
    row = history(own, district).get()
    assert (row.synced, row.ids) == (2, 5)


def test_a_page_of_the_history_costs_one_query(
    district: District, own: User, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        asked(district, requested_by=own)
    visible_requests(own, district)
    with django_assert_num_queries(1):
        [
            (each.synced, each.ids, each.requested_by.username, str(each.school_year))
            for each in history(own, district)
        ]


def test_an_unchanged_line_costs_one_query(
    district: District, own: User, django_assert_num_queries: Any
) -> None:
    asked(district)
    with django_assert_num_queries(1):
        live_version(own, district)


def test_details_count_every_outcome(district: District) -> None:
    request = asked(district, keys=FIVE | {8: "pending"}, status=SyncStatus.FAILED)
    told = details(request)
    assert (told.ids, told.synced, told.failed, told.not_found, told.pending) == (6, 2, 2, 1, 1)
    assert told.can_sync_again
    assert ids_to_sync_again(request) == [8, 10990, 49158]
    assert first_keys(request, 3) == [7, 8, 3667]


@pytest.mark.parametrize(
    ("outcomes", "status", "expected"),
    [
        ({1: "synced"}, SyncStatus.COMPLETED, False),
        ({1: "not_found"}, SyncStatus.COMPLETED, False),
        ({1: FAILED}, SyncStatus.COMPLETED, True),
        ({1: "pending"}, SyncStatus.FAILED, True),
        ({1: FAILED, 2: "pending"}, SyncStatus.RUNNING, False),
    ],
)
def test_what_failed_can_be_synced_again(
    district: District, outcomes: dict[int, object], status: SyncStatus, expected: bool
) -> None:
    assert details(asked(district, keys=outcomes, status=status)).can_sync_again == expected


def test_parents_that_were_not_needed_are_not_told(district: District) -> None:
    request = asked(district, object="Enrollment")
    SyncObject.objects.create(request=request, object="School", place=1, role=Role.PARENT)
    needed = SyncObject.objects.create(
        request=request, object="PersonIdentity", place=2, role=Role.PARENT, keys_total=1
    )
    assert details(request).parents == [needed]


@pytest.mark.parametrize("status", SyncStatus)
def test_the_line_tells_how_far_the_latest_request_is(
    district: District, own: User, status: SyncStatus
) -> None:
    asked(district)
    request = asked(district, status=status, keys={1: "synced", 2: FAILED, 3: "pending"})
    for place, ended_at in ((1, request.started_at), (2, None)):
        SyncObject.objects.create(
            request=request,
            object=f"Under{place}",
            place=place,
            role=Role.UNDER,
            ended_at=ended_at,
        )
    line = live_line(own, district)
    assert line is not None
    assert (line.request, line.status, line.is_open) == (request, status, status in OPEN_SYNC)
    assert (line.done, line.total, line.synced, line.objects_total) == (2, 3, 1, 2)
    assert line.objects_done == (0 if status == SyncStatus.QUEUED else 1)
    assert line.version == live_version(own, district)


# ---- Deleting -----------------------------------------------------------------------------------------------------


def test_a_deleted_request_is_gone_for_everybody_and_kept(
    district: District, own: User, of_state: User
) -> None:
    request = asked(district)
    assert hide_request(sync_request=request, by=own)
    for user in (own, of_state, UserFactory(district=district)):
        assert [*history(user, district)] == []
        assert live_line(user, district) is None
    request.refresh_from_db()
    assert request.hidden_by == own
    assert request.hidden_at is not None
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.key, entry.count) == (Action.SYNC_HIDDEN, own, request.pk, 5)


def test_a_request_is_deleted_once(district: District, own: User, of_state: User) -> None:
    request = asked(district)
    assert hide_request(sync_request=request, by=own)
    assert not hide_request(sync_request=request, by=of_state)
    assert AuditEntry.objects.count() == 1
    request.refresh_from_db()
    assert request.hidden_by == own


@pytest.mark.parametrize("status", OPEN_SYNC)
def test_what_is_in_progress_is_not_deleted(district: District, own: User, status: SyncStatus) -> None:
    request = asked(district, status=status)
    with pytest.raises(SelectiveSyncRefused, match="still in progress"):
        hide_request(sync_request=request, by=own)
    assert clear_history(district=district, by=own) == 0
    assert [*history(own, district)] == [request]
    assert not AuditEntry.objects.exists()


def test_clearing_takes_all_that_the_person_sees_and_nothing_else(
    district: District, own: User, of_state: User
) -> None:
    mine = [asked(district), asked(district, status=SyncStatus.FAILED)]
    running = asked(district, status=SyncStatus.RUNNING)
    of_the_state = asked(district, origin=Origin.STATE)
    of_another = asked(DistrictFactory())
    assert clear_history(district=district, by=own) == 2
    left = SyncRequest.objects.filter(hidden_at=None)
    assert {*left} == {running, of_the_state, of_another}
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.count) == (Action.SYNC_HISTORY_CLEARED, 2)
    assert entry.facts == {"requests": [each.pk for each in mine]}
    assert clear_history(district=district, by=of_state) == 1
    assert {*SyncRequest.objects.filter(hidden_at=None)} == {running, of_another}


def test_the_line_falls_back_to_the_request_before(district: District, own: User) -> None:
    first, second = asked(district), asked(district)
    hide_request(sync_request=second, by=own)
    line = live_line(own, district)
    assert line is not None
    assert line.request == first


def test_the_history_reads_an_index(district: District, own: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        plan = visible_requests(own, district).explain()
    assert "syncs_of_district" in plan
