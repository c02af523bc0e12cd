import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from script import processes
from script.processes import Record

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
# leaves a child in its session that ignores SIGTERM, as a hanging worker's would
SLEEP_WITH_CHILD = [
    sys.executable,
    "-c",
    "import os, signal, time; os.fork() or signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "sleep.json"


def start(command: list[str], record: Path) -> subprocess.Popen[bytes]:
    process = processes.start(command, record=record, log=record.with_suffix(".log"))
    assert processes.wait_until(lambda: Record.load(record) is not None, 5)
    return process


def test_start_records_the_process(record: Path) -> None:
    process = start(SLEEP, record)
    found = Record.load(record)
    assert found is not None
    assert found.pid == process.pid
    assert found.is_running()
    processes.stop(record)
    process.wait()


def test_stop_ends_the_process_and_forgets_it(record: Path) -> None:
    process = start(SLEEP, record)
    assert processes.stop(record)
    assert process.wait(5) == -signal.SIGTERM
    assert not record.exists()


def test_stop_kills_children_that_outlive_a_killed_process(record: Path) -> None:
    process = start(SLEEP_WITH_CHILD, record)
    found = Record.load(record)
    assert found is not None
    assert processes.wait_until(lambda: len(found.session_members()) == 2, 5)
    process.kill()
    process.wait()
    assert len(found.session_members()) == 1
    assert processes.stop(record)
    assert found.session_members() == []


def test_stop_leaves_a_stranger_with_the_same_pid_alone(record: Path) -> None:
    process = start(SLEEP, record)
    found = Record.load(record)
    assert found is not None
    replace(found, start_time=found.start_time - 1).save(record)
    assert not processes.stop(record)
    assert process.poll() is None
    process.kill()
    process.wait()


def test_stop_leaves_processes_of_another_boot_alone(record: Path) -> None:
    process = start(SLEEP, record)
    found = Record.load(record)
    assert found is not None
    replace(found, boot_id="00000000-0000-0000-0000-000000000000").save(record)
    assert not processes.stop(record)
    assert process.poll() is None
    process.kill()
    process.wait()


@pytest.mark.parametrize("text", ["", "{}", '{"pid": 1}', "[]"])
def test_load_takes_a_broken_record_for_none(record: Path, text: str) -> None:
    record.write_text(text)
    assert Record.load(record) is None


def test_a_process_that_dies_with_its_starter_does(record: Path) -> None:
    starter = (
        "import signal, sys; from pathlib import Path; from script import processes;"
        "record = Path(sys.argv[1]);"
        "processes.start(sys.argv[2:], record=record, log=Path('/dev/null'), dies_by=signal.SIGKILL);"
        "processes.wait_until(record.exists, 5)"
    )
    subprocess.run(
        [sys.executable, "-c", starter, str(record), *SLEEP],
        env=os.environ | {"PYTHONPATH": str(processes.ROOT)},
        check=True,
    )
    found = Record.load(record)
    assert found is not None
    assert processes.wait_until(lambda: not found.is_running(), 5)
