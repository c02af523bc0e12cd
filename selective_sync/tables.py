from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from districts.models import District
from districts.tables import PlainColumn, PlainTable
from resync.choices import Dot, result_dot
from resync.tables.cells import count, status
from resync.wording import counted
from selective_sync.choices import OPEN_SYNC, KeyOutcome, SyncStatus
from selective_sync.models import SyncKey, SyncObject, SyncRequest
from selective_sync.queries import explain

_DOTS = {
    SyncStatus.QUEUED: Dot.QUEUED,
    SyncStatus.RUNNING: Dot.GRAY,
    SyncStatus.WAITING: Dot.WAITING,
    SyncStatus.FAILED: Dot.FAILED,
}
_OPEN_WORDS = {SyncStatus.QUEUED: "Requested", SyncStatus.WAITING: "Waiting"}


def clock(moment: datetime) -> str:
    """04/18/2019 3:07:29 PM, in the time zone of the page (seed 004, Viewing the Sync History)."""
    return dateformat.format(timezone.localtime(moment), "m/d/Y g:i:s A")


def moment(moment: datetime) -> SafeString:
    local = timezone.localtime(moment)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), clock(moment))


def asker_of(request: SyncRequest) -> str:
    return request.requested_by.username if request.requested_by else "Command line"


def dot_of(request: SyncRequest, *, missing: int, errors_under: int) -> Dot:
    """`missing` IDs did not arrive, nor did `errors_under` records of the objects under them."""
    if request.status in _DOTS:
        return _DOTS[SyncStatus(request.status)]
    return Dot.RED if missing else Dot.YELLOW if errors_under else Dot.GREEN


def status_words(request: SyncRequest, *, missing: int, errors_under: int) -> str:
    """The column Details (seed 004: In Progress or Complete)."""
    if request.status in OPEN_SYNC:
        return _OPEN_WORDS.get(SyncStatus(request.status), "In Progress")
    if request.status == SyncStatus.FAILED:
        return "Failed"
    if missing:
        return f"Complete, {missing:,} not at the state"
    return f"Complete, {counted(errors_under, 'error')} under it" if errors_under else "Complete"


def _twist(request: SyncRequest, number: str) -> SafeString:
    """The way to what came of a request; selective_sync.js opens it in its place."""
    outcome = {
        "missing": request.ids - request.synced,  # type: ignore[attr-defined]
        "errors_under": request.errors_under or 0,  # type: ignore[attr-defined]
    }
    words = status_words(request, **outcome)
    return format_html(
        '<a class="twist" href="{}" data-twist>{}<svg class="twist__mark" viewBox="0 0 16 16" aria-hidden="true"'
        ' focusable="false"><path d="m6 4 4 4-4 4" fill="none" stroke="currentColor" stroke-width="1.6"/></svg>'
        '<span class="usa-sr-only">: the request of {}</span></a>',
        reverse("sync_request", args=[number, request.pk]),
        status(dot_of(request, **outcome), words),
        clock(request.requested_at),
    )


class HistoryTable(PlainTable):
    """The requests of a district, newest first: `page.history_of`."""

    caption = "Sync requests, newest first"

    requested_at = PlainColumn("Requested", css="time")
    requested_by = PlainColumn("User", empty_values=())
    object = PlainColumn("Object")
    records = PlainColumn("Records", accessor="pk", css="num")
    details = PlainColumn("Details", accessor="pk", css="fit self")
    remove = PlainColumn("", accessor="pk", css="fit tight")

    class Meta(PlainTable.Meta):
        empty_text = "No sync was requested, or the history was cleared."

    def __init__(self, *args: Any, district: District, may_delete: bool, **kwargs: Any) -> None:
        self.number = district.number
        super().__init__(*args, exclude=() if may_delete else ("remove",), **kwargs)

    def render_requested_at(self, value: datetime) -> SafeString:
        return moment(value)

    def render_requested_by(self, record: SyncRequest) -> str:
        return asker_of(record)

    def render_records(self, record: Any) -> str:
        return f"{record.synced:,}/{record.ids:,}"

    def render_details(self, record: SyncRequest) -> SafeString:
        return _twist(record, self.number)

    def render_remove(self, record: SyncRequest) -> SafeString | str:
        if record.status in OPEN_SYNC:
            return ""
        return format_html(
            '<a class="iconbtn" href="{}" aria-label="Delete the request of {}" title="Delete">'
            '<svg class="twist__mark" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
            '<path d="m4 4 8 8m0-8-8 8" stroke="currentColor" stroke-width="1.6"/></svg></a>',
            reverse("sync_request_delete", args=[self.number, record.pk]),
            clock(record.requested_at),
        )


_OUTCOMES = {
    KeyOutcome.SYNCED: (Dot.GREEN, "At the state"),
    KeyOutcome.FAILED: (Dot.RED, "Failed"),
    KeyOutcome.NOT_FOUND: (Dot.NOT_ATTEMPTED, "Not found"),
    KeyOutcome.PENDING: (Dot.QUEUED, "Not attempted"),
}
_WHY = {
    KeyOutcome.NOT_FOUND: "The district has no record with this ID; nothing was changed.",
    KeyOutcome.PENDING: "The request has not come to this ID.",
}


class KeyTable(PlainTable):
    """The IDs of a request and what came of each. `parent_url` gives the batch page for a missing parent object."""

    caption = "IDs of the request"

    key = PlainColumn("ID", css="mono fit")
    outcome = PlainColumn("Result", css="fit self")
    reason = PlainColumn("Reason", accessor="pk", css="self long")

    class Meta(PlainTable.Meta):
        empty_text = "No ID of the request came out like this."

    def __init__(self, *args: Any, request: SyncRequest, parent_urls: Any, label: str, **kwargs: Any) -> None:
        self.sync_request = request
        self.parent_urls = parent_urls
        super().__init__(*args, extra_columns=[("key", PlainColumn(label, css="mono fit"))], **kwargs)

    def render_key(self, value: int) -> str:
        return str(value)

    def render_outcome(self, record: SyncKey) -> SafeString:
        return status(*_OUTCOMES[KeyOutcome(record.outcome)])

    def render_reason(self, record: SyncKey) -> SafeString | str:
        return reason_of(self.sync_request, record, self.parent_urls)


def reason_of(request: SyncRequest, key: SyncKey, parent_urls: Any) -> SafeString | str:
    """Why an ID did not arrive, and what to do: which parent to resync, linked with that object chosen."""
    outcome = KeyOutcome(key.outcome)
    if outcome is not KeyOutcome.FAILED:
        return format_html('<span class="muted">{}</span>', _WHY.get(outcome, ""))
    told = explain(request, key)
    address = parent_urls(told.parent)
    if not address:
        return told.sentence
    return format_html(
        '{} <a class="usa-link in-text" href="{}">Resync {} in Batch</a>', told.sentence, address, told.parent
    )


class ObjectTable(PlainTable):
    """The objects of a request beside the chosen one: parents that were missing, and what is under it."""

    caption = "Objects of the request, parents first"

    object = PlainColumn("Object")
    processed = PlainColumn("Processed", css="num")
    errors = PlainColumn("Errors", css="num")
    written = PlainColumn("Written", css="num")
    result = PlainColumn("Status", accessor="pk", css="self long")

    class Meta(PlainTable.Meta):
        empty_text = "No record of another object was sent."

    def __init__(self, *args: Any, log_of: District | None, **kwargs: Any) -> None:
        self.log_of = log_of
        super().__init__(*args, **kwargs)

    def render_processed(self, value: int) -> SafeString:
        return count(value)

    def render_errors(self, value: int) -> SafeString:
        return count(value)

    def render_written(self, value: int) -> SafeString:
        return count(value)

    def render_result(self, record: SyncObject) -> SafeString:
        if record.reason:
            return format_html(
                '{}<span class="reason">{}</span>', status(Dot.NOT_ATTEMPTED, "Not attempted"), record.reason
            )
        if record.ended_at is None:
            return status(Dot.GRAY, "In progress")
        if not record.errors:
            return status(Dot.GREEN, "No errors")
        dot = result_dot(record.processed, record.errors)
        return format_html("{} {}", status(dot, counted(record.errors, "error")), self._why(record))

    def _why(self, record: SyncObject) -> SafeString:
        """The way to the reasons, for who may see the agent log."""
        if self.log_of is None:
            return SafeString("")
        address = reverse("agent_log", query={"district": self.log_of.number, "object": record.object})
        return format_html('<a class="usa-link in-text small" href="{}">Reasons in Agents - Log</a>', address)
