import time
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from attendance.aggregation import aggregate_calendars
from attendance.databases import open_for_aggregation
from attendance.queries import taking_part, weekly_resync
from district_data import actions
from district_data.databases import drop_district_database, open_writer
from district_data.exceptions import DatabaseBusy, NotADemo, TablesInUse
from districts.choices import Right, Tool
from districts.databases import open_district
from districts.demo import PASSWORD
from districts.models import District, SchoolYear, User
from districts.queries import has_right
from resync.models import Batch, BatchObject
from resync.plan import offered_objects
from tests.conftest import DistrictDatabase
from tests.pages import sign_in


@pytest.fixture
def demo(db: None, settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The demo with fewer students: size is not what these tests are about."""
    settings.DEMO = True
    monkeypatch.setattr(actions, "ABBOTT", actions.DemoDistrict("01", "Abbott", students=100, seed=1))
    monkeypatch.setattr(actions, "CAMPUS", actions.DemoDistrict("02", "Campus", students=60, seed=2))
    yield
    for district in District.objects.filter(number__in=["01", "02"]):
        drop_district_database(district)


def students_of(district: District) -> int:
    with open_district(district) as database:
        found = database.execute(
            "SELECT count(*) FROM person_identity WHERE student_number IS NOT NULL"
        ).fetchone()
    return int(found[0]) if found else 0


def generate(district: District, **changes: float) -> dict[str, int]:
    wanted = {"students": 30, "seed": 1, "error_rate": 0.0, "end_year": 2024}
    return actions.generate_district(district=district, **(wanted | changes))


def test_generate_replaces_what_was_there(district: District) -> None:
    assert generate(district)["Enrollment"] > 30
    assert generate(district, students=10)["Enrollment"] < 60
    assert students_of(district) == 10


def test_generate_makes_the_districts_database(db: None) -> None:
    district = actions.ensure_district("T9", "Tonopah")
    generate(district)
    with open_district(district) as database:
        assert database.execute("SELECT number, name, state FROM district").fetchall() == [
            ("T9", "Tonopah", "NV")
        ]
    drop_district_database(district)


def test_generate_waits_for_nobody_for_long(
    district: District, writer: DistrictDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("district_data.generation._SESSION", "SET LOCAL lock_timeout = '50ms'")
    with open_district(district) as database:
        database.execute("SELECT FROM school")
        with pytest.raises(DatabaseBusy, match="district T1"):
            generate(district)


def test_generate_spares_what_others_built(district: District, writer: DistrictDatabase) -> None:
    writer.execute("CREATE VIEW report AS SELECT * FROM school")
    with pytest.raises(TablesInUse, match="district T1"):
        generate(district)
    writer.execute("DROP VIEW report")


def test_demo(demo: None) -> None:
    accounts = actions.fill_demo()
    assert [(account.username, str(account.district or "")) for account in accounts] == [
        ("abbott.admin", "Abbott (01)"),
        ("abbott.viewer", "Abbott (01)"),
        ("campus.admin", "Campus (02)"),
        ("state.admin", ""),
        ("state.viewer", ""),
    ]
    assert all(account.is_demo for account in accounts)
    assert [has_right(account, Tool.BATCH, Right.WRITE) for account in accounts] == [
        True,
        False,
        True,
        True,
        False,
    ]
    assert all(has_right(account, Tool.BATCH, Right.READ) for account in accounts)
    assert list(SchoolYear.objects.order_by("end_year").values_list("end_year", flat=True)) == [
        2023,
        2024,
        2025,
    ]
    assert students_of(District.objects.get(number="01")) == 100
    assert students_of(District.objects.get(number="02")) == 60


def test_demo_has_a_previous_year_to_choose(demo: None) -> None:
    actions.fill_demo()
    district = District.objects.select_related("state", "zone__school_year").get(number="01")
    offered = [each.name for each in offered_objects(district, SchoolYear.objects.get(end_year=2023))]
    assert offered == [
        *("Calendar", "AttendanceExcuse", "ScheduleStructure", "StructureGradeLevel"),
        *("AttDayAggregation", "Enrollment"),
    ]
    with open_district(district) as database:
        found = database.execute("SELECT count(*) FROM enrollment WHERE end_year = 2023").fetchone()
    assert found is not None
    assert found[0] > 0


def test_demo_accounts_sign_in(demo: None, client: Client) -> None:
    for account in actions.fill_demo():
        assert sign_in(client, account.username, PASSWORD)


def test_demo_sends_all_but_enrollment(demo: None) -> None:
    actions.fill_demo()
    batch = Batch.objects.get()
    assert batch.district.number == "01"
    assert batch.requested_by is not None
    assert batch.requested_by.username == "abbott.admin"
    sent = set(BatchObject.objects.filter(batch=batch).values_list("object", flat=True))
    assert {"District", "School", "PersonIdentity", "TestScore"} <= sent
    assert {"Enrollment", "Roster", "Graduation"}.isdisjoint(sent)


def test_demo_again_changes_nothing_and_is_fast(demo: None) -> None:
    actions.fill_demo()
    with open_writer(District.objects.get(number="01")) as database:
        database.execute("UPDATE school SET name = 'Renamed'")
    before = list(User.objects.order_by("id").values())
    began = time.monotonic()
    actions.fill_demo()
    assert time.monotonic() - began < 1
    assert list(User.objects.order_by("id").values()) == before
    assert Batch.objects.count() == 1
    with open_district(District.objects.get(number="01")) as database:
        assert database.execute("SELECT DISTINCT name FROM school").fetchall() == [("Renamed",)]


def test_demo_is_refused_elsewhere(db: None, settings) -> None:
    settings.DEMO = False
    with pytest.raises(NotADemo, match="not a demo"):
        actions.fill_demo()
    assert not User.objects.exists()
    assert not District.objects.exists()


def test_a_generated_district_can_be_aggregated_at_once(district: District) -> None:
    """The days are what the periods add up to: adding them up again changes nothing."""
    generate(district, students=200)
    with open_for_aggregation(district) as database:
        calendars = [key for (key,) in database.execute("SELECT calendar_id FROM calendar")]
        days = database.execute("SELECT count(*) FROM attendance.att_day_aggregation").fetchone()
        outcome = aggregate_calendars(database, calendars)
    assert (outcome.written, days) == (0, (days[0],) if days else None)
    assert outcome.days > 300


def test_generating_again_prepares_again(district: District) -> None:
    generate(district)
    generate(district)
    with open_for_aggregation(district) as database:
        assert database.execute("SELECT count(*) FROM attendance.touched").fetchone() == (0,)


def test_a_state_without_aggregated_attendance_is_not_prepared(
    make_district: Callable[..., District],
) -> None:
    kentucky = make_district("T3", state="KY")
    generate(kentucky)
    assert kentucky.aggregation_user == ""


def test_the_demo_resyncs_the_attendance_of_one_district_weekly(demo: None) -> None:
    actions.fill_demo()
    assert [zone.district.number for zone in taking_part()] == ["01"]
    stored = weekly_resync()
    assert (stored.enabled, stored.changed_by) == (True, User.objects.get(username="state.admin"))
