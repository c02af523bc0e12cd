"""Background processes that can be found again after everything above them was killed."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_POLL_SECONDS = 0.02
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Record:
    """One process, told apart from every other process that will ever get its pid.

    The process leads a session of its own, so the session's number is its pid. `start_time` is in clock ticks
    since the boot `boot_id`; `executable` is the first word of its command line.
    """

    pid: int
    start_time: int
    boot_id: str
    executable: str

    @classmethod
    def of_this_process(cls, executable: str) -> "Record":
        status = _read_status(os.getpid())
        if status is None:
            raise OSError("/proc is not mounted, so processes cannot be told apart.")
        return cls(os.getpid(), status.start_time, _BOOT_ID.read_text().strip(), executable)

    @classmethod
    def load(cls, path: Path) -> "Record | None":
        try:
            return cls(**json.loads(path.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def save(self, path: Path) -> None:
        """Write the record in one step: a reader never sees half of it."""
        unfinished = path.with_suffix(".new")
        unfinished.write_text(json.dumps(asdict(self)))
        unfinished.replace(path)

    def is_running(self) -> bool:
        status = _read_status(self.pid)
        return self._same_boot() and status is not None and status.start_time == self.start_time

    def session_members(self) -> list[int]:
        """The pids of the process and of its children that still run.

        A leader with another start time has the number by chance: then the whole session is somebody else's.
        """
        if not self._same_boot():
            return []
        leader = _read_status(self.pid)
        if leader is not None and leader.start_time != self.start_time:
            return []
        return [status.pid for status in _all_processes() if self._is_member(status)]

    def _is_member(self, status: "_Status") -> bool:
        if status.session != self.pid:
            return False
        return status.pid == self.pid or _first_word(status.pid) == self.executable

    def _same_boot(self) -> bool:
        return _BOOT_ID.read_text().strip() == self.boot_id


@dataclass(frozen=True)
class _Status:
    pid: int
    session: int
    start_time: int


def die_with_parent(number: int) -> None:
    """Ask the kernel to send this process a signal when the one that started it ends, however that ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def start(
    command: list[str],
    *,
    record: Path,
    log: Path,
    env: dict[str, str] | None = None,
    dies_by: signal.Signals | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, which writes its record before anything else.

    With `dies_by` it gets that signal when the process that started it ends, however that ends.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            recorded_command(command, record=record, dies_by=dies_by),
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def recorded_command(command: list[str], *, record: Path, dies_by: signal.Signals | None = None) -> list[str]:
    return [sys.executable, "-S", "-m", "script.recorded", str(record), str(int(dies_by or 0)), *command]


def stop(record: Path, *, by: signal.Signals = signal.SIGTERM, seconds: float = 30) -> bool:
    """Stop the process of a record: politely, then, after `seconds`, with all its children by force.

    Returns whether there was anything to stop.
    """
    process = Record.load(record)
    found = process is not None and bool(process.session_members())
    if process is not None and found:
        _signal(process.pid if process.is_running() else None, by)
        wait_until(lambda: not process.is_running(), seconds)
        _kill_all(process)
    record.unlink(missing_ok=True)
    return found


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again, for `seconds` at most. Returns the last answer."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return answer


def _kill_all(process: Record) -> None:
    for pid in process.session_members():
        _signal(pid, signal.SIGKILL)
    wait_until(lambda: not process.session_members(), 5)


def _signal(pid: int | None, number: signal.Signals) -> None:
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _all_processes() -> Iterator[_Status]:
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (status := _read_status(int(entry))):
            yield status


def _read_status(pid: int) -> _Status | None:
    """What the kernel says of a process; None when there is none, or only its zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in brackets, and may hold spaces and brackets itself.
    fields = text.rpartition(")")[2].split()
    state, threads = fields[0], int(fields[17])
    # A zombie with threads left is still ending, and still holds its files and ports.
    if state in "ZX" and threads <= 1:
        return None
    return _Status(pid=pid, session=int(fields[3]), start_time=int(fields[19]))


def _first_word(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
