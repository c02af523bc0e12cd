"""What asks for a report, renders it and ends it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F
from django.http import Http404
from django.utils import timezone
from pytest_django import Settings

from audit.choices import Action
from audit.models import AuditEntry
from districts.exceptions import DistrictNotConnected, DistrictUnreachable
from districts.models import District, User
from reports import actions, queries, registry, rendering, tasks
from reports.building import document_of, local_time
from reports.choices import OPEN_REPORT, ReportFormat, ReportStatus
from reports.exceptions import RenderingFailed, ReportRefused
from reports.models import Report
from tests.factories.district import DistrictFactory
from tests.factories.report import ReportFactory
from tests.factories.user import UserFactory
from tests.reports.kinds import KeysBuilder

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch, builder: KeysBuilder) -> list[int]:
    """The reports for which a worker was woken."""
    sent: list[int] = []
    monkeypatch.setattr(actions, "wake", lambda task, ids: sent.extend(ids))
    return sent


def ask(by: User, subject_id: int = 3, report_format: ReportFormat = ReportFormat.PDF, **more: Any) -> Report:
    wanted = {
        "kind": "keys",
        "district": by.district,
        "subject_id": subject_id,
        "report_format": report_format,
    }
    return actions.request_report(**(wanted | more), by=by)


def render(report: Report) -> Report:
    rendering.render_report(report.pk)
    report.refresh_from_db()
    return report


# ---- Asking --------------------------------------------------------------------------------------------------


def test_a_report_is_stored_recorded_and_wakes_a_worker(
    reader: User, woken: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        report = ask(reader)
    assert (report.status, report.attempts, report.requested_by) == (ReportStatus.QUEUED, 0, reader)
    assert woken == [report.pk]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.district) == (Action.REPORT_REQUESTED, reader, reader.district)
    assert (entry.key, entry.facts) == (3, {"report": "keys", "format": "pdf"})


@pytest.mark.parametrize("status", [*OPEN_REPORT, ReportStatus.READY])
def test_asking_again_gives_the_same_report(reader: User, woken: list[int], status: str) -> None:
    standing = ReportFactory(district=reader.district, requested_by=reader, subject_id=3, status=status)
    assert ask(reader) == standing
    assert (woken, AuditEntry.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    "other", [{"subject_id": 4}, {"report_format": ReportFormat.DOCX}, {"kind": "other keys"}]
)
def test_another_row_format_or_kind_is_another_report(
    reader: User, other: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry._builders, "other keys", KeysBuilder())
    assert ask(reader, **other) != ask(reader)


def test_another_person_gets_a_report_of_their_own(reader: User) -> None:
    colleague = UserFactory(district=reader.district, rights="", everywhere="R")
    assert ask(colleague).token != ask(reader).token


def test_a_report_that_failed_or_expired_is_asked_for_anew(reader: User) -> None:
    mine = {"district": reader.district, "requested_by": reader, "subject_id": 3}
    failed = ReportFactory(**mine, status=ReportStatus.FAILED)
    expired = ReportFactory(**mine, expires_at=timezone.now())
    asked = ask(reader)
    assert asked not in (failed, expired)
    assert asked.status == ReportStatus.QUEUED


def test_two_that_ask_at_once_get_one_report(reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one did not see the first, and meets the constraint."""
    first = ask(reader)
    same, seen = actions._same, []

    def blind_at_first(report: Report) -> Any:
        seen.append(report)
        return same(report) if len(seen) > 1 else same(report).none()

    monkeypatch.setattr(actions, "_same", blind_at_first)
    assert ask(reader) == first
    assert len(seen) == 2


def test_a_person_may_have_five_reports_prepared_at_once(reader: User) -> None:
    for subject_id in range(1, 6):
        ask(reader, subject_id)
    with pytest.raises(ReportRefused, match="5 of your reports are being prepared"):
        ask(reader, 6)
    Report.objects.update(status=ReportStatus.FAILED, reason="x", expires_at=timezone.now())
    ask(reader, 6)


def test_nobody_asks_for_what_they_may_not_have(reader: User, builder: KeysBuilder) -> None:
    builder.hidden = frozenset({9})
    without_right = UserFactory(district=reader.district, rights="RW")  # on Batch alone
    for by, more in [
        (without_right, {}),
        (reader, {"district": DistrictFactory()}),
        (reader, {"subject_id": 9}),
        (reader, {"kind": "unknown"}),
    ]:
        with pytest.raises(Http404):
            ask(by, **more)
    assert not Report.objects.exists()


def test_a_kind_has_one_builder(builder: KeysBuilder) -> None:
    class Another(KeysBuilder):
        pass

    registry.register("keys", KeysBuilder())
    with pytest.raises(ValueError, match="has a builder already"):
        registry.register("keys", Another())


# ---- Rendering -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("report_format", "begins"), [(ReportFormat.PDF, b"%PDF-"), (ReportFormat.DOCX, b"PK")]
)
def test_a_report_is_rendered_and_kept_for_a_day(
    reader: User, settings: Settings, report_format: ReportFormat, begins: bytes
) -> None:
    settings.REPORT_HOURS = 24
    report = render(ask(reader, report_format=report_format))
    assert (report.status, report.attempts, report.reason) == (ReportStatus.READY, 1, "")
    assert bytes(report.content).startswith(begins)
    assert report.size == len(report.content)
    assert report.expires_at - report.ready_at == timedelta(hours=24)


def test_a_report_that_has_ended_is_not_rendered_again(reader: User) -> None:
    report = render(ask(reader))
    version = report.version
    assert render(report).version == version


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (RenderingFailed("The fonts are missing."), "The fonts are missing."),
        (DistrictNotConnected("No database is entered."), "No database is entered."),
    ],
)
def test_what_another_attempt_cannot_mend_fails_at_once(
    reader: User, builder: KeysBuilder, error: Exception, told: str
) -> None:
    builder.error = error
    report = render(ask(reader))
    assert (report.status, report.attempts, report.reason) == (ReportStatus.FAILED, 1, told)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DistrictUnreachable("The database does not answer."), "The database does not answer."),
        (
            KeyError("Miller, Ann"),
            "An unexpected error stopped it (KeyError). Tell the operator of Upstate.",
        ),
        (
            OperationalError("Miller, Ann"),
            "The state's database refused (error OperationalError). Tell the operator of Upstate.",
        ),
    ],
)
def test_other_faults_are_tried_three_times_and_told_without_a_value(
    reader: User, builder: KeysBuilder, error: Exception, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    builder.error = error
    report = ask(reader)
    statuses = [render(report).status for _ in range(3)]
    assert statuses == [ReportStatus.QUEUED, ReportStatus.QUEUED, ReportStatus.FAILED]
    assert (report.reason, report.content) == (told, None)
    assert "Miller" not in caplog.text


def test_a_fault_that_passes_leaves_no_trace(reader: User, builder: KeysBuilder) -> None:
    builder.error = KeyError()
    report = render(ask(reader))
    builder.error = None
    assert (render(report).status, report.attempts, report.reason) == (ReportStatus.READY, 2, "")


def test_a_report_whose_workers_are_killed_is_not_begun_for_ever(reader: User) -> None:
    report = ask(reader)
    Report.objects.update(status=ReportStatus.RENDERING, attempts=actions.MOST_ATTEMPTS)
    assert render(report).status == ReportStatus.FAILED
    assert "was stopped several times" in report.reason
    assert report.attempts == actions.MOST_ATTEMPTS


def test_a_kind_that_is_not_made_any_more_ends_with_a_sentence(
    reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = ask(reader)
    monkeypatch.delitem(registry._builders, "keys")
    assert "is not made any more" in render(report).reason


def test_a_report_that_would_need_too_much_memory_is_refused_with_a_sentence(
    reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "MOST_KEYS", 1_233)
    assert render(ask(reader, 1_233)).status == ReportStatus.READY
    refused = render(ask(reader, 1_234))
    assert (refused.status, refused.attempts) == (ReportStatus.FAILED, 1)
    assert "would list 1,234 keys" in refused.reason


@pytest.mark.django_db(transaction=True)
def test_a_report_that_a_worker_holds_is_left_to_it(reader: User, woken: list[int]) -> None:
    report = ask(reader)
    woken.clear()
    with held(report):
        assert render(report).attempts == 0
        assert actions.wake_forgotten_reports() == 0
    assert actions.wake_forgotten_reports() == 1
    assert woken == [report.pk]


@contextmanager
def held(report: Report) -> Iterator[None]:
    """Another connection holds the row. Who waits for it does not do so for ever."""
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor, connection.cursor() as ours:
            ours.execute("SET lock_timeout = '3s'")
            cursor.execute("SELECT 1 FROM reports_report WHERE id = %s FOR UPDATE", [report.pk])
            yield
            other.rollback()
    finally:
        other.close()
        connection.close()  # it may keep the setting


# ---- The sweep -----------------------------------------------------------------------------------------------


def test_the_sweep_wakes_what_was_left_behind_and_removes_what_expired(
    reader: User, woken: list[int]
) -> None:
    queued, rendering_, ready, failed = [
        ReportFactory(district=reader.district, requested_by=reader, status=status)
        for status in ("queued", "rendering", "ready", "failed")
    ]
    soon = timezone.now() + timedelta(minutes=1)
    Report.objects.filter(pk=ready.pk).update(expires_at=soon)
    Report.objects.filter(pk=failed.pk).update(expires_at=timezone.now())
    tasks.sweep()
    assert woken == [queued.pk, rendering_.pk]
    assert set(Report.objects.all()) == {queued, rendering_, ready}


# ---- What pages read -----------------------------------------------------------------------------------------


def test_a_page_shows_the_latest_report_of_each_format_that_the_person_asked_for(reader: User) -> None:
    mine = {"district": reader.district, "requested_by": reader, "subject_id": 3}
    ReportFactory(**mine, status="failed")
    pdf, word = ReportFactory(**mine), ReportFactory(**mine, format="docx")
    ReportFactory(district=reader.district, subject_id=3)  # a colleague's
    ReportFactory(**mine | {"subject_id": 4})
    ReportFactory(**mine, kind="other keys")
    assert list(queries.reports_of("keys", 3, reader)) == [word, pdf]
    Report.objects.filter(pk=word.pk).update(expires_at=timezone.now())
    assert list(queries.reports_of("keys", 3, reader)) == [pdf]


def test_the_content_is_loaded_only_to_be_sent(reader: User) -> None:
    report = ReportFactory(district=reader.district, requested_by=reader)
    assert "content" in queries.reports().get(pk=report.pk).get_deferred_fields()
    assert "content" in queries.report_for(reader, report.token)[0].get_deferred_fields()


def test_times_are_the_districts_and_the_head_names_it(jefferson: District) -> None:
    moment = timezone.datetime(2013, 1, 4, 20, 7, 10, tzinfo=timezone.get_fixed_timezone(0))
    assert local_time(jefferson, moment) == "01/04/2013 03:07:10 PM"
    document = document_of(jefferson, title="Sync Request History")
    assert (document.header, document.subtitle) == ("275 Jefferson County District", "Jefferson County")
    assert document.generated.startswith("Generated on ")


# ---- Rules of the table --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "change", "constraint"),
    [
        ("queued", {"content": b"x", "size": 1, "ready_at": timezone.now()}, "report_is_ready_iff"),
        ("queued", {"ready_at": timezone.now()}, "report_is_ready_iff"),
        ("failed", {"size": 1}, "report_is_ready_iff"),
        ("ready", {"content": None, "size": None, "ready_at": None}, "report_is_ready_iff"),
        ("ready", {"ready_at": None}, "report_is_ready_iff"),
        ("ready", {"content": b"", "size": 0}, "report_is_ready_iff"),
        ("ready", {"size": F("size") + 1}, "report_has_the_size"),
        ("ready", {"expires_at": None}, "report_expires_iff"),
        ("failed", {"expires_at": None}, "report_expires_iff"),
        ("rendering", {"expires_at": timezone.now()}, "report_expires_iff"),
        ("failed", {"reason": ""}, "report_has_a_reason_iff"),
        ("ready", {"reason": "Why?"}, "report_has_a_reason_iff"),
        ("queued", {"status": "lost", "expires_at": timezone.now()}, "report_knows_its_format"),
        ("queued", {"format": "exe"}, "report_knows_its_format"),
        ("queued", {"attempts": -1}, "attempts"),
    ],
)
def test_the_database_refuses(status: str, change: dict[str, Any], constraint: str) -> None:
    report = ReportFactory(status=status)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(**change)


@pytest.mark.parametrize("statuses", [("queued", "queued"), ("rendering", "ready"), ("ready", "queued")])
def test_a_person_has_one_standing_report_of_a_row_and_format(
    reader: User, statuses: tuple[str, str]
) -> None:
    mine = {"district": reader.district, "requested_by": reader, "subject_id": 3}
    ReportFactory(**mine, status=statuses[0])
    with pytest.raises(IntegrityError, match="one_standing_report"), transaction.atomic():
        ReportFactory(**mine, status=statuses[1])
    ReportFactory(**mine, status="failed")


def test_no_two_reports_share_an_address() -> None:
    token = uuid4()
    ReportFactory(token=token)
    with pytest.raises(IntegrityError, match="token"), transaction.atomic():
        ReportFactory(token=token)
