"""pytest-playwright on the machine's own Chromium: no browser is ever downloaded."""

import os
import shutil
from typing import Any

import pytest

_CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
_CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_NO_CHROMIUM = "there is no Chromium on this machine. Debian, Ubuntu: apt-get install chromium"


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The machine's Chromium; a test that needs one is skipped, with the reason, where there is none."""
    for name in _CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    pytest.skip(_NO_CHROMIUM)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], chromium_path: str) -> dict[str, Any]:
    # Playwright keeps an event loop running in the test's thread. Django takes that for asynchronous code and
    # refuses to touch the database, though nothing here is asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return browser_type_launch_args | {"executable_path": chromium_path, "args": _CHROMIUM_ARGUMENTS}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    missing = [report for report in skipped if _NO_CHROMIUM in str(report.longrepr)]
    if missing:
        line = f"BROWSER TESTS SKIPPED: {len(missing)}, because {_NO_CHROMIUM}"
        terminalreporter.write_line(line, red=True, bold=True)
