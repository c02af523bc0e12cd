import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import LiteralString, TypeVar

import psycopg
import pytest
import redis

from script import services
from script.data_folder import DataFolder
from script.exceptions import LaunchError
from script.processes import Record, wait_until
from script.services import EmbeddedPostgres, EmbeddedValkey, Service

AnyService = TypeVar("AnyService", bound=Service)


class Starter:
    """Starts servers on one folder, and stops them all in the end."""

    def __init__(self, data: DataFolder) -> None:
        self.data = data
        self.servers: list[Service] = []

    def postgres(self, *, throwaway: bool = True) -> EmbeddedPostgres:
        return self._start(EmbeddedPostgres(self.data, throwaway=throwaway))

    def valkey(self) -> EmbeddedValkey:
        return self._start(EmbeddedValkey(self.data))

    def _start(self, server: AnyService) -> AnyService:
        self.servers.append(server)
        server.start()
        return server


@pytest.fixture
def start(data: DataFolder) -> Iterator[Starter]:
    starter = Starter(data)
    yield starter
    for server in starter.servers:
        server.stop()


@pytest.fixture
def postgres(start: Starter) -> EmbeddedPostgres:
    return start.postgres()


@pytest.fixture(scope="module")
def untouched_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One server for the tests that only look."""
    data = DataFolder(tmp_path_factory.mktemp("untouched"))
    data.make()
    server = EmbeddedPostgres(data, throwaway=True)
    with services.running(server):
        yield server


@pytest.fixture
def valkey(start: Starter) -> EmbeddedValkey:
    return start.valkey()


def query(server: EmbeddedPostgres, statement: LiteralString) -> object:
    with psycopg.connect(server.url) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
    return row and row[0]


def connect(server: EmbeddedValkey) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(server.socket))


def kill(data: DataFolder, name: str) -> int:
    record = Record.load(data.record(name))
    assert record is not None
    os.kill(record.pid, signal.SIGKILL)
    assert wait_until(lambda: not record.is_running(), 5)
    return record.pid


def test_postgres_keeps_its_data_over_a_restart(
    start: Starter, data: DataFolder, postgres: EmbeddedPostgres
) -> None:
    query(postgres, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    postgres.stop()
    assert not postgres.answers()
    again = start.postgres()
    assert query(again, "SELECT count(*) FROM kept") == 1000


def test_postgres_sorts_alike_on_every_machine(untouched_postgres: EmbeddedPostgres) -> None:
    locale = "SELECT datlocale FROM pg_database WHERE datname = 'upstate'"
    assert query(untouched_postgres, locale) == "C.UTF-8"
    assert query(untouched_postgres, "SELECT upper('é')") == "É"


def test_postgres_listens_on_no_port(untouched_postgres: EmbeddedPostgres) -> None:
    assert query(untouched_postgres, "SHOW listen_addresses") == ""


def test_postgres_log_holds_no_values(untouched_postgres: EmbeddedPostgres) -> None:
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        query(untouched_postgres, "SELECT 'secret value'::int")
    log = untouched_postgres.data.log("postgres").read_text()
    assert "ready to accept connections" in log
    assert "secret value" not in log


def test_killed_postgres_starts_again_on_its_data(start: Starter, data: DataFolder) -> None:
    query(start.postgres(throwaway=False), "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    kill(data, "postgres")
    assert query(start.postgres(throwaway=False), "SELECT count(*) FROM kept") == 1000


def test_postgres_starts_though_a_stranger_has_its_old_pid(
    start: Starter, data: DataFolder, postgres: EmbeddedPostgres
) -> None:
    old_pid = kill(data, "postgres")
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        for path in (data.postgres / "postmaster.pid", data.sockets / ".s.PGSQL.5432.lock"):
            path.write_text(path.read_text().replace(str(old_pid), str(stranger.pid), 1))
        again = start.postgres()
        assert query(again, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_postgres_waits_for_the_backends_of_a_killed_server(
    start: Starter, data: DataFolder, postgres: EmbeddedPostgres
) -> None:
    busy = "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 1000) b WHERE a + b = 5"
    run = "import psycopg, sys; psycopg.connect(sys.argv[1]).execute(sys.argv[2])"
    client = subprocess.Popen([sys.executable, "-c", run, postgres.url, busy], stderr=subprocess.DEVNULL)
    active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT count(*) FROM generate_series%'"
    assert wait_until(lambda: query(postgres, active) == 1, 5)
    kill(data, "postgres")
    again = start.postgres()
    assert query(again, "SELECT 1") == 1
    client.wait()


def test_start_replaces_a_server_that_was_left_running(
    start: Starter, data: DataFolder, postgres: EmbeddedPostgres
) -> None:
    left = Record.load(data.record("postgres"))
    again = start.postgres()
    assert left is not None
    assert not left.is_running()
    assert query(again, "SELECT 1") == 1


def test_an_initdb_that_was_killed_half_way_is_begun_anew(start: Starter, data: DataFolder) -> None:
    unfinished = data.postgres.with_name("postgres.new")
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    assert query(start.postgres(), "SELECT 1") == 1


def test_a_server_that_cannot_start_shows_the_end_of_its_log(
    start: Starter, data: DataFolder, postgres: EmbeddedPostgres
) -> None:
    postgres.stop()
    (data.postgres / "postgresql.conf").write_text("no such setting = 1\n")
    with pytest.raises(LaunchError, match="(?s)postgres ended right after its start.*postgresql.conf"):
        start.postgres()


def test_servers_work_in_a_deep_folder(tmp_path: Path) -> None:
    data = DataFolder(tmp_path / ("deep folder " * 10))
    data.make()
    server = EmbeddedPostgres(data, throwaway=True)
    with services.running(server, EmbeddedValkey(data, throwaway=True)):
        assert query(server, "SHOW fsync") == "off"
    data.remove()


def test_killed_valkey_keeps_its_queue(start: Starter, data: DataFolder, valkey: EmbeddedValkey) -> None:
    with connect(valkey) as client:
        client.rpush("batch", "wake 7")
    kill(data, "valkey")
    again = start.valkey()
    with connect(again) as client:
        assert client.lrange("batch", 0, -1) == [b"wake 7"]


def test_valkey_refuses_rather_than_forgets(valkey: EmbeddedValkey) -> None:
    with connect(valkey) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_running_stops_the_servers_after_an_error(data: DataFolder) -> None:
    server = EmbeddedValkey(data)
    with suppress(ZeroDivisionError), services.running(server):
        assert server.answers()
        raise ZeroDivisionError
    assert not server.answers()
    assert not data.record("valkey").exists()


def test_addresses_in_the_environment_replace_the_embedded_servers(
    data: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example.org/upstate")
    monkeypatch.delenv("BROKER_URL")
    assert [service.name for service in services.embedded_services(data)] == ["valkey"]
    assert len(services.embedded_services(data, throwaway=True)) == 2
