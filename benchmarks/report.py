"""The table that a person reads and the JSON that a machine does."""

import json
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.measuring import Row, setting

_MEGABYTE = 2**20
OURS = "Upstate, 1 worker"
_SETTINGS = (
    "server_version",
    "shared_buffers",
    "work_mem",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "max_wal_size",
    "autovacuum",
)


def draw(rows: Sequence[Row], console: Console) -> None:
    table = Table(
        title="Medians. Ratio: the seconds of the row by those of Upstate with one worker in the same case.",
        caption="Peak MB: of Upstate the worker process that had most, of a tool all of its processes together.",
    )
    for heading in ("Case", "Who", "Seconds", "Records/s", "Ratio", "Peak MB", "WAL MB", "Runs"):
        table.add_column(heading, justify="left" if heading in ("Case", "Who") else "right")
    for row in rows:
        table.add_row(row.case, row.who, *_cells(row, rows))
    console.print(table)


def _cells(row: Row, rows: Iterable[Row]) -> tuple[str, ...]:
    if row.seconds is None:
        return (f"not run: {row.why_not}",)
    return (
        f"{row.seconds:.2f}",
        f"{row.median_of('records') / row.seconds:,.0f}" if row.median_of("records") else "",
        ratio(row, rows),
        f"{row.median_of('peak') / _MEGABYTE:.0f}" if row.median_of("peak") else "",
        f"{row.median_of('wal') / _MEGABYTE:.1f}",
        str(len(row.runs)),
    )


def ratio(row: Row, rows: Iterable[Row]) -> str:
    """How many times as long as ours it took for each record; empty where we have no such run."""
    ours = next((each for each in rows if (each.case, each.who) == (row.case, OURS) and each.runs), None)
    if ours is None or row.seconds is None or ours.seconds is None:
        return ""
    return f"{_per_record(row) / _per_record(ours):.2f}"


def _per_record(row: Row) -> float:
    return (row.seconds or 0.0) / row.median_of("records")


def as_json(rows: Sequence[Row], scale: float) -> str:
    told = {
        "machine": {"system": platform.platform(), "python": platform.python_version(), "cores": _cores()},
        "servers": {name: setting(name) for name in _SETTINGS},
        "packages": {name: version(name) for name in ("django", "celery", "psycopg")},
        "scale": scale,
        "rows": [asdict(row) | {"seconds": row.seconds} for row in rows],
    }
    return json.dumps(told, indent=1)


def _cores() -> int:
    return sum(line.startswith("processor") for line in Path("/proc/cpuinfo").read_text().splitlines())
