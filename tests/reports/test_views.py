"""The fragment of a report, its download, and who gets them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.choices import Action
from audit.models import AuditEntry
from districts.choices import Tool
from districts.models import User
from reports import actions
from reports.models import Report
from tests.audit.entries import deeds
from tests.factories.district import DistrictFactory
from tests.factories.report import ReportFactory
from tests.factories.user import GroupFactory, UserFactory
from tests.pages import page_text, text_of
from tests.reports.kinds import KeysBuilder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("builder")]
ROUTES = ["report_live", "report_download", "report_retry"]
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def no_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "wake", lambda task, ids: None)


def visit(client: Client, name: str, report: Report, **more: object) -> HttpResponse:
    address = reverse(name, args=[report.token])
    return client.post(address, **more) if name == "report_retry" else client.get(address, **more)


@pytest.fixture
def report(reader: User, client: Client) -> Report:
    """A report that is ready; who asked for it has signed in."""
    client.force_login(reader)
    return ReportFactory(
        district=reader.district,
        requested_by=reader,
        subject_id=3,
        expires_at=timezone.datetime(2999, 1, 5, 2, 0, tzinfo=timezone.get_fixed_timezone(0)),
    )


# ---- The fragment --------------------------------------------------------------------------------------------


def test_a_report_in_the_making_asks_for_news_and_offers_nothing(client: Client, reader: User) -> None:
    client.force_login(reader)
    report = ReportFactory(district=reader.district, requested_by=reader, status="queued")
    response = visit(client, "report_live", report)
    assert page_text(response) == "The PDF is being prepared ... Show the current state"
    markup = response.content.decode()
    polled = re.search(r'hx-get="([^"]+)" hx-trigger="every 2s"', markup)
    assert polled
    assert client.get(polled[1]).status_code == 204
    assert reverse("report_download", args=[report.token]) not in markup


def test_news_is_told_once_and_then_no_more_asked_for(client: Client, report: Report) -> None:
    response = visit(client, "report_live", report, query_params={"seen": "queued-1.000000"})
    assert page_text(response) == (
        "Download PDF Ready, 8\xa0bytes. It can be downloaded until 01/04/2999 9:00 PM.".replace("\xa0", " ")
    )
    assert "hx-get" not in response.content.decode()


def test_an_unchanged_answer_is_empty_and_does_not_load_the_content(
    client: Client, report: Report, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    report.refresh_from_db()
    with django_assert_max_num_queries(8) as captured:
        response = visit(client, "report_live", report, query_params={"seen": report.version})
    assert response.status_code == 204
    read = [each["sql"] for each in captured.captured_queries if '"reports_report"' in each["sql"]]
    assert len(read) == 1
    assert '"reports_report"."content"' not in read[0]


def test_a_failure_is_told_with_a_way_to_try_again(client: Client, reader: User) -> None:
    client.force_login(reader)
    failed = ReportFactory(
        district=reader.district, requested_by=reader, status="failed", reason="The fonts <b> are missing."
    )
    told = visit(client, "report_live", failed).content.decode()
    assert "The PDF could not be prepared." in text_of(told)
    assert "The fonts &lt;b&gt; are missing." in told
    assert "Try again" in text_of(told)
    again = visit(client, "report_retry", failed, headers=HTMX)
    assert "is being prepared" in page_text(again)
    assert Report.objects.get(status="queued").subject_id == failed.subject_id


def test_trying_again_works_without_a_script(client: Client, reader: User) -> None:
    client.force_login(reader)
    failed = ReportFactory(district=reader.district, requested_by=reader, status="failed", subject_id=3)
    response = visit(client, "report_retry", failed)
    assert (response.status_code, response["Location"]) == (302, "/batch/?keys=3")
    assert Report.objects.filter(status="queued").count() == 1


def test_trying_again_too_often_is_refused_with_a_sentence(client: Client, reader: User) -> None:
    client.force_login(reader)
    mine = {"district": reader.district, "requested_by": reader}
    ReportFactory.create_batch(5, **mine, status="queued")
    failed = ReportFactory(**mine, status="failed")
    told = page_text(visit(client, "report_retry", failed, headers=HTMX))
    assert "5 of your reports are being prepared" in told
    assert "could not be prepared" in told
    followed = visit(client, "report_retry", failed, follow=True)
    assert "5 of your reports are being prepared" in page_text(followed)


def test_a_ready_report_is_not_made_again(client: Client, report: Report) -> None:
    assert "Download PDF" in page_text(visit(client, "report_retry", report, headers=HTMX))
    assert Report.objects.count() == 1


def test_a_page_can_show_the_reports_of_a_row(report: Report) -> None:
    shown = text_of(render_to_string("reports/_reports.html", {"reports": [report]}))
    assert "Download PDF" in shown


# ---- The download --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("report_format", "content_type"),
    [
        ("pdf", "application/pdf"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
def test_a_download_is_a_file_that_nothing_keeps_or_guesses_at(
    client: Client, reader: User, report_format: str, content_type: str
) -> None:
    client.force_login(reader)
    report = ReportFactory(district=reader.district, requested_by=reader, format=report_format)
    response = visit(client, "report_download", report)
    assert response.content == b"%PDF-1.7"
    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"] == f'attachment; filename="keys-275.{report_format}"'
    assert (response["X-Content-Type-Options"], response["Cache-Control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ('a"\r\nSet-Cookie: x', "a-Set-Cookie-x.pdf"),
        ("../../etc/passwd", "etc-passwd.pdf"),
        ("Łódź", "d.pdf"),
        ("学校", "report.pdf"),
        ("n" * 300, "n" * 100 + ".pdf"),
    ],
)
def test_the_name_of_the_file_is_plain(
    client: Client,
    report: Report,
    builder: KeysBuilder,
    monkeypatch: pytest.MonkeyPatch,
    given: str,
    name: str,
) -> None:
    monkeypatch.setattr(builder, "file_name", lambda _: given)
    response = visit(client, "report_download", report)
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_each_download_is_recorded(client: Client, report: Report) -> None:
    visit(client, "report_download", report)
    visit(client, "report_download", report)
    entries = AuditEntry.objects.filter(action=Action.REPORT_DOWNLOADED)
    assert [(entry.by, entry.district, entry.key, entry.facts) for entry in entries] == [
        (report.requested_by, report.district, 3, {"report": "keys", "format": "pdf"})
    ] * 2
    assert {entry.address for entry in entries} == {"127.0.0.1"}


@pytest.mark.parametrize("status", ["queued", "rendering", "failed"])
def test_what_is_not_ready_cannot_be_downloaded(client: Client, reader: User, status: str) -> None:
    client.force_login(reader)
    report = ReportFactory(district=reader.district, requested_by=reader, status=status)
    assert visit(client, "report_download", report).status_code == 404
    assert not deeds().exists()


# ---- Who gets it ---------------------------------------------------------------------------------------------


def colleague(report: Report) -> User:
    return UserFactory(district=report.district, rights="", everywhere="RWAD")


def stranger(report: Report) -> User:
    return UserFactory(district=DistrictFactory(), rights="", everywhere="RWAD")


def state(report: Report) -> User:
    return UserFactory(district=None, rights="", everywhere="RWAD")


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize("person", [colleague, stranger, state])
def test_a_link_is_of_no_use_to_anybody_else(
    client: Client, report: Report, person: Callable[[Report], User], name: str
) -> None:
    client.force_login(person(report))
    answer = visit(client, name, report)
    missing = visit(
        client, name, ReportFactory.build(district=report.district, requested_by=report.requested_by)
    )
    assert answer.status_code == missing.status_code == 404
    assert _masked(answer) == _masked(missing)


def _masked(response: HttpResponse) -> str:
    """Without what differs between any two answers."""
    return re.sub(r"[0-9a-f-]{36}|value=\"\w+\"", "", response.content.decode())


@pytest.mark.parametrize("name", ROUTES)
def test_a_right_that_was_taken_away_takes_the_report_along(
    client: Client, report: Report, name: str
) -> None:
    assert visit(client, "report_download", report).status_code == 200
    report.requested_by.groups.clear()
    report.requested_by.groups.add(GroupFactory(tool=Tool.BATCH, rights="RW"))
    assert visit(client, name, report).status_code == 404


@pytest.mark.parametrize("name", ROUTES)
def test_a_row_that_is_not_seen_any_more_takes_the_report_along(
    client: Client, report: Report, builder: KeysBuilder, name: str
) -> None:
    builder.hidden = frozenset({report.subject_id})
    assert visit(client, name, report).status_code == 404


@pytest.mark.parametrize("name", ROUTES)
def test_a_person_who_moved_to_another_district_leaves_their_reports_behind(
    client: Client, report: Report, name: str
) -> None:
    User.objects.filter(pk=report.requested_by_id).update(district=DistrictFactory())
    assert visit(client, name, report).status_code == 404


@pytest.mark.parametrize("name", ROUTES)
def test_an_expired_link_is_dead_before_the_sweep_comes(client: Client, report: Report, name: str) -> None:
    Report.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert visit(client, name, report).status_code == 404


def test_a_state_user_has_the_reports_that_they_asked_for(client: Client, report: Report) -> None:
    asker = state(report)
    mine = ReportFactory(district=report.district, requested_by=asker)
    client.force_login(asker)
    assert visit(client, "report_download", mine).status_code == 200
