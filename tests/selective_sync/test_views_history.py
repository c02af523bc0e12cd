"""View History: how far a request is, what came of it, and what leaves the history."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from districts.models import District, User, Zone
from reports.models import Report
from resync.choices import Origin
from selective_sync.choices import KeyOutcome
from selective_sync.models import SyncRequest
from selective_sync.page.sync import SyncPage
from tests.audit.entries import deeds
from tests.conftest import DistrictDatabase
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.selective_sync import MISSING_CALENDAR, SyncRequestFactory
from tests.factories.user import GroupFactory
from tests.pages import page_text, text_of
from tests.selective_sync.conftest import Ask, run
from tests.selective_sync.test_views import markup, path, person

pytestmark = pytest.mark.django_db

FAILED_ONE = {10: KeyOutcome.SYNCED, 11: MISSING_CALENDAR, 12: KeyOutcome.NOT_FOUND}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def here(client: Client) -> District:
    """A district of Nevada without a database, seen by somebody who may do everything."""
    district: District = DistrictFactory(number="02", name="Campus", time_zone="America/Chicago")
    user = person(district, "RWD")
    user.username = "jill"
    user.save()
    client.force_login(user)
    return district


def rows(response: HttpResponse) -> list[str]:
    found = re.findall(r'<tr role="row" id="sync-\d+".*?</tr>', markup(response), re.DOTALL)
    return [text_of(row) for row in found]


def opened(client: Client, asked: SyncRequest, **parameters: Any) -> HttpResponse:
    return client.get(path("sync_request", asked.district, asked.pk), parameters)


def live_address(page: HttpResponse) -> str:
    found = re.search(r'id="poller" hidden hx-get="([^"]*)"', markup(page))
    assert found, "the page asks for no news"
    return found[1].replace("&amp;", "&")


# ---- The table ----------------------------------------------------------------------------------------------------


def test_the_history_tells_requests_newest_first(here: District, client: Client) -> None:
    jill = User.objects.get(username="jill")
    of_jill: dict[str, Any] = {"district": here, "requested_by": jill}
    SyncRequestFactory(**of_jill)
    SyncRequestFactory(**of_jill, keys=FAILED_ONE, object="Enrollment")
    SyncRequestFactory(**of_jill, under={"ContactLog": 2, "Plan": 1})
    SyncRequestFactory(**of_jill, status="failed", keys={1: KeyOutcome.PENDING})
    SyncRequestFactory(**of_jill, status="queued", keys={1: KeyOutcome.PENDING})
    SyncRequestFactory(**of_jill, status="running", keys={1: KeyOutcome.SYNCED, 2: KeyOutcome.PENDING})
    at = "01/09/2024 6:16:54 AM"
    of = f": the request of {at}"
    assert rows(client.get("/selective-sync/")) == [
        f"{at} jill PersonIdentity 1/2 Gray: In Progress {of}",
        f"{at} jill PersonIdentity 0/1 Requested {of}",
        f"{at} jill PersonIdentity 0/1 Failed {of}",
        f"{at} jill PersonIdentity 1/1 Yellow: Complete, 3 errors under it {of}",
        f"{at} jill Enrollment 1/3 Red: Complete, 2 not at the state {of}",
        f"{at} jill PersonIdentity 1/1 Green: Complete {of}",
    ]


def test_the_history_has_pages(here: District, client: Client) -> None:
    SyncRequestFactory.create_batch(35, district=here)
    assert "1 to 30 of 35" in page_text(client.get("/selective-sync/"))
    second = client.get("/selective-sync/", {"page": "2"})
    assert "31 to 35 of 35" in page_text(second)
    assert len(rows(second)) == 5


def test_a_long_history_costs_as_many_queries_as_a_short_one(here: District, client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get("/selective-sync/").status_code == 200
        return len(captured)

    SyncRequestFactory(district=here)
    one = queries()
    SyncRequestFactory.create_batch(30, district=here, keys=FAILED_ONE, under={"Plan": 1})
    assert queries() == one
    assert one <= 22


def test_what_the_state_asked_for_is_not_in_the_districts_history(here: District, client: Client) -> None:
    theirs = SyncRequestFactory(district=here, origin=Origin.STATE, keys={987654: KeyOutcome.SYNCED})
    page = client.get("/selective-sync/")
    assert rows(page) == []
    assert "No sync requested yet." in page_text(page)
    for name in ("sync_request", "sync_request_delete"):
        assert client.get(path(name, here, theirs.pk)).status_code == 404
    for name in ("sync_request_again", "sync_request_report", "sync_request_delete"):
        assert client.post(path(name, here, theirs.pk), {"report_format": "pdf"}).status_code == 404
    client.force_login(person(None, "RWD"))
    assert len(rows(client.get(path("selective_sync_of_district", here)))) == 1
    assert opened(client, theirs).status_code == 200


def test_a_request_of_another_district_is_not_there(here: District, client: Client) -> None:
    theirs = SyncRequestFactory(district=DistrictFactory(number="77"))
    assert opened(client, theirs).status_code == 404
    assert client.get(path("sync_request", here, theirs.pk)).status_code == 404


# ---- The line -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"status": "queued", "keys": {1: KeyOutcome.PENDING}}, "Requested 6:16:54 AM by jill"),
        (
            {
                "status": "running",
                "keys": {1: KeyOutcome.SYNCED, 2: KeyOutcome.PENDING},
                "under": {"Plan": 0},
            },
            "In progress 1 of 2, 0 of 1 objects under it. Requested 6:16:54 AM by jill",
        ),
        (
            {"status": "waiting", "reason": "It does not answer.", "keys": {1: KeyOutcome.PENDING}},
            "Waiting for the district's database, tried again at 6:17:09 AM. Requested 6:16:54 AM by jill It does not",
        ),
        ({"keys": FAILED_ONE}, "Last Completed 01/09/2024 6:16:56 AM by jill, 1 of 3 at the state"),
        (
            {"under": {"Plan": 1, "Graduation": 2}},
            "Last Completed 01/09/2024 6:16:56 AM by jill, 1 of 1 at the state, 3 errors under it",
        ),
        ({"status": "failed"}, "Failed 01/09/2024 6:16:56 AM by jill The database does not answer."),
    ],
)
def test_the_line_tells_how_far_the_latest_is(
    here: District, client: Client, given: dict[str, Any], line: str
) -> None:
    SyncRequestFactory(district=here, requested_by=User.objects.get(username="jill"), **given)
    page = client.get("/selective-sync/")
    assert line in page_text(page)
    is_open = given.get("status") in ("queued", "running", "waiting")
    assert ('hx-trigger="every 2s"' in markup(page)) == is_open
    assert ("<progress" in markup(page)) == is_open


def test_the_line_has_the_colour_of_its_row(here: District, client: Client) -> None:
    SyncRequestFactory(district=here, under={"Plan": 1})
    line, _, history = markup(client.get("/selective-sync/")).partition('id="history"')
    assert 'href="#dot-yellow"' in line.partition('id="sync-line"')[2]
    assert 'href="#dot-yellow"' in history


def test_live_answers_only_what_is_new_and_stops(here: District, client: Client) -> None:
    asked = SyncRequestFactory(
        district=here, status="running", keys={1: KeyOutcome.SYNCED, 2: KeyOutcome.PENDING}
    )
    address = live_address(client.get("/selective-sync/"))
    assert client.get(address).status_code == 204
    SyncRequest.objects.update(changed_at=timezone.now() + timedelta(seconds=1))
    news = client.get(address)
    assert news.status_code == 200
    assert "In progress 1 of 2" in page_text(news)
    assert f'id="sync-{asked.pk}" hx-swap-oob="true"' in markup(news)
    assert "<html" not in markup(news)
    assert 'hx-swap-oob="innerHTML:#news"' not in markup(news), "a screen reader is told the end only"
    SyncRequest.objects.update(
        status="completed", ended_at=timezone.now(), changed_at=timezone.now() + timedelta(seconds=2)
    )
    last = client.get(live_address(news))
    assert last.status_code == 286
    assert "Last Completed" in page_text(last)
    assert "The sync is complete: 1 of 2 at the state." in page_text(last)
    assert "hx-get" not in markup(last).partition("<template>")[0]


def test_live_follows_the_rows_of_the_page_too(here: District, client: Client) -> None:
    older = SyncRequestFactory(district=here, status="running")
    SyncRequestFactory(district=here, status="queued", keys={1: KeyOutcome.PENDING})
    address = live_address(client.get("/selective-sync/"))
    SyncRequest.objects.filter(pk=older.pk).update(
        status="completed", ended_at=timezone.now(), changed_at=timezone.now() + timedelta(seconds=1)
    )
    news = client.get(address)
    assert news.status_code == 200
    assert any("Complete" in row for row in rows(news))
    assert str(older.pk) not in live_address(news).partition("rows=")[2].split(".")


def end(asked: SyncRequest) -> None:
    ended = {"status": "completed", "ended_at": timezone.now()}
    SyncRequest.objects.filter(pk=asked.pk).update(**ended, changed_at=timezone.now() + timedelta(seconds=1))


@pytest.mark.parametrize("shows", ["line", "history"])
def test_what_ends_while_the_page_is_written_is_told_by_the_next_poll(
    here: District, client: Client, rf: RequestFactory, shows: str
) -> None:
    """The line is of the latest request, the row of the one before it."""
    older = SyncRequestFactory(district=here, status="running")
    latest = SyncRequestFactory(district=here, status="running")
    request = rf.get("/selective-sync/")
    request.user = User.objects.get(username="jill")  # type: ignore[attr-defined]
    page = SyncPage(request, here, here.zone.school_year)  # type: ignore[arg-type]
    assert page.line.state == "In progress"
    assert len(page.open_rows) == 2
    end(latest if shows == "line" else older)
    news = client.get(page.live_url)
    assert news.status_code == 200
    assert any("Complete" in row for row in rows(news))


def test_news_that_is_none_costs_little(here: District, client: Client) -> None:
    """Session, user, rights, district, and one indexed query each for the line and the rows."""
    SyncRequestFactory.create_batch(3, district=here, status="running")
    address = live_address(client.get("/selective-sync/"))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 204
    assert len(captured) <= 7


@pytest.mark.parametrize("rows_asked", ["x", "-1", "1.2.x.99999999999999999999", "", "9" * 500])
def test_an_address_that_makes_no_sense_is_no_trouble(
    here: District, client: Client, rows_asked: str
) -> None:
    answer = client.get(path("selective_sync_live", here), {"seen": "x", "rows": rows_asked})
    assert answer.status_code == 286


def test_live_tells_a_district_nothing_of_what_the_state_asked_for(here: District, client: Client) -> None:
    theirs = SyncRequestFactory(district=here, origin=Origin.STATE, status="running")
    answer = client.get(path("selective_sync_live", here), {"seen": "x", "rows": str(theirs.pk)})
    assert "No sync requested yet." in page_text(answer)
    assert rows(answer) == []


# ---- One request --------------------------------------------------------------------------------------------------


def test_opening_a_request_tells_what_came_of_it(here: District, client: Client) -> None:
    asked = SyncRequestFactory(
        district=here,
        object="Enrollment",
        keys=FAILED_ONE,
        under={"Graduation": 2, "TestScore": 0},
        requested_by=User.objects.get(username="jill"),
    )
    page = opened(client, asked)
    text = page_text(page)
    assert "Requested 01/09/2024 6:16:54 AM" in text
    assert "Completed 01/09/2024 6:16:56 AM" in text
    assert "Object Enrollment Records 1/3 Keys 10, 11, 12" in text
    assert (
        "11 Red: Failed Calendar 12 is not at the state. Resync Calendar with its dependencies first." in text
    )
    assert "12 Not attempted" not in text
    assert "12 Not found The district has no record with this ID; nothing was changed." in text
    assert "Graduation 10 2 0 Red: 2 errors" in text
    assert "TestScore 10 0 0 Green: No errors" in text
    assert "Sync the 1 failed ID again" in text
    assert f'href="{path("sync_request", here, asked.pk)}#report"' in markup(page)


@pytest.mark.parametrize(
    ("errors", "dot"), [(0, "Green: No errors"), (1, "Yellow: 1 error"), (2, "Red: 2 errors")]
)
def test_the_dot_of_an_object_tells_the_share_of_its_errors(
    here: District, client: Client, errors: int, dot: str
) -> None:
    asked = SyncRequestFactory(district=here, under={"Plan": errors})
    asked.objects_in_order.filter(object="Plan").update(processed=100)
    assert f"Plan 100 {errors} 0 {dot}" in page_text(opened(client, asked))


def test_a_missing_parent_is_linked_where_it_is_resynced(here: District, client: Client) -> None:
    asked = SyncRequestFactory(district=here, object="Enrollment", keys={11: MISSING_CALENDAR})
    assert "Resync Calendar in Batch" not in page_text(opened(client, asked)), "without the right to send"
    User.objects.get(username="jill").groups.add(GroupFactory(name="Batch RW", rights="RW"))
    link = re.search(r'href="([^"]*)">Resync Calendar in Batch', markup(opened(client, asked)))
    assert link
    batch = client.get(link[1].replace("&amp;", "&"))
    ticked = re.findall(r'value="(\w+)" id="tick-\w+" checked', markup(batch))
    assert ticked == ["Calendar"]
    assert re.search(r'id="check-dependencies"[^>]* checked', markup(batch))


def test_the_ids_of_a_request_can_be_filtered_and_have_pages(here: District, client: Client) -> None:
    keys = dict.fromkeys(range(1, 251), KeyOutcome.SYNCED) | {500: KeyOutcome.NOT_FOUND}
    asked = SyncRequestFactory(district=here, keys=keys)
    text = page_text(opened(client, asked))
    assert "All 251 Not found 1 At the state 250" in text
    assert "1 to 100 of 251" in text
    assert "201 to 250 of 250" in page_text(opened(client, asked, show="synced", page="3"))
    assert "500 Not found" in page_text(opened(client, asked, show="not_found"))
    assert "1 to 100 of 251" in page_text(opened(client, asked, show="zebra"))


def test_a_request_is_opened_within_the_history(here: District, client: Client) -> None:
    asked = SyncRequestFactory(district=here, object="Enrollment", keys=FAILED_ONE, under={"Plan": 0})
    part = client.get(path("sync_request", here, asked.pk), headers=HTMX)
    assert "<html" not in markup(part)
    text = page_text(part)
    assert "IDs not at the state 2" in text
    assert "IDs at the state 1 10" in text
    assert "1 other object with records: 10 processed, 0 errors, 0 written" in text
    assert "Report Format PDF DOCX Generate Report" in text


def test_the_page_of_a_request_follows_it_until_it_ends(here: District, client: Client) -> None:
    asked = SyncRequestFactory(district=here, status="running", keys={1: KeyOutcome.PENDING})
    found = re.search(r'<div id="request" hx-get="([^"]*)"', markup(opened(client, asked)))
    assert found
    assert client.get(found[1], headers=HTMX).status_code == 204
    SyncRequest.objects.update(
        status="completed", ended_at=timezone.now(), changed_at=timezone.now() + timedelta(seconds=1)
    )
    last = client.get(found[1], headers=HTMX)
    assert last.status_code == 286
    assert "hx-get" not in markup(last)


def test_what_failed_is_synced_again(
    district: District, people: DistrictDatabase, ask: Ask, client: Client
) -> None:
    jill = person(district, "RWD")
    client.force_login(jill)
    # 20 has no person at the district, 16 is excluded; 4_000 is not there
    first = run(ask(2, 16, 20, 4_000, object_name="Enrollment", by=jill, with_children=False))
    page = opened(client, first)
    assert "Sync the 3 failed IDs again" in page_text(page)
    assert "First the parent records that the state lacks" in page_text(page)
    token = re.search(r'name="token" value="([^"]+)"', markup(page))
    assert token
    for _ in range(2):
        answer = client.post(
            path("sync_request_again", district, first.pk),
            {"token": token[1], "with_missing_parents": "on"},
        )
        assert answer.status_code == 302
    second = SyncRequest.objects.exclude(pk=first.pk).get()
    assert (second.object, second.with_children, second.with_missing_parents) == ("Enrollment", False, True)
    assert second.requested_by == jill
    run(second)
    told = page_text(opened(client, second))
    assert "Records 1/3" in told
    assert "Other objects" in told
    assert "PersonIdentity" in told


def test_a_request_without_failures_is_not_synced_again(here: District, client: Client) -> None:
    asked = SyncRequestFactory(district=here)
    assert "again" not in page_text(opened(client, asked))
    answer = client.post(
        path("sync_request_again", here, asked.pk),
        {"token": "7c9e6679-7425-40de-944b-e07fc1f90ae7"},
        follow=True,
    )
    assert "No ID is entered." in page_text(answer)
    assert client.post(path("sync_request_again", here, asked.pk)).status_code == 404
    assert SyncRequest.objects.count() == 1


def test_what_failed_in_a_year_that_is_closed_by_now_is_not_synced_again(
    here: District, client: Client
) -> None:
    asked = SyncRequestFactory(district=here, object="Enrollment", keys={11: MISSING_CALENDAR})
    Zone.objects.update(school_year=SchoolYearFactory(end_year=2025))
    form = {"token": "7c9e6679-7425-40de-944b-e07fc1f90ae7"}
    answer = client.post(path("sync_request_again", here, asked.pk), form, follow=True)
    assert "This district does not sync that school year." in page_text(answer)
    assert SyncRequest.objects.count() == 1


def test_who_may_only_read_opens_a_request_and_asks_for_its_report(here: District, client: Client) -> None:
    asked = SyncRequestFactory(district=here, object="Enrollment", keys=FAILED_ONE)
    reader = person(here, "R")
    client.force_login(reader)
    page = opened(client, asked)
    assert "again" not in page_text(page)
    assert "Delete" not in page_text(page)
    assert client.post(path("sync_request_again", here, asked.pk)).status_code == 403
    answer = client.post(path("sync_request_report", here, asked.pk), {"report_format": "docx"})
    assert answer["Location"] == path("sync_request", here, asked.pk) + "#report"
    report = Report.objects.get()
    assert (report.kind, report.subject_id, report.format) == ("sync-request", asked.pk, "docx")
    assert "The DOCX is being prepared" in page_text(opened(client, asked))


def test_a_report_in_no_format_is_told(here: District, client: Client) -> None:
    asked = SyncRequestFactory(district=here)
    answer = client.post(path("sync_request_report", here, asked.pk), {"report_format": "xls"}, follow=True)
    assert "Choose PDF or DOCX" in page_text(answer)
    assert not Report.objects.exists()


# ---- Deleting -----------------------------------------------------------------------------------------------------


def test_a_request_is_deleted_after_a_question(here: District, client: Client) -> None:
    asked = SyncRequestFactory(district=here)
    address = path("sync_request_delete", here, asked.pk)
    assert address in markup(client.get("/selective-sync/"))
    question = page_text(client.get(address))
    assert "Delete this request from the history?" in question
    assert "for everybody" in question
    assert "The audit log keeps" in question
    assert len(rows(client.get("/selective-sync/"))) == 1
    answer = client.post(address, follow=True)
    assert "The request is deleted from the history." in page_text(answer)
    assert rows(answer) == []
    assert opened(client, asked).status_code == 404
    assert deeds().get().action == "sync_hidden"
    assert SyncRequest.objects.filter(pk=asked.pk).exists()


def test_what_is_in_progress_is_not_deleted(here: District, client: Client) -> None:
    asked = SyncRequestFactory(district=here, status="running")
    address = path("sync_request_delete", here, asked.pk)
    assert address not in markup(client.get("/selective-sync/"))
    assert "This request is still in progress" in page_text(client.get(address))
    assert "when it has ended" in page_text(client.post(address, follow=True))
    assert SyncRequest.objects.get().hidden_at is None


def test_the_history_is_cleared_after_a_question(here: District, client: Client) -> None:
    SyncRequestFactory.create_batch(3, district=here)
    running = SyncRequestFactory(district=here, status="running")
    theirs = SyncRequestFactory(district=here, origin=Origin.STATE)
    question = page_text(client.get(path("sync_history_clear", here)))
    assert "Clear 3 requests from the history of Campus?" in question
    assert "1 request is still in progress and stays." in question
    answer = client.post(path("sync_history_clear", here), follow=True)
    assert "3 requests deleted from the history." in page_text(answer)
    left = set(SyncRequest.objects.filter(hidden_at=None).values_list("pk", flat=True))
    assert left == {running.pk, theirs.pk}


@pytest.mark.parametrize("rights", ["R", "RW"])
def test_deleting_takes_the_right_delete(here: District, client: Client, rights: str) -> None:
    asked = SyncRequestFactory(district=here)
    client.force_login(person(here, rights))
    page = client.get("/selective-sync/")
    assert "Clear History" not in page_text(page)
    assert "/delete/" not in markup(page)
    addresses = (path("sync_request_delete", here, asked.pk), path("sync_history_clear", here))
    for address in addresses:
        assert client.get(address).status_code == 403
        assert client.post(address).status_code == 403


def test_deleting_alone_is_not_enough_to_write(here: District, client: Client) -> None:
    client.force_login(person(here, "RD"))
    page = client.get("/selective-sync/")
    assert 'name="ids"' not in markup(page)
    assert client.post(reverse("selective_sync_send", args=["02"]), {"ids": "1"}).status_code == 403


def test_a_request_without_a_person_behind_it_came_from_the_command_line(
    here: District, client: Client
) -> None:
    SyncRequestFactory(district=here, requested_by=None)
    assert "Command line" in rows(client.get("/selective-sync/"))[0]
