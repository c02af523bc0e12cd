"""Counts, times and states as the pages say them."""

from collections.abc import Sequence
from datetime import timedelta

from resync.choices import NOT_RUN, BatchStatus, Dot, Origin
from resync.models import Batch, BatchObject, ResyncRequest
from resync.progress import DistrictProgress, RequestProgress
from resync.queries import Progress

DOT_NAMES = {
    Dot.GREEN: "Green",
    Dot.YELLOW: "Yellow",
    Dot.RED: "Red",
    Dot.GRAY: "Gray",
}

_STATUS_WORDS = {
    Dot.GREEN: "No errors",
    Dot.GRAY: "In progress",
    Dot.QUEUED: "Queued",
    Dot.WAITING: "Waiting",
    Dot.FAILED: "Failed",
    Dot.NOT_ATTEMPTED: "Not attempted",
    Dot.CANCELLED: "Cancelled",
    Dot.NONE: "Never resynced",
}


def status_words(dot: Dot, processed: int, errors: int) -> str:
    return _STATUS_WORDS.get(dot) or f"{error_rate(processed, errors)} errors"


def error_rate(processed: int, errors: int) -> str:
    """The share of errors in percent, to two decimals.

    Never 0.00% when there are errors, never 1.00% when they are more: the words must not contradict the dot.
    """
    hundredths = (errors * 20_000 + processed) // (processed * 2) if processed else 0
    if errors and not hundredths:
        return "Under 0.01%"
    if hundredths == 100 and errors * 100 > processed:
        return "Over 1%"
    return f"{hundredths // 100}.{hundredths % 100:02}%"


def counted(number: int, noun: str) -> str:
    """1 object, 2 objects, 1,234 objects."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def saved(changed: int) -> str:
    return f"Saved: {counted(changed, 'setting')} changed." if changed else "Nothing was changed."


def about(number: int) -> str:
    """A sum of older counts, to two or three figures, because it may have changed since."""
    step = 10 ** max(0, len(str(number)) - 3)
    return f"{round(number / step) * step:,}"


def duration(time: timedelta) -> str:
    seconds = max(1, round(time.total_seconds()))
    minutes = round(seconds / 60)
    if seconds < 60:
        return f"{seconds} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def rate(progress: Progress) -> str:
    """412 records per second, about 2 min left. Empty while nothing has been processed."""
    if progress.rate <= 0:
        return ""
    speed = counted(round(progress.rate), "record") if progress.rate >= 1 else "under 1 record"
    left = f", about {duration(progress.left)} left" if progress.left else ""
    return f"{speed} per second{left}"


def news(changed: Sequence[BatchObject], attempts: Sequence[BatchObject]) -> str:
    """What a person who waits wants to hear: objects that have ended, and the end of the whole."""
    if all(each.ended_at for each in attempts):
        return f"The resync has ended: {_result(attempts)}."
    ended = [each for each in changed if each.ended_at]
    if not ended:
        return ""
    return f"{few([each.object for each in ended], 3)} ended: {_result(ended)}."


def _result(attempts: Sequence[BatchObject]) -> str:
    processed, errors = sum(each.processed for each in attempts), sum(each.errors for each in attempts)
    not_run = [each for each in attempts if each.status in NOT_RUN]
    result = f"{processed:,} processed, {counted(errors, 'error')}"
    return f"{result}, {counted(len(not_run), 'object')} not run" if not_run else result


def batch_words(status: str, dot: Dot, processed: int, errors: int) -> str:
    return "Being cancelled" if status == BatchStatus.CANCELLING else status_words(dot, processed, errors)


def asker(request: ResyncRequest) -> str:
    """Who asked: a person, the schedule, or somebody at a terminal."""
    if request.origin == Origin.SCHEDULE:
        return "Schedule"
    return request.requested_by.username if request.requested_by else "Command line"


def few(names: Sequence[str], shown: int = 4) -> str:
    """The first names, and how many more there are."""
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more:,} more" if more > 0 else "")


def request_news(changed: Sequence[DistrictProgress], progress: RequestProgress) -> str:
    """What a person who waits wants to hear: districts that have ended, and the end of the whole."""
    result = f"{progress.processed:,} processed, {counted(progress.errors, 'error')}"
    if not progress.is_open:
        return f"The request has ended: {result}."
    ended = [row for row in changed if not row.is_open]
    if not ended:
        return ""
    done = f"{progress.ended:,} of {counted(progress.districts, 'district')} done"
    return f"{few([row.district for row in ended], 3)} ended: {result}, {done}."


def cancelled_batch(batch: Batch, *, was_open: bool) -> str:
    if not was_open:
        return "The resync had ended before; nothing was cancelled."
    if batch.status == BatchStatus.CANCELLING:
        return (
            "The resync stops as soon as what is on its way has arrived. What was pushed stays at the state."
        )
    return "The resync is cancelled. What was pushed before stays at the state."


def cancelled_request(stopped: int) -> str:
    if not stopped:
        return "All districts had ended before; nothing was cancelled."
    return (
        f"The resync of {counted(stopped, 'district')} is cancelled. What is on its way arrives; "
        "what was pushed stays at the state."
    )
