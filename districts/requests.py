from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from districts.models import User

View = TypeVar("View", bound=Callable)


class SignedInRequest(HttpRequest):
    """The request of a person who has signed in. For annotations: LoginRequiredMiddleware sees to it."""

    user: User
    htmx: HtmxDetails


def poll(view: View) -> View:
    """Marks a view that an open page asks by itself, over and over: nobody need sit in front of it."""
    view.is_poll = True  # type: ignore[attr-defined]
    return view
