"""The lists that are installed follow from what we chose, and know each file by its hash."""

import json
import re

import pytest

from script.processes import ROOT

CHOSEN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==(\S+)$", re.MULTILINE)
LOCKED = re.compile(r"^([a-z0-9-]+)==(\S+)(.*?)(?=^[a-z]|\Z)", re.MULTILINE | re.DOTALL)


def chosen(name: str) -> dict[str, str]:
    return {_plain(package): version for package, version in CHOSEN.findall((ROOT / name).read_text())}


def locked(name: str) -> dict[str, tuple[str, str]]:
    """Version, and what follows it: the condition and the hashes."""
    return {package: (version, rest) for package, version, rest in LOCKED.findall((ROOT / name).read_text())}


def _plain(package: str) -> str:
    return re.sub(r"[._]", "-", package).lower()


def versions(name: str) -> dict[str, str]:
    return {package: version for package, (version, _) in locked(name).items()}


@pytest.mark.parametrize(
    ("choices", "lock"),
    [
        (["requirements.txt"], "requirements.lock"),
        (["requirements.txt", "requirements-test.txt"], "requirements-test.lock"),
    ],
)
def test_what_was_chosen_is_what_is_installed(choices: list[str], lock: str) -> None:
    wanted = {package: version for name in choices for package, version in chosen(name).items()}
    assert len(wanted) > 15
    assert wanted.items() <= versions(lock).items()


def test_tests_run_on_what_runs_elsewhere() -> None:
    assert versions("requirements.lock").items() <= versions("requirements-test.lock").items()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_every_package_is_known_by_its_hashes(lock: str) -> None:
    lines = [line for line in (ROOT / lock).read_text().splitlines() if line and line[0] not in " #"]
    assert len(lines) == len(locked(lock)) > 50
    assert [package for package, (_, rest) in locked(lock).items() if "--hash=sha256:" not in rest] == []


def test_the_npm_packages_are_known_by_their_hashes() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    others = {name: each for name, each in packages.items() if name}
    assert others
    assert [
        name for name, each in others.items() if not each.get("integrity", "").startswith("sha512-")
    ] == []
