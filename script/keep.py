"""`python -m script.keep COMMAND ...`: runs a command, and again whenever it ends by itself.

A Celery worker may die when its broker goes away while it holds a message (kombu 5.7.0 stumbles over its
closed connection). The work is safe in PostgreSQL; somebody has to start the worker again. Elsewhere that is
systemd's task.
"""

import signal
import subprocess
import sys
import time
from functools import partial
from types import FrameType

from script.processes import die_with_parent

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_HEALTHY_SECONDS = 60.0


class Keeper:
    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None
        self._is_stopping = False

    def run(self) -> int:
        """Until it is asked to stop. Returns the exit code of the command's last run."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        pause, code = _FIRST_PAUSE, 0
        while not self._is_stopping:
            began = time.monotonic()
            code = self._run_once()
            if not self._is_stopping:
                pause = _FIRST_PAUSE if time.monotonic() - began > _HEALTHY_SECONDS else pause
                print(f"It ended by itself (exit code {code}) and starts again in {pause:.0f} s.", flush=True)
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
        return code

    def _run_once(self) -> int:
        self._child = subprocess.Popen(self._command, preexec_fn=partial(die_with_parent, signal.SIGTERM))
        # A signal that came while the child was starting has found nobody to pass it on to.
        if self._is_stopping:
            self._child.send_signal(signal.SIGTERM)
        return self._child.wait()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._is_stopping = True
        if self._child is not None:
            self._child.send_signal(number)


if __name__ == "__main__":
    sys.exit(Keeper(sys.argv[1:]).run())
