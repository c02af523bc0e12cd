"""Cells that several tables of resyncs share. Made by format_html: a template column compiles one for every cell."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from resync import wording
from resync.choices import Dot
from resync.models import BatchObject
from resync.queries import progress_of

NOTHING = SafeString('<span class="muted">—</span>')


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


def count(number: int) -> SafeString:
    return format_html('<span class="{}">{}</span>', "" if number else "zero", f"{number:,}")
