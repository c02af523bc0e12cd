from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attendance.choices import RunKind, RunStatus
from attendance.models import AggregationRun
from districts.models import District, User
from districts.tables import PlainColumn, PlainTable
from resync.choices import Dot
from resync.tables.cells import NOTHING, moment, status
from resync.wording import counted, duration

_DOTS = {
    RunStatus.QUEUED: Dot.QUEUED,
    RunStatus.RUNNING: Dot.GRAY,
    RunStatus.COMPLETED: Dot.GREEN,
    RunStatus.FAILED: Dot.FAILED,
}


def dot_of(run: AggregationRun) -> Dot:
    return _DOTS[RunStatus(run.status)]


class RunsTable(PlainTable):
    """The aggregations of a district, newest first."""

    caption = "Earlier aggregations, newest first"

    requested_at = PlainColumn(verbose_name="Requested", css="time self")
    kind = PlainColumn(verbose_name="What")
    requested_by = PlainColumn(verbose_name="By", empty_values=())
    days = PlainColumn(verbose_name="Student days", css="num")
    written = PlainColumn(verbose_name="Rows changed", css="num")
    took = PlainColumn(verbose_name="Time", css="num", empty_values=())
    status = PlainColumn(verbose_name="Result", css="self long")

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        self.viewer = viewer
        super().__init__(*args, empty_text="Nothing was added up yet.", **kwargs)

    def render_requested_at(self, record: AggregationRun) -> SafeString:
        return moment(record.requested_at)

    def render_kind(self, record: AggregationRun) -> str:
        return what_of(record)

    def render_requested_by(self, record: AggregationRun) -> str:
        return asker_of(record, self.viewer)

    def render_days(self, record: AggregationRun) -> str:
        return f"{record.days:,}"

    def render_written(self, record: AggregationRun) -> str:
        return f"{record.written:,}"

    def render_took(self, record: AggregationRun) -> str:
        if record.started_at is None or record.ended_at is None:
            return NOTHING
        return duration(record.ended_at - record.started_at)

    def render_status(self, record: AggregationRun) -> SafeString:
        reason = format_html('<span class="reason">{}</span>', record.reason) if record.reason else ""
        return format_html("{}{}", status(dot_of(record), record.get_status_display()), reason)


def what_of(run: AggregationRun) -> str:
    if run.night is not None:
        return f"Nightly, {run.night:%m/%d/%Y}"
    if run.is_all:
        return f"All calendars ({run.calendars_total:,})"
    return counted(run.calendars_total, "calendar")


def asker_of(run: AggregationRun, viewer: User) -> str:
    """A district learns that it was the state, not who there."""
    if run.kind == RunKind.NIGHTLY:
        return "Schedule"
    if run.requested_by is None:
        return "Command line"
    of_state = run.requested_by.is_state_user and not viewer.is_state_user
    return "The state" if of_state else run.requested_by.username


class DistrictsTable(PlainTable):
    """The state's way to a district's page. Rows are districts with `last`, their latest aggregation."""

    caption = "Districts, with their latest aggregation"

    name = PlainColumn(verbose_name="District")
    number = PlainColumn(verbose_name="Number")
    prepared = PlainColumn(verbose_name="Aggregation", accessor="aggregation_user", empty_values=())
    last_at = PlainColumn(verbose_name="Latest", css="time", empty_values=())
    last_status = PlainColumn(verbose_name="Result", css="self", empty_values=())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, empty_text="No district matches.", **kwargs)

    def render_name(self, record: District) -> SafeString:
        url = reverse("attendance_refresh_of_district", args=[record.number])
        return format_html('<a class="usa-link" href="{}">{}</a>', url, record.name)

    def render_prepared(self, record: District) -> str:
        return "Prepared" if record.aggregation_user else "Not prepared"

    def render_last_at(self, record: Any) -> SafeString:
        return moment(record.last_at) if record.last_at else NOTHING

    def render_last_status(self, record: Any) -> SafeString:
        if not record.last_status:
            return NOTHING
        found = RunStatus(record.last_status)
        return status(_DOTS[found], found.label)


class WeeksTable(PlainTable):
    """The weeks of the schedule, newest first: one row for each request (a school year of a week)."""

    caption = "Weekly resyncs, newest first"

    week = PlainColumn(verbose_name="Week of")
    school_year = PlainColumn(verbose_name="School year")
    districts = PlainColumn(verbose_name="Districts", css="num")
    sent = PlainColumn(verbose_name="Sent", css="num")
    refused = PlainColumn(verbose_name="Not sent", css="num")
    to_come = PlainColumn(verbose_name="To come", css="num")
    completed = PlainColumn(verbose_name="Completed", css="num")
    origin = PlainColumn(verbose_name="By", empty_values=())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, empty_text="No weekly resync has run yet.", **kwargs)

    def render_week(self, record: dict[str, Any]) -> SafeString | str:
        label = f"{record['week']:%m/%d/%Y}"
        try:
            url = reverse("request_page", args=[record["request_id"]])
        except NoReverseMatch:
            return label
        return format_html('<a class="usa-link" href="{}">{}</a>', url, label)

    def render_school_year(self, value: int) -> str:
        return f"{value - 1}-{value}"

    def render_origin(self) -> str:
        return "Schedule"
