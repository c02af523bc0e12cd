"""The fields of the header: Tool Search, the district that a state user looks at, the school year."""

from urllib.parse import urlsplit

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from districts import toolbar
from districts.models import SchoolYear
from districts.navigation import found_tools, same_page_for, url_of
from districts.queries import district_for, district_matches, districts_of
from districts.requests import SignedInRequest

# So many districts are offered at once; the others are found by a part of their name or number.
OFFERED = 50


@require_safe
def tool_search(request: SignedInRequest) -> HttpResponse:
    """Opens the one tool that is meant, or lists those that may be."""
    words = request.GET.get("q", "").strip()[:100]
    district = toolbar.chosen_district(request)
    found = [
        (entry.label, url_of(entry, request.user, district)) for entry in found_tools(request.user, words)
    ]
    if len(found) == 1:
        return redirect(found[0][1])
    return render(request, "districts/tools.html", {"found": found, "words": words})


@require_safe
def districts_find(request: SignedInRequest) -> HttpResponse:
    """The districts to choose from: as the content of the header's menu, or as a page."""
    words = request.GET.get("find", "").strip()[:100]
    found = districts_of(request.user).filter(district_matches(words))
    template = "districts/_choose_district.html" if request.htmx else "districts/choose_district.html"
    context = {
        "districts": found[:OFFERED],
        "more": max(0, found.count() - OFFERED),
        "words": words,
        "next": _next(request, request.GET.get("next", "")),
        "chosen": toolbar.chosen_district(request),
    }
    return render(request, template, context)


@require_POST
def choose_district(request: SignedInRequest) -> HttpResponse:
    """Keeps the choice, and shows the page that the person came from for it. An empty number means all districts."""
    number = request.POST.get("number", "")
    district = district_for(request.user, number) if number else None
    toolbar.choose_district(request, district)
    path = urlsplit(_next(request, request.POST.get("next", ""))).path
    return redirect(same_page_for(request.user, path, district))


@require_POST
def choose_year(request: SignedInRequest) -> HttpResponse:
    number = request.POST.get("end_year", "")
    if not (number.isdecimal() and len(number) == 4):
        raise Http404("There is no such school year.")
    toolbar.choose_year(request, get_object_or_404(SchoolYear, pk=int(number)).pk)
    return redirect(urlsplit(_next(request, request.POST.get("next", ""))).path)


def _next(request: SignedInRequest, address: str) -> str:
    """An address of ours, or the start page."""
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, {request.get_host()})
    return address if ours else reverse("home")
