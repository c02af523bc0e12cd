"""The folder that holds everything an Upstate on this machine knows: databases, queue, secret key, logs."""

import fcntl
import hashlib
import json
import os
import re
import secrets
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from script.exceptions import DataInUse, LaunchError

# A unix socket's path may have 107 bytes, and ".s.PGSQL.5432" is the longest name that goes into the folder.
_LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432")
# Whatever else a path holds would have to be quoted, differently, in two kinds of URL.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


class DataFolder:
    """Names the places inside the folder, and says who uses it."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.records = self.path / "run"
        self.logs = self.path / "logs"
        self.postgres = self.path / "postgres"
        self.valkey = self.path / "valkey"
        # Static files come from where they lie, but WhiteNoise warns when a deployment's folder is missing.
        self.static = self.path / "static"

    def make(self) -> None:
        """Make the folders, for their owner alone: who reaches the sockets is the databases' superuser."""
        try:
            for folder in (self.path, self.records, self.logs, self.valkey, self.static, self.sockets):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise LaunchError(
                f"The data folder {self.path} cannot be made ({error.strerror}: {error.filename}). "
                "Name another one: --data DIR"
            ) from error
        self._refuse_foreign_sockets()

    @property
    def sockets(self) -> Path:
        """The folder of the unix sockets: inside this one, or a short one in /tmp for a deep checkout."""
        plain = _PLAIN_PATH.fullmatch(str(self.records))
        if plain and len(os.fsencode(self.records)) <= _LONGEST_SOCKET_FOLDER:
            return self.records
        name = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        return Path(f"/tmp/upstate-{os.getuid()}-{name}")

    def record(self, name: str) -> Path:
        return self.records / f"{name}.json"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def secret_key(self) -> str:
        """The key that signs sessions, made once and kept."""
        path = self.path / "secret_key"
        if not path.exists():
            unfinished = path.with_suffix(".new")
            unfinished.touch(mode=0o600)
            unfinished.write_text(secrets.token_urlsafe(50))
            unfinished.replace(path)
        return path.read_text()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the only one who starts and stops servers on this data.

        Raises DataInUse, naming who has the folder. The kernel gives the lock back when its owner dies.
        """
        with (self.path / "lock").open("a+") as file:
            # The children that honcho forks must not hold the lock: they can outlive a killed owner.
            os.register_at_fork(after_in_child=file.close)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise DataInUse(self._in_use(file)) from error
            file.truncate(0)
            file.write(json.dumps({"pid": os.getpid(), "command": shlex.join(sys.argv[1:])}))
            file.flush()
            yield

    def remove(self) -> None:
        """Delete everything, for throwaway data."""
        for folder in {self.sockets, self.path}:
            shutil.rmtree(folder, ignore_errors=True)

    def _in_use(self, file: TextIO) -> str:
        file.seek(0)
        try:
            owner = json.loads(file.read())
        except ValueError:
            owner = {"pid": "?", "command": "..."}
        return (
            f"The data in {self.path} is in use by `./upstate {owner['command']}` (process {owner['pid']}). "
            "Stop that first (Ctrl+C there), or use other data: --data DIR"
        )

    def _refuse_foreign_sockets(self) -> None:
        """/tmp belongs to everybody: the folder there may have been made by another user, to listen in."""
        found = self.sockets.lstat()
        if self.sockets.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise LaunchError(
                f"The folder {self.sockets} for the servers' sockets is not yours alone. "
                f"Look who made it, then remove it: rm -r {self.sockets}"
            )
