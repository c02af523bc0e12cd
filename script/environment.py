"""What the Django processes are told through their environment."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from script.data_folder import DataFolder
from script.services import EmbeddedPostgres, Service

MANAGE = [sys.executable, "manage.py"]


def for_django(data: DataFolder, services: Iterable[Service], *, demo: bool) -> dict[str, str]:
    """What the web server, the workers and manage.py need, for servers on this machine."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "UPSTATE_DATA": str(data.path),
        "UPSTATE_DEMO": "1" if demo else "0",
        # It is plain HTTP on the loopback interface: secure cookies would lock everybody out.
        "UPSTATE_HTTPS": "0",
        "UPSTATE_ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SECRET_KEY": data.secret_key(),
        "PYTHONUNBUFFERED": "1",
    } | {_variable(service): service.url for service in services}


def _variable(service: Service) -> str:
    return "DATABASE_URL" if isinstance(service, EmbeddedPostgres) else "BROKER_URL"


def folder_named(path: str) -> Path:
    """A folder as the person meant it who called ./upstate, which itself works from its own folder."""
    return Path(os.environ.get("UPSTATE_CALLED_FROM", "."), path)
