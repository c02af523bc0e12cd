from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import errors

from district_data import databases
from district_data.exceptions import DatabaseNotOurs, DatabaseRefused, DatabaseUnwritable
from districts.databases import connection_parameters, open_district
from districts.models import District
from tests.conftest import DistrictDatabase


@pytest.fixture
def reader(district: District) -> Iterator[psycopg.Connection[Any]]:
    """As the district's role, but not in a session that only reads: what is left are the grants."""
    with psycopg.connect(**connection_parameters(district), autocommit=True) as opened:
        yield opened


def test_ensure_district_makes_everything_that_hangs_on_it(db: None) -> None:
    district = databases.ensure_district("E1", "Elko", end_year=2023)
    assert (district.name, district.state.code, district.zone.school_year_id) == ("Elko", "NV", 2023)


def test_ensure_district_keeps_what_is_there(db: None) -> None:
    first = databases.ensure_district("E1", "Elko", state_code="KY", state_name="Kentucky", end_year=2023)
    again = databases.ensure_district("E1", "Other", end_year=2024)
    assert again == first
    assert (again.name, again.state.code, again.zone.school_year_id) == ("Elko", "KY", 2023)


def test_a_number_names_its_database_after_the_control_database(db: None) -> None:
    control = connection.settings_dict["NAME"]
    assert databases.database_name(District(number="A1")) == f"{control}_district_a1"
    assert databases.reader_name(District(number="A1")) == f"{control}_district_a1_reader"


def test_long_names_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", "a_rather_long_name_for_a_control_database")
    found = {databases.reader_name(District(number=f"1234567890ABCDE{end}")) for end in "FG"}
    assert len(found) == 2
    assert all(len(name) <= 63 for name in found)


def test_creating_again_keeps_the_data(district: District, writer: DistrictDatabase) -> None:
    writer.execute("INSERT INTO school (school_id) VALUES (1)")
    before = (district.database_name, district.database_user, district.database_password)
    databases.create_district_database(district)
    assert before == (district.database_name, district.database_user, district.database_password)
    with open_district(district) as opened:
        assert opened.execute("SELECT school_id FROM school").fetchall() == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO school (school_id) VALUES (1)",
        "UPDATE school SET name = 'Other'",
        "DELETE FROM school",
        "TRUNCATE school",
        "DROP TABLE school",
        "ALTER TABLE school ADD note text",
        "CREATE TABLE mine ()",
        "CREATE TEMPORARY TABLE mine ()",
        "CREATE SCHEMA mine",
        "SELECT * FROM pg_authid",
    ],
)
def test_the_reader_reads_and_does_nothing_else(reader: psycopg.Connection[Any], statement: str) -> None:
    assert reader.execute("SELECT count(*) FROM school").fetchone() == (0,)
    with pytest.raises(errors.InsufficientPrivilege):
        reader.execute(statement.encode())


def test_the_reader_reads_tables_that_come_later(
    reader: psycopg.Connection[Any], writer: DistrictDatabase
) -> None:
    writer.execute("CREATE VIEW later AS SELECT * FROM school")
    assert reader.execute("SELECT count(*) FROM later").fetchone() == (0,)
    writer.execute("DROP VIEW later")


def test_the_reader_of_one_district_cannot_enter_another(district: District, make_district: Any) -> None:
    other = make_district("T2")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(**connection_parameters(district) | {"dbname": other.database_name})


def test_the_reader_sees_no_table_of_upstate(reader: psycopg.Connection[Any], district: District) -> None:
    control = connection_parameters(district) | {"dbname": connection.settings_dict["NAME"]}
    with psycopg.connect(**control) as opened, pytest.raises(errors.InsufficientPrivilege):
        opened.execute("SELECT * FROM districts_district")


def test_an_error_rolls_the_writer_back(district: District) -> None:
    with pytest.raises(errors.UndefinedTable), databases.open_writer(district) as opened:
        opened.execute("INSERT INTO school (school_id) VALUES (1); SELECT FROM nowhere")
    with databases.open_writer(district) as opened:
        assert opened.execute("SELECT count(*) FROM school").fetchone() == (0,)


@pytest.mark.parametrize("entered", [{"database_name": "sis"}, {"database_host": "sis.example.org"}])
def test_a_real_system_is_never_written_to(db: None, entered: dict[str, str]) -> None:
    district = District(number="01", **entered)
    with pytest.raises(DatabaseNotOurs), databases.open_writer(district):
        pass
    with pytest.raises(DatabaseNotOurs):
        databases.create_district_database(district)
    with pytest.raises(DatabaseNotOurs):
        databases.drop_district_database(district)


def test_a_database_that_was_not_made_yet(db: None) -> None:
    with (
        pytest.raises(DatabaseUnwritable, match="district 404"),
        databases.open_writer(District(number="404")),
    ):
        pass


def test_dropping_forgets_the_database(db: None) -> None:
    district = databases.ensure_district("T9")
    databases.create_district_database(district)
    databases.drop_district_database(district)
    assert (district.database_name, district.database_user) == ("", "")
    with pytest.raises(DatabaseUnwritable), databases.open_writer(district):
        pass


def test_a_server_that_asks_for_passwords_gets_one(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    district = databases.ensure_district("T9")
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "ignored-by-a-trusting-socket")
    databases.create_district_database(district)
    made = District.objects.get(number="T9").database_password
    assert len(made) >= 24
    databases.create_district_database(district)
    assert District.objects.get(number="T9").database_password == made
    databases.drop_district_database(district)


def test_a_server_that_refuses_says_what_to_grant(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    district = databases.ensure_district("T9")
    # On a connection of its own: committing the test's would leave the district to all tests that come after.
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as server:
        if not server.execute("SELECT FROM pg_roles WHERE rolname = 'upstate_weak'").fetchone():
            server.execute("CREATE ROLE upstate_weak LOGIN")
    monkeypatch.setitem(connection.settings_dict, "USER", "upstate_weak")
    with pytest.raises(DatabaseRefused, match="CREATEDB"):
        databases.create_district_database(district)


def test_no_sentence_names_a_place_or_a_role(db: None) -> None:
    entered = {"database_name": "sis_name", "database_host": "sis.example.org", "database_user": "sis_user"}
    district = District(number="01", **entered)
    with pytest.raises(DatabaseNotOurs) as refused, databases.open_writer(district):
        pass
    assert not any(word in str(refused.value) for word in entered.values())
