"""The check of a district's database, against real databases with each fault planted."""

import json
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from psycopg import sql

from dis_objects.catalogue import definition, offered_in_batch
from district_data import databases
from districts.models import District
from interchange import check
from interchange.check import DistrictCheck, ObjectCheck, Severity, check_district
from tests.conftest import DistrictDatabase
from tests.factories.user import UserFactory
from tests.pages import page_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def scratch(writer: DistrictDatabase, district: District) -> Iterator[Callable[[str, str], None]]:
    """Runs SQL at the district, and what takes it back at the end of the test."""
    undo: list[str] = []

    def run(statement: str, back: str) -> None:
        names = {
            "role": sql.Identifier(district.database_user),
            "owner": sql.Identifier(writer.info.user),
        }
        writer.execute(sql.SQL(statement).format(**names))
        undo.append(sql.SQL(back).format(**names).as_string(writer))

    yield run
    for statement in reversed(undo):
        writer.execute(statement)


def of(result: DistrictCheck, name: str) -> ObjectCheck:
    return next(each for each in result.objects if each.name == name)


def codes(each: DistrictCheck | ObjectCheck) -> list[str]:
    return [finding.code for finding in each.findings]


def told(each: DistrictCheck | ObjectCheck) -> str:
    return " ".join(finding.sentence for finding in each.findings)


def test_a_database_in_order_has_every_object_of_its_state(district: District) -> None:
    result = check_district(district)

    assert result.is_sound
    assert result.findings == ()
    assert [each.name for each in result.objects] == [each.name for each in offered_in_batch("NV")]
    # The database is shared: a test of attendance may have made a view of this one.
    assert {each.kind for each in result.objects if each.name != "AttDayAggregation"} == {"table"}
    assert all(each.findings == () for each in result.objects)
    assert (result.role, result.time_zone) == (district.database_user, "UTC")
    assert result.server


def test_a_missing_table_is_told_where_it_is_needed(district: District, scratch: Callable) -> None:
    scratch("ALTER TABLE calendar RENAME TO calendar_gone", "ALTER TABLE calendar_gone RENAME TO calendar")
    result = check_district(district)

    assert not result.is_sound
    assert (of(result, "Calendar").kind, codes(of(result, "Calendar"))) == ("", ["TABLE_MISSING"])
    assert "Create it in the schema public" in told(of(result, "Calendar"))
    readers = {
        each.name for each in offered_in_batch("NV") if "Calendar" in each.reads and each.name != "Calendar"
    }
    assert readers
    for name in readers:
        assert codes(of(result, name)) == ["RELATED_TABLE_MISSING"]
    assert result.sound_objects == len(result.objects) - len(readers) - 1


def test_missing_columns_are_named(district: District, scratch: Callable) -> None:
    scratch("ALTER TABLE school RENAME name TO nom", "ALTER TABLE school RENAME nom TO name")
    found = of(check_district(district), "School")
    assert codes(found) == ["COLUMN_MISSING"]
    assert "school lacks name." in told(found)


@pytest.mark.parametrize(
    ("column", "kind", "code", "severity"),
    [
        ("start_date", "text", "READ_AS_TEXT", Severity.WARNING),
        ("start_date", "timestamp", None, None),
        ("enrollment_id", "text", "WRONG_TYPE", Severity.ERROR),
        ("enrollment_id", "numeric", "WRONG_TYPE", Severity.ERROR),
        ("enrollment_id", "smallint", None, None),
        ("service_type", "integer", None, None),
    ],
)
def test_types_of_columns(
    district: District, scratch: Callable, column: str, kind: str, code: str | None, severity: Severity | None
) -> None:
    before = {"start_date": "date", "enrollment_id": "bigint", "service_type": "text"}[column]
    alter = f"ALTER TABLE enrollment ALTER {column} TYPE"
    scratch(f"{alter} {kind} USING NULL::{kind}", f"{alter} {before} USING NULL::{before}")

    found = of(check_district(district), "Enrollment")

    assert [(each.code, each.severity) for each in found.findings] == ([(code, severity)] if code else [])
    if code:
        assert f"{column}" in told(found)
        assert "Cast" in told(found)


def test_a_school_year_that_is_no_number_stops_the_object(district: District, scratch: Callable) -> None:
    alter = "ALTER TABLE calendar ALTER end_year TYPE"
    scratch(f"{alter} text USING NULL", f"{alter} smallint USING NULL")
    found = of(check_district(district), "Calendar")
    assert codes(found) == ["WRONG_TYPE"]
    assert "calendar.end_year is text" in told(found)


def test_a_table_that_may_not_be_read(district: District, scratch: Callable) -> None:
    scratch("REVOKE SELECT ON school FROM {role}", "GRANT SELECT ON school TO {role}")
    result = check_district(district)
    assert codes(of(result, "School")) == ["NO_ACCESS"]
    assert "GRANT SELECT ON school" in told(of(result, "School"))
    reader = next(each.name for each in offered_in_batch("NV") if "School" in each.reads)
    assert "NO_ACCESS" in codes(of(result, reader))


def test_a_column_that_may_not_be_read_is_named(district: District, scratch: Callable) -> None:
    columns = ", ".join(field.name for field in definition("School").fields if field.name != "name")
    scratch(
        f"REVOKE SELECT ON school FROM {{role}}; GRANT SELECT ({columns}) ON school TO {{role}}",
        f"REVOKE SELECT ({columns}) ON school FROM {{role}}; GRANT SELECT ON school TO {{role}}",
    )
    found = of(check_district(district), "School")
    assert codes(found) == ["NO_ACCESS"]
    assert "may not read name of school" in told(found)


def test_a_schema_that_may_not_be_used(district: District, scratch: Callable) -> None:
    scratch(
        "REVOKE USAGE ON SCHEMA public FROM {role}, PUBLIC", "GRANT USAGE ON SCHEMA public TO {role}, PUBLIC"
    )
    result = check_district(district)
    assert codes(result) == ["NO_SCHEMA_ACCESS"]
    assert not result.is_sound


def test_a_view_whose_owner_lost_its_rights(
    district: District, put_view: Callable, writer: DistrictDatabase
) -> None:
    """No catalogue of the database tells it: the role may read the view, but the view may read nothing."""
    put_view("School", "SELECT * FROM school_behind")
    role = sql.Identifier(district.database_user)
    writer.execute("CREATE ROLE owner_without_rights")
    try:
        writer.execute("GRANT CREATE ON SCHEMA public TO owner_without_rights")
        writer.execute("ALTER VIEW school OWNER TO owner_without_rights")
        writer.execute(sql.SQL("GRANT SELECT ON school TO {}").format(role))
        found = of(check_district(district), "School")
    finally:
        writer.execute("DROP OWNED BY owner_without_rights CASCADE; DROP ROLE owner_without_rights")
    assert (found.kind, codes(found)) == ("view", ["NO_ACCESS"])
    assert "view's owner" in told(found)


def test_a_column_that_a_rule_cannot_compare(district: District, scratch: Callable) -> None:
    """Enrollment's rules look at the mark of the calendar."""
    alter = "ALTER TABLE calendar ALTER exclude TYPE"
    kind = _type_of("calendar", "exclude")
    scratch(f"{alter} date USING NULL", f"{alter} {kind} USING NULL")
    result = check_district(district)
    failing = [each for each in result.objects if "QUERY_FAILS" in codes(each)]
    assert "Enrollment" in {each.name for each in failing}
    assert "(error 42804)" in told(of(result, "Enrollment"))


def _type_of(table: str, column: str) -> str:
    known = next(each for each in offered_in_batch("NV") if each.table == table)
    assert next(field for field in known.fields if field.name == column).get_internal_type() == "BooleanField"
    return "boolean"


def test_a_locked_table_is_told_and_not_waited_for(district: District) -> None:
    with databases.open_writer(district) as other:
        other.execute("LOCK TABLE school IN ACCESS EXCLUSIVE MODE")
        found = of(check_district(district), "School")
    assert codes(found) == ["LOCKED"]


def test_after_its_time_the_check_tries_no_more(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_TIME_FOR_ALL", -1)
    result = check_district(district)
    assert {tuple(codes(each)) for each in result.objects} == {("NOT_TRIED",)}


@pytest.mark.parametrize("right", ["INSERT", "UPDATE", "DELETE", "TRUNCATE"])
def test_a_role_that_could_write_is_a_warning(district: District, scratch: Callable, right: str) -> None:
    scratch(f"GRANT {right} ON school TO {{role}}", f"REVOKE {right} ON school FROM {{role}}")
    result = check_district(district)
    assert codes(result) == ["ROLE_COULD_WRITE"]
    assert "write to 1 of the tables" in told(result)
    assert result.is_sound


def test_a_superuser_is_a_warning(district: District, writer: DistrictDatabase) -> None:
    district.database_user = writer.info.user
    district.database_password = writer.info.password
    assert codes(check_district(district)) == ["SUPERUSER"]


# ---- a database that does not answer


@pytest.mark.parametrize(
    ("entered", "code", "sentence"),
    [
        ({"database_name": ""}, "NOT_CONNECTED", "No database is entered"),
        ({"database_name": "no_such_database"}, "UNREACHABLE", "no database of the entered name"),
        ({"database_user": "no_such_role"}, "UNREACHABLE", "refuses Upstate's role"),
        ({"database_host": "127.0.0.1", "database_port": 1}, "UNREACHABLE", "does not answer"),
        ({"time_zone": "Mars/Olympus"}, "UNKNOWN_TIME_ZONE", "time zone"),
    ],
)
def test_what_keeps_the_database_from_answering(
    district: District, entered: dict, code: str, sentence: str
) -> None:
    for name, value in entered.items():
        setattr(district, name, value)
    result = check_district(district)
    assert codes(result) == [code]
    assert sentence in told(result)
    assert not any(value in told(result) for value in entered.values() if isinstance(value, str) and value)
    assert result.objects == ()


def test_a_server_that_says_nothing_is_given_up(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_CONNECT_TIMEOUT", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        district.database_host, district.database_port = silent.getsockname()
        started = time.monotonic()
        result = check_district(district)
    assert time.monotonic() - started < 8
    assert "does not answer in time" in told(result)


# ---- command and page


def run(capsys: pytest.CaptureFixture, *arguments: str) -> tuple[int, str]:
    try:
        call_command("check_district", *arguments)
    except SystemExit as end:
        return int(end.code or 0), capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_the_command_on_a_database_in_order(district: District, capsys: pytest.CaptureFixture) -> None:
    status, text = run(capsys, district.number)
    assert status == 0
    assert f"{len(offered_in_batch('NV'))} of {len(offered_in_batch('NV'))} objects can be resynced." in text


def test_the_command_fails_when_something_is_wrong(
    district: District, scratch: Callable, capsys: pytest.CaptureFixture
) -> None:
    scratch("ALTER TABLE school RENAME name TO nom", "ALTER TABLE school RENAME nom TO name")
    status, text = run(capsys, district.number, "--json")
    data = json.loads(text)
    [school] = [each for each in data["objects"] if each["name"] == "School"]
    assert (status, data["sound"], school["sound"]) == (1, False, False)
    assert school["findings"][0]["code"] == "COLUMN_MISSING"


def test_the_command_knows_no_such_district() -> None:
    with pytest.raises(CommandError, match="There is no district nowhere"):
        call_command("check_district", "nowhere")


def test_the_page_checks_when_it_is_asked_to(
    client: Client, district: District, scratch: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(UserFactory(district=district, rights="", everywhere="R"))
    scratch("ALTER TABLE school RENAME name TO nom", "ALTER TABLE school RENAME nom TO name")

    assert "objects can be resynced" not in page_text(client.get("/agents/check/"))
    result = page_text(client.get(f"/agents/check/{district.number}/?run=1"))
    assert "school lacks name." in result
    part = client.get(f"/agents/check/{district.number}/?run=1", headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()


def test_nothing_of_a_record_is_told(
    district: District, put_view: Callable, writer: DistrictDatabase
) -> None:
    """A view that fails on a value when it is planned: the database's own text holds it."""
    writer.execute("INSERT INTO school (school_id, district_key, number, name) VALUES (1, 1, 'S1', 'Secret')")
    writer.execute(
        "CREATE FUNCTION first_name() RETURNS int LANGUAGE plpgsql IMMUTABLE"
        " AS $$ BEGIN RETURN (SELECT name::int FROM public.school_behind LIMIT 1); END $$"
    )
    put_view("School", "SELECT * FROM school_behind WHERE first_name() > 0")
    writer.execute(
        sql.SQL("GRANT SELECT ON school, school_behind TO {}").format(sql.Identifier(district.database_user))
    )
    try:
        result = check_district(district)
    finally:
        writer.execute("DROP VIEW school; DROP FUNCTION first_name()")
    assert codes(of(result, "School")) == ["QUERY_FAILS"]
    assert "Secret" not in repr(result)
