"""What the views of a district share: the district, the school year, the result that a form is about."""

from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils import timezone

from districts.choices import Right, Tool
from districts.models import District, SchoolYear
from districts.queries import district_for, require_right
from districts.requests import SignedInRequest
from districts.toolbar import chosen_year
from verification.forms import DifferencesForm
from verification.models import VerificationResult
from verification.queries import result_for

UNREADABLE = "The form could not be read. Load the page again, then choose once more."


def district_of(request: SignedInRequest, number: str | None, *rights: Right) -> District:
    """The district, if the user may see verifications and has these rights too. Raises Http404 for one without a zone:
    it has no school year to compare."""
    for right in (Right.READ, *rights):
        require_right(request.user, Tool.VERIFICATION, right)
    district = district_for(request.user, number)
    if not hasattr(district, "zone"):
        raise Http404(f"No zone links {district} to the state yet, so there is nothing to verify.")
    return district


def year_of(request: SignedInRequest, district: District) -> SchoolYear:
    """The year that the address names, or else that of the header."""
    named = request.GET.get("year", "")
    if not (named.isdecimal() and len(named) == 4):
        return chosen_year(request, district.zone)
    found = SchoolYear.objects.filter(pk=int(named)).first()
    if found is None:
        raise Http404("There is no such school year.")
    return found


def in_time_of(district: District) -> timezone.override:
    return timezone.override(ZoneInfo(district.time_zone))


def read_form(request: SignedInRequest) -> DifferencesForm:
    """A form without a result that can be read is about nothing: 404."""
    form = DifferencesForm(request.POST)
    if not form.is_valid():
        raise Http404("There is no such verification.")
    return form


def result_of(
    request: SignedInRequest, district: District, object_name: str, form: DifferencesForm
) -> VerificationResult:
    """Raises Http404 for a result of another district or object, as for one that does not exist."""
    result = result_for(request.user, district, form.cleaned_data["result"])
    if result.object != object_name:
        raise Http404("There is no such verification.")
    return result
