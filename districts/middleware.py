from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from districts.models import District, User
from districts.queries import districts_of

GetResponse = Callable[[HttpRequest], HttpResponse]


class NoStoreMiddleware:
    """Keeps pages about children out of shared and local caches."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class DistrictTimeZoneMiddleware:
    """Times are shown in the time zone of the user's district; a state user sees UTC unless a view says otherwise."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        district = _own_district(request.user) if isinstance(request.user, User) else None
        with timezone.override(ZoneInfo(district.time_zone) if district else None):
            return self.get_response(request)


def _own_district(user: User) -> District | None:
    """The user's district, kept on the user with its zone: every page shows it."""
    if user.district_id is not None:
        user.district = districts_of(user).get()
    return user.district
