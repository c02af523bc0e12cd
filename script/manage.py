"""`./upstate manage`: manage.py on the servers of a running `up`, or on servers started for the occasion."""

import os
import signal
import subprocess
from contextlib import ExitStack

from script import environment, processes, services
from script.data_folder import DataFolder
from script.exceptions import DataInUse, LaunchError
from script.services import Service
from script.up import stop_leftovers

_UP_IS_STARTING_SECONDS = 60


def main(arguments: list[str]) -> int:
    folder, arguments = _split_data_option(arguments)
    data = DataFolder(environment.folder_named(folder))
    data.make()
    servers = services.embedded_services(data)
    kind = data.path / "kind"
    demo = kind.exists() and kind.read_text() == "demo"
    with ExitStack() as stack:
        _reach(servers, data, stack)
        return _manage(arguments, environment.for_django(data, servers, demo=demo) | os.environ)


def _split_data_option(arguments: list[str]) -> tuple[str, list[str]]:
    if arguments and arguments[0].startswith("--data="):
        return arguments[0].partition("=")[2], arguments[1:]
    if len(arguments) > 1 and arguments[0] == "--data":
        return arguments[1], arguments[2:]
    return "var", arguments


def _reach(servers: list[Service], data: DataFolder, stack: ExitStack) -> None:
    try:
        stack.enter_context(data.lock())
    except DataInUse as in_use:
        for server in servers:
            if not processes.wait_until(server.answers, _UP_IS_STARTING_SECONDS):
                raise LaunchError(f"{in_use}\nIts {server.name} does not answer.") from in_use
    else:
        stop_leftovers(data)
        stack.enter_context(services.running(*servers))


def _manage(arguments: list[str], env: dict[str, str]) -> int:
    # Ctrl+C is for manage.py, which has the terminal; the servers are stopped when it has ended.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    command = [*environment.MANAGE, *arguments]
    with subprocess.Popen(command, env=env, preexec_fn=_listen_to_interrupts) as process:
        signal.signal(signal.SIGTERM, lambda number, frame: process.terminate())
        return process.wait()


def _listen_to_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
