"""Counts, times and states as the pages say them."""

from collections.abc import Sequence
from datetime import timedelta

from resync.choices import NOT_RUN, Dot
from resync.models import BatchObject
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
    names = ", ".join(each.object for each in ended[:3])
    more = f" and {len(ended) - 3} more" if len(ended) > 3 else ""
    return f"{names}{more} ended: {_result(ended)}."


def _result(attempts: Sequence[BatchObject]) -> str:
    processed, errors = sum(each.processed for each in attempts), sum(each.errors for each in attempts)
    not_run = [each for each in attempts if each.status in NOT_RUN]
    result = f"{processed:,} processed, {counted(errors, 'error')}"
    return f"{result}, {counted(len(not_run), 'object')} not run" if not_run else result
