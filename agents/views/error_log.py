"""Error Log: what went wrong that is not a record."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from agents.actions import clear_error_log
from agents.forms import EntryForm
from agents.queries import PAGE, EntryFilter, error_log_entries
from agents.tables import EntryTable
from districts.choices import Right, Tool
from districts.district_filter import DistrictFilter, district_filter
from districts.queries import has_right, require_right
from districts.requests import SignedInRequest
from districts.tables import paginate


@require_safe
def error_log(request: SignedInRequest) -> HttpResponse:
    require_right(request.user, Tool.ERROR_LOG, Right.READ)
    of = district_filter(request)
    with of.in_its_time_zone():
        form = EntryForm(request.GET)
        asked = form.asked(request.user, of.district)
        return render(request, "agents/error_log.html", _context(request, of, form, asked))


@require_http_methods(["GET", "HEAD", "POST"])
def clear(request: SignedInRequest) -> HttpResponse:
    """Asks whether what the filter shows is to be cleared; a POST clears it."""
    require_right(request.user, Tool.ERROR_LOG, Right.READ)
    require_right(request.user, Tool.ERROR_LOG, Right.DELETE)
    of = district_filter(request)
    with of.in_its_time_zone():
        asked = EntryForm(request.GET).asked(request.user, of.district)
    if request.method == "POST":
        cleared = clear_error_log(asked=asked, up_to=_up_to(request.POST), by=request.user)
        messages.success(request, f"{cleared:,} {'entry was' if cleared == 1 else 'entries were'} cleared.")
        return redirect(_back(request))
    entries = error_log_entries(asked).filter(cleared_at=None)
    newest = entries.first()
    context = {
        "of": of,
        "count": entries.count(),
        "up_to": newest.pk if newest else 0,
        "back": _back(request),
    }
    return render(request, "agents/error_log_clear.html", context)


def _up_to(posted: QueryDict) -> int:
    """The newest entry that the person was asked about; nothing without it."""
    text = posted.get("up_to", "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _back(request: SignedInRequest) -> str:
    return f"{reverse('error_log')}?{request.GET.urlencode()}".rstrip("?")


def _context(
    request: SignedInRequest, of: DistrictFilter, form: EntryForm, asked: EntryFilter
) -> dict[str, Any]:
    shown = error_log_entries(asked)
    hidden = ["district"] * (of.district is not None) + ["cleared_at"] * (not asked.with_cleared)
    table = EntryTable(
        shown, links_batches=has_right(request.user, Tool.BATCH, Right.READ), exclude=tuple(hidden)
    )
    paginate(table, request, PAGE)
    everything = error_log_entries(EntryFilter(request.user, of.district, with_cleared=asked.with_cleared))
    kinds = list(everything.order_by().values_list("object", "code").distinct())
    may_clear = has_right(request.user, Tool.ERROR_LOG, Right.DELETE)
    return {
        "of": of,
        "form": form,
        "table": table,
        "objects": sorted({name for name, _ in kinds if name}),
        "codes": sorted({code for _, code in kinds}),
        "can_clear": may_clear and shown.filter(cleared_at=None).exists(),
        "clear_url": f"{reverse('error_log_clear')}?{request.GET.urlencode()}",
    }
