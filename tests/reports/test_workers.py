"""A real beat and a real worker: a report that nobody woke, and one whose worker was killed."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from districts.models import District, User
from reports import actions
from reports.choices import ReportFormat, ReportStatus
from reports.models import Report
from tests.factories.report import ReportFactory
from tests.workers import beat, celery_process, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def worker(tmp_path: Path) -> object:
    pool = ["--pool=prefork", "--concurrency=1", "--queues=reports,sweep", "--without-mingle"]
    return celery_process(tmp_path, "worker", *pool, "--include", "tests.reports.kinds", "-n", "reports@test")


def test_a_forgotten_report_is_found_and_rendered(
    jefferson: District, reader: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "wake", lambda *_: None)  # the message is lost
    wanted = [
        actions.request_report(
            kind="keys", district=jefferson, subject_id=4_000, report_format=each, by=reader
        )
        for each in ReportFormat
    ]
    killed = ReportFactory(district=jefferson, requested_by=reader, status=ReportStatus.RENDERING, attempts=1)
    expired = ReportFactory(district=jefferson, requested_by=reader)
    Report.objects.filter(pk=expired.pk).update(expires_at=expired.ready_at)
    with beat(tmp_path), worker(tmp_path):  # type: ignore[attr-defined]
        wait_until(lambda: Report.objects.filter(status=ReportStatus.READY, size__gt=1_000).count() == 3)
        wait_until(lambda: not Report.objects.filter(pk=expired.pk).exists())
    assert {bytes(Report.objects.get(pk=each.pk).content[:4]) for each in wanted} == {b"%PDF", b"PK\x03\x04"}
    assert Report.objects.get(pk=killed.pk).attempts == 2


def test_a_worker_that_is_killed_in_the_middle_leaves_the_report_to_the_next(
    jefferson: District, reader: User, tmp_path: Path
) -> None:
    report = actions.request_report(
        kind="keys",
        district=jefferson,
        subject_id=100_000,
        report_format=ReportFormat.PDF,
        by=reader,
    )
    with beat(tmp_path), worker(tmp_path) as keeper:  # type: ignore[attr-defined]
        wait_until(lambda: Report.objects.get(pk=report.pk).status == ReportStatus.RENDERING)
        for child in psutil.Process(keeper.pid).children(recursive=True)[::-1]:
            os.kill(child.pid, signal.SIGKILL)
        wait_until(lambda: Report.objects.get(pk=report.pk).status == ReportStatus.READY)
    assert Report.objects.get(pk=report.pk).attempts == 2
