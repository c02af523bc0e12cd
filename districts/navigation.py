"""The tools by area: side menu, Related Tools and Tool Search. A new tool adds a line to AREAS."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse

from districts.choices import Right, Tool
from districts.models import User
from districts.queries import has_right


@dataclass(frozen=True)
class Entry:
    """A page that the menus offer. `route` is the name of its URL pattern; a page belongs to the entry whose address
    its own begins with, the longest if there are several. Without a `tool` everybody may see it; `of_state` entries are
    for users of the state."""

    label: str
    route: str
    tool: Tool | None = None
    right: Right = Right.READ
    of_state: bool = False


@dataclass(frozen=True)
class Area:
    name: str
    entries: Sequence[Entry]


@dataclass(frozen=True)
class MenuItem:
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class MenuArea:
    name: str
    items: Sequence[MenuItem]


AREAS = (
    Area(
        "Data Interchange Administration",
        [
            Entry(Tool.BATCH.label, "batch", Tool.BATCH),
        ],
    ),
)


def menu_for(user: User, path: str) -> list[MenuArea]:
    current = _current_url(user, path)
    areas = [
        MenuArea(area.name, [_item(entry, current) for entry in area.entries if is_offered(entry, user)])
        for area in AREAS
    ]
    return [area for area in areas if area.items]


def is_offered(entry: Entry, user: User) -> bool:
    if entry.of_state and not user.is_state_user:
        return False
    return entry.tool is None or has_right(user, entry.tool, entry.right)


def offered_entries(user: User) -> Iterator[Entry]:
    return (entry for area in AREAS for entry in area.entries if is_offered(entry, user))


def _current_url(user: User, path: str) -> str:
    urls = [reverse(entry.route) for entry in offered_entries(user)]
    return max((url for url in urls if path.startswith(url)), key=len, default="")


def _item(entry: Entry, current: str) -> MenuItem:
    url = reverse(entry.route)
    return MenuItem(entry.label, url, url == current)
