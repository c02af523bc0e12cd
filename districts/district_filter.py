"""Which district a list is about: a user's own, or the one that a user of the state names in the list's filter."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils import timezone

from districts.models import District
from districts.queries import districts_of
from districts.requests import SignedInRequest
from districts.toolbar import chosen_district

ALL = "all"


@dataclass(frozen=True)
class DistrictFilter:
    """`district` is None for all districts. `offered` are those that the filter's box lists; none for a district user,
    who has no such box."""

    district: District | None
    offered: Sequence[District]

    @property
    def value(self) -> str:
        """What the box sends."""
        return self.district.number if self.district else ALL

    def in_its_time_zone(self) -> timezone.override:
        """Times of one district are shown as its clocks tell them."""
        zone = ZoneInfo(self.district.time_zone) if self.district else timezone.get_current_timezone()
        return timezone.override(zone)


def district_filter(request: SignedInRequest) -> DistrictFilter:
    """Without a word in the address the header's choice counts. Raises Http404 for a district that the user may not
    see, exactly as for one that does not exist."""
    number = request.GET.get("district", "")
    if not request.user.is_state_user:
        own = districts_of(request.user).get()
        if number not in ("", ALL, own.number):
            raise Http404("There is no such district.")
        return DistrictFilter(own, [])
    offered = list(districts_of(request.user))
    if number == ALL:
        return DistrictFilter(None, offered)
    if not number:
        return DistrictFilter(chosen_district(request), offered)
    named = next((each for each in offered if each.number == number), None)
    if named is None:
        raise Http404("There is no such district.")
    return DistrictFilter(named, offered)
