"""What base.html reads: header, side menu, Related Tools."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from districts.models import District, SchoolYear, User
from districts.navigation import MenuArea, MenuItem, menu_for, related_tools, url_of
from districts.navigation import entry_of as entry_of_page
from districts.queries import districts_of
from districts.toolbar import chosen_district, chosen_year, years_of


class Header:
    """The frame of a page. Each part is read when a template first asks for it: a partial asks for none."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user = request.user if isinstance(request.user, User) else None

    @cached_property
    def menu(self) -> list[MenuArea]:
        return menu_for(self.user, self.request.path, self.district) if self.user else []

    @property
    def related(self) -> list[MenuItem]:
        return related_tools(self.menu)

    @cached_property
    def district(self) -> District | None:
        """The district that the page is about, or else the one that was chosen; None for all districts."""
        if self.user is None:
            return None
        match = self.request.resolver_match
        number = match.kwargs.get("number") if match and self.user.is_state_user else None
        named = districts_of(self.user).filter(number=number).first() if number else None
        return named or chosen_district(self.request)  # type: ignore[arg-type]

    @cached_property
    def years(self) -> Sequence[SchoolYear]:
        """The years to choose from; none where there is no choice."""
        zone = getattr(self.district, "zone", None)
        years = years_of(zone) if zone and (zone.syncs_previous_year or zone.syncs_next_year) else []
        return years if len(years) > 1 else []

    @property
    def year(self) -> SchoolYear | None:
        return chosen_year(self.request, self.district.zone) if self.district else None  # type: ignore[arg-type]

    @cached_property
    def here(self) -> str:
        """An address that shows this page again, or, where it is the answer to a form, the tool it belongs to."""
        if self.request.method in ("GET", "HEAD") or self.user is None:
            return self.request.path
        entry = entry_of_page(self.user, self.request.path)
        return url_of(entry, self.user, self.district) if entry else reverse("home")


def frame(request: HttpRequest) -> dict[str, Any]:
    return {"header": Header(request)}
