"""Resync State Data - Batch, at the state's level (seed 003): requests of many districts, and their progress."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING, retarget

from districts.choices import Right, Tool
from districts.models import District, SchoolYear
from districts.queries import district_matches, districts_of, require_right
from districts.requests import SignedInRequest, poll
from resync import wording
from resync.choices import STARTED_BATCH
from resync.exceptions import ResyncRefused
from resync.forms import RequestForm
from resync.models import Batch, ResyncRequest
from resync.page.request import RequestPage
from resync.page.state import StatePage
from resync.plan import PlannedObject
from resync.progress import last_batches_of, progress_of_batches, rows_changed_since, version_of_rows
from resync.requests import cancel_request, plan_request, request_resync, retry_request
from resync.tables.requests import DistrictTable

_DISTRICTS_PER_PAGE = 100


# ---- What can be asked of whom -------------------------------------------------------------------------------


def state(request: SignedInRequest) -> HttpResponse:
    """The page of the tool for a user of the state who has chosen no district."""
    _require_state(request, Right.READ)
    year = request.GET.get("year", "")
    return _show(request, StatePage(request, int(year) if year.isdecimal() and len(year) == 4 else None))


@require_POST
def draft(request: SignedInRequest) -> HttpResponse:
    """The same page with what the person has ticked so far: for another school year, or after the question."""
    _require_state(request, Right.WRITE)
    form = RequestForm(request.POST)
    return _show_again(request, form, status=200)


@require_POST
def confirm(request: SignedInRequest) -> HttpResponse:
    _require_state(request, Right.WRITE)
    form = RequestForm(request.POST)
    try:
        wanted = _wanted(request, form)
        plan = plan_request(**wanted)
    except ResyncRefused as refusal:
        return _show_refusal(request, form, str(refusal))
    template = "resync/_request_confirm.html" if request.htmx else "resync/request_confirm.html"
    return render(request, template, _confirmation(form, plan, **wanted))


@require_POST
def send(request: SignedInRequest) -> HttpResponse:
    _require_state(request, Right.WRITE)
    form = RequestForm(request.POST)
    try:
        asked = request_resync(**_wanted(request, form), by=request.user, token=form.cleaned_data["token"])
    except ResyncRefused as refusal:
        return _show_refusal(request, form, str(refusal))
    districts = wording.counted(asked.batches.values("district").distinct().count(), "district")
    messages.success(request, f"Resync requested of {districts} for the school year {asked.school_year}.")
    return redirect("request_page", asked.pk)


def _require_state(request: SignedInRequest, right: Right) -> None:
    """A user of a district finds nothing here, whatever they ask for."""
    require_right(request.user, Tool.BATCH, Right.READ)
    if not request.user.is_state_user:
        raise Http404("There is no such page.")
    require_right(request.user, Tool.BATCH, right)


def _wanted(request: SignedInRequest, form: RequestForm) -> dict[str, Any]:
    """What the form asks for, as the arguments of `plan_request`. Raises ResyncRefused."""
    if not form.is_valid():
        raise ResyncRefused("The form could not be read. Load the page again, then choose once more.")
    chosen = form.cleaned_data
    school_year = SchoolYear.objects.filter(pk=chosen["school_year"]).first()
    if school_year is None:
        raise ResyncRefused("No school year is chosen. Load the page again, then choose once more.")
    return {
        "districts": _districts(request, chosen["districts"]),
        "school_year": school_year,
        "objects": chosen["objects"],
        "check_dependencies": chosen["check_dependencies"],
    }


def _districts(request: SignedInRequest, numbers: list[str]) -> list[District]:
    found = list(districts_of(request.user).filter(number__in=numbers))
    unknown = set(numbers) - {each.number for each in found}
    if unknown:
        raise ResyncRefused(
            f"There is no district {', '.join(sorted(unknown)[:5])}. Load the page again, then choose once more."
        )
    return found


def _confirmation(
    form: RequestForm,
    plan: tuple[PlannedObject, ...],
    *,
    districts: list[District],
    school_year: SchoolYear,
    **_: object,
) -> dict[str, Any]:
    started = Batch.objects.filter(district__in=districts, school_year=school_year, status__in=STARTED_BATCH)
    return {
        "plan": plan,
        "objects": wording.counted(len(plan), "object"),
        "districts": wording.counted(len(districts), "district"),
        "named": wording.few([str(each) for each in districts], 5),
        "numbers": ",".join(each.number for each in districts),
        "school_year": school_year,
        "busy": started.count(),
        "needs_aggregation": any(each.name == "AttDayAggregation" for each in plan),
        "chosen": form.cleaned_data["objects"],
        "check_dependencies": form.cleaned_data["check_dependencies"],
        "token": uuid4(),
    }


def _show(request: SignedInRequest, page: StatePage, **more: Any) -> HttpResponse:
    # Checking dependencies is what nearly everybody wants: it is on unless a form said otherwise.
    context = {"page": page, "check_dependencies": True} | more
    return render(request, "resync/state.html", context, status=more.get("status", 200))


def _show_again(
    request: SignedInRequest, form: RequestForm, *, notice: str = "", status: int = 422
) -> HttpResponse:
    form.is_valid()
    chosen = form.cleaned_data
    page = StatePage(
        request,
        chosen.get("school_year"),
        objects=chosen.get("objects", []),
        districts=chosen.get("districts", []),
    )
    ticked = chosen.get("check_dependencies", False)
    return _show(request, page, check_dependencies=ticked, notice=notice, status=status)


def _show_refusal(request: SignedInRequest, form: RequestForm, sentence: str) -> HttpResponse:
    if request.htmx:
        return retarget(render(request, "resync/_notice.html", {"notice": sentence}), "#notice")
    return _show_again(request, form, notice=sentence)


# ---- Districts -----------------------------------------------------------------------------------------------


@require_safe
def districts(request: SignedInRequest) -> HttpResponse:
    """Every district, with the way to its status table and how its last resync went."""
    _require_state(request, Right.READ)
    find = request.GET.get("find", "").strip()[:100]
    found = districts_of(request.user).filter(district_matches(find))
    shown = Paginator(found, _DISTRICTS_PER_PAGE).get_page(request.GET.get("page"))
    last = {row.district_id: row for row in progress_of_batches(last_batches_of(shown))}
    table = DistrictTable(list(shown), last=last)
    return render(request, "resync/districts.html", {"table": table, "shown": shown, "find": find})


# ---- A request -----------------------------------------------------------------------------------------------


@require_safe
def page(request: SignedInRequest, request_id: int) -> HttpResponse:
    shown = RequestPage(request, _asked(request, request_id))
    return render(request, "resync/request.html", {"page": shown, "live_url": shown.live_url(shown.shown)})


@poll
@require_safe
def live(request: SignedInRequest, request_id: int) -> HttpResponse:
    """What has changed since the page last asked, in pieces that htmx puts in place; 204 if nothing has."""
    asked = RequestPage(request, _asked(request, request_id))
    seen = request.GET.get("seen", "")
    shown, changed = rows_changed_since(seen, asked.rows)
    if seen == version_of_rows(asked.rows, shown):
        return HttpResponse(status=204)
    context = {
        "page": asked,
        "live_url": asked.live_url(shown),
        "table": asked.table_of(changed),
        "news": wording.request_news(changed, asked.progress),
    }
    status = 200 if asked.progress.is_open else HTMX_STOP_POLLING
    return render(request, "resync/request_live.html", context, status=status)


@require_POST
def retry(request: SignedInRequest, request_id: int) -> HttpResponse:
    asked = _asked(request, request_id, Right.WRITE)
    try:
        batches = retry_request(request=asked, by=request.user)
    except ResyncRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, f"{wording.counted(len(batches), 'district')} sent again what did not complete."
        )
    return redirect("request_page", asked.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: SignedInRequest, request_id: int) -> HttpResponse:
    asked = _asked(request, request_id, Right.WRITE)
    if request.method != "POST":
        return render(request, "resync/request_cancel.html", {"page": RequestPage(request, asked)})
    stopped = cancel_request(request=asked, by=request.user)
    messages.success(request, wording.cancelled_request(stopped))
    return redirect("request_page", asked.pk)


def _asked(request: SignedInRequest, request_id: int, right: Right = Right.READ) -> ResyncRequest:
    _require_state(request, right)
    asked = ResyncRequest.objects.select_related("school_year", "requested_by").filter(pk=request_id).first()
    if asked is None:
        raise Http404("There is no such request.")
    return asked
