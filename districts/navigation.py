"""The tools by area: side menu, Related Tools and Tool Search. A new tool adds a line to AREAS."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import Resolver404, ResolverMatch, resolve, reverse

from districts.choices import Right, Tool
from districts.models import District, User
from districts.queries import has_right


@dataclass(frozen=True)
class Entry:
    """A page that the menus offer, by the name of a URL pattern without parts.

    Without a `tool` everybody may see it; `of_state` entries are for users of the state. `of_district` is the pattern
    of the same tool for one district (its part is `number`): where a state user goes who has chosen a district.
    A page belongs to the entry that names its pattern, in `pages` too, or else to the one whose address its own
    begins with, the longest if there are several.
    """

    label: str
    route: str
    tool: Tool | None = None
    right: Right = Right.READ
    of_state: bool = False
    of_district: str = ""
    pages: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.route, self.of_district, *self.pages)


@dataclass(frozen=True)
class Area:
    name: str
    entries: Sequence[Entry]


@dataclass(frozen=True)
class MenuItem:
    label: str
    url: str
    is_current: bool
    route: str


@dataclass(frozen=True)
class MenuArea:
    name: str
    items: Sequence[MenuItem]

    @property
    def is_current(self) -> bool:
        return any(item.is_current for item in self.items)


AREAS = (
    Area(
        "Data Interchange Administration",
        [
            Entry(Tool.BATCH.label, "batch", Tool.BATCH, of_district="batch_of_district"),
            Entry(
                Tool.SELECTIVE_SYNC.label,
                "selective_sync",
                Tool.SELECTIVE_SYNC,
                of_district="selective_sync_of_district",
            ),
            Entry(
                Tool.VERIFICATION.label,
                "verification",
                Tool.VERIFICATION,
                of_district="verification_of_district",
            ),
            Entry("Batch History", "batch_history", Tool.BATCH),
            Entry("Agents - Queue", "agent_queue", Tool.AGENTS),
            Entry("Agents - Log", "agent_log", Tool.AGENTS),
            Entry(Tool.ERROR_LOG.label, "error_log", Tool.ERROR_LOG),
            Entry("District Database Check", "database_check", Tool.AGENTS, of_district="database_check_of"),
            Entry(Tool.FIELD_SETTINGS.label, "field_settings", Tool.FIELD_SETTINGS),
            Entry("Fields Which Sync", "fields_which_sync", Tool.FIELD_SETTINGS),
            Entry(Tool.ZONES.label, "zones", Tool.ZONES, pages=("zone_switch",)),
            Entry("School Year Settings", "school_years", Tool.ZONES, of_state=True),
            Entry(
                Tool.VERIFICATION_SETTINGS.label,
                "verification_settings",
                Tool.VERIFICATION_SETTINGS,
                of_state=True,
            ),
        ],
    ),
    Area(
        "Attendance",
        [
            Entry(
                Tool.ATTENDANCE_REFRESH.label,
                "attendance_refresh",
                Tool.ATTENDANCE_REFRESH,
                of_district="attendance_refresh_of_district",
            ),
            Entry(
                Tool.ATTENDANCE_SCHEDULE.label,
                "attendance_schedule",
                Tool.ATTENDANCE_SCHEDULE,
                of_state=True,
            ),
        ],
    ),
    Area(
        "Inbox",
        [
            Entry("Process Alerts", "alerts"),
        ],
    ),
    Area(
        "Administration",
        [
            Entry(Tool.TOOL_RIGHTS.label, "tool_rights", Tool.TOOL_RIGHTS),
            Entry(Tool.USERS.label, "users", Tool.USERS),
            Entry(Tool.AUDIT_LOG.label, "audit_log", Tool.AUDIT_LOG),
        ],
    ),
)


def menu_for(user: User, path: str, district: District | None = None) -> list[MenuArea]:
    """The areas and tools that a user may open from the page at `path`, for the district that a state user chose."""
    current = entry_of(user, path)
    areas = [
        MenuArea(
            area.name,
            [_item(entry, current, user, district) for entry in area.entries if is_offered(entry, user)],
        )
        for area in AREAS
    ]
    return [area for area in areas if area.items]


def related_tools(menu: Sequence[MenuArea]) -> list[MenuItem]:
    """The other tools of the current page's area; an area of one tool is related to the first, the one of all work."""
    area = next((area for area in menu if area.is_current), None)
    if area is None:
        return []
    items = area.items if len(area.items) > 1 else menu[0].items
    return [item for item in items if not item.is_current]


def is_offered(entry: Entry, user: User) -> bool:
    if entry.of_state and not user.is_state_user:
        return False
    return entry.tool is None or has_right(user, entry.tool, entry.right)


def offered_entries(user: User) -> Iterator[Entry]:
    return (entry for area in AREAS for entry in area.entries if is_offered(entry, user))


def entry_of(user: User, path: str) -> Entry | None:
    """The tool that the page at `path` belongs to, of those that the user may open."""
    offered = list(offered_entries(user))
    match = match_of(path)
    named = [entry for entry in offered if match and match.url_name in entry.names]
    begun = [entry for entry in offered if path.startswith(reverse(entry.route))]
    return next(iter(named), None) or max(begun, key=lambda entry: len(reverse(entry.route)), default=None)


def match_of(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None


def url_of(entry: Entry, user: User, district: District | None) -> str:
    if entry.of_district and district and user.is_state_user:
        return reverse(entry.of_district, args=[district.number])
    return reverse(entry.route)


def _item(entry: Entry, current: Entry | None, user: User, district: District | None) -> MenuItem:
    return MenuItem(entry.label, url_of(entry, user, district), entry == current, entry.route)


def found_tools(user: User, words: str) -> list[Entry]:
    """Tools whose names have each of the words, or words that begin so, in any order. One whose name it is stands
    alone."""
    wanted = _words(words)
    if not wanted:
        return []
    exact = [entry for entry in offered_entries(user) if _words(entry.label) == wanted]
    return exact or [entry for entry in offered_entries(user) if _has_all(entry.label, wanted)]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _has_all(label: str, wanted: Sequence[str]) -> bool:
    return all(any(word.startswith(each) for word in _words(label)) for each in wanted)


def same_page_for(user: User, path: str, district: District | None) -> str:
    """Where the page at `path` is for another district, or for all of them: itself, or the tool that it belongs to."""
    match, entry = match_of(path), entry_of(user, path)
    if match is None:
        return reverse("home")
    if "number" not in match.kwargs:
        moves = entry is not None and match.url_name == entry.route
        return url_of(entry, user, district) if entry and moves else path
    if district and match.kwargs.keys() == {"number"}:
        return reverse(match.view_name, kwargs={"number": district.number})
    return url_of(entry, user, district) if entry else reverse("home")
