"""How to reach a district's database. Read-only, with the district's own credentials."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

from districts.exceptions import DistrictNotConnected, DistrictUnreachable
from districts.models import District

# Seconds.
CONNECT_TIMEOUT = 10
# A timestamp without a zone at the district means the district's own time, hence its time zone below.
# REPEATABLE READ gives all statements of one chunk the same view of the district's data.
_SESSION = (
    "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"
    " -c statement_timeout=300s -c idle_in_transaction_session_timeout=120s"
    " -c search_path=public -c datestyle=ISO"
)


@contextmanager
def open_district(district: District) -> Iterator[psycopg.Connection[Any]]:
    """A read-only connection in one REPEATABLE READ transaction; rolled back and closed at the end.

    Raises DistrictNotConnected without an entered database, DistrictUnreachable when it does not answer. Neither
    text holds an address or a credential.
    """
    database = connect(district)
    try:
        yield database
    finally:
        database.close()


def connect(district: District, *, timeout: int = CONNECT_TIMEOUT) -> psycopg.Connection[Any]:
    """`timeout` is in seconds: how long to wait for an answer. Raises as `open_district`."""
    if not district.database_name:
        raise DistrictNotConnected(
            f"No database is entered for district {district.number}. Enter it, then send the resync again."
        )
    try:
        return psycopg.connect(
            **connection_parameters(district) | {"connect_timeout": timeout},
            options=f"{_SESSION} -c timezone={district.time_zone}",
        )
    except psycopg.OperationalError as error:
        # libpq's own text names host, port and user: it stays in the chained exception, out of the sentence.
        raise DistrictUnreachable(
            f"The database of district {district.number} does not answer. Check that it runs and that its "
            "address and credentials are right."
        ) from error


def connection_parameters(district: District) -> dict[str, Any]:
    entered = {
        "dbname": district.database_name,
        "user": district.database_user,
        "password": district.database_password,
        "host": district.database_host,
        "port": district.database_port,
        "sslmode": district.database_sslmode,
    }
    fixed = {"connect_timeout": CONNECT_TIMEOUT, "application_name": "upstate", "client_encoding": "UTF8"}
    return _control_server(district) | {key: value for key, value in entered.items() if value} | fixed


def _control_server(district: District) -> dict[str, Any]:
    """Where an empty host points: the server of the control tables."""
    if district.database_host:
        return {}
    settings = connection.settings_dict
    return {"host": settings["HOST"] or None, "port": settings["PORT"] or None, "user": settings["USER"]}
