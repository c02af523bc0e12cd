"""The tables of the state: its requests, the districts of one, and all districts with their last resync."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from districts.models import District
from districts.tables import PlainColumn, PlainTable
from resync import wording
from resync.choices import Dot
from resync.models import ResyncRequest
from resync.progress import DistrictProgress
from resync.tables.cells import NOTHING, count, moment, status
from resync.tables.status import StatusColumn


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
