import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from script.data_folder import DataFolder
from script.exceptions import DataInUse, LaunchError
from script.processes import ROOT

HOLDS_THE_LOCK = """
import sys, time
from pathlib import Path
from script.data_folder import DataFolder
with DataFolder(Path(sys.argv[1])).lock():
    print("locked", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[DataFolder]:
    """A folder whose path is too long for a socket."""
    data = DataFolder(tmp_path / ("deep" * 25))
    yield data
    data.remove()


@contextmanager
def another_owner(data: DataFolder) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOLDS_THE_LOCK, str(data.path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"locked\n"
        yield owner
        owner.kill()


def test_folders_are_for_their_owner_alone(data: DataFolder) -> None:
    for folder in (data.path, data.records, data.sockets):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_sockets_lie_in_the_folder_when_the_path_is_short() -> None:
    data = DataFolder(Path("/srv/upstate/var"))
    assert data.sockets == data.records


def test_sockets_of_a_deep_folder_lie_in_a_short_one(deep: DataFolder) -> None:
    deep.make()
    assert len(str(deep.sockets / ".s.PGSQL.5432")) <= 107
    assert deep.sockets == DataFolder(deep.path).sockets


def test_sockets_avoid_a_path_that_an_address_would_have_to_quote() -> None:
    assert DataFolder(Path("/srv/up state/var")).sockets.parent == Path("/tmp")


def test_sockets_that_others_could_open_are_refused(deep: DataFolder) -> None:
    deep.sockets.mkdir(mode=0o755)
    with pytest.raises(LaunchError, match="not yours alone"):
        deep.make()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LaunchError, match="--data DIR"):
        DataFolder(tmp_path / "file" / "data").make()


def test_secret_key_is_made_once_and_kept_private(data: DataFolder) -> None:
    key = data.secret_key()
    assert len(key) > 50
    assert data.secret_key() == key
    assert stat.S_IMODE((data.path / "secret_key").stat().st_mode) == 0o600


def test_lock_refuses_a_second_owner_and_names_the_first(data: DataFolder) -> None:
    with another_owner(data) as owner, pytest.raises(DataInUse) as refused, data.lock():
        pass
    assert f"(process {owner.pid})" in str(refused.value)


def test_lock_of_a_killed_owner_is_free(data: DataFolder) -> None:
    with another_owner(data):
        pass
    with data.lock():
        pass


def test_lock_is_not_held_by_forked_children(data: DataFolder) -> None:
    reader, writer = os.pipe()
    with data.lock():
        child = os.fork()
        if not child:
            os.write(writer, b".")
            signal.pause()
        os.read(reader, 1)
    with data.lock():
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    os.close(reader)
    os.close(writer)


def test_remove_takes_the_sockets_along(deep: DataFolder) -> None:
    deep.make()
    deep.remove()
    assert not deep.path.exists()
    assert not deep.sockets.exists()
