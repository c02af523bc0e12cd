"""District Database Check."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from districts.choices import Right, Tool
from districts.queries import district_for, districts_of, require_right
from districts.requests import SignedInRequest
from interchange.check import check_district


@require_safe
def check(request: SignedInRequest, number: str | None = None) -> HttpResponse:
    """The page, and with `run` in the address its result: a check asks another server, so it runs when asked for."""
    require_right(request.user, Tool.AGENTS, Right.READ)
    if number is None and request.user.is_state_user:
        return render(request, "agents/check_districts.html", {"districts": districts_of(request.user)})
    district = district_for(request.user, number)
    result = check_district(district) if "run" in request.GET else None
    template = "agents/_check.html" if request.htmx else "agents/check.html"
    return render(request, template, {"district": district, "result": result})
