"""The addresses of a district's results, within a school year."""

from django.urls import reverse

from districts.models import District, SchoolYear
from verification.models import VerificationResult


def summary_address(district: District, school_year: SchoolYear) -> str:
    return f"{reverse('verification_of_district', args=[district.number])}?year={school_year.pk}"


def differences_address(result: VerificationResult, kind: str = "") -> str:
    address = reverse("verification_differences", args=[result.district.number, result.object])
    of_kind = f"&kind={kind}" if kind else ""
    return f"{address}?year={result.school_year_id}{of_kind}"
