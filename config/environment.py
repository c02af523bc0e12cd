"""Typed readers for the environment. Each names the variable and what to set when a value is unusable."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

_BOOLEANS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it in the environment, or start with ./upstate up."
        )
    return value


def boolean(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "1" if default else "0").strip().lower()
    if value not in _BOOLEANS:
        raise ImproperlyConfigured(f"{name} is neither yes nor no. Set it to 1 or 0.")
    return _BOOLEANS[value]


def whole_number(name: str, default: int) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or int(value) == 0:
        raise ImproperlyConfigured(f"{name} is not a whole number above 0.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def networks(name: str) -> list[str]:
    """IP addresses and networks. A name, or * for everybody, is refused: whoever is trusted may claim any address."""
    found = words(name)
    try:
        for each in found:
            ip_network(each)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} is not a list of addresses and networks. Set it like 10.0.0.5,10.1.0.0/16."
        ) from None
    return found


def database(name: str) -> dict[str, Any]:
    """Django's settings of one PostgreSQL connection, from a libpq URL or keyword string.

    libpq's own parser is used, so unix sockets, service files and every sslmode work as they do in psql.
    """
    parts = conninfo_to_dict(text(name))
    known = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    settings = {key: str(parts.pop(part, "") or "") for key, part in known.items()}
    return settings | {"ENGINE": "django.db.backends.postgresql", "OPTIONS": parts}


def folder(name: str, default: Path) -> Path:
    return Path(os.environ.get(name) or default)
