"""Resync State Data - Selective Sync (seed 004): the same for districts and the state, one district at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from districts.choices import Right, Tool
from districts.exceptions import DistrictError
from districts.models import District, SchoolYear
from districts.queries import district_for, districts_of, require_right
from districts.requests import SignedInRequest, poll
from districts.toolbar import chosen_district, chosen_year, open_year
from districts.views.toolbar import OFFERED
from interchange.exceptions import InterchangeError
from reports.actions import request_report
from reports.exceptions import ReportRefused
from reports.forms import ReportForm
from resync.wording import counted
from selective_sync.actions import clear_history, hide_request, request_sync
from selective_sync.choices import OPEN_SYNC
from selective_sync.exceptions import SearchRefused, SelectiveSyncRefused
from selective_sync.find import find_people
from selective_sync.forms import AgainForm, SyncForm
from selective_sync.models import SyncRequest
from selective_sync.page.line import news_of
from selective_sync.page.request import RequestPage
from selective_sync.page.sync import SyncPage, history_of, seen_version
from selective_sync.queries import ids_to_sync_again, request_for, visible_requests
from selective_sync.report import KIND

_ROWS_ASKED_FOR = 50


@require_safe
def selective_sync(request: SignedInRequest, number: str | None = None) -> HttpResponse:
    require_right(request.user, Tool.SELECTIVE_SYNC, Right.READ)
    if number is None and request.user.is_state_user:
        chosen = chosen_district(request)
        return redirect("selective_sync_of_district", chosen.number) if chosen else _choose(request)
    district = _district(request, number)
    return _show(SyncPage(request, district, chosen_year(request, district.zone)))


@require_POST
def find(request: SignedInRequest, number: str) -> HttpResponse:
    """Who is found, for htmx; without it the page again, with what is ticked in the box."""
    district = _district_to_sync(request, number)
    page = _page(request, district, SyncForm(request.POST, request.FILES))
    if page.words or request.htmx:
        _search(page)
    if request.htmx:
        with _time_of(district):
            return render(request, "selective_sync/_found.html", {"page": page})
    return _show(page)


@require_POST
def send(request: SignedInRequest, number: str) -> HttpResponse:
    district = _district_to_sync(request, number)
    form = SyncForm(request.POST, request.FILES)
    page = _page(request, district, form)
    try:
        asked = _send(page, form)
    except SelectiveSyncRefused as refusal:
        page.notice = str(refusal)
        return _show(page, status=422)
    ids = counted(_ids_of(asked), "record")
    messages.success(request, f"The sync of {ids} of {asked.object} is on its way.")
    return redirect("selective_sync_of_district", number)


@poll
@require_safe
def live(request: SignedInRequest, number: str) -> HttpResponse:
    """What has changed since the page last asked, in pieces that htmx puts in place; 204 if nothing has."""
    require_right(request.user, Tool.SELECTIVE_SYNC, Right.READ)
    district = _district(request, number)
    row_ids = _numbers(request.GET.get("rows", ""))
    if request.GET.get("seen") == seen_version(request.user, district, row_ids):
        return HttpResponse(status=204)
    page = SyncPage(request, district, chosen_year(request, district.zone))
    changed = list(history_of(request.user, district).filter(pk__in=row_ids))
    page.open_rows = [each for each in changed if each.status in OPEN_SYNC]
    context = {"page": page, "changed": page.table(changed), "news": news_of(page.live)}
    status = 200 if page.live_url else HTMX_STOP_POLLING
    with _time_of(district):
        return render(request, "selective_sync/live.html", context, status=status)


# ---- One request --------------------------------------------------------------------------------------------------


@require_safe
def sync_request(request: SignedInRequest, number: str, sync_id: int) -> HttpResponse:
    """A request on its own page; for htmx the part that is opened in the history, and what the page asks for while the
    request is open."""
    page = _request_page(request, number, sync_id)
    seen = request.GET.get("seen")
    if request.htmx and seen == page.version:
        return HttpResponse(status=204)
    template = "selective_sync/request.html"
    if request.htmx:
        template = "selective_sync/_opened.html" if seen is None else "selective_sync/_request.html"
    has_ended = request.htmx and seen is not None and not page.is_open
    with _time_of(page.district):
        return render(request, template, {"page": page}, status=HTMX_STOP_POLLING if has_ended else 200)


@require_POST
def again(request: SignedInRequest, number: str, sync_id: int) -> HttpResponse:
    """Syncs the IDs that failed once more."""
    district = _district_to_sync(request, number)
    earlier = request_for(request.user, district, sync_id)
    form = AgainForm(request.POST)
    if not form.is_valid():
        raise Http404("There is no such request.")
    try:
        asked = request_sync(
            district=district,
            school_year=open_year(district.zone, earlier.school_year_id),
            object_name=earlier.object,
            ids=ids_to_sync_again(earlier),
            with_children=earlier.with_children,
            with_missing_parents=form.cleaned_data["with_missing_parents"],
            by=request.user,
            token=form.cleaned_data["token"],
        )
    except (SelectiveSyncRefused, Http404) as refusal:
        messages.error(request, str(refusal))
        return redirect("sync_request", number, sync_id)
    messages.success(request, f"The sync of {counted(_ids_of(asked), 'record')} is on its way again.")
    return redirect("selective_sync_of_district", number)


@require_POST
def report(request: SignedInRequest, number: str, sync_id: int) -> HttpResponse:
    page = _request_page(request, number, sync_id)
    form = ReportForm(request.POST)
    try:
        if not form.is_valid():
            raise ReportRefused("Choose PDF or DOCX, then press Generate Report again.")
        request_report(
            kind=KIND,
            district=page.district,
            subject_id=sync_id,
            report_format=form.chosen,
            by=request.user,
        )
    except ReportRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{page.url}#report")


# ---- The history --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: SignedInRequest, number: str, sync_id: int) -> HttpResponse:
    """Asks whether a request is to be deleted from the history; a POST deletes it."""
    district = _district_to_clear(request, number)
    asked = request_for(request.user, district, sync_id)
    if request.method == "POST":
        try:
            hide_request(sync_request=asked, by=request.user)
        except SelectiveSyncRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "The request is deleted from the history.")
        return redirect("selective_sync_of_district", number)
    with _time_of(district):
        return render(request, "selective_sync/delete.html", {"page": RequestPage(request, district, asked)})


@require_http_methods(["GET", "HEAD", "POST"])
def clear(request: SignedInRequest, number: str) -> HttpResponse:
    """Asks whether the whole history is to be cleared; a POST clears it."""
    district = _district_to_clear(request, number)
    if request.method == "POST":
        cleared = clear_history(district=district, by=request.user)
        messages.success(request, f"{counted(cleared, 'request')} deleted from the history.")
        return redirect("selective_sync_of_district", number)
    requests = visible_requests(request.user, district)
    still_open = requests.filter(status__in=OPEN_SYNC).count()
    context = {"district": district, "count": requests.count() - still_open, "still_open": still_open}
    return render(request, "selective_sync/clear.html", context)


# ---- What they share ----------------------------------------------------------------------------------------------


def _choose(request: SignedInRequest) -> HttpResponse:
    """A sync is of one district: the state chooses it first."""
    districts = districts_of(request.user).exclude(zone=None)
    context = {
        "districts": districts[:OFFERED],
        "more": max(0, districts.count() - OFFERED),
        "next": request.path,
        "must_choose": True,
    }
    return render(request, "selective_sync/choose.html", context)


def _district(request: SignedInRequest, number: str | None) -> District:
    district = district_for(request.user, number)
    if not hasattr(district, "zone"):
        raise Http404(f"No zone links {district} to the state yet, so there is nothing to sync.")
    return district


def _district_to_sync(request: SignedInRequest, number: str) -> District:
    require_right(request.user, Tool.SELECTIVE_SYNC, Right.READ)
    require_right(request.user, Tool.SELECTIVE_SYNC, Right.WRITE)
    return _district(request, number)


def _district_to_clear(request: SignedInRequest, number: str) -> District:
    require_right(request.user, Tool.SELECTIVE_SYNC, Right.READ)
    require_right(request.user, Tool.SELECTIVE_SYNC, Right.DELETE)
    return _district(request, number)


def _request_page(request: SignedInRequest, number: str, sync_id: int) -> RequestPage:
    require_right(request.user, Tool.SELECTIVE_SYNC, Right.READ)
    district = _district(request, number)
    return RequestPage(request, district, request_for(request.user, district, sync_id))


@contextmanager
def _time_of(district: District) -> Iterator[None]:
    with timezone.override(ZoneInfo(district.time_zone)):
        yield


def _show(page: SyncPage, status: int = 200) -> HttpResponse:
    with _time_of(page.district):
        return render(page.request, "selective_sync/sync.html", {"page": page}, status=status)


def _page(request: SignedInRequest, district: District, form: SyncForm) -> SyncPage:
    """The page with what the form holds, whether or not it can be synced."""
    form.is_valid()
    page = SyncPage(request, district, _year_of(request, district, form), form)
    try:
        page.text = form.text()
    except SelectiveSyncRefused as refusal:
        page.text, page.notice = form.typed, str(refusal)
    return page


def _year_of(request: SignedInRequest, district: District, form: SyncForm) -> SchoolYear:
    """The year of the page: another tab may have chosen another one since."""
    try:
        return open_year(district.zone, form.cleaned_data.get("school_year"))
    except Http404:
        return chosen_year(request, district.zone)


def _send(page: SyncPage, form: SyncForm) -> SyncRequest:
    """Raises SelectiveSyncRefused."""
    form.check()
    if page.notice:
        raise SelectiveSyncRefused(page.notice)
    if form.cleaned_data["school_year"] not in (None, page.school_year.pk):
        raise SelectiveSyncRefused(
            "The zone does not sync that school year any more. Look at the year, then press Sync."
        )
    read = page.read
    ids = read.ids if read else ()
    if read and read.problem and not form.leaves_out(read):
        raise SelectiveSyncRefused(read.problem)
    return request_sync(
        district=page.district,
        school_year=page.school_year,
        object_name=form.cleaned_data["object"],
        ids=ids,
        with_children=form.cleaned_data["with_children"],
        by=page.user,
        token=form.cleaned_data["token"],
    )


def _search(page: SyncPage) -> None:
    try:
        page.found = find_people(
            district=page.district,
            school_year=page.school_year,
            text=page.words,
            by=page.user,
        )
    except (SearchRefused, DistrictError, InterchangeError) as refusal:
        page.search_refusal = str(refusal)


def _numbers(text: str) -> list[int]:
    """The requests whose rows are on the page, from the address that the page was given."""
    numbers = text.split(".")[:_ROWS_ASKED_FOR]
    return [int(each) for each in numbers if each.isascii() and each.isdigit() and len(each) < 19]


def _ids_of(asked: SyncRequest) -> int:
    return asked.objects_in_order.get(role="chosen").keys_total
