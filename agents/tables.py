"""The tables of the logs. Cells are made by format_html: a template column compiles a template for every cell."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from agents.causes import parent_of
from agents.queries import LogFilter
from districts.choices import Right, Tool
from districts.queries import has_right
from districts.tables import PlainColumn, PlainTable
from interchange.faults import Code
from interchange.models import ErrorLogEntry, RecordError
from resync.tables.cells import NOTHING, moment


class ErrorTable(PlainTable):
    """Record errors, one by one. `several_districts` adds whose they are."""

    caption = "Record errors"

    key = PlainColumn(verbose_name="Key", css="mono fit", empty_values=())
    object = PlainColumn(verbose_name="Object", css="fit")
    district = PlainColumn(verbose_name="District")
    sentence = PlainColumn(verbose_name="What happened", css="self long", empty_values=())
    last_met_at = PlainColumn(verbose_name="Last met", css="time")
    first_met_at = PlainColumn(verbose_name="First met", css="time wide")
    batch_id = PlainColumn(verbose_name="Resync", css="num", empty_values=())

    class Meta(PlainTable.Meta):
        empty_text = "No record error is open here."
        sequence = ("key", "object", "district", "sentence", "last_met_at", "first_met_at", "batch_id")

    def __init__(self, errors: Sequence[RecordError], asked: LogFilter, **kwargs: Any) -> None:
        self.links_batches = has_right(asked.user, Tool.BATCH, Right.READ)
        super().__init__(errors, exclude=("district",) if asked.district else (), **kwargs)

    def render_key(self, record: RecordError) -> SafeString | str:
        return NOTHING if record.key is None else str(record.key)

    def render_sentence(self, record: RecordError) -> SafeString:
        times = f" ({record.occurrences:,} records)" if record.occurrences > 1 else ""
        return format_html("{}{}{}", record.sentence, times, self._way_to_parent(record))

    def _way_to_parent(self, record: RecordError) -> SafeString | str:
        parent = parent_of(record.object, record.field) if record.code == Code.MISSING_PARENT else ""
        if not parent or record.parent_key is None:
            return ""
        query = urlencode({"district": record.district.number, "object": parent, "key": record.parent_key})
        return format_html(
            ' <a class="usa-link in-text" href="{}?{}">Why {} {} is missing</a>',
            *(reverse("agent_log"), query, parent, str(record.parent_key)),
        )

    def render_last_met_at(self, record: RecordError) -> SafeString:
        return moment(record.last_met_at)

    def render_first_met_at(self, record: RecordError) -> SafeString:
        return moment(record.first_met_at)

    def render_batch_id(self, record: RecordError) -> SafeString | str:
        return batch_link(record.batch_id) if self.links_batches else str(record.batch_id or "")


class EntryTable(PlainTable):
    """The error log."""

    caption = "What went wrong, newest first"

    happened_at = PlainColumn(verbose_name="Time", css="time")
    district = PlainColumn(verbose_name="District")
    object = PlainColumn(verbose_name="Object", css="fit", empty_values=())
    code = PlainColumn(verbose_name="Code", css="fit wide")
    sentence = PlainColumn(verbose_name="What happened", css="self long")
    batch_id = PlainColumn(verbose_name="Resync", css="num", empty_values=())
    cleared_at = PlainColumn(verbose_name="Cleared", css="time", empty_values=())

    class Meta(PlainTable.Meta):
        empty_text = "Nothing has gone wrong that is not a record error."
        sequence = ("happened_at", "district", "object", "code", "sentence", "batch_id", "cleared_at")

    def __init__(self, entries: QuerySet[ErrorLogEntry], *, links_batches: bool, **kwargs: Any) -> None:
        self.links_batches = links_batches
        super().__init__(entries, **kwargs)

    def render_happened_at(self, record: ErrorLogEntry) -> SafeString:
        return moment(record.happened_at)

    def render_object(self, record: ErrorLogEntry) -> SafeString | str:
        return record.object or NOTHING

    def render_batch_id(self, record: ErrorLogEntry) -> SafeString | str:
        return batch_link(record.batch_id) if self.links_batches else str(record.batch_id or "")

    def render_cleared_at(self, record: ErrorLogEntry) -> SafeString | str:
        if record.cleared_at is None:
            return NOTHING
        by = f" by {record.cleared_by.username}" if record.cleared_by else ""
        return format_html("{}{}", moment(record.cleared_at), by)


def batch_link(batch_id: int | None) -> SafeString:
    if batch_id is None:
        return NOTHING
    address = reverse("batch_history_of", args=[batch_id])
    return format_html('<a class="usa-link" href="{}">{}</a>', address, str(batch_id))
