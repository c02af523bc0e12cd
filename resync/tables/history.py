"""The tables of Batch History."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from districts.tables import PlainColumn, PlainTable
from resync import wording
from resync.history import HistoryLine, duration_of, speed_of
from resync.models import Batch, BatchObject
from resync.queries import dot_of
from resync.tables.cells import NOTHING, moment, reason_of, status


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
