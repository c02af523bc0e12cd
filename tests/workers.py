"""Real Celery workers and beat for a test: separate processes on the test's own database and broker."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from script.data_folder import DataFolder
from script.services import EmbeddedValkey

Process = subprocess.Popen[bytes]


@contextmanager
def celery_process(tmp_path: Path, *arguments: str, **environment: str) -> Iterator[Process]:
    """Runs `celery -A config` with these arguments, in a process group of its own, until the block ends.

    As `./upstate up` and systemd do, it is started again when it ends by itself.
    """
    log = (tmp_path / f"celery-{arguments[0]}-{time.monotonic_ns()}.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "script.keep", sys.executable, "-m", "celery", "-A", "config", *arguments],
        env=os.environ | {"DATABASE_URL": database_url(), "UPSTATE_DATA": str(tmp_path)} | environment,
        cwd=settings.BASE_DIR,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        kill(process)
        log.close()


def worker(tmp_path: Path, *, concurrency: int = 2, **environment: str) -> "contextmanager[Process]":
    pool = ["--pool=prefork", f"--concurrency={concurrency}", "--queues=batch,sweep", "--without-mingle"]
    return celery_process(tmp_path, "worker", *pool, "-n", f"w{time.monotonic_ns()}@test", **environment)


def beat(tmp_path: Path, **environment: str) -> "contextmanager[Process]":
    return celery_process(tmp_path, "beat", "--pidfile=", UPSTATE_SWEEP_SECONDS="1", **environment)


@contextmanager
def own_broker() -> Iterator[EmbeddedValkey]:
    """A broker that a test may kill: it keeps nothing."""
    with tempfile.TemporaryDirectory(prefix="upstate-broker-") as folder:
        data = DataFolder(Path(folder))
        data.make()
        broker = EmbeddedValkey(data, throwaway=True)
        broker.stop_signal = signal.SIGKILL
        broker.start()
        try:
            yield broker
        finally:
            broker.stop()


def database_url() -> str:
    database = connection.settings_dict
    return f"postgresql:///{database['NAME']}?host={database['HOST']}&user={database['USER']}"


def kill(process: Process) -> None:
    """SIGKILL for the worker and all of its children, as when a machine goes away."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen within {seconds} s"
        time.sleep(0.1)
