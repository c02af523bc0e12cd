"""Servers of its own for every run of pytest.

Loaded by name (pyproject.toml), because Django's settings are read before any conftest.py. Runs side by side
do not meet: each has its own folder, and nothing listens on a port. Of pytest-xdist's processes only the
controller starts servers; its workers inherit the addresses, and each takes another Valkey database.
"""

import atexit
import os
import signal
from collections.abc import Generator
from types import FrameType
from typing import Any

import pytest

from script.exceptions import LaunchError
from script.throwaway import Throwaway


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, Any, Any]:
    # A wrapper comes before everybody's plain hooks, and so before pytest-django reads the settings.
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _prepare_servers()
    else:
        _take_own_valkey_database(number=int(worker.removeprefix("gw")) + 1)
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart() -> None:
    if _servers is not None:
        try:
            _servers.start()
        except LaunchError as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.INTERNAL_ERROR)


def pytest_configure(config: pytest.Config) -> None:
    # Only here, after every installed plugin, so that its fixtures override pytest-playwright's.
    config.pluginmanager.import_plugin("tests.chromium")


_servers: Throwaway | None = None


def _prepare_servers() -> None:
    global _servers
    if os.geteuid() == 0:
        raise pytest.UsageError("PostgreSQL refuses to run as root. Run the tests by ./upstate test")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    _servers = Throwaway()
    atexit.register(_servers.close)
    os.environ.update(_servers.environment)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _take_own_valkey_database(*, number: int) -> None:
    address = os.environ["BROKER_URL"].partition("?")[0]
    os.environ["BROKER_URL"] = f"{address}?virtual_host={number}"
