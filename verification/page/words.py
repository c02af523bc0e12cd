"""Figures, kinds and states as the pages of Verification Summary say them."""

from collections.abc import Mapping

from django.utils import timezone

from resync.wording import counted, few
from verification.choices import ResultStatus
from verification.figures import Figures
from verification.queries import ResultRow


def accuracy_words(figures: Figures | None) -> str:
    return f"{figures.accuracy}%" if figures else "Never verified"


def progress_words(row: ResultRow) -> str:
    """How far the open attempt of a row is."""
    attempt = row.attempt
    if attempt is None or attempt.status == ResultStatus.QUEUED:
        return "Queued"
    if attempt.status == ResultStatus.WAITING:
        again = (
            f", tried again at {timezone.localtime(attempt.retry_at):%H:%M:%S}" if attempt.retry_at else ""
        )
        return f"The database does not answer{again}"
    return f"{row.percent}% compared"


def removed_words(number: int) -> str:
    return f"{counted(number, 'record')} removed from the state"


def stayed_words(stayed: Mapping[str, str], told: int) -> str:
    """Why keys stayed at the state, the first of them by name."""
    if not stayed:
        return ""
    named = "; ".join(f"{key}: {reason}" for key, reason in list(stayed.items())[:told])
    more = f" And {len(stayed) - told:,} more." if len(stayed) > told else ""
    return f"{counted(len(stayed), 'record')} stayed at the state. {named}{more}"


def news(rows: Mapping[str, ResultRow], changed: list[str]) -> str:
    """What a person who waits wants to hear: objects that have ended."""
    ended = [name for name in changed if name in rows and not rows[name].is_open]
    told = [f"{name}: {accuracy_words(rows[name].figures)}" for name in ended if not rows[name].failure]
    failed = [name for name in ended if rows[name].failure]
    sentences = [f"Verified {few(told, 3)}."] if told else []
    return " ".join([*sentences, *([f"{few(failed, 3)} could not be verified."] if failed else [])])
