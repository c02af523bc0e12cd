"""What asks for a report, and what ends it. PostgreSQL is the truth; a wake-up that is lost costs one sweep."""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.http import Http404

from audit.actions import record
from audit.choices import Action
from config.wakeups import wake
from districts.models import District, User
from reports.choices import OPEN_REPORT, STANDING_REPORT, ReportFormat, ReportStatus
from reports.exceptions import ReportRefused
from reports.models import Report
from reports.queries import allowed_builder, content_of, open_reports, reports

RENDER = "reports.tasks.render_report"
MOST_ATTEMPTS = 3
# So that one person does not keep all others waiting.
_MOST_OPEN_OF_A_PERSON = 5


def request_report(
    *,
    kind: str,
    district: District,
    subject_id: int,
    report_format: ReportFormat,
    by: User,
) -> Report:
    """Stores the report and wakes a worker, or returns the one that this person has of the same row and format.

    Raises Http404 where `by` may not have it, ReportRefused where too many of theirs are being prepared.
    """
    report = Report(
        kind=kind, district=district, subject_id=subject_id, format=report_format, requested_by=by
    )
    if allowed_builder(by, report) is None:
        raise Http404("There is no such report.")
    same = _same(report)
    _remove_ended(same)
    standing = same.first()
    if standing:
        return standing
    _refuse_too_many(by)
    return _store(report)


def _same(report: Report) -> QuerySet[Report]:
    return reports().filter(
        kind=report.kind,
        subject_id=report.subject_id,
        format=report.format,
        requested_by_id=report.requested_by_id,
        status__in=STANDING_REPORT,
    )


def _remove_ended(same: QuerySet[Report]) -> None:
    """What has expired would stand in the way of the new one until the sweep comes."""
    Report.objects.filter(pk__in=same.filter(expires_at__lte=Now()).values("pk")).delete()


def _refuse_too_many(by: User) -> None:
    if open_reports().filter(requested_by=by).count() >= _MOST_OPEN_OF_A_PERSON:
        raise ReportRefused(
            f"{_MOST_OPEN_OF_A_PERSON} of your reports are being prepared. Wait until one is ready, then ask again."
        )


def _store(report: Report) -> Report:
    try:
        with transaction.atomic():
            report.save(force_insert=True)
            _record(Action.REPORT_REQUESTED, report)
            transaction.on_commit(lambda: wake(RENDER, [report.pk]))
    except IntegrityError:
        standing = _same(report).first()  # somebody pressed twice
        if standing is None:
            raise
        return standing
    return reports().get(pk=report.pk)


def _record(action: Action, report: Report) -> None:
    record(
        action,
        by=report.requested_by,
        district=report.district,
        key=report.subject_id,
        count=1,
        facts={"report": report.kind, "format": report.format},
    )


@transaction.atomic
def hand_out(*, report: Report, by: User) -> bytes:
    """The content, recorded as downloaded. Raises Http404 where there is none, or none any more."""
    content = content_of(report) if report.requested_by_id == by.pk else b""
    if not content:
        raise Http404("There is no such report.")
    _record(Action.REPORT_DOWNLOADED, report)
    return content


def begin_attempt(*, report: Report) -> bool:
    """Returns whether the worker that holds the row may render it. Ends it where too many began and did not end."""
    if report.attempts >= MOST_ATTEMPTS:
        fail_report(
            report_id=report.pk,
            reason="The worker that prepared it was stopped several times. Try again, or tell the operator of Upstate.",
        )
        return False
    begun = Report.objects.filter(pk=report.pk, status__in=OPEN_REPORT).update(
        status=ReportStatus.RENDERING, attempts=F("attempts") + 1, changed_at=Now()
    )
    return begun == 1


def finish_report(*, report_id: int, content: bytes) -> bool:
    """Returns whether this call ended it."""
    return _end(report_id, status=ReportStatus.READY, content=content, size=len(content), ready_at=Now())


def fail_report(*, report_id: int, reason: str) -> bool:
    """`reason` is a sentence for the person who asked. Returns whether this call ended it."""
    return _end(report_id, status=ReportStatus.FAILED, reason=reason)


def _end(report_id: int, **changes: object) -> bool:
    expires_at = Now() + timedelta(hours=settings.REPORT_HOURS)
    ended = Report.objects.filter(pk=report_id, status__in=OPEN_REPORT)
    return ended.update(**changes, expires_at=expires_at, changed_at=Now()) == 1


def retry_or_fail(*, report_id: int, reason: str) -> None:
    """Puts it back in line while there are attempts left: the next sweep wakes it."""
    begun = Report.objects.filter(pk=report_id, status=ReportStatus.RENDERING, attempts__lt=MOST_ATTEMPTS)
    if not begun.update(status=ReportStatus.QUEUED, changed_at=Now()):
        fail_report(report_id=report_id, reason=reason)


def wake_forgotten_reports() -> int:
    """Wakes the reports that a lost message or a killed worker left behind: those whose row nobody holds."""
    with transaction.atomic():
        unheld = Report.objects.filter(status__in=OPEN_REPORT).select_for_update(skip_locked=True)
        forgotten = list(unheld.order_by("pk").values_list("pk", flat=True))
    wake(RENDER, forgotten)
    return len(forgotten)


def remove_expired_reports() -> int:
    removed, _ = Report.objects.filter(expires_at__lte=Now()).delete()
    return removed
