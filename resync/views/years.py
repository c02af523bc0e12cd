"""School Year Settings: which objects sync for the previous and for the next school year."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from districts.choices import Right, Tool
from districts.queries import has_right, require_right
from districts.requests import SignedInRequest
from resync import wording
from resync.forms import YearFlagsForm
from resync.tables.zones import YearTable
from resync.years import NEXT, PREVIOUS, set_years_of_objects, year_rows

_BOXES = ((PREVIOUS, "Previous year"), (NEXT, "Next year"))


@require_http_methods(["GET", "HEAD", "POST"])
def school_years(request: SignedInRequest) -> HttpResponse:
    require_right(request.user, Tool.ZONES, Right.READ)
    if not request.user.is_state_user:
        raise PermissionDenied("School Year Settings are the state's.")
    if request.method == "POST":
        return _save(request)
    rows, can_change = year_rows(), has_right(request.user, Tool.ZONES, Right.WRITE)
    context = {
        "table": YearTable(rows, can_change=can_change, find=request.GET.get("find", "")),
        "can_change": can_change,
        "boxes": _BOXES,
        "columns": [(flag, label, sum(flag in row.flags_on for row in rows)) for flag, label in _BOXES],
        "lacking": sum(bool(row.lacks) for row in rows),
        "find": request.GET.get("find", ""),
    }
    return render(request, "resync/school_years.html", context)


def _save(request: SignedInRequest) -> HttpResponse:
    require_right(request.user, Tool.ZONES, Right.WRITE)
    form = YearFlagsForm(request.POST)
    if form.is_valid():
        changed = set_years_of_objects(changes=form.changes(), by=request.user)
        messages.success(request, wording.saved(changed))
    return redirect("school_years")
