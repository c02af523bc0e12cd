"""Resync State Data - Batch, at the district's level."""

from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import retarget

from districts.choices import Right, Tool
from districts.models import District, SchoolYear
from districts.queries import district_for, require_right
from districts.requests import SignedInRequest, poll
from districts.toolbar import choose_year, chosen_district, chosen_year, open_year, years_of
from resync import wording
from resync.actions import send_resync
from resync.exceptions import ResyncRefused
from resync.forms import ResyncForm
from resync.page.live import answer as live_answer
from resync.page.live import attempts_of_open_batch
from resync.page.status import StatusPage, may_send
from resync.plan import PlannedObject, make_plan
from resync.queries import open_batch, status_rows
from resync.views.requests import state


@require_safe
def batch(request: SignedInRequest, number: str | None = None) -> HttpResponse:
    require_right(request.user, Tool.BATCH, Right.READ)
    if number is None and request.user.is_state_user:
        chosen = chosen_district(request)
        return redirect("batch_of_district", chosen.number) if chosen else state(request)
    return _show(request, _district(request, number), ResyncForm(request.GET))


@require_POST
def confirm(request: SignedInRequest, number: str) -> HttpResponse:
    district = _district_to_send_from(request, number)
    form = ResyncForm(request.POST)
    try:
        school_year = _year_of(district, form)
        plan = _plan(district, school_year, form)
    except ResyncRefused as refusal:
        return _show_refusal(request, district, form, str(refusal))
    template = "resync/_confirm.html" if request.htmx else "resync/confirm.html"
    return render(request, template, _confirmation(request, district, school_year, form, plan))


@require_POST
def send(request: SignedInRequest, number: str) -> HttpResponse:
    district = _district_to_send_from(request, number)
    form = ResyncForm(request.POST)
    try:
        school_year = _year_of(district, form)
        _plan(district, school_year, form)
        sent = send_resync(
            district=district,
            school_year=school_year,
            objects=form.cleaned_data["objects"],
            check_dependencies=form.cleaned_data["check_dependencies"],
            by=request.user,
            token=form.cleaned_data["token"],
        )
    except ResyncRefused as refusal:
        messages.error(request, str(refusal))
    else:
        objects = wording.counted(sent.objects_in_order.count(), "object")
        messages.success(request, f"The resync of {objects} for the school year {school_year} is on its way.")
        # Another tab may have chosen another year since: the page that follows shows what was sent here.
        choose_year(request, school_year.pk)
    return redirect("batch_of_district", number)


@poll
@require_safe
def live(request: SignedInRequest, number: str, batch_id: int) -> HttpResponse:
    """What has changed since the page last asked, in pieces that htmx puts in place; 204 if nothing has."""
    require_right(request.user, Tool.BATCH, Right.READ)
    answer = live_answer(request, _district(request, number), batch_id)
    if answer is None:
        raise Http404("There is no such resync.")
    return HttpResponse(answer.text, status=answer.status)


def _district(request: SignedInRequest, number: str | None) -> District:
    district = district_for(request.user, number)
    if not hasattr(district, "zone"):
        raise Http404(f"No zone links {district} to the state yet, so there is nothing to resync.")
    return district


def _district_to_send_from(request: SignedInRequest, number: str) -> District:
    require_right(request.user, Tool.BATCH, Right.READ)
    require_right(request.user, Tool.BATCH, Right.WRITE)
    district = _district(request, number)
    if not may_send(request.user, district):
        raise PermissionDenied(
            "Only a district sends its own data. The state can look, but not send from here."
        )
    return district


def _year_of(district: District, form: ResyncForm) -> SchoolYear:
    """The year that the form names, the zone's own where it names none. Raises ResyncRefused."""
    if not form.is_valid():
        raise ResyncRefused(
            "The form could not be read. Load the page again, then choose the objects once more."
        )
    try:
        return open_year(district.zone, form.cleaned_data["school_year"])
    except Http404 as closed:
        raise ResyncRefused(f"{closed} Load the page again, then choose the objects once more.") from closed


def _plan(district: District, school_year: SchoolYear, form: ResyncForm) -> tuple[PlannedObject, ...]:
    return make_plan(
        district,
        school_year,
        form.cleaned_data["objects"],
        check_dependencies=form.cleaned_data["check_dependencies"],
    )


def _show(
    request: SignedInRequest,
    district: District,
    form: ResyncForm,
    *,
    school_year: SchoolYear | None = None,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    form.is_valid()
    school_year = school_year or chosen_year(request, district.zone)
    attempts = attempts_of_open_batch(request.user, district, school_year)
    context = {
        "page": StatusPage(request, district, school_year, attempts, form.cleaned_data.get("objects", [])),
        # Checking dependencies is what nearly everybody wants: it is on unless a form said otherwise.
        "check_dependencies": form.cleaned_data["check_dependencies"] if "objects" in form.data else True,
        "notice": notice,
    }
    with timezone.override(ZoneInfo(district.time_zone)):
        return render(request, "resync/batch.html", context, status=status)


def _show_refusal(
    request: SignedInRequest, district: District, form: ResyncForm, sentence: str
) -> HttpResponse:
    if request.htmx:
        return retarget(render(request, "resync/_notice.html", {"notice": sentence}), "#notice")
    named = form.cleaned_data.get("school_year")
    school_year = next((year for year in years_of(district.zone) if year.pk == named), None)
    return _show(request, district, form, school_year=school_year, notice=sentence, status=422)


def _confirmation(
    request: SignedInRequest,
    district: District,
    school_year: SchoolYear,
    form: ResyncForm,
    plan: tuple[PlannedObject, ...],
) -> dict[str, Any]:
    running = open_batch(request.user, district, school_year)
    known = {row.name: row.expected for row in status_rows(request.user, district, school_year, running)}
    counts = [known[each.name] for each in plan]
    total = sum(count or 0 for count in counts)
    return {
        "district": district,
        "school_year": school_year,
        "plan": list(zip(plan, counts, strict=True)),
        "objects": wording.counted(len(plan), "object"),
        "total": total,
        "about": wording.about(total),
        "is_counted": None not in counts,
        "waits": running is not None,
        "chosen": form.cleaned_data["objects"],
        "check_dependencies": form.cleaned_data["check_dependencies"],
        "token": uuid4(),
    }
