from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from districts.models import User
from process_alerts.queries import unread_label


def unread(request: HttpRequest) -> dict[str, Any]:
    """How many alerts wait to be read, asked for only by the pages that show it."""
    user = request.user
    return {"unread_alerts": SimpleLazyObject(lambda: unread_label(user) if isinstance(user, User) else "")}
