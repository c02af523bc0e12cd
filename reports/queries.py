"""What the pages and the workers read. The content is loaded only where it is sent."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import Http404

from districts.models import User
from districts.queries import districts_of, has_right
from reports.choices import OPEN_REPORT
from reports.models import Report
from reports.registry import Builder, builder_of


def reports() -> QuerySet[Report]:
    return Report.objects.select_related("district", "requested_by").defer("content")


def open_reports() -> QuerySet[Report]:
    return reports().filter(status__in=OPEN_REPORT)


def standing_reports() -> QuerySet[Report]:
    """Those that have not expired: what has, is gone for everybody, before the sweep takes it away."""
    return reports().filter(Q(expires_at__isnull=True) | Q(expires_at__gt=Now()))


def reports_of(kind: str, subject_id: int, user: User) -> Sequence[Report]:
    """The reports of a row that the user asked for, the latest of each format. For a page that shows the row."""
    asked = standing_reports().filter(kind=kind, subject_id=subject_id, requested_by=user)
    return list(asked.order_by("format", "-id").distinct("format"))


def allowed_builder(user: User, report: Report) -> Builder | None:
    """The builder of the report if the user may have it: their district, their right, and a row that they see."""
    builder = builder_of(report.kind)
    if builder is None or not has_right(user, builder.tool, builder.right):
        return None
    if not districts_of(user).filter(pk=report.district_id).exists():
        return None
    return builder if builder.may_see(user, report) else None


def report_for(user: User, token: UUID) -> tuple[Report, Builder]:
    """A report that the user asked for and still may have. Everything else answers as one that does not exist: 404."""
    report = standing_reports().filter(token=token, requested_by=user).first()
    builder = allowed_builder(user, report) if report else None
    if report is None or builder is None:
        raise Http404("There is no such report.")
    return report, builder


def content_of(report: Report) -> bytes:
    """Empty where it is gone by now."""
    content = Report.objects.filter(pk=report.pk).values_list("content", flat=True).first()
    return bytes(content or b"")
