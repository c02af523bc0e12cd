"""The tables of Zones and of School Year Settings."""

from collections.abc import Collection, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from districts.models import District, ZoneSwitch
from districts.tables import PlainColumn, PlainTable
from resync.choices import Dot
from resync.flags import as_shown
from resync.forms import ZoneFlag
from resync.mandatory import due_on
from resync.tables.cells import NOTHING, moment, status
from resync.years import NEXT, PREVIOUS, YearRow


def tick_box(flag: str, name: str, label: str, *, is_on: bool, can_change: bool) -> SafeString:
    """A box of a table of flags; for whoever may only look, a word."""
    if not can_change:
        return SafeString("Yes") if is_on else NOTHING
    return format_html(
        '<div class="usa-checkbox tick"><input class="usa-checkbox__input" type="checkbox" name="{0}" value="{1}"'
        ' id="{0}-{1}"{2}><label class="usa-checkbox__label" for="{0}-{1}"><span class="usa-sr-only">{3}: {4}</span>'
        "</label></div>",
        flag,
        name,
        SafeString(" checked") if is_on else "",
        name,
        label,
    )


def shown_row(name: str, flags_on: Collection[str], *, can_change: bool) -> SafeString:
    """What the form sends back of a row, so that only what a person changed is stored."""
    if not can_change:
        return SafeString("")
    return format_html('<input type="hidden" name="shown" value="{}">', as_shown(name, flags_on))


class ZoneTable(PlainTable):
    """Districts with their zones (`districts_with_marks`)."""

    caption = "Districts and the school years of their zones"

    name = PlainColumn("District", accessor="pk", css="")
    year = PlainColumn("School Year", accessor="pk", css="nowrap")
    previous = PlainColumn("Previous Year Syncs", accessor="pk", css="fit")
    next = PlainColumn("Next Year Syncs", accessor="pk", css="fit")
    attendance = PlainColumn("Weekly Attendance", accessor="pk", css="fit")
    resync = PlainColumn("Last Full Resync", accessor="pk", css="time")
    due = PlainColumn("Mandatory Resync", accessor="pk", css="")
    switch = PlainColumn("Switch", accessor="pk", css="fit self")

    class Meta(PlainTable.Meta):
        empty_text = "No district matches the filter."

    def __init__(self, districts: Iterable[District], *, can_change: bool, can_switch: bool) -> None:
        self.can_change = can_change
        self.can_switch = can_switch
        super().__init__(districts)

    def render_name(self, record: District) -> SafeString:
        flags_on = [flag for flag in ZoneFlag.values if has_zone(record) and getattr(record.zone, flag)]
        shown = shown_row(record.number, flags_on, can_change=self.can_change and has_zone(record))
        return format_html('{}{} <span class="muted">{}</span>', shown, record.name, record.number)

    def render_year(self, record: District) -> SafeString | str:
        return (
            str(record.zone.school_year)
            if has_zone(record)
            else SafeString('<span class="muted">No zone yet</span>')
        )

    def render_previous(self, record: District) -> SafeString:
        return self._box(record, ZoneFlag.PREVIOUS)

    def render_next(self, record: District) -> SafeString:
        return self._box(record, ZoneFlag.NEXT)

    def render_attendance(self, record: District) -> SafeString:
        return self._box(record, ZoneFlag.ATTENDANCE)

    def _box(self, record: District, flag: ZoneFlag) -> SafeString:
        if not has_zone(record):
            return NOTHING
        is_on = getattr(record.zone, flag)
        return tick_box(flag, record.number, flag.label, is_on=is_on, can_change=self.can_change)

    def render_resync(self, record: District) -> SafeString:
        ended_at = getattr(record, "full_resync_at", None)
        return moment(ended_at, ZoneInfo(record.time_zone)) if ended_at else NOTHING

    def render_due(self, record: District) -> SafeString:
        return due_mark(record)

    def render_switch(self, record: District) -> SafeString:
        if not has_zone(record):
            return NOTHING
        words = "Switch year" if self.can_switch else "Year and history"
        return format_html(
            '<a class="usa-link" href="{}">{}<span class="usa-sr-only"> of {}</span></a>',
            reverse("zone_switch", args=[record.number]),
            words,
            record.name,
        )


def has_zone(district: District) -> bool:
    return hasattr(district, "zone")


def due_mark(district: District) -> SafeString:
    """Whether the full resync that a school year begins with is done, due or overdue."""
    switched_at = getattr(district, "switched_at", None)
    if switched_at is None:
        return NOTHING
    if getattr(district, "full_resync_at", None):
        return status(Dot.GREEN, "Done")
    until = due_on(district, switched_at)
    is_late = timezone.localdate(timezone=ZoneInfo(district.time_zone)) > until
    return (
        status(Dot.FAILED, f"Overdue since {until:%m/%d/%Y}")
        if is_late
        else status(Dot.WAITING, f"Due {until:%m/%d/%Y}")
    )


class SwitchTable(PlainTable):
    """The switches of a zone, newest first."""

    caption = "Earlier switches of the zone"

    from_year = PlainColumn("From", css="nowrap")
    to_year = PlainColumn("To", css="nowrap")
    switched_at = PlainColumn("Switched", css="time")
    switched_by = PlainColumn("By", accessor="switched_by__username")
    confirmed_without_resync = PlainColumn("End-of-Year Resync", css="long")

    class Meta(PlainTable.Meta):
        empty_text = "The zone was never switched."

    def render_switched_at(self, value: datetime) -> SafeString:
        return moment(value)

    def render_confirmed_without_resync(self, record: ZoneSwitch) -> str:
        return "Missing: confirmed by typing" if record.confirmed_without_resync else "Done"


class YearTable(PlainTable):
    """Which objects sync for the previous and the next school year. `find` hides the rows that lack it."""

    caption = "Objects that belong to a school year, parents first"

    name = PlainColumn("DIS Objects", accessor="name")
    parents = PlainColumn("Depends on", accessor="name", css="wide muted")
    states = PlainColumn("States", accessor="name", css="fit wide")
    previous = PlainColumn("Previous Year", accessor="name", css="fit")
    next = PlainColumn("Next Year", accessor="name", css="fit")
    lacks = PlainColumn("Parents", accessor="name", css="long self")

    class Meta(PlainTable.Meta):
        empty_text = "No object matches the filter."

    def __init__(self, rows: Iterable[YearRow], *, can_change: bool, find: str = "") -> None:
        self.can_change = can_change
        super().__init__([row for row in rows if find.strip().lower() in row.name.lower()])

    def render_name(self, record: YearRow) -> SafeString:
        return format_html(
            "{}{}", shown_row(record.name, record.flags_on, can_change=self.can_change), record.name
        )

    def render_parents(self, record: YearRow) -> SafeString | str:
        return ", ".join(record.parents) or NOTHING

    def render_states(self, record: YearRow) -> str:
        return ", ".join(record.states) or "All"

    def render_previous(self, record: YearRow) -> SafeString:
        return self._box(record, PREVIOUS, "previous year")

    def render_next(self, record: YearRow) -> SafeString:
        return self._box(record, NEXT, "next year")

    def _box(self, record: YearRow, flag: str, label: str) -> SafeString:
        return tick_box(flag, record.name, label, is_on=flag in record.flags_on, can_change=self.can_change)

    def render_lacks(self, record: YearRow) -> SafeString | str:
        labels = {PREVIOUS: "previous", NEXT: "next"}
        sentences = [
            f"{', '.join(names)} not set for the {labels[flag]} year." for flag, names in record.lacks.items()
        ]
        return status(Dot.YELLOW, " ".join(sentences)) if sentences else ""
