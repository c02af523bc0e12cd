"""A verification as a table for a terminal of 80 columns."""

from collections.abc import Iterable

from rich.table import Table

from verification.choices import ResultStatus
from verification.figures import figures_of
from verification.models import VerificationResult

_NUMBERS = ("Distinct", "Not at state", "Not at district", "Differ", "Errors", "Accuracy")


def verification_table(results: Iterable[VerificationResult]) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("Object", no_wrap=True)
    for name in _NUMBERS:
        table.add_column(name, justify="right")
    table.add_column("Status")
    for each in results:
        table.add_row(each.object, *_figures(each), _status(each))
    return table


def _figures(each: VerificationResult) -> list[str]:
    """Without an accuracy as long as not all was compared."""
    found = figures_of(each)
    counts = (found.distinct, found.not_at_state, found.not_at_district, found.differences, found.errors)
    accuracy = f"{found.accuracy}%" if each.status == ResultStatus.COMPLETED else ""
    return [*(f"{count:,}" for count in counts), accuracy]


def _status(each: VerificationResult) -> str:
    if each.status == ResultStatus.RUNNING and each.total:
        return f"{min(99, each.at_district * 100 // each.total)}%"
    return "Waiting" if each.status == ResultStatus.WAITING else each.get_status_display()


def reasons(results: Iterable[VerificationResult]) -> list[str]:
    """Why an object could not be compared, or has to wait, a line each."""
    return [f"{each.object}: {each.reason}" for each in results if each.reason]
