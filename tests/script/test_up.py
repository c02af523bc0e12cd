"""The whole of `./upstate up`, on one data folder: it starts, is killed in every way, and starts again."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from script.data_folder import DataFolder
from script.processes import ROOT, Record, wait_until
from script.services import EmbeddedPostgres, EmbeddedValkey

pytestmark = pytest.mark.slow

PROCESSES = ["web", "batch", "interactive", "background", "beat", "postgres", "valkey"]


class Up:
    """One `up`, and what it printed."""

    def __init__(self, data: DataFolder, port: int) -> None:
        self.data = data
        self.port = port
        self.output = data.path / "up.log"
        options = ["--empty", "--port", str(port), "--data", str(data.path)]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "script", "up", *options],
                cwd=ROOT,
                env=environment_without_test_servers(),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def is_announced(self) -> bool:
        return "Upstate runs at" in self.output.read_text()

    def wait_until_announced(self) -> None:
        wait_until(lambda: self.is_announced() or self.process.poll() is not None, 60)
        assert self.is_announced(), self.output.read_text()

    def records(self) -> dict[str, Record | None]:
        return {name: Record.load(self.data.record(name)) for name in PROCESSES}

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataFolder]:
    data = DataFolder(tmp_path_factory.mktemp("up"))
    data.make()
    yield data
    data.remove()


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(data: DataFolder, port: int) -> Iterator[Callable[[], Up]]:
    started: list[Up] = []

    def start() -> Up:
        started.append(Up(data, port))
        started[-1].wait_until_announced()
        return started[-1]

    yield start
    for up in started:
        if up.process.poll() is None:
            up.end(signal.SIGTERM)


def environment_without_test_servers() -> dict[str, str]:
    ours = {"DATABASE_URL", "BROKER_URL", "SECRET_KEY", "UPSTATE_DATA", "UPSTATE_DEMO", "UPSTATE_HTTPS"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "script", *arguments],
        cwd=ROOT,
        env=environment_without_test_servers(),
        capture_output=True,
        text=True,
        timeout=60,
    )


def status(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/")
    answer = connection.getresponse()
    connection.close()
    return answer.status


def count_kept(data: DataFolder) -> int:
    with psycopg.connect(EmbeddedPostgres(data).url) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def make_kept(data: DataFolder) -> None:
    with psycopg.connect(EmbeddedPostgres(data).url) as connection:
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")


@pytest.fixture(scope="class")
def up(data: DataFolder, port: int) -> Iterator[Up]:
    up = Up(data, port)
    up.wait_until_announced()
    yield up
    if up.process.poll() is None:
        up.end(signal.SIGTERM)


class TestWhileItRuns:
    def test_a_second_up_on_the_same_data_is_refused(self, up: Up) -> None:
        second = run("up", "--port", "1", "--data", str(up.data.path))
        assert second.returncode == 1
        assert second.stderr.startswith(f"The data in {up.data.path} is in use by `./upstate up")
        assert f"(process {up.process.pid})" in second.stderr
        assert status(up.port) < 500

    def test_manage_uses_its_servers(self, up: Up) -> None:
        ended = run("manage", "--data", str(up.data.path), "migrate", "--check")
        assert ended.returncode == 0, ended.stderr
        assert EmbeddedPostgres(up.data).answers()

    def test_the_last_thing_is_a_clean_stop(self, up: Up) -> None:
        records = up.records()
        assert all(record is not None and record.is_running() for record in records.values())
        assert up.end(signal.SIGINT) == 0
        assert not any(record and record.session_members() for record in records.values())
        assert not list(up.data.records.glob("*.json"))


def test_up_starts_again_on_its_data_whatever_was_killed(
    start: Callable[[], Up], data: DataFolder, port: int
) -> None:
    everything = start()
    make_kept(data)
    members = [pid for record in everything.records().values() if record for pid in record.session_members()]
    for pid in [everything.process.pid, *members]:
        os.kill(pid, signal.SIGKILL)
    everything.process.wait()

    only_up = start()
    assert count_kept(data) == 1000
    orphans = only_up.records()
    assert only_up.end(signal.SIGKILL) == -signal.SIGKILL
    assert all(record is not None and record.is_running() for record in orphans.values())

    start()
    assert not any(record and record.session_members() for record in orphans.values())
    assert status(port) < 500
    assert count_kept(data) == 1000


@pytest.mark.parametrize("name", ["batch", "postgres"])
def test_up_ends_when_a_part_of_it_does(start: Callable[[], Up], data: DataFolder, name: str) -> None:
    up = start()
    record = up.records()[name]
    assert record is not None
    os.kill(record.pid, signal.SIGKILL)
    assert up.process.wait(60) == 1
    assert "ended" in up.output.read_text().splitlines()[-1]
    assert not list(data.records.glob("*.json"))


def test_manage_starts_servers_for_the_occasion(data: DataFolder) -> None:
    ended = run("manage", "--data", str(data.path), "migrate", "--check")
    assert ended.returncode == 0, ended.stderr
    assert not EmbeddedPostgres(data).answers()
    assert not EmbeddedValkey(data).answers()


def test_manage_passes_on_the_exit_code(data: DataFolder) -> None:
    assert run("manage", "--data", str(data.path), "no_such_command").returncode == 1


def test_up_tells_of_a_port_in_use(tmp_path: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        ended = run("up", "--port", str(port), "--data", str(tmp_path))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Port {port} on 127.0.0.1 cannot be used: Address already in use.")
    assert f"./upstate up --port {port + 1}" in ended.stderr


def test_up_never_empties_a_demo(tmp_path: Path, port: int) -> None:
    (tmp_path / "kind").write_text("demo")
    ended = run("up", "--empty", "--port", str(port), "--data", str(tmp_path))
    assert ended.returncode == 1
    assert "holds the demo already" in ended.stderr
