from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from districts.models import User
from districts.navigation import MenuArea, menu_for


def tools(request: HttpRequest) -> dict[str, Any]:
    """The side menu, read only by the templates that show it."""

    def menu() -> list[MenuArea]:
        return menu_for(request.user, request.path) if isinstance(request.user, User) else []

    return {"menu": SimpleLazyObject(menu)}
