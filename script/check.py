"""`./upstate check`: every check that needs no test. All of them run, then all failures are named."""

import os
import secrets
import subprocess
import sys

from script.environment import MANAGE
from script.throwaway import Throwaway

_CHECKS = {
    "linter": [sys.executable, "-m", "ruff", "check", "."],
    "format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "types": [sys.executable, "-m", "mypy", ".", "upstate"],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "production settings": [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
}
_AS_IN_PRODUCTION = {
    "UPSTATE_ALLOWED_HOSTS": "upstate.example.org",
    "UPSTATE_DEBUG": "0",
    "UPSTATE_DEMO": "0",
    "UPSTATE_HTTPS": "1",
}


def main(arguments: list[str]) -> int:
    servers = Throwaway()
    try:
        servers.start()
        env = os.environ | servers.environment | _AS_IN_PRODUCTION | {"SECRET_KEY": secrets.token_urlsafe(50)}
        failed = [name for name, command in _CHECKS.items() if not _passes(name, command, env)]
    finally:
        servers.close()
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks passed.")
    return 1 if failed else 0


def _passes(name: str, command: list[str], env: dict[str, str]) -> bool:
    print(f"== {name}: {' '.join(command[1:])}", flush=True)
    return subprocess.run(command, env=env, stdin=subprocess.DEVNULL).returncode == 0
