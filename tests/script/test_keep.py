"""A command that ends by itself is started again; one that is asked to stop is not."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from script.processes import ROOT, wait_until


def keep(script: str, *arguments: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-S", "-m", "script.keep", sys.executable, "-S", "-c", script, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def test_a_command_that_ends_by_itself_starts_again(tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    with keep("import sys; open(sys.argv[1], 'a').write('x'); sys.exit(3)", str(tally)) as keeper:
        assert wait_until(lambda: tally.exists() and len(tally.read_text()) >= 2, 15)
        keeper.send_signal(signal.SIGTERM)
        output = keeper.communicate()[0].decode()
    assert "exit code 3" in output


def test_a_command_that_is_asked_to_stop_ends_for_good(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    with keep("import sys, time; open(sys.argv[1], 'w'); time.sleep(60)", str(ready)) as keeper:
        assert wait_until(ready.exists, 15)
        began = time.monotonic()
        keeper.send_signal(signal.SIGTERM)
        assert keeper.wait() == -signal.SIGTERM % 256 or keeper.returncode != 0
    assert time.monotonic() - began < 10
