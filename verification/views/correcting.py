"""What is done about differences: resync the records, or take from the state what the district no longer has."""

from collections.abc import Sequence
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from districts.choices import Right, Tool
from districts.models import District
from districts.queries import has_right, require_right
from districts.requests import SignedInRequest
from interchange.choices import DifferenceKind
from resync.wording import counted
from selective_sync.models import SyncRequest
from verification.addresses import differences_address
from verification.differences import resync_differences
from verification.exceptions import VerificationRefused
from verification.forms import DifferencesForm
from verification.models import VerificationResult
from verification.page.correcting import CorrectPage
from verification.page.differences import DifferencesPage
from verification.queries import kind_counts
from verification.removals import phrase_for, request_removal
from verification.views.places import district_of, read_form, result_of, year_of

# ---- Resync --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def resync(request: SignedInRequest, number: str, object_name: str) -> HttpResponse:
    """The question: about the chosen keys, or, when the page is opened by a link, about all that a resync can mend."""
    district = _district_to_resync(request, number)
    if request.method == "POST":
        form = read_form(request)
        page = _page(request, result_of(request, district, object_name, form), form)
    else:
        shown = DifferencesPage(request, district, year_of(request, district), object_name)
        if shown.result is None:
            return redirect("verification_differences", number, object_name)
        page = CorrectPage.of_all(shown.result, shown.kinds)
    if not page.number:
        return _nothing_chosen(request, page)
    return render(request, "verification/resync.html", {"page": page, "token": uuid4()})


@require_POST
def send(request: SignedInRequest, number: str, object_name: str) -> HttpResponse:
    district = _district_to_resync(request, number)
    form = read_form(request)
    result = result_of(request, district, object_name, form)
    try:
        asked = resync_differences(
            result=result,
            by=request.user,
            kinds=_page(request, result, form).kinds,
            keys=form.chosen,
            expected=form.only_expected if form.chosen is None else None,
            token=form.cleaned_data["token"],
        )
    except VerificationRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(differences_address(result, form.kind_value))
    return _show_sync(request, result, asked)


def _district_to_resync(request: SignedInRequest, number: str) -> District:
    district = district_of(request, number)
    require_right(request.user, Tool.SELECTIVE_SYNC, Right.WRITE)
    return district


def _show_sync(
    request: SignedInRequest, result: VerificationResult, asked: Sequence[SyncRequest]
) -> HttpResponse:
    """How far the selective sync is, where that is shown."""
    messages.success(
        request,
        f"{counted(len(asked), 'selective sync')} of {result.object} requested. Verify {result.object} again when "
        f"{'it has' if len(asked) == 1 else 'they have'} ended.",
    )
    if not has_right(request.user, Tool.SELECTIVE_SYNC, Right.READ):
        return redirect(differences_address(result))
    if len(asked) > 1:
        return redirect("selective_sync_of_district", result.district.number)
    return redirect(reverse("sync_request", args=[result.district.number, asked[0].pk]))


# ---- Remove --------------------------------------------------------------------------------------------------


@require_POST
def remove(request: SignedInRequest, number: str, object_name: str) -> HttpResponse:
    district = district_of(request, number, Right.DELETE)
    form = read_form(request)
    page = _page(request, result_of(request, district, object_name, form), form)
    if not page.number:
        return _nothing_chosen(request, page)
    return _ask_to_remove(request, page)


@require_POST
def start_removal(request: SignedInRequest, number: str, object_name: str) -> HttpResponse:
    district = district_of(request, number, Right.DELETE)
    form = read_form(request)
    result = result_of(request, district, object_name, form)
    try:
        removal = request_removal(
            result=result,
            keys=form.chosen,
            confirmation=form.cleaned_data["confirmation"],
            by=request.user,
            token=form.cleaned_data["token"],
        )
    except VerificationRefused as refusal:
        return _ask_to_remove(request, _page(request, result, form), str(refusal))
    records = counted(len(removal.keys), "record")
    messages.success(request, f"The removal of {records} from the state is on its way.")
    return redirect(differences_address(result, DifferenceKind.NOT_AT_DISTRICT.value))


def _ask_to_remove(request: SignedInRequest, page: CorrectPage, refusal: str = "") -> HttpResponse:
    context = {
        "page": page,
        "phrase": phrase_for(page.result, page.number),
        "refusal": refusal,
        "token": request.POST.get("token") or uuid4(),
    }
    return render(request, "verification/remove.html", context, status=422 if refusal else 200)


def _page(request: SignedInRequest, result: VerificationResult, form: DifferencesForm) -> CorrectPage:
    return CorrectPage.of_form(result, kind_counts(request.user, result), form)


def _nothing_chosen(request: SignedInRequest, page: CorrectPage) -> HttpResponse:
    messages.error(request, "No record is chosen. Tick at least one, or choose all of the kind.")
    return redirect(differences_address(page.result, page.kind_value))
