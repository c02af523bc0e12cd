"""The line at View History: how far the latest request is (seed 004, Syncing Objects for Specific Users)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import dateformat, timezone

from resync.choices import Dot
from resync.wording import counted
from selective_sync.choices import SyncStatus
from selective_sync.queries import LiveLine
from selective_sync.tables import asker_of, clock, dot_of


@dataclass(frozen=True)
class Line:
    """`state` and `words` are one sentence; `per_mille` draws the bar, None where nothing is under way."""

    dot: Dot
    state: str
    words: str
    reason: str = ""
    per_mille: int | None = None


def line_of(live: LiveLine | None) -> Line:
    if live is None:
        return Line(Dot.NONE, "No sync requested yet.", "")
    asker = asker_of(live.request)
    if live.is_open:
        state, words = _under_way(live, f"{_time(live.request.requested_at)} by {asker}")
        dot = dot_of(live.request, missing=0, errors_under=0)
        return Line(dot, state, words, live.request.reason, _per_mille(live))
    return _ended(live, f"{clock(live.request.ended_at or live.request.changed_at)} by {asker}")


def _ended(live: LiveLine, ended: str) -> Line:
    if live.status is SyncStatus.FAILED:
        return Line(Dot.FAILED, "Failed", ended, live.request.reason)
    dot = dot_of(live.request, missing=live.total - live.synced, errors_under=live.errors_under)
    under = f", {counted(live.errors_under, 'error')} under it" if live.errors_under else ""
    return Line(dot, "Last Completed", f"{ended}, {live.synced:,} of {live.total:,} at the state{under}")


def _under_way(live: LiveLine, asked: str) -> tuple[str, str]:
    if live.status is SyncStatus.QUEUED:
        return "Requested", asked
    if live.status is SyncStatus.WAITING and live.request.retry_at:
        again = _time(live.request.retry_at)
        return "Waiting", f"for the district's database, tried again at {again}. Requested {asked}"
    under = f", {live.objects_done} of {live.objects_total} objects under it" if live.objects_total else ""
    return "In progress", f"{live.done:,} of {live.total:,}{under}. Requested {asked}"


def _per_mille(live: LiveLine) -> int:
    """The chosen object and each of those under it count as much."""
    parts = live.done / live.total + live.objects_done if live.total else 0
    return int(1_000 * parts / (1 + live.objects_total))


def _time(moment: datetime) -> str:
    return dateformat.time_format(timezone.localtime(moment), "g:i:s A")


def news_of(live: LiveLine | None) -> str:
    """What a person who waits wants to hear: the end."""
    if live is None or live.is_open:
        return ""
    if live.status is SyncStatus.FAILED:
        return f"The sync failed. {live.request.reason}"
    return f"The sync is complete: {live.synced:,} of {live.total:,} at the state."
