"""The differences of one object, key by key, and the values of one record on both sides."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from districts.choices import Right
from districts.exceptions import DistrictError
from districts.requests import SignedInRequest
from interchange.exceptions import InterchangeError
from verification.addresses import differences_address
from verification.differences import see_values
from verification.exceptions import VerificationRefused
from verification.forms import DifferencesForm
from verification.page.differences import DifferencesPage
from verification.page.values import ValuesPage
from verification.queries import iter_differences
from verification.views.places import (
    UNREADABLE,
    district_of,
    in_time_of,
    read_form,
    result_of,
    year_of,
)


@require_safe
def differences(request: SignedInRequest, number: str, object_name: str) -> HttpResponse:
    district = district_of(request, number)
    with in_time_of(district):
        page = DifferencesPage(request, district, year_of(request, district), object_name)
        return render(request, "verification/differences.html", {"page": page})


@require_safe
def removals(request: SignedInRequest, number: str, object_name: str) -> HttpResponse:
    """How far the removals are; 204 if nothing has changed, and the whole page again when they have ended: its list is
    shorter then."""
    district = district_of(request, number)
    with in_time_of(district):
        page = DifferencesPage(request, district, year_of(request, district), object_name)
        if not page.removals_url:
            return HttpResponseClientRefresh()
        if request.GET.get("seen") == page.removals_version:
            return HttpResponse(status=204)
        return render(request, "verification/_removals.html", {"page": page})


@require_safe
def keys(request: SignedInRequest, number: str, object_name: str) -> HttpResponse:
    """The keys of a kind as plain text, one a line: what Selective Sync adds to its box."""
    district = district_of(request, number)
    page = DifferencesPage(request, district, year_of(request, district), object_name)
    found = iter_differences(request.user, page.result, page.kind) if page.result else ()
    lines = "".join(f"{each.key}\n" for each in found)
    return HttpResponse(lines, content_type="text/plain; charset=utf-8")


@require_POST
def values(request: SignedInRequest, number: str, object_name: str) -> HttpResponse:
    """The values of one record, read from both sides now. By POST: each look is recorded, and no browser takes one
    by itself."""
    district = district_of(request, number, Right.WRITE)
    form = read_form(request)
    result = result_of(request, district, object_name, form)
    try:
        key = _key(form)
        found = see_values(result=result, key=key, by=request.user)
    except (VerificationRefused, DistrictError, InterchangeError) as refusal:
        messages.error(request, str(refusal))
        return redirect(differences_address(result, form.kind_value))
    with in_time_of(district):
        page = ValuesPage(result, key, found, form.chosen_kind)
        return render(request, "verification/values.html", {"page": page})


def _key(form: DifferencesForm) -> int:
    key: int | None = form.cleaned_data["key"]
    if key is None:
        raise VerificationRefused(UNREADABLE)
    return key
