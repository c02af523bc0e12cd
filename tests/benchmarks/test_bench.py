"""`./upstate bench` itself, on its own servers, with a district of a few thousand records."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

CASES = {
    "first load",
    "unchanged",
    "1 % changed, scattered",
    "1 % changed, clustered",
    "50,000 keys selectively",
    "verification, equal",
    "verification, 0.1 % different",
}


def bench(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "script", "bench", *arguments],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=240,
    )


@pytest.mark.slow
def test_every_case_is_run_and_told(tmp_path: Path) -> None:
    """Each run is checked before it is believed: the state has exactly what it must have."""
    told = tmp_path / "told.json"
    ended = bench("--scale", "0.002", "--peers", "none", "--json", str(told))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = json.loads(told.read_text())
    ours = [row for row in found["rows"] if row["who"].startswith("Upstate")]
    assert {row["case"] for row in ours} == CASES
    assert all(row["seconds"] > 0 and row["runs"][0]["peak"] < 200 * 2**20 for row in ours)
    assert {row["case"] for row in found["rows"] if row["who"].startswith("COPY")} == {"first load"}
    assert found["servers"]["fsync"] == "on"


def test_options_are_told_without_a_server() -> None:
    ended = bench("--help")
    assert ended.returncode == 0
    assert "--peers" in ended.stdout
