"""Renders one report: what a worker does with a wake-up.

The row of the report is the lock, as with chunks: whoever holds it works, and a killed worker's lock goes with its
transaction. The sweep then finds the row, and another worker renders it again.
"""

import logging
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from interchange.attempts import failure_of
from reports.actions import begin_attempt, fail_report, finish_report, retry_or_fail
from reports.choices import ReportFormat
from reports.document import MOST_KEYS, Document
from reports.docx import render_docx
from reports.exceptions import RenderingFailed, ReportError
from reports.models import Report
from reports.pdf import render_pdf
from reports.queries import open_reports
from reports.registry import builder_of

_log = logging.getLogger(__name__)
# Longer than a task may take: nothing is said to the database while the document is set.
_IDLE_TIMEOUT = "400s"
_RENDERERS: dict[str, Callable[[Document], bytes]] = {
    ReportFormat.PDF: render_pdf,
    ReportFormat.DOCX: render_docx,
}


def render_report(report_id: int) -> None:
    try:
        if _begin(report_id):
            _render(report_id)
    except ReportError as error:
        fail_report(report_id=report_id, reason=str(error))
    except Exception as error:  # without an end the person would wait for ever
        failure = failure_of(error, f"Report {report_id}")
        end = retry_or_fail if failure.may_help_to_retry else fail_report
        end(report_id=report_id, reason=failure.reason)


def _take(report_id: int) -> Report | None:
    """The report under its row lock, if it is open and nobody else has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [_IDLE_TIMEOUT])
    return open_reports().select_for_update(skip_locked=True, of=("self",)).filter(pk=report_id).first()


def _begin(report_id: int) -> bool:
    """In a transaction of its own: an attempt counts even if its worker is killed."""
    with transaction.atomic():
        taken = _take(report_id)
        return taken is not None and begin_attempt(report=taken)


def _render(report_id: int) -> None:
    with transaction.atomic():
        taken = _take(report_id)
        if taken is None:
            return
        content = _RENDERERS[taken.format](_build(taken))
        finish_report(report_id=report_id, content=content)
    _log.info("Report %s: %s bytes.", report_id, len(content))


def _build(report: Report) -> Document:
    builder = builder_of(report.kind)
    if builder is None:
        raise RenderingFailed("This kind of report is not made any more. Load the page again.")
    with timezone.override(ZoneInfo(report.district.time_zone)):
        document = builder.build(report)
    if document.key_count > MOST_KEYS:
        raise RenderingFailed(
            f"The report would list {document.key_count:,} keys, and {MOST_KEYS:,} are the most that a document holds. "
            "Ask for fewer objects, or for CSV where that is offered."
        )
    return document
