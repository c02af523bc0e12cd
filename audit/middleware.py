from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from audit.actions import address


class AuditAddressMiddleware:
    """Lets entries tell from which address a deed came, without every action being handed the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = address.set(request.META.get("REMOTE_ADDR") or None)
        try:
            return self.get_response(request)
        finally:
            address.reset(token)
