"""The side menu: tools by area, each shown to whoever may see it. A new tool adds a line to AREAS."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from districts.choices import Right, Tool
from districts.models import User
from districts.queries import has_right


@dataclass(frozen=True)
class Area:
    name: str
    tools: Sequence[Tool]


@dataclass(frozen=True)
class MenuItem:
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class MenuArea:
    name: str
    items: Sequence[MenuItem]


AREAS = (Area("Data Interchange Administration", [Tool.BATCH]),)
# Names of URL patterns. A page belongs to the tool whose address its own begins with.
ADDRESSES = {Tool.BATCH: "batch"}


def menu_for(user: User, path: str) -> list[MenuArea]:
    areas = [MenuArea(area.name, [_item(tool, path) for tool in _seen(user, area)]) for area in AREAS]
    return [area for area in areas if area.items]


def _seen(user: User, area: Area) -> list[Tool]:
    return [tool for tool in area.tools if has_right(user, tool, Right.READ)]


def _item(tool: Tool, path: str) -> MenuItem:
    url = reverse(ADDRESSES[tool])
    return MenuItem(tool.label, url, path.startswith(url))
