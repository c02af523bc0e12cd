"""Attendance Aggregation Refresh, for districts and the state; Attendance Resync Schedule, for the state."""

from uuid import uuid4
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from attendance.actions import start_refresh
from attendance.choices import OPEN_RUN, Weekday
from attendance.exceptions import RefreshRefused, ScheduleRefused
from attendance.forms import RefreshForm, WeeklyResyncForm
from attendance.page import RefreshPage, version_of
from attendance.queries import (
    districts_with_latest,
    refused_lately,
    runs_of,
    taking_part,
    weekly_resync,
    weeks,
)
from attendance.tables import DistrictsTable, WeeksTable
from attendance.weekly import change_weekly_resync, planned_for_tonight
from districts.choices import Right, Tool
from districts.exceptions import DistrictError
from districts.models import District
from districts.queries import district_for, district_matches, districts_of, has_right, require_right
from districts.requests import SignedInRequest, poll
from districts.tables import paginate

_DISTRICTS_ON_A_PAGE = 50
_WEEKS_ON_A_PAGE = 10
_REFUSALS_SHOWN = 50


@require_safe
def refresh(request: SignedInRequest, number: str | None = None) -> HttpResponse:
    require_right(request.user, Tool.ATTENDANCE_REFRESH, Right.READ)
    if number is None and request.user.is_state_user:
        return _districts(request)
    return _show(request, _district(request, number), "attendance/refresh.html")


@require_POST
def confirm(request: SignedInRequest, number: str) -> HttpResponse:
    district = _district_to_refresh(request, number)
    form = RefreshForm(request.POST)
    page = RefreshPage(request, district)
    chosen = [
        each for each in page.calendars if form.is_valid() and (form.chosen is None or each.id in form.chosen)
    ]
    if page.run or not chosen:
        messages.error(request, _why_not(page))
        return redirect("attendance_refresh_of_district", number)
    context = {"page": page, "chosen": chosen, "scope": form.cleaned_data["scope"], "token": uuid4()}
    return render(request, "attendance/confirm.html", context)


@require_POST
def start(request: SignedInRequest, number: str) -> HttpResponse:
    district = _district_to_refresh(request, number)
    form = RefreshForm(request.POST)
    try:
        if not form.is_valid():
            raise RefreshRefused("The form could not be read. Load the page again, then choose once more.")
        token = form.cleaned_data["token"]
        run = start_refresh(district=district, calendars=form.chosen, by=request.user, token=token)
    except DistrictError as error:
        messages.error(request, str(error))
    else:
        calendars = "1 calendar" if run.calendars_total == 1 else f"{run.calendars_total:,} calendars"
        messages.success(request, f"The refresh of {calendars} is on its way.")
    return redirect("attendance_refresh_of_district", number)


@poll
@require_safe
def live(request: SignedInRequest, number: str, run_id: int) -> HttpResponse:
    """How far the run is; 204 if nothing has changed, and the whole page again when it has ended."""
    require_right(request.user, Tool.ATTENDANCE_REFRESH, Right.READ)
    district = _district(request, number)
    run = get_object_or_404(runs_of(district), pk=run_id)
    if request.GET.get("seen") == version_of(run):
        return HttpResponse(status=204)
    if run.status not in OPEN_RUN:
        return HttpResponseClientRefresh()
    return render(request, "attendance/_run.html", {"page": RefreshPage(request, district, run)})


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: SignedInRequest) -> HttpResponse:
    require_right(request.user, Tool.ATTENDANCE_SCHEDULE, Right.READ)
    if not request.user.is_state_user:
        raise PermissionDenied("The schedule of the weekly resync is the state's.")
    form = WeeklyResyncForm(request.POST or None, stored=weekly_resync())
    if request.method == "POST":
        require_right(request.user, Tool.ATTENDANCE_SCHEDULE, Right.WRITE)
        if form.is_valid() and _change(request, form):
            return redirect("attendance_schedule")
    return _show_schedule(request, form)


def _change(request: SignedInRequest, form: WeeklyResyncForm) -> bool:
    wanted = form.cleaned_data
    try:
        change_weekly_resync(
            enabled=wanted["enabled"],
            weekday=Weekday(wanted["weekday"]),
            hour=wanted["hour"],
            spread=wanted["spread"],
            objects=wanted["attendance_objects"],
            check_dependencies=wanted["check_dependencies"],
            by=request.user,
        )
    except ScheduleRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, "The weekly resync of attendance is stored.")
    return True


def _show_schedule(request: SignedInRequest, form: WeeklyResyncForm) -> HttpResponse:
    table = WeeksTable(weeks())
    paginate(table, request, _WEEKS_ON_A_PAGE)
    refused = refused_lately()
    context = {
        "form": form,
        "stored": weekly_resync(),
        "may_change": has_right(request.user, Tool.ATTENDANCE_SCHEDULE, Right.WRITE),
        "taking_part": taking_part().count(),
        "planned": planned_for_tonight(),
        "weeks": table,
        "refused": refused[:_REFUSALS_SHOWN],
        "refused_more": max(0, refused.count() - _REFUSALS_SHOWN),
    }
    return render(request, "attendance/schedule.html", context, status=422 if form.errors else 200)


def _district(request: SignedInRequest, number: str | None) -> District:
    district = district_for(request.user, number)
    if not hasattr(district, "zone"):
        raise Http404(f"No zone links {district} to the state yet, so it has no school year to add up.")
    return district


def _district_to_refresh(request: SignedInRequest, number: str) -> District:
    require_right(request.user, Tool.ATTENDANCE_REFRESH, Right.READ)
    require_right(request.user, Tool.ATTENDANCE_REFRESH, Right.WRITE)
    return _district(request, number)


def _why_not(page: RefreshPage) -> str:
    if page.run:
        return "The attendance of this district is being added up at this moment. Refresh it when that has ended."
    return page.hindrance or "No calendar is chosen. Tick at least one, or choose all calendars."


def _show(request: SignedInRequest, district: District, template: str) -> HttpResponse:
    page = RefreshPage(request, district)
    with timezone.override(ZoneInfo(district.time_zone)):
        return render(request, template, {"page": page, "calendars": page.calendars})


def _districts(request: SignedInRequest) -> HttpResponse:
    words = request.GET.get("find", "").strip()[:100]
    found = districts_of(request.user).filter(district_matches(words)).exclude(zone=None)
    table = DistrictsTable(districts_with_latest(found))
    paginate(table, request, _DISTRICTS_ON_A_PAGE)
    return render(request, "attendance/districts.html", {"table": table, "words": words})
