"""`./upstate up`: all of Upstate on one machine, until Ctrl+C."""

import argparse
import http.client
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from types import FrameType

import honcho.compat
import honcho.manager

from script import environment, processes, services
from script.data_folder import DataFolder
from script.exceptions import LaunchError
from script.services import Service

_HOST = "127.0.0.1"
_ANSWER_SECONDS = 60
_FREE_PORT_SECONDS = 2
_WATCH_SECONDS = 1
# Workers may end the chunk that they are at, for which config/settings.py gives them nearly as long.
_STOP_SECONDS = 30
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    data = DataFolder(environment.folder_named(options.data))
    data.make()
    for number in _STOPPING:
        signal.signal(number, _interrupt)
    with suppress(KeyboardInterrupt), data.lock():
        return _run(data, options)
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./upstate up")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", default="var")
    parser.add_argument("--empty", action="store_true")
    return parser.parse_args(arguments)


def _run(data: DataFolder, options: argparse.Namespace) -> int:
    """Start everything, wait for its end, stop everything. Returns the exit code."""
    stop_leftovers(data)
    _require_free_port(options.port)
    servers = services.embedded_services(data)
    demo = _settle_demo(data, servers, asked_empty=options.empty)
    env = environment.for_django(data, servers, demo=demo) | os.environ
    for server in servers:
        _say(f"Starting {server.name}")
    with services.running(*servers):
        announcement = _announcement(options.port, _prepare(env, demo=demo))
        return _Stage(data, servers, options.port, announcement).play(env)


def stop_leftovers(data: DataFolder) -> None:
    """End what outlived an `up` that was killed. By force: what a worker had begun is rolled back."""
    for record in data.records.glob("*.json"):
        if record != data.record("postgres") and record != data.record("valkey"):
            processes.stop(record, by=signal.SIGKILL)


def _require_free_port(port: int) -> None:
    # A web server that was killed a moment ago frees its port a moment later.
    if not processes.wait_until(lambda: not _why_not_free(port), _FREE_PORT_SECONDS):
        raise LaunchError(
            f"Port {port} on {_HOST} cannot be used: {_why_not_free(port).rstrip('.')}.\n"
            f"Start on another one: ./upstate up --port {port + 1 if port < 65535 else 8000}"
        )


def _why_not_free(port: int) -> str:
    with socket.socket() as probe:
        # Without it, connections that ended a minute ago would still count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except (OSError, OverflowError) as error:
            return getattr(error, "strerror", None) or str(error)
    return ""


def _settle_demo(data: DataFolder, servers: list[Service], *, asked_empty: bool) -> bool:
    """Whether this data is the demo's: decided at its first start, and then for good.

    A demo never goes into a database that the environment names, nor into one that began empty.
    """
    if not any(server.name == "postgres" for server in servers):
        return False
    kind = data.path / "kind"
    if not kind.exists():
        kind.write_text("empty" if asked_empty else "demo")
    demo = kind.read_text() == "demo"
    if demo and asked_empty:
        raise LaunchError(
            f"The data in {data.path} holds the demo already. "
            "Start empty in a folder of its own: ./upstate up --empty --data DIR"
        )
    return demo


def _prepare(env: dict[str, str], *, demo: bool) -> str:
    """Bring the database up to date, and fill the demo. Returns how to sign in."""
    _say("Preparing the database" + (" and the demo" if demo else ""))
    command = [sys.executable, "-m", "script.prepare", *(["demo"] if demo else [])]
    # In a session of its own, so that Ctrl+C is ours to handle.
    ended = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True
    )
    if ended.returncode:
        raise LaunchError("The database could not be prepared; the reason is above.")
    return ended.stdout.decode() or "Make the first account: ./upstate manage createsuperuser"


def _announcement(port: int, notes: str) -> str:
    address = f"Upstate runs at http://{_HOST}:{port}/   (Ctrl+C stops it)"
    rule = "-" * len(address)
    return "\n".join(["", rule, address, "", notes.strip(), rule, ""])


class _Leaders(honcho.compat.ProcessManager):
    """Asks only the first process of each session to end.

    honcho asks the whole session. A Celery worker's children would then drop the chunk that they are at.
    """

    def terminate(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


class _Stage:
    """Web, workers and beat side by side. When one of them, or a server under them, ends, all end."""

    def __init__(self, data: DataFolder, servers: list[Service], port: int, announcement: str) -> None:
        self._data = data
        self._servers = servers
        self._port = port
        self._announcement = announcement
        self._ended_server = ""

    def play(self, env: dict[str, str]) -> int:
        honcho.manager.KILL_WAIT = _STOP_SECONDS
        manager = honcho.manager.Manager()
        manager._procmgr = _Leaders()
        for name, command in commands(self._port).items():
            recorded = processes.recorded_command(command, record=self._data.record(name))
            manager.add_process(name, f"exec {shlex.join(recorded)}", env=env)
        signal.signal(signal.SIGHUP, _terminate)
        threading.Thread(target=self._watch, daemon=True).start()
        # honcho stumbles (KeyError) over a signal that comes while it starts its processes.
        with suppress(KeyError):
            manager.loop()
        for number in _STOPPING:
            signal.signal(number, signal.SIG_IGN)
        stop_leftovers(self._data)
        return self._exit_code(manager.returncode)

    def _exit_code(self, returncode: int) -> int:
        if self._ended_server:
            raise LaunchError(f"{self._ended_server} ended by itself. Its log: {self._data.logs}")
        asked = {128 + number for number in _STOPPING}
        if returncode in asked:
            return 0
        raise LaunchError("Upstate stopped because one of its processes ended; its last lines are above.")

    def _watch(self) -> None:
        if processes.wait_until(self._answers, _ANSWER_SECONDS):
            print(self._announcement, flush=True)
        while not any(server.has_ended() for server in self._servers):
            time.sleep(_WATCH_SECONDS)
        self._ended_server = ", ".join(server.name for server in self._servers if server.has_ended())
        _terminate()

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(_HOST, self._port, timeout=10)
        try:
            connection.request("HEAD", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True


def commands(port: int) -> dict[str, list[str]]:
    """What runs beside the servers, by name."""
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "config"]
    # Both are for workers that look for each other; without them a worker is ready a second sooner.
    worker = ["worker", "--pool=prefork", "--loglevel=INFO", "--without-mingle", "--without-gossip"]
    cores = str(max(2, os.cpu_count() or 1))
    web = [
        "--interface",
        "wsgi",
        "--no-ws",
        "--host",
        _HOST,
        "--port",
        str(port),
        "--blocking-threads",
        "4",
        "--workers",
        "2",
    ]
    kept = [sys.executable, "-S", "-m", "script.keep"]
    batch = ["-n", "batch@%h", "--queues=batch,sweep", f"--concurrency={cores}"]
    interactive = ["-n", "interactive@%h", "--queues=interactive", "--concurrency=2"]
    background = ["-n", "background@%h", "--queues=verification,reports,attendance", "--concurrency=2"]
    return {
        "web": [sys.executable, "-m", "granian", *web, "config.wsgi:application"],
        "batch": [*kept, *celery, *worker, *batch],
        # A person who waits does not stand behind the chunks of a batch, nor behind aggregations.
        "interactive": [*kept, *celery, *worker, *interactive],
        # Comparisons, documents and aggregations hold up neither.
        "background": [*kept, *celery, *worker, *background],
        "beat": [*kept, *celery, "beat", "--loglevel=INFO"],
    }


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _terminate(number: int = 0, frame: FrameType | None = None) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def _say(line: str) -> None:
    print(f"{line} ...", flush=True)
