"""A batch as a table for a terminal."""

from collections.abc import Iterable

from rich.progress_bar import ProgressBar
from rich.table import Table

from resync.models import BatchObject
from resync.queries import progress_of


def batch_table(objects: Iterable[BatchObject]) -> Table:
    table = Table("Object", "Progress", box=None, header_style="bold")
    for name in ("Total", "Processed", "Errors"):
        table.add_column(name, justify="right")
    table.add_column("Status")
    for each in objects:
        table.add_row(each.object, _bar(each), *_counts(each), each.reason or each.get_status_display())
    return table


def _bar(each: BatchObject) -> ProgressBar | str:
    if each.started_at is None:
        return ""
    progress = progress_of([each])
    # An empty object that has ended is full, not empty.
    return ProgressBar(
        total=max(progress.total, 1),
        completed=max(progress.done, 0 if each.ended_at is None else 1),
        width=24,
    )


def _counts(each: BatchObject) -> list[str]:
    return [f"{count:,}" if count is not None else "" for count in (each.total, each.processed, each.errors)]
