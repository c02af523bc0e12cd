"""What is measured of each run, and how."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from django.db import connection


@dataclass
class Measured:
    """One run. `records` are those that were read, `peak` the most memory in bytes that its processes had at once or,
    for workers, that any one of them ever had; `wal` the bytes of write-ahead log."""

    seconds: float = 0.0
    records: int = 0
    peak: int = 0
    wal: int = 0


@dataclass
class Row:
    """The runs of one contestant in one case, or why there are none."""

    case: str
    who: str
    runs: list[Measured] = field(default_factory=list)
    why_not: str = ""

    @property
    def seconds(self) -> float | None:
        return median(each.seconds for each in self.runs) if self.runs else None

    def median_of(self, name: str) -> float:
        return float(median(getattr(each, name) for each in self.runs))


@contextmanager
def measuring(records: int) -> Iterator[Measured]:
    """Seconds and write-ahead log of the block. A checkpoint before it makes the log of contestants comparable."""
    ask("CHECKPOINT")
    measured = Measured(records=records)
    before, began = _wal(), time.monotonic()
    yield measured
    measured.seconds = measured.seconds or time.monotonic() - began
    measured.wal = _wal() - before


def ask(query: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall() if cursor.description else []


def changed(statement: str) -> int:
    """Executes it; returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


def setting(name: str) -> str:
    return str(ask(f"SHOW {name}")[0][0])


def _wal() -> int:
    [[written]] = ask("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint")
    return int(str(written))


@contextmanager
def watching_memory(pid: int) -> Iterator[Callable[[], int]]:
    """The most memory that a process and its children had at once, in bytes; asked for every 50 ms."""
    most, stop = [0], threading.Event()

    def watch() -> None:
        while not stop.wait(0.05):
            most[0] = max(most[0], sum(map(resident, tree(pid))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield lambda: most[0]
    finally:
        stop.set()
        watcher.join()


def tree(pid: int) -> list[int]:
    """The process and everything that it started."""
    found, children = [pid], _children()
    for each in found:
        found += children.get(each, [])
    return found


def _children() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended meanwhile
        children.setdefault(parent, []).append(int(path.parent.name))
    return children


def resident(pid: int) -> int:
    """Bytes of memory that a process has now; 0 when it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def peak_of(pid: int) -> int:
    """Bytes of memory that a process ever had."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
