"""Verification Summary: the districts, and the objects of one."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import HTMX_STOP_POLLING, HttpResponseClientRefresh

from districts.choices import Right, Tool
from districts.models import District
from districts.queries import require_right
from districts.requests import SignedInRequest, poll
from districts.toolbar import chosen_district
from verification.page.summary import SummaryPage
from verification.views.places import district_of, in_time_of


@require_safe
def summary(request: SignedInRequest, number: str | None = None) -> HttpResponse:
    district = _district(request, number)
    with _time_of(district):
        return render(request, "verification/summary.html", {"page": SummaryPage(request, district)})


@poll
@require_safe
def live(request: SignedInRequest, number: str | None = None) -> HttpResponse:
    """What has changed since the page last asked, in pieces that htmx puts in place; 204 if nothing has."""
    district = _district(request, number)
    with _time_of(district):
        page = SummaryPage(request, district, request.GET.get("seen", ""))
        if page.has_new_rows:
            return HttpResponseClientRefresh()
        if not page.has_news and page.is_open:
            return HttpResponse(status=204)
        status = 200 if page.is_open else HTMX_STOP_POLLING
        return render(request, "verification/live.html", {"page": page}, status=status)


def _district(request: SignedInRequest, number: str | None) -> District | None:
    """None where a user of the state has chosen none."""
    require_right(request.user, Tool.VERIFICATION, Right.READ)
    if number is None and request.user.is_state_user:
        chosen = chosen_district(request)
        return chosen if chosen and hasattr(chosen, "zone") else None
    return district_of(request, number)


def _time_of(district: District | None) -> timezone.override:
    return in_time_of(district) if district else timezone.override(timezone.get_current_timezone())
