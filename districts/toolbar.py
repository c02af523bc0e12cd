"""What the fields of the header say: the district that a state user looks at, and the school year. Kept in the session.

A form that changes something names its district and year itself: two tabs of one browser share a session.
"""

from collections.abc import Sequence

from django.http import Http404

from districts.models import District, SchoolYear, User, Zone
from districts.queries import districts_of
from districts.requests import SignedInRequest

_DISTRICT, _YEAR = "toolbar_district", "toolbar_year"


def chosen_district(request: SignedInRequest) -> District | None:
    """The user's own district, or the one that a state user chose; None for all districts."""
    user: User = request.user
    if user.district_id is not None:
        return user.district
    number = request.session.get(_DISTRICT)
    return districts_of(user).filter(number=number).first() if number else None


def choose_district(request: SignedInRequest, district: District | None) -> None:
    if district is None:
        request.session.pop(_DISTRICT, None)
    else:
        request.session[_DISTRICT] = district.number


def years_of(zone: Zone) -> Sequence[SchoolYear]:
    """The years that a zone may sync, earliest first: its own, and the neighbours that it is configured for."""
    current = zone.school_year_id
    wanted = [current - 1] * zone.syncs_previous_year + [current] + [current + 1] * zone.syncs_next_year
    return list(SchoolYear.objects.filter(pk__in=wanted).order_by("pk"))


def chosen_year(request: SignedInRequest, zone: Zone) -> SchoolYear:
    """The year of the header if the zone may sync it, else the zone's own."""
    chosen = request.session.get(_YEAR)
    if chosen in (None, zone.school_year_id):
        return zone.school_year
    return next((year for year in years_of(zone) if year.pk == chosen), zone.school_year)


def choose_year(request: SignedInRequest, end_year: int) -> None:
    request.session[_YEAR] = end_year


def open_year(zone: Zone, end_year: int | None) -> SchoolYear:
    """The year that a form or an address names, the zone's own for None. Raises Http404 if it may not sync it."""
    if end_year in (None, zone.school_year_id):
        return zone.school_year
    found = next((year for year in years_of(zone) if year.pk == end_year), None)
    if found is None:
        raise Http404("This district does not sync that school year.")
    return found
