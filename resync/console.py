"""A batch and a request as tables for a terminal."""

from collections.abc import Iterable, Mapping

from rich.progress_bar import ProgressBar
from rich.table import Table

from resync.choices import BatchStatus
from resync.models import BatchObject
from resync.progress import DistrictProgress
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


def request_table(rows: Iterable[DistrictProgress], reasons: Mapping[int, str]) -> Table:
    """How far each district is; `reasons` are by batch."""
    table = Table("District", "Progress", box=None, header_style="bold")
    for name in ("Objects", "Processed", "Errors"):
        table.add_column(name, justify="right")
    table.add_column("Status")
    for row in rows:
        bar = ProgressBar(total=100, completed=row.percent, width=24)
        counts = [f"{row.ended:,} of {row.objects:,}", f"{row.processed:,}", f"{row.errors:,}"]
        words = reasons.get(row.batch_id) or BatchStatus(row.status).label
        table.add_row(row.district, bar, *counts, words)
    return table
