"""The fragment that tells how far a report is, and the report itself. Other apps' pages include the fragment."""

import re
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST, require_safe

from districts.requests import SignedInRequest, poll
from reports.actions import hand_out, request_report
from reports.choices import ReportFormat
from reports.exceptions import ReportRefused
from reports.models import Report
from reports.queries import report_for
from reports.registry import Builder


@poll
@require_safe
def live(request: SignedInRequest, report_token: UUID) -> HttpResponse:
    """How far it is; 204 if nothing has changed."""
    report, _ = report_for(request.user, report_token)
    if request.GET.get("seen") == report.version:
        return HttpResponse(status=204)
    return render(request, "reports/_report.html", {"report": report})


@require_GET
def download(request: SignedInRequest, report_token: UUID) -> HttpResponse:
    """The right, the district and the row are asked for again: they may have changed since the report was."""
    report, builder = report_for(request.user, report_token)
    content = hand_out(report=report, by=request.user)
    headers = {
        "Content-Disposition": content_disposition_header(True, _file_name(report, builder)) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type=ReportFormat(report.format).content_type, headers=headers)


@require_POST
def retry(request: SignedInRequest, report_token: UUID) -> HttpResponse:
    """Asks for a report that failed once more. One that did not fail is shown as it is."""
    report, builder = report_for(request.user, report_token)
    try:
        report = request_report(
            kind=report.kind,
            district=report.district,
            subject_id=report.subject_id,
            report_format=ReportFormat(report.format),
            by=request.user,
        )
    except ReportRefused as refusal:
        if not request.htmx:
            messages.error(request, str(refusal))
        return _show(request, report, builder, refusal=str(refusal))
    return _show(request, report, builder)


def _show(request: SignedInRequest, report: Report, builder: Builder, refusal: str = "") -> HttpResponse:
    if not request.htmx:
        return redirect(builder.page_url(report))
    return render(request, "reports/_report.html", {"report": report, "refusal": refusal})


def _file_name(report: Report, builder: Builder) -> str:
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", builder.file_name(report)).strip("-.") or "report"
    return f"{stem[:100]}.{report.format}"
