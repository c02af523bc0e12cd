"""Zones: each district's school year, and its switch to the next one."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from districts.choices import Right, Tool
from districts.models import District
from districts.queries import district_for, has_right, require_right
from districts.requests import SignedInRequest
from districts.tables import paginate
from resync import wording
from resync.exceptions import SwitchRefused
from resync.forms import FoundZonesForm, SwitchForm, ZoneFilterForm, ZoneFlag, ZoneFlagsForm
from resync.mandatory import end_of_year, start_of_year_due
from resync.tables.zones import SwitchTable, ZoneTable
from resync.zones import (
    has_open_batch,
    phrase_for,
    set_flag_of_zones,
    set_zone_flags,
    switch_zone,
    year_after,
)

_ON_A_PAGE = 100


@require_safe
def zones(request: SignedInRequest) -> HttpResponse:
    require_right(request.user, Tool.ZONES, Right.READ)
    form = ZoneFilterForm(request.GET)
    districts = form.found(request.user)
    can_change = request.user.is_state_user and has_right(request.user, Tool.ZONES, Right.WRITE)
    table = ZoneTable(
        districts, can_change=can_change, can_switch=has_right(request.user, Tool.ZONES, Right.WRITE)
    )
    paginate(table, request, _ON_A_PAGE)
    context = {"table": table, "filter": form, "can_change": can_change, "flags": ZoneFlag.choices}
    return render(request, "resync/zones.html", context)


@require_POST
def change_zones(request: SignedInRequest) -> HttpResponse:
    """The boxes of one page of the table."""
    _require_state_writer(request)
    form = ZoneFlagsForm(request.POST)
    if form.is_valid():
        changed = set_zone_flags(changes=form.changes(), by=request.user)
        messages.success(request, wording.saved(changed))
    return _back(request)


@require_POST
def change_found_zones(request: SignedInRequest) -> HttpResponse:
    """One setting of all districts that the table's filter finds."""
    _require_state_writer(request)
    form = FoundZonesForm(request.POST)
    if form.is_valid():
        found = ZoneFilterForm(request.POST).found(request.user)
        changed = set_flag_of_zones(
            numbers=found.values_list("number", flat=True), by=request.user, **form.cleaned_data
        )
        messages.success(request, wording.saved(changed))
    return _back(request)


@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: SignedInRequest, number: str) -> HttpResponse:
    require_right(request.user, Tool.ZONES, Right.READ)
    district = _district(request, number)
    if request.method != "POST":
        return _show_switch(request, district)
    require_right(request.user, Tool.ZONES, Right.WRITE)
    form = SwitchForm(request.POST)
    if not form.is_valid():
        return _show_switch(request, district, notice="The form could not be read. Try again.", status=422)
    try:
        made = switch_zone(district=district, by=request.user, **form.cleaned_data)
    except SwitchRefused as refusal:
        return _show_switch(request, district, notice=str(refusal), status=422)
    messages.success(request, f"The zone of {district} is in the school year {made.to_year} now.")
    return redirect("zone_switch", number)


def _require_state_writer(request: SignedInRequest) -> None:
    require_right(request.user, Tool.ZONES, Right.READ)
    require_right(request.user, Tool.ZONES, Right.WRITE)
    if not request.user.is_state_user:
        raise PermissionDenied("The settings of zones are the state's.")


def _back(request: SignedInRequest) -> HttpResponse:
    """To the page of the table that the form was on."""
    address = request.POST.get("back", "")
    return redirect(address if url_has_allowed_host_and_scheme(address, allowed_hosts=None) else "zones")


def _district(request: SignedInRequest, number: str) -> District:
    district = district_for(request.user, number)
    if not hasattr(district, "zone"):
        raise Http404(f"No zone links {district} to the state yet, so there is no school year to switch.")
    return district


def _show_switch(
    request: SignedInRequest, district: District, *, notice: str = "", status: int = 200
) -> HttpResponse:
    with timezone.override(ZoneInfo(district.time_zone)):
        context = _switch_context(request, district) | {"notice": notice}
        return render(request, "resync/zone_switch.html", context, status=status)


def _switch_context(request: SignedInRequest, district: District) -> dict[str, Any]:
    switches = district.zone_switches.select_related("switched_by").order_by("-pk")
    return {
        "district": district,
        "zone": district.zone,
        "to_year": year_after(district.zone.school_year),
        "can_switch": has_right(request.user, Tool.ZONES, Right.WRITE),
        "may_resync": has_right(request.user, Tool.BATCH, Right.READ),
        "end": end_of_year(request.user, district),
        "due": start_of_year_due(request.user, district),
        "is_busy": has_open_batch(district),
        "phrase": phrase_for(district),
        "days": settings.ZONE_RESYNC_DAYS,
        "history": SwitchTable(switches),
    }
