"""The status table of Resync State Data - Batch.

The page is asked for often and has a row for every object. So cells are made by format_html, not by template
columns, which compile a template for each cell; and attributes of rows and cells are made in one go, because
django-tables2 looks at the signature of every callable that makes one, every time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from districts.models import District, ZoneSwitch
from districts.tables import PlainColumn, PlainTable
from resync import wording
from resync.choices import Dot
from resync.flags import as_shown
from resync.forms import FilterForm, ZoneFlag, shown_as
from resync.history import HistoryLine, duration_of, speed_of
from resync.mandatory import due_on
from resync.models import Batch, BatchObject, ResyncRequest
from resync.progress import DistrictProgress
from resync.queries import StatusRow, dot_of, progress_of
from resync.years import NEXT, PREVIOUS, YearRow

NOTHING = SafeString('<span class="muted">—</span>')


class StatusColumn(tables.Column):
    """A column that shows something of the whole row, in cells of one class."""

    def __init__(self, label: str, css: str) -> None:
        super().__init__(accessor="row", verbose_name=label)
        self.css = css


@dataclass(frozen=True)
class Line:
    """A row of the table, and the attributes of its <tr>."""

    row: StatusRow
    attrs: SafeString


class StatusTable(tables.Table):
    """`ticked` are the objects whose boxes are marked; `shown` hides the rows that it does not match."""

    name = StatusColumn("DIS Objects", "")
    depends_on = StatusColumn("Depends on", "wide muted")
    last_resync = StatusColumn("Last Resync", "time self")
    results = StatusColumn("Results", "self long results")
    status = StatusColumn("Status", "self")

    class Meta:
        orderable = False

    def __init__(
        self,
        rows: Iterable[StatusRow],
        *,
        can_send: bool,
        shown: FilterForm,
        ticked: Collection[str] = (),
        now: datetime | None = None,
    ) -> None:
        self.can_send = can_send
        self.filter = shown
        self.ticked = ticked
        self.now = now or timezone.now()
        super().__init__([Line(row, self._attrs(row)) for row in rows])

    def _attrs(self, row: StatusRow) -> SafeString:
        classes = {"is-running": row.dot == Dot.GRAY, "is-picked": row.name in self.ticked}
        return format_html(
            'id="row-{0}" class="{1}" data-object="{0}" data-parents="{2}" data-records="{3}"'
            ' data-shown="{4}"{5}',
            row.name,
            " ".join(name for name, wanted in classes.items() if wanted),
            " ".join(row.parents),
            "" if row.expected is None else row.expected,
            shown_as(row).value,
            SafeString(" hidden") if self.filter.hides(row) else "",
        )

    def render_name(self, value: StatusRow) -> SafeString | str:
        if not self.can_send:
            return value.name
        return format_html(
            '<div class="cell-flex"><div class="usa-checkbox">'
            '<input class="usa-checkbox__input" type="checkbox" name="objects" value="{0}" id="tick-{0}"{1}>'
            '<label class="usa-checkbox__label" for="tick-{0}">{0}</label></div></div>',
            value.name,
            SafeString(" checked") if value.name in self.ticked else "",
        )

    def render_depends_on(self, value: StatusRow) -> str:
        return ", ".join(value.immediate_parents) or NOTHING

    def render_last_resync(self, value: StatusRow) -> SafeString:
        started_at = value.started.started_at if value.started else None
        return moment(started_at) if started_at else NOTHING

    def render_results(self, value: StatusRow) -> SafeString:
        attempt = value.latest
        if attempt is None:
            return NOTHING
        if value.dot == Dot.QUEUED:
            return format_html('<span class="muted">Waits for {}</span>', value.waits_for or "its turn")
        # Where nothing was tried, the reason says all there is to say.
        counts = counts_of(attempt) if attempt.processed or not attempt.reason else ""
        progress = progress_bar(attempt, self.now) if value.dot == Dot.GRAY else ""
        return format_html("{}{}{}", counts, progress, reason_of(attempt))

    def render_status(self, value: StatusRow) -> SafeString:
        processed, errors = (value.latest.processed, value.latest.errors) if value.latest else (0, 0)
        return status(value.dot, wording.status_words(value.dot, processed, errors))


def moment(moment: datetime, zone: ZoneInfo | None = None) -> SafeString:
    """Date and time as the pages show them, in the time zone of the page or in another one."""
    local = timezone.localtime(moment, zone)
    return format_html(
        '<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), f"{local:%m/%d/%Y %H:%M:%S}"
    )


def counts_of(attempt: BatchObject) -> SafeString:
    """Processed and errors, and the total sent as a tip for the pointer and for the keyboard alike."""
    return format_html(
        '<span class="counts tip" tabindex="0" id="counts-{0}" aria-describedby="sent-{0}">'
        "<span>Processed: <b>{1}</b></span> <span{2}>Errors: <b>{3}</b></span>"
        ' <span class="tip__pop" role="tooltip" id="sent-{0}">{4}</span></span>',
        attempt.object,
        f"{attempt.processed:,}",
        SafeString(' class="zero"') if attempt.errors == 0 else "",
        f"{attempt.errors:,}",
        _sent(attempt),
    )


def _sent(attempt: BatchObject) -> str:
    sent = f"Sent for resync: {attempt.processed if attempt.total is None else attempt.total:,}"
    if attempt.started_at is None or attempt.ended_at is None:
        return sent
    return f"{sent} in {wording.duration(attempt.ended_at - attempt.started_at)}"


def progress_bar(attempt: BatchObject, now: datetime) -> SafeString:
    progress = progress_of([attempt], now)
    return format_html(
        '<progress value="{}" max="{}" aria-label="{}"></progress>'
        '<span class="prog__t small"><strong>{}%</strong> <span>{}</span></span>',
        progress.done,
        max(progress.total, 1),
        attempt.object,
        progress.percent,
        wording.rate(progress) or "The first records are on their way",
    )


def reason_of(attempt: BatchObject) -> SafeString | str:
    if not attempt.reason:
        return ""
    again = f" Tried again at {timezone.localtime(attempt.retry_at):%H:%M:%S}." if attempt.retry_at else ""
    return format_html('<span class="reason">{}{}</span>', attempt.reason, again)


def status(dot: Dot, words: str) -> SafeString:
    """A shape, a colour and words, always the three."""
    name = wording.DOT_NAMES.get(dot)
    return format_html(
        '<span class="status status--{0}"><svg class="dot" aria-hidden="true" focusable="false">'
        '<use href="#dot-{0}"></use></svg>{1}{2}</span>',
        dot.value,
        format_html('<span class="usa-sr-only">{}: </span>', name) if name else "",
        words,
    )


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


class HistoryTable(PlainTable):
    """Every batch, newest first."""

    caption = "Resyncs, newest first"

    requested = PlainColumn(accessor="batch", verbose_name="Requested", css="time")
    district = PlainColumn(accessor="batch__district", verbose_name="District")
    who = PlainColumn(verbose_name="By")
    school_year = PlainColumn(accessor="batch__school_year", verbose_name="School Year", css="wide nowrap")
    objects = PlainColumn(verbose_name="Objects", css="num")
    check_dependencies = PlainColumn(
        accessor="batch__check_dependencies", verbose_name="Check dependencies", css="wide"
    )
    duration = PlainColumn(verbose_name="Time", css="num", empty_values=())
    processed = PlainColumn(verbose_name="Processed", css="num")
    errors = PlainColumn(verbose_name="Errors", css="num")
    kept = PlainColumn(verbose_name="Kept values", css="num wide")
    dot = PlainColumn(verbose_name="Status")

    class Meta(PlainTable.Meta):
        empty_text = "No resync matches the filter."

    def render_requested(self, value: Batch) -> SafeString:
        address = reverse("batch_history_of", args=[value.pk])
        return format_html('<a class="usa-link" href="{}">{}</a>', address, moment(value.requested_at))

    def render_check_dependencies(self, value: bool) -> str:
        return "Yes" if value else "No"

    def render_duration(self, value: timedelta | None) -> SafeString | str:
        return wording.duration(value) if value is not None else NOTHING

    def render_dot(self, record: HistoryLine) -> SafeString:
        return status(record.dot, wording.status_words(record.dot, record.processed, record.errors))


class ObjectHistoryTable(PlainTable):
    """The objects of a batch in the order of its plan."""

    caption = "Objects of the resync, parent objects first"

    object = PlainColumn(verbose_name="DIS Object")
    requested = PlainColumn(verbose_name="Why", css="muted wide")
    started_at = PlainColumn(verbose_name="Started", css="time wide", empty_values=())
    took = PlainColumn(verbose_name="Time", css="num", empty_values=())
    processed = PlainColumn(verbose_name="Processed", css="num")
    errors = PlainColumn(verbose_name="Errors", css="num")
    written = PlainColumn(verbose_name="Written", css="num")
    kept = PlainColumn(verbose_name="Kept values", css="num wide")
    speed = PlainColumn(verbose_name="Records per second", css="num", empty_values=())
    outcome = PlainColumn(verbose_name="Status", css="self long", empty_values=())

    class Meta(PlainTable.Meta):
        empty_text = "The resync has no objects."

    def __init__(self, objects: Sequence[BatchObject], **kwargs: Any) -> None:
        self.now = timezone.now()
        super().__init__(objects, **kwargs)

    def render_requested(self, value: bool) -> str:
        return "Chosen" if value else "Dependency"

    def render_started_at(self, value: datetime | None) -> SafeString:
        return moment(value) if value else NOTHING

    def render_took(self, record: BatchObject) -> SafeString | str:
        took = duration_of(record)
        return wording.duration(took) if took is not None else NOTHING

    def render_speed(self, record: BatchObject) -> SafeString | str:
        speed = speed_of(record, self.now)
        return f"{speed:,}" if speed is not None else NOTHING

    def render_outcome(self, record: BatchObject) -> SafeString:
        words = wording.status_words(dot_of(record), record.processed, record.errors)
        return format_html("{}{}", status(dot_of(record), words), reason_of(record))


@dataclass(frozen=True)
class DistrictLine:
    """A row of a table of districts; `reason` tells why its batch does not run as it should."""

    row: DistrictProgress
    reason: str
    attrs: SafeString


class DistrictProgressTable(tables.Table):
    """How far each district's batch is. `reasons` are by batch. Shown by resync/_batch_rows.html."""

    district = StatusColumn("District", "")
    objects = StatusColumn("Objects", "num")
    processed = StatusColumn("Processed", "num")
    errors = StatusColumn("Errors", "num")
    progress = StatusColumn("Progress", "prog self long")
    status = StatusColumn("Status", "self")

    class Meta:
        orderable = False

    def __init__(
        self, rows: Iterable[DistrictProgress], *, reasons: Mapping[int, str], now: datetime | None = None
    ) -> None:
        self.now = now or timezone.now()
        super().__init__([DistrictLine(row, reasons.get(row.batch_id, ""), _row_attrs(row)) for row in rows])

    def render_district(self, value: DistrictProgress) -> SafeString:
        url = reverse("batch_of_district", args=[value.number])
        return format_html('<a class="usa-link" href="{}">{}</a>', url, value.district)

    def render_objects(self, value: DistrictProgress) -> SafeString:
        return format_html(
            '<a class="usa-link" href="{}">{} of {}<span class="usa-sr-only"> objects of {}</span></a>',
            reverse("batch_history_of", args=[value.batch_id]),
            f"{value.ended:,}",
            f"{value.objects:,}",
            value.district,
        )

    def render_processed(self, value: DistrictProgress) -> SafeString:
        return count(value.processed)

    def render_errors(self, value: DistrictProgress) -> SafeString:
        return count(value.errors)

    def render_progress(self, value: DistrictProgress, record: DistrictLine) -> SafeString:
        bar = _district_bar(value, self.now) if value.is_open and value.started_at else ""
        reason = format_html('<span class="reason">{}</span>', record.reason) if record.reason else ""
        words = "" if bar else format_html('<span class="muted small">{}</span>', self._ended(value))
        return format_html("{}{}{}", bar, words, reason)

    def _ended(self, value: DistrictProgress) -> str:
        if value.ended_at is None:
            return "Starts when the resync before it has ended"
        ended = f"Ended {timezone.localtime(value.ended_at):%m/%d/%Y %H:%M:%S}"
        rate = round(value.rate(self.now))
        return f"{ended}, {wording.counted(rate, 'record')} per second" if rate else ended

    def render_status(self, value: DistrictProgress) -> SafeString:
        return status(value.dot, wording.batch_words(value.status, value.dot, value.processed, value.errors))


def _row_attrs(row: DistrictProgress) -> SafeString:
    css = "is-running" if row.dot == Dot.GRAY else ""
    return format_html('id="district-{}" class="{}"', row.district_id, css)


def _district_bar(row: DistrictProgress, now: datetime) -> SafeString:
    rate = round(row.rate(now))
    return format_html(
        '<progress value="{}" max="100" aria-label="{}"></progress>'
        '<span class="prog__t small"><strong>{}%</strong> <span>{}</span></span>',
        row.percent,
        row.district,
        row.percent,
        f"{wording.counted(rate, 'record')} per second" if rate else "",
    )


def count(number: int) -> SafeString:
    return format_html('<span class="{}">{}</span>', "" if number else "zero", f"{number:,}")


class RequestTable(PlainTable):
    """Requests of the state and of its schedule (`requests_with_progress`)."""

    caption = "Requests of the state, latest first"

    requested_at = PlainColumn("Requested", css="time")
    who = PlainColumn("By", accessor="pk", css="")
    school_year = PlainColumn("School Year", css="nowrap")
    objects = PlainColumn("DIS Objects", accessor="objects_chosen", css="long")
    progress = PlainColumn("Districts Done", accessor="pk", css="num")
    status = PlainColumn("Status", accessor="pk", css="self")

    class Meta(PlainTable.Meta):
        empty_text = "Nothing was requested yet."

    def render_requested_at(self, value: datetime, record: ResyncRequest) -> SafeString:
        return format_html(
            '<a class="usa-link" href="{}">{}</a>', reverse("request_page", args=[record.pk]), moment(value)
        )

    def render_who(self, record: ResyncRequest) -> str:
        return wording.asker(record)

    def render_objects(self, value: Sequence[str]) -> str:
        return wording.few(value)

    def render_progress(self, record: Any) -> str:
        return f"{record.districts - record.still_open:,} of {record.districts:,}"

    def render_status(self, record: Any) -> SafeString:
        left = record.districts - record.completed
        if record.still_open:
            return status(Dot.GRAY, "In progress")
        if left:
            return status(Dot.FAILED, f"{wording.counted(left, 'district')} not completed")
        return status(Dot.GREEN, "Completed") if record.districts else status(Dot.NONE, "No district")


class DistrictTable(PlainTable):
    """The districts with their last resync. `last` is how far that was, by district; `reasons` are not told here."""

    caption = "Districts and their last resync"

    name = PlainColumn("District", css="")
    number = PlainColumn(css="fit")
    state = PlainColumn(accessor="state__code", css="fit")
    year = PlainColumn("School Year", accessor="pk", css="nowrap")
    last = PlainColumn("Last Resync", accessor="pk", css="time")
    status = PlainColumn("Status", accessor="pk", css="self")

    class Meta(PlainTable.Meta):
        empty_text = "No district matches the filter."

    def __init__(
        self, districts: Iterable[District], *, last: Mapping[int, DistrictProgress], **options: Any
    ) -> None:
        self.last_of = last
        super().__init__(districts, **options)

    def render_name(self, value: str, record: District) -> SafeString | str:
        if not hasattr(record, "zone"):
            return value
        url = reverse("batch_of_district", args=[record.number])
        return format_html('<a class="usa-link" href="{}">{}</a>', url, value)

    def render_year(self, record: District) -> SafeString | str:
        if hasattr(record, "zone"):
            return str(record.zone.school_year)
        return format_html('<span class="muted">{}</span>', "No zone yet")

    def render_last(self, record: District) -> SafeString:
        last = self.last_of.get(record.pk)
        return moment(last.started_at) if last and last.started_at else NOTHING

    def render_status(self, record: District) -> SafeString:
        last = self.last_of.get(record.pk)
        if last is None:
            return status(Dot.NONE, "Never resynced")
        return status(last.dot, wording.batch_words(last.status, last.dot, last.processed, last.errors))
