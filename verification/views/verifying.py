"""Re-Verify: what is to be verified, of one district or of many."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from districts.choices import Right, Tool
from districts.models import District, SchoolYear
from districts.queries import districts_of, require_right
from districts.requests import SignedInRequest
from resync.wording import counted
from verification.actions import request_verification
from verification.addresses import summary_address
from verification.exceptions import VerificationRefused
from verification.forms import VerifyForm
from verification.models import VerificationRun
from verification.page.verifying import VerifyPage
from verification.queries import why_not_start
from verification.views.places import district_of, year_of


@require_safe
def choose(request: SignedInRequest, number: str) -> HttpResponse:
    """The objects of one district."""
    district = district_of(request, number, Right.ADD)
    page = VerifyPage([district], year_of(request, district), request.GET.getlist("objects") or None)
    return _ask(request, page, district)


@require_POST
def start(request: SignedInRequest, number: str) -> HttpResponse:
    district = district_of(request, number, Right.ADD)
    form = VerifyForm(request.POST)
    try:
        runs = _start(request, form, [district])
    except VerificationRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("verification_verify_district", number)
    messages.success(
        request, f"The verification of {counted(runs[0].results.count(), 'object')} is on its way."
    )
    return redirect(summary_address(district, runs[0].school_year))


@require_POST
def choose_for_districts(request: SignedInRequest) -> HttpResponse:
    """The objects of many districts, or of all."""
    _require_state(request)
    form = VerifyForm(request.POST)
    try:
        page = VerifyPage(_districts(request, form), _year(form))
    except VerificationRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("verification")
    return _ask(request, page, None)


@require_POST
def start_for_districts(request: SignedInRequest) -> HttpResponse:
    _require_state(request)
    form = VerifyForm(request.POST)
    try:
        runs = _start(request, form, _districts(request, form))
    except VerificationRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The verification of {counted(len(runs), 'district')} is on its way.")
    return redirect("verification")


def _require_state(request: SignedInRequest) -> None:
    """A user of a district finds nothing here, whatever they ask for."""
    require_right(request.user, Tool.VERIFICATION, Right.READ)
    if not request.user.is_state_user:
        raise Http404("There is no such page.")
    require_right(request.user, Tool.VERIFICATION, Right.ADD)


def _ask(request: SignedInRequest, page: VerifyPage, district: District | None) -> HttpResponse:
    context: dict[str, Any] = {
        "page": page,
        "district": district,
        "why_not": why_not_start(request.user),
        "token": uuid4(),
    }
    return render(request, "verification/verify.html", context)


def _start(request: SignedInRequest, form: VerifyForm, districts: list[District]) -> list[VerificationRun]:
    school_year = _year(form)
    return request_verification(
        districts=districts,
        school_year=school_year,
        objects=form.cleaned_data["objects"],
        by=request.user,
        token=form.cleaned_data["token"],
    )


def _year(form: VerifyForm) -> SchoolYear:
    found = (
        SchoolYear.objects.filter(pk=form.cleaned_data["school_year"]).first() if form.is_valid() else None
    )
    if found is None:
        raise VerificationRefused("The form could not be read. Load the page again, then choose once more.")
    return found


def _districts(request: SignedInRequest, form: VerifyForm) -> list[District]:
    if not form.is_valid():
        raise VerificationRefused("The form could not be read. Load the page again, then choose once more.")
    found = districts_of(request.user).exclude(zone=None)
    if form.cleaned_data["every"]:
        return list(found)
    wanted = form.cleaned_data["districts"]
    if not wanted:
        raise VerificationRefused("No district is chosen. Tick at least one, then press Re-Verify chosen.")
    chosen = list(found.filter(number__in=wanted))
    if len(chosen) < len(wanted):
        raise VerificationRefused(
            "A district is not known any more. Load the page again, then choose once more."
        )
    return chosen
