"""Makes a district's database on the server of the control tables, with a role that can only read it."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from psycopg import errors, sql

from attendance import schema as attendance
from district_data.exceptions import DatabaseNotOurs, DatabaseRefused, DatabaseUnwritable, NumberRefused
from district_data.tables import create_tables
from districts import databases
from districts.models import District, SchoolYear, State, Zone

_LONGEST_NAME = 63  # PostgreSQL cuts longer names without a word


def database_name(district: District) -> str:
    """The database's name. It carries the control database's name, so that tests side by side do not meet."""
    return _short_enough(f"{connection.settings_dict['NAME']}_district_{district.number.lower()}")


def reader_name(district: District) -> str:
    return _short_enough(f"{database_name(district)}_reader")


def aggregator_name(district: District) -> str:
    return _short_enough(f"{database_name(district)}_aggregator")


def _short_enough(name: str) -> str:
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    return f"{name[: _LONGEST_NAME - 13]}_{digest}"


@transaction.atomic
def ensure_district(
    number: str,
    name: str | None = None,
    *,
    state_code: str = "NV",
    state_name: str = "Nevada",
    end_year: int = 2024,
    time_zone: str = "America/Los_Angeles",
) -> District:
    """The district of this number, created with its state, zone and school year if it is not there yet.

    What is there stays as it is. Raises NumberRefused.
    """
    _require_number(number)
    state, _ = State.objects.get_or_create(code=state_code, defaults={"name": state_name})
    district, _ = District.objects.get_or_create(
        number=number,
        defaults={"state": state, "name": name or f"District {number}", "time_zone": time_zone},
    )
    school_year, _ = SchoolYear.objects.get_or_create(end_year=end_year)
    Zone.objects.get_or_create(district=district, defaults={"school_year": school_year})
    return district


def _require_number(number: str) -> None:
    try:
        District._meta.get_field("number").run_validators(number)
    except ValidationError as error:
        raise NumberRefused(" ".join(error.messages)) from error


def create_district_database(district: District) -> None:
    """Creates the database and its reading role, and enters both on the district. Runs again without harm.

    Raises DatabaseNotOurs when another database is entered, DatabaseRefused when the server forbids it.
    """
    _require_own(district)
    district.database_password = district.database_password or _new_password()
    try:
        _create_database_and_reader(district)
        with _connect(database_name(district)) as database:
            database.execute(_grants(district))
    except errors.InsufficientPrivilege as error:
        raise _refused(district) from error
    except psycopg.OperationalError as error:
        raise _unwritable(district) from error
    _enter(district)


def prepare_attendance(district: District) -> None:
    """Makes the schema of attendance in a district's own database, and the role that may write there and nowhere
    else; enters the role on the district. Runs again without harm.

    Raises DatabaseNotOurs for a database that Upstate did not make, DatabaseUnwritable when it does not answer,
    DatabaseRefused when the server forbids a new role.
    """
    with open_writer(district) as database:
        create_tables(database)
        attendance.create_tables(database)
        attendance.create_triggers(database)
    district.aggregation_password = district.aggregation_password or _new_password()
    try:
        with _connect(connection.settings_dict["NAME"], autocommit=True) as server:
            _create_role(server, aggregator_name(district), district.aggregation_password)
    except errors.InsufficientPrivilege as error:
        raise _refused(district) from error
    with open_writer(district) as database:
        database.execute(_connect_grant(district))
        attendance.grant(database, aggregator_name(district))
    district.aggregation_user = aggregator_name(district)
    district.save(update_fields=["aggregation_user", "aggregation_password"])


@contextmanager
def open_writer(district: District) -> Iterator[psycopg.Connection[Any]]:
    """A writing connection in one transaction: committed at the end, rolled back when an error leaves it.

    Raises DatabaseNotOurs for a database that Upstate did not make, DatabaseUnwritable when it does not
    answer or was not made yet.
    """
    _require_own(district)
    try:
        opened = _connect(database_name(district))
    except psycopg.OperationalError as error:
        raise _unwritable(district) from error
    with opened as database:
        yield database


def drop_district_database(district: District) -> None:
    """Drops the database and its roles, and forgets them. Somebody connected to it is cut off."""
    _require_own(district)
    name = sql.Identifier(database_name(district))
    roles = [sql.Identifier(role) for role in (reader_name(district), aggregator_name(district))]
    with _connect(connection.settings_dict["NAME"], autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.SQL(", ").join(roles)))
    entered = (
        "database_name",
        "database_user",
        "database_password",
        "aggregation_user",
        "aggregation_password",
    )
    for field in entered:
        setattr(district, field, "")
    district.save(update_fields=entered)


def _require_own(district: District) -> None:
    """Whatever a DBA entered is a real student information system: it is never written to."""
    if district.database_host or district.database_name not in ("", database_name(district)):
        raise DatabaseNotOurs(
            f"Upstate did not make the database of district {district.number}, so it only reads it. Clear "
            "the entered database, or choose another district number."
        )


def _create_database_and_reader(district: District) -> None:
    name = sql.Identifier(database_name(district))
    # CREATE DATABASE cannot run in a transaction.
    with _connect(connection.settings_dict["NAME"], autocommit=True) as server:
        _create_role(server, reader_name(district), district.database_password)
        if not _exists(server, "SELECT FROM pg_database WHERE datname = %s", database_name(district)):
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))


def _create_role(server: psycopg.Connection[Any], name: str, password: str) -> None:
    role = sql.Identifier(name)
    if not _exists(server, "SELECT FROM pg_roles WHERE rolname = %s", name):
        server.execute(sql.SQL("CREATE ROLE {}").format(role))
    literal = sql.Literal(password) if password else sql.SQL("NULL")
    # A new password also takes effect when the role is there from an earlier run.
    server.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(role, literal))


def _exists(server: psycopg.Connection[Any], query: str, name: str) -> bool:
    return server.execute(query, [name]).fetchone() is not None


def _grants(district: District) -> sql.Composed:
    # PUBLIC may connect to and make temporary tables in every new database: taken back, so that the reader of
    # one district cannot look into another's.
    return sql.SQL(
        "REVOKE ALL ON DATABASE {name} FROM PUBLIC;"
        "GRANT CONNECT ON DATABASE {name} TO {reader};"
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
        "GRANT USAGE ON SCHEMA public TO {reader};"
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader};"
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {reader}"
    ).format(
        name=sql.Identifier(database_name(district)),
        reader=sql.Identifier(reader_name(district)),
    )


def _connect_grant(district: District) -> sql.Composed:
    return sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
        sql.Identifier(database_name(district)), sql.Identifier(aggregator_name(district))
    )


def _new_password() -> str:
    """Empty on a server that trusts its own socket, as the embedded one does."""
    settings = connection.settings_dict
    trusted = str(settings["HOST"]).startswith("/") and not settings["PASSWORD"]
    return "" if trusted else secrets.token_urlsafe(24)


def _enter(district: District) -> None:
    district.database_name = database_name(district)
    district.database_user = reader_name(district)
    district.save(update_fields=["database_name", "database_user", "database_password"])
    # Whether the role gets in depends on the server's own rules: better known now than in the first resync.
    databases.connect(district).close()


def _connect(name: str, *, autocommit: bool = False) -> psycopg.Connection[Any]:
    settings = connection.settings_dict
    entered = {"user": settings["USER"], "password": settings["PASSWORD"]}
    address = {"host": settings["HOST"], "port": settings["PORT"]}
    given = {key: value for key, value in (entered | address).items() if value}
    return psycopg.connect(
        **_server_options() | given, dbname=name, connect_timeout=10, autocommit=autocommit
    )


def _server_options() -> dict[str, Any]:
    """What DATABASE_URL says beyond address and credentials and libpq understands, such as sslmode."""
    django_only = {"pool", "server_side_binding", "isolation_level", "assume_role"}
    options = connection.settings_dict.get("OPTIONS", {})
    return {key: value for key, value in options.items() if key not in django_only}


def _refused(district: District) -> DatabaseRefused:
    return DatabaseRefused(
        f"The server does not let Upstate create the database of district {district.number} and its roles. Grant "
        "CREATEDB and CREATEROLE to Upstate's role, or enter a database that exists."
    )


def _unwritable(district: District) -> DatabaseUnwritable:
    return DatabaseUnwritable(
        f"The database of district {district.number} could not be opened for writing. Check that it was "
        "made, and that the server of the control tables has a free connection."
    )
