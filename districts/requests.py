from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from districts.models import User


class SignedInRequest(HttpRequest):
    """The request of a person who has signed in. For annotations: LoginRequiredMiddleware sees to it."""

    user: User
    htmx: HtmxDetails
