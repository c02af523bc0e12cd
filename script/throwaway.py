"""Servers for one run of the tests or checks, gone afterwards."""

import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from script import environment, services
from script.data_folder import DataFolder
from script.exceptions import LaunchError
from script.services import EmbeddedPostgres, EmbeddedValkey, Service

_PREFIX = "upstate-test-"
_BEGINNING_SECONDS = 60


class Throwaway:
    """Fast, forgetful servers on a new folder under /tmp.

    `environment` is known before `start`. A process that is killed takes its servers along; its folder stays
    until a later run removes it.
    """

    def __init__(self, postgres_settings: Mapping[str, str] | None = None) -> None:
        """`postgres_settings` go before those of a throwaway server."""
        _remove_what_killed_runs_left()
        data = DataFolder(Path(tempfile.mkdtemp(prefix=_PREFIX)))
        data.make()
        self._services: list[Service] = [
            EmbeddedPostgres(data, throwaway=True, settings=postgres_settings),
            EmbeddedValkey(data, throwaway=True),
        ]
        self._stack = ExitStack()
        self._stack.callback(data.remove)
        self._stack.enter_context(data.lock())
        self.environment = environment.for_django(data, self._services, demo=False)

    def start(self) -> None:
        self._stack.enter_context(services.running(*self._services))

    def close(self) -> None:
        self._stack.close()


def _remove_what_killed_runs_left() -> None:
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(LaunchError, FileNotFoundError, PermissionError):
            # A run that begins at this moment has made its folder, but not yet locked it.
            if time.time() - path.stat().st_mtime > _BEGINNING_SECONDS:
                _remove_unless_in_use(DataFolder(path))


def _remove_unless_in_use(data: DataFolder) -> None:
    with data.lock():
        data.remove()
