"""Installs a tool into an environment of its own, and runs it there."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measuring import Measured, measuring, watching_memory
from benchmarks.peers import Unavailable

_FOLDER = Path(__file__).resolve().parent.parent.parent / ".venv-bench"
_RUN_SECONDS = 1800


def environment_of(name: str, *requirements: str) -> Path:
    """The folder with the tool's programs. Raises Unavailable when it cannot be installed."""
    home = _FOLDER / name
    done = home / "installed"
    if not done.exists() or done.read_text() != "\n".join(requirements):
        _run([sys.executable, "-m", "venv", "--clear", str(home)], f"{name} gets no environment")
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, *requirements], f"{' '.join(requirements)} cannot be installed")
        done.write_text("\n".join(requirements))
    return home / "bin"


def _run(command: Sequence[str], what: str) -> None:
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if ended.returncode:
        raise Unavailable(f"{what}: {_reason(ended.stderr)}")


def timed(records: int, *commands: Sequence[str], **env: str) -> Measured:
    """Runs the commands one after the other. Raises Unavailable when one fails."""
    with measuring(records) as measured:
        for command in commands:
            measured.peak = max(measured.peak, _memory_of(command, env))
    return measured


def _memory_of(command: Sequence[str], env: dict[str, str]) -> int:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | env,
    )
    with watching_memory(process.pid) as most:
        try:
            said, _ = process.communicate(timeout=_RUN_SECONDS)
        except subprocess.TimeoutExpired as late:
            process.kill()
            raise Unavailable(f"{command[0]} took longer than {_RUN_SECONDS} seconds.") from late
    if process.returncode:
        raise Unavailable(f"{Path(command[0]).name} failed: {_reason(said)}")
    return most()


def _reason(said: str) -> str:
    """The last line that speaks of an error, or the last one of all."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower() or "fail" in line.lower()]
    return ([*lines[-1:], *telling[-1:]] or ["without a word"])[-1][:200]
