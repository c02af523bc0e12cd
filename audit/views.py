"""Audit Log: who did what, when and from where."""

from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from audit import wording
from audit.actions import record_download
from audit.choices import Action
from audit.forms import AuditForm
from audit.queries import PAGE, AuditFilter, audit_entries
from audit.tables import AuditTable
from districts.choices import Right, Tool
from districts.csv_download import Cell, csv_response, file_name
from districts.district_filter import district_filter
from districts.queries import require_right
from districts.requests import SignedInRequest
from districts.tables import paginate

_HEAD = ("Time", "Who", "What", "About", "District", "From")
_AT_ONCE = 500


@require_safe
def audit_log(request: SignedInRequest) -> HttpResponse:
    require_right(request.user, Tool.AUDIT_LOG, Right.READ)
    of = district_filter(request)
    with of.in_its_time_zone():
        form = AuditForm(request.GET)
        asked = form.asked(request.user, of.district)
        table = AuditTable(audit_entries(asked), exclude=("district",) if of.district else ())
        paginate(table, request, PAGE)
        context = {
            "of": of,
            "form": form,
            "table": table,
            "actions": Action.choices,
            "csv_url": f"{reverse('audit_log_csv')}?{request.GET.urlencode()}",
        }
        return render(request, "audit/audit_log.html", context)


@require_POST
def audit_log_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """Everything under the filter. By POST, because each download is recorded."""
    require_right(request.user, Tool.AUDIT_LOG, Right.READ)
    of = district_filter(request)
    with of.in_its_time_zone():
        asked = AuditForm(request.GET).asked(request.user, of.district)
        count = audit_entries(asked).count()
        record_download("audit log", by=request.user, district=of.district, count=count)
        return csv_response(file_name("audit-log", of.value), _HEAD, _rows(asked))


def _rows(asked: AuditFilter) -> Iterator[tuple[Cell, ...]]:
    for each in audit_entries(asked).iterator(_AT_ONCE):
        who = each.by.username if each.by else ""
        district = each.district.number if each.district else ""
        yield each.at, who, each.get_action_display(), wording.about(each), district, each.address or ""
