import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from script.processes import ROOT

LAUNCHER = ROOT / "upstate"
RUN_CHANGED = "import runpy, sys; del sys.argv[0]; {change}; runpy.run_path(sys.argv[0], run_name='__main__')"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout where nothing has been installed yet."""
    for name in ("upstate", "requirements.lock", "package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def launch(
    launcher: Path, *arguments: str, change: str = "pass", path: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the launcher in a Python that was changed to be like one that lacks something."""
    command = [sys.executable, "-c", RUN_CHANGED.format(change=change), str(launcher), *arguments]
    return subprocess.run(command, env=os.environ | {"PATH": path}, capture_output=True, text=True)


def test_an_old_python_can_read_the_launcher() -> None:
    ast.parse(LAUNCHER.read_text(), feature_version=(3, 6))


def test_an_old_python_is_told_what_to_install(clone: Path) -> None:
    ended = launch(clone / "upstate", "up", change="sys.version_info = (3, 9, 2)")
    assert ended.returncode == 1
    assert "Upstate needs Python 3.11 or newer" in ended.stderr
    assert "apt install python3.11 python3.11-venv" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv_is_told_what_to_install(clone: Path, module: str) -> None:
    ended = launch(clone / "upstate", "up", change=f"sys.modules[{module!r}] = None")
    assert ended.returncode == 1
    assert f"apt install python3.{sys.version_info.minor}-venv" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_failed_installation_shows_why_and_leaves_no_stamp(clone: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", clone / ".venv"], check=True)
    ended = launch(clone / "upstate", "manage", "check", path=os.environ["PATH"])
    assert ended.returncode == 1
    assert "No module named pip" in ended.stderr
    assert "start again" in ended.stderr
    assert not (clone / ".venv" / "requirements.lock.installed").exists()


def test_an_unknown_command_shows_the_commands() -> None:
    ended = launch(LAUNCHER, "stat")
    assert ended.returncode == 2
    assert "usage: ./upstate COMMAND" in ended.stdout


def test_root_without_user_namespaces_is_told_how_to_allow_them() -> None:
    forbid = "echo 0 > /proc/sys/user/max_user_namespaces"
    command = [
        "unshare",
        "--user",
        "--map-root-user",
        "sh",
        "-c",
        f"{forbid} && exec {LAUNCHER} manage check",
    ]
    ended = subprocess.run(command, capture_output=True, text=True)
    if "unshare failed" in ended.stderr or "cannot create" in ended.stderr:
        pytest.skip(f"no user namespaces to forbid: {ended.stderr}")
    assert ended.returncode == 1
    assert "PostgreSQL refuses to run as root" in ended.stderr
    assert "sysctl -w user.max_user_namespaces=10000" in ended.stderr
