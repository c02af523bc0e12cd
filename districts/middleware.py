from collections.abc import Callable
from datetime import timedelta
from time import time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from districts.models import District, User
from districts.queries import districts_of

# In the session, in seconds since 1970: when its sign-in began, and was last used.
_BEGAN, _USED = "sign_in_began", "sign_in_used"
_WRITTEN_EVERY = 60

GetResponse = Callable[[HttpRequest], HttpResponse]


class NoStoreMiddleware:
    """Keeps pages about children out of shared and local caches."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def begin_sign_in(sender: object, request: HttpRequest, **kwargs: object) -> None:
    """On user_logged_in: written with the new session, so that the first page writes nothing."""
    request.session[_BEGAN] = request.session[_USED] = int(time())


class SignInLimitsMiddleware:
    """Ends a sign-in that nobody has used for settings.SIGN_IN_IDLE, and any after settings.SIGN_IN_AT_MOST.

    NIST SP 800-63B-4 asks for both at AAL2. What an open page asks by itself is no use of it, or a page that is left
    open would stay open for ever. Stands before LoginRequiredMiddleware, which then asks for a new sign-in.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: object, kwargs: object) -> None:
        if not request.user.is_authenticated:
            return
        now = int(time())
        if reason := _reason_to_end(request.session, now):
            logout(request)
            messages.info(request, f"{reason} Sign in again to go on.")
        else:
            _note_use(request.session, now, is_poll=getattr(view, "is_poll", False))


def _reason_to_end(session: SessionBase, now: int) -> str:
    """A sentence; empty if the sign-in goes on."""
    if now - session.get(_BEGAN, now) >= settings.SIGN_IN_AT_MOST.total_seconds():
        return f"You were signed out: a sign-in lasts {_hours(settings.SIGN_IN_AT_MOST)} at most."
    if now - session.get(_USED, now) >= settings.SIGN_IN_IDLE.total_seconds():
        minutes = round(settings.SIGN_IN_IDLE.total_seconds() / 60)
        return f"You were signed out after {minutes} minutes in which you opened no page."
    return ""


def _hours(duration: timedelta) -> str:
    return f"{duration.total_seconds() / 3600:g} hours"


def _note_use(session: SessionBase, now: int, is_poll: bool) -> None:
    """Written once a minute at most: each writing is a query. A session from before these limits begins here."""
    session.setdefault(_BEGAN, now)
    if _USED not in session or not is_poll and now - session[_USED] >= _WRITTEN_EVERY:
        session[_USED] = now


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
