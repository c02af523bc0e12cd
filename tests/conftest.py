"""Fixtures that several apps' tests share: a district with a database of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from config.celery import app
from district_data import databases
from district_data.tables import create_tables
from districts.models import District, SchoolYear, State, Zone

DistrictDatabase = psycopg.Connection[Any]


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_looked_up_when_asked_for() -> None:
    """Else each client of each test would first read the headers of the 2,700 files of USWDS: three quarters of the
    time of a test of a page."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def _open_pages_are_told_at_once() -> None:
    """Tests change a batch and ask in the same half second."""
    settings.LIVE_SECONDS = 0


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Tests with real transactions are followed by TRUNCATE, which the audit log refuses (tests/audit). And a server
    process learns late that its killed worker is gone: until then the database could not be dropped."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_is_not_emptied")
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session")
def district_server(django_db_setup: None, django_db_blocker: Any) -> Callable[[str], dict[str, str]]:
    """Creates a district's database with all canonical tables, once per number and run."""
    made: dict[str, dict[str, str]] = {}

    def database_of(number: str) -> dict[str, str]:
        if number not in made:
            with django_db_blocker.unblock():
                made[number] = _create_database(number)
        return made[number]

    return database_of


def _create_database(number: str) -> dict[str, str]:
    district = databases.ensure_district(number)
    databases.create_district_database(district)
    with databases.open_writer(district) as database:
        create_tables(database)
    entered = {
        name: getattr(district, name) for name in ("database_name", "database_user", "database_password")
    }
    Zone.objects.filter(district=district).delete()
    district.delete()
    return entered


@pytest.fixture
def make_district(db: None, district_server: Callable[[str], dict[str, str]]) -> Callable[..., District]:
    """A district of Nevada in the school year 2024, connected to its (shared, so: emptied) database."""

    def make(number: str = "T1", *, state: str = "NV", end_year: int = 2024) -> District:
        home, _ = State.objects.get_or_create(code=state, defaults={"name": state})
        year, _ = SchoolYear.objects.get_or_create(end_year=end_year)
        district = District.objects.create(
            state=home, number=number, name=f"District {number}", time_zone="UTC", **district_server(number)
        )
        Zone.objects.create(district=district, school_year=year)
        with databases.open_writer(district) as database:
            _empty(database)
        return district

    return make


def _empty(database: DistrictDatabase) -> None:
    """Only what has rows now: to truncate every table that ever had some takes a third of a second."""
    tables = database.execute(
        "SELECT format('%I.%I', schemaname, relname) FROM pg_stat_user_tables WHERE n_tup_ins > 0"
    ).fetchall()
    if not tables:
        return
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for (name,) in tables)
    filled = [name for (name,) in database.execute(asked)]
    if filled:
        database.execute(f"TRUNCATE {', '.join(filled)}")


@pytest.fixture
def district(make_district: Callable[..., District]) -> District:
    return make_district()


@pytest.fixture
def writer(district: District) -> Iterator[DistrictDatabase]:
    """A writing connection to the district's database; each statement commits."""
    with databases.open_writer(district) as database:
        database.autocommit = True
        yield database


@pytest.fixture(autouse=True)
def _empty_broker(request: pytest.FixtureRequest) -> None:
    """What thousands of earlier tests woke would keep the workers of this one busy for a minute."""
    marker = request.node.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        with app.connection_for_write() as broker:
            broker.default_channel.client.flushdb()
