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
from django_htmx.http import HTMX_STOP_POLLING, retarget

from districts.choices import Right, Tool
from districts.models import District
from districts.queries import district_for, districts_of, require_right
from districts.requests import SignedInRequest
from resync import wording
from resync.actions import send_resync
from resync.exceptions import ResyncRefused
from resync.forms import ResyncForm
from resync.models import BatchObject
from resync.page import StatusPage, may_send
from resync.plan import PlannedObject, make_plan
from resync.queries import batch_attempts, changed_since, is_finished, open_batch, status_rows, version_of


@require_safe
def batch(request: SignedInRequest, number: str | None = None) -> HttpResponse:
    require_right(request.user, Tool.BATCH, Right.READ)
    if number is None and request.user.is_state_user:
        return render(request, "resync/districts.html", {"districts": districts_of(request.user)})
    return _show(request, _district(request, number), ResyncForm(request.GET))


@require_POST
def confirm(request: SignedInRequest, number: str) -> HttpResponse:
    district = _district_to_send_from(request, number)
    form = ResyncForm(request.POST)
    try:
        plan = _plan(district, form)
    except ResyncRefused as refusal:
        return _show_refusal(request, district, form, str(refusal))
    template = "resync/_confirm.html" if request.htmx else "resync/confirm.html"
    return render(request, template, _confirmation(request, district, form, plan))


@require_POST
def send(request: SignedInRequest, number: str) -> HttpResponse:
    district = _district_to_send_from(request, number)
    form = ResyncForm(request.POST)
    try:
        _plan(district, form)
        sent = send_resync(
            district=district,
            school_year=district.zone.school_year,
            objects=form.cleaned_data["objects"],
            check_dependencies=form.cleaned_data["check_dependencies"],
            by=request.user,
            token=form.cleaned_data["token"],
        )
    except ResyncRefused as refusal:
        messages.error(request, str(refusal))
    else:
        objects = wording.counted(sent.objects_in_order.count(), "object")
        messages.success(request, f"The resync of {objects} is on its way.")
    return redirect("batch_of_district", number)


@require_safe
def live(request: SignedInRequest, number: str, batch_id: int) -> HttpResponse:
    """What has changed since the page last asked, in pieces that htmx puts in place; 204 if nothing has."""
    require_right(request.user, Tool.BATCH, Right.READ)
    district = _district(request, number)
    attempts = batch_attempts(request.user, district, batch_id)
    if not attempts:
        raise Http404("There is no such resync.")
    seen = request.GET.get("seen", "")
    if seen == version_of(attempts):
        return HttpResponse(status=204)
    changed = changed_since(seen, attempts)
    following = _attempts_of_open_batch(request, district) if is_finished(attempts[0].batch) else []
    page = StatusPage(request, district, following or attempts)
    rows = [row for row in page.rows if row.name in {each.object for each in changed}]
    context = {
        "page": page,
        "groups": page.groups if following else [],
        "changed": None if following else page.table(rows),
        "news": wording.news(changed, attempts),
    }
    status = 200 if page.live_url else HTMX_STOP_POLLING
    with timezone.override(ZoneInfo(district.time_zone)):
        return render(request, "resync/live.html", context, status=status)


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


def _plan(district: District, form: ResyncForm) -> tuple[PlannedObject, ...]:
    if not form.is_valid():
        raise ResyncRefused(
            "The form could not be read. Load the page again, then choose the objects once more."
        )
    return make_plan(
        district,
        district.zone.school_year,
        form.cleaned_data["objects"],
        check_dependencies=form.cleaned_data["check_dependencies"],
    )


def _attempts_of_open_batch(request: SignedInRequest, district: District) -> list[BatchObject]:
    running = open_batch(request.user, district, district.zone.school_year)
    return batch_attempts(request.user, district, running.pk) if running else []


def _show(
    request: SignedInRequest, district: District, form: ResyncForm, *, notice: str = "", status: int = 200
) -> HttpResponse:
    form.is_valid()
    ticked = form.cleaned_data.get("objects", [])
    context = {
        "page": StatusPage(request, district, _attempts_of_open_batch(request, district), ticked),
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
    return _show(request, district, form, notice=sentence, status=422)


def _confirmation(
    request: SignedInRequest, district: District, form: ResyncForm, plan: tuple[PlannedObject, ...]
) -> dict[str, Any]:
    school_year = district.zone.school_year
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
