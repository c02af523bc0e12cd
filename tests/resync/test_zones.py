"""Zones: the switch to the next school year, and their settings."""

from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from districts.choices import Tool
from districts.models import District, SchoolYear, User, Zone, ZoneSwitch
from interchange.last_change import LastChange
from resync import mandatory
from resync.choices import BatchStatus, Origin
from resync.exceptions import SwitchRefused
from resync.zones import switch_zone
from tests.factories.batch import BatchFactory
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.user import GroupFactory, UserFactory
from tests.pages import page_text

pytestmark = pytest.mark.django_db

PHRASE = "switch 02 to 2024-2025"
CHANGED = datetime.now().astimezone() - timedelta(days=5)


@pytest.fixture
def campus() -> District:
    return DistrictFactory(number="02", name="Campus")


@pytest.fixture
def admin(campus: District) -> User:
    return zone_user(campus, "RW")


def zone_user(district: District | None, rights: str) -> User:
    user = UserFactory(district=district)
    user.groups.add(GroupFactory(name=f"Zones {rights}", rights__tool=Tool.ZONES, rights=rights))
    return user


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> dict[str, LastChange]:
    """What the district's database would tell; a test may change it."""
    told = {"last": LastChange(CHANGED, "Enrollment")}
    monkeypatch.setattr(mandatory, "last_change", lambda district, end_year: told["last"])
    return told


def full_resync(district: District, **others: Any) -> None:
    """Started a day after the last change, ended an hour later."""
    began = CHANGED + timedelta(days=1)
    wanted = {
        "is_full": True,
        "requested_at": began,
        "started_at": began,
        "ended_at": began + timedelta(hours=1),
    }
    BatchFactory(district=district, **(wanted | others))


def switch(district: District, by: User, confirmation: str = "") -> ZoneSwitch:
    current = District.objects.select_related("zone__school_year").get(pk=district.pk)
    return switch_zone(district=current, from_year=2024, by=by, confirmation=confirmation)


def year_of(district: District) -> int:
    return Zone.objects.get(district=district).school_year_id


class TestRule:
    def test_after_a_full_resync_nothing_is_to_be_typed(
        self, campus: District, admin: User, changed: object
    ) -> None:
        full_resync(campus)
        made = switch(campus, admin)
        assert (made.from_year_id, made.to_year_id, made.switched_by) == (2024, 2025, admin)
        assert not made.confirmed_without_resync
        assert year_of(campus) == 2025
        assert SchoolYear.objects.filter(end_year=2025).exists()

    @pytest.mark.parametrize(
        "lacking",
        [
            {"is_full": False},
            {"status": BatchStatus.FAILED},
            {"status": BatchStatus.CANCELLED},
            {"started_at": CHANGED - timedelta(seconds=1)},
            {"started_at": CHANGED},
            {
                "ended_at": timezone.now() - timedelta(days=15),
                "started_at": timezone.now() - timedelta(days=15),
            },
            {"school_year": 2023},
            {"origin": Origin.STATE},
        ],
    )
    def test_a_resync_that_does_not_count_wants_the_confirmation(
        self, campus: District, admin: User, changed: dict[str, LastChange], lacking: dict[str, Any]
    ) -> None:
        if "school_year" in lacking:
            lacking = {"school_year": SchoolYearFactory(end_year=2023)}
        if lacking.get("ended_at"):
            changed["last"] = LastChange(timezone.now() - timedelta(days=30), "Enrollment")
        full_resync(campus, **lacking)
        with pytest.raises(SwitchRefused, match=PHRASE):
            switch(campus, admin)
        assert year_of(campus) == 2024
        assert switch(campus, admin, PHRASE).confirmed_without_resync
        assert year_of(campus) == 2025

    def test_a_resync_of_another_district_does_not_count(
        self, campus: District, admin: User, changed: object
    ) -> None:
        full_resync(DistrictFactory())
        with pytest.raises(SwitchRefused):
            switch(campus, admin)

    def test_a_full_request_of_the_state_counts_for_the_state(
        self, campus: District, changed: object
    ) -> None:
        full_resync(campus, origin=Origin.STATE)
        assert not switch(campus, zone_user(None, "RW")).confirmed_without_resync

    def test_an_unknown_last_change_wants_the_confirmation(
        self, campus: District, admin: User, changed: dict[str, LastChange]
    ) -> None:
        changed["last"] = LastChange(None, reason="Nobody knows.")
        full_resync(campus)
        with pytest.raises(SwitchRefused):
            switch(campus, admin)
        assert switch(campus, admin, PHRASE).confirmed_without_resync

    def test_a_resync_from_before_the_zone_came_to_the_year_does_not_count(
        self, campus: District, admin: User, changed: object
    ) -> None:
        """It held only the objects that were set to sync for the next year."""
        full_resync(campus)
        ZoneSwitch.objects.create(
            district=campus,
            from_year=SchoolYearFactory(end_year=2023),
            to_year_id=2024,
            switched_by=admin,
            confirmed_without_resync=True,
        )
        with pytest.raises(SwitchRefused):
            switch(campus, admin)

    @pytest.mark.parametrize(
        "typed", ["", "switch 02 to 2024-2025 ", "Switch 02 to 2024-2025", "switch 01 to 2024-2025", "02"]
    )
    def test_the_confirmation_is_compared_to_the_letter(
        self, campus: District, admin: User, changed: object, typed: str
    ) -> None:
        with pytest.raises(SwitchRefused):
            switch(campus, admin, typed)
        assert not ZoneSwitch.objects.exists()

    @pytest.mark.parametrize("status", [BatchStatus.QUEUED, BatchStatus.RUNNING, BatchStatus.CANCELLING])
    @pytest.mark.parametrize("origin", Origin)
    def test_no_switch_while_a_resync_is_open(
        self, campus: District, admin: User, changed: object, status: BatchStatus, origin: Origin
    ) -> None:
        BatchFactory(district=campus, status=status, origin=origin)
        with pytest.raises(SwitchRefused, match="queued or in progress"):
            switch(campus, admin, PHRASE)
        assert year_of(campus) == 2024

    def test_a_page_of_an_earlier_year_cannot_switch(
        self, campus: District, admin: User, changed: object
    ) -> None:
        with pytest.raises(SwitchRefused, match="Load the page again"):
            switch_zone(district=campus, from_year=2022, by=admin, confirmation=PHRASE)


def test_two_clicks_at_once_switch_once(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    district = DistrictFactory(number="02")
    admin = zone_user(district, "RW")
    together = Barrier(2)

    def slow(district: District, end_year: int) -> LastChange:
        together.wait(timeout=10)
        return LastChange(None, reason="Nobody knows.")

    monkeypatch.setattr(mandatory, "last_change", slow)
    made: list[int] = []

    def click() -> None:
        try:
            made.append(switch(district, admin, PHRASE).pk)
        finally:
            connection.close()

    clicks = [Thread(target=click) for _ in range(2)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join(timeout=20)
    assert len(made) == 2
    assert ZoneSwitch.objects.count() == len(set(made)) == 1
    assert year_of(district) == 2025


def test_a_second_click_finds_the_first_switch(campus: District, admin: User, changed: object) -> None:
    first = switch(campus, admin, PHRASE)
    assert switch(campus, admin, PHRASE) == first
    assert year_of(campus) == 2025


@pytest.mark.parametrize(("from_year", "to_year"), [(2024, 2025), (2024, 2026), (2025, 2024)])
def test_the_database_takes_one_switch_to_the_next_year_only(
    campus: District, admin: User, from_year: int, to_year: int
) -> None:
    def store(first: int, second: int) -> None:
        ZoneSwitch.objects.create(
            district=campus,
            from_year=SchoolYearFactory(end_year=first),
            to_year=SchoolYearFactory(end_year=second),
            switched_by=admin,
            confirmed_without_resync=True,
        )

    store(2024, 2025)
    with pytest.raises(IntegrityError, match="zone_switch"), transaction.atomic():
        store(from_year, to_year)


class TestPages:
    @pytest.fixture
    def site(self, client: Client, admin: User, changed: object) -> Client:
        client.force_login(admin)
        return client

    def test_the_page_says_what_is_missing_and_what_to_type(self, site: Client) -> None:
        text = page_text(site.get("/zones/02/switch/"))
        assert "Switch from 2023-2024 to 2024-2025" in text
        assert "The end-of-year resync is missing. No full resync of 2023-2024 has completed." in text
        assert f"To switch without it, type: {PHRASE}" in text

    def test_the_page_wants_nothing_typed_when_the_resync_is_done(
        self, site: Client, campus: District
    ) -> None:
        full_resync(campus)
        text = page_text(site.get("/zones/02/switch/"))
        assert "The end-of-year resync is done." in text
        assert "type:" not in text

    @pytest.mark.parametrize(
        ("told", "sentence"),
        [
            (
                LastChange(None, reason="Nobody knows."),
                "It is not known when the data of Campus last changed. Nobody",
            ),
            (LastChange(timezone.now()), "Data of Campus changed after the last full resync had started."),
        ],
    )
    def test_the_page_says_why_a_full_resync_does_not_count(
        self, site: Client, campus: District, changed: dict[str, LastChange], told: LastChange, sentence: str
    ) -> None:
        full_resync(campus)
        changed["last"] = told
        assert sentence in page_text(site.get("/zones/02/switch/"))

    def test_the_way_of_a_person(self, site: Client, campus: District, admin: User) -> None:
        refused = site.post("/zones/02/switch/", {"from_year": 2024, "confirmation": "yes"})
        assert refused.status_code == 422
        assert "The zone was not switched." in page_text(refused)
        done = site.post("/zones/02/switch/", {"from_year": 2024, "confirmation": PHRASE}, follow=True)
        text = page_text(done)
        assert "The zone of Campus (02) is in the school year 2024-2025 now." in text
        assert "A full resync is due by" in text
        assert f"{admin.username} Missing: confirmed by typing" in text

    def test_a_resync_of_the_state_under_way_keeps_from_switching_and_is_not_named(
        self, site: Client, campus: District
    ) -> None:
        BatchFactory(district=campus, origin=Origin.STATE, status=BatchStatus.RUNNING)
        text = page_text(site.get("/zones/02/switch/"))
        assert "A resync of Campus is queued or in progress." in text
        assert "Switch to 2024-2025" not in text

    def test_times_are_those_of_the_district(self, client: Client, campus: District, changed: object) -> None:
        full_resync(campus)
        client.force_login(zone_user(None, "R"))
        local = CHANGED.astimezone(tz=None).astimezone(_zone(campus))
        assert f"{local:%m/%d/%Y %H:%M:%S} (Enrollment)" in page_text(client.get("/zones/02/switch/"))

    def test_a_district_sees_its_own_zone_only(self, site: Client) -> None:
        DistrictFactory(number="77", name="Elsewhere")
        text = page_text(site.get("/zones/"))
        assert "Campus 02 2023-2024" in text
        assert "Elsewhere" not in text

    def test_a_district_without_a_zone(self, client: Client) -> None:
        client.force_login(zone_user(DistrictFactory(number="08", zone=None), "RW"))
        assert "No zone yet" in page_text(client.get("/zones/"))
        assert client.get("/zones/08/switch/").status_code == 404


def _zone(district: District) -> Any:
    return timezone.zoneinfo.ZoneInfo(district.time_zone)


@pytest.mark.parametrize(
    ("of_district", "rights", "seen", "posted"),
    [
        (True, "", 403, 403),
        (True, "R", 200, 403),
        (True, "RW", 200, 302),
        (False, "R", 200, 403),
        (False, "RW", 200, 302),
        (False, "W", 403, 403),
    ],
)
def test_who_may_switch(
    client: Client, campus: District, changed: object, of_district: bool, rights: str, seen: int, posted: int
) -> None:
    client.force_login(zone_user(campus if of_district else None, rights))
    form = {"from_year": 2024, "confirmation": PHRASE}
    assert client.get("/zones/02/switch/").status_code == seen
    assert client.post("/zones/02/switch/", form).status_code == posted
    assert ZoneSwitch.objects.count() == (posted == 302)


def test_another_district_cannot_be_switched(client: Client, campus: District, changed: object) -> None:
    client.force_login(zone_user(DistrictFactory(), "RW"))
    response = client.post("/zones/02/switch/", {"from_year": 2024, "confirmation": PHRASE})
    assert response.status_code == 404
    assert year_of(campus) == 2024


class TestSettings:
    @pytest.fixture
    def site(self, client: Client, campus: District) -> Client:
        client.force_login(zone_user(None, "RW"))
        return client

    def test_boxes_are_stored(self, site: Client, campus: District) -> None:
        site.post(
            "/zones/change/",
            {"shown": ["02"], "syncs_previous_year": ["02"], "resyncs_attendance_weekly": ["02"]},
        )
        zone = Zone.objects.get(district=campus)
        flags = (zone.syncs_previous_year, zone.syncs_next_year, zone.resyncs_attendance_weekly)
        assert flags == (True, False, True)
        site.post("/zones/change/", {"shown": ["02|syncs_previous_year"]})
        zone.refresh_from_db()
        assert (zone.syncs_previous_year, zone.resyncs_attendance_weekly) == (False, True)

    def test_what_somebody_else_set_meanwhile_stays(self, site: Client, campus: District) -> None:
        Zone.objects.filter(district=campus).update(syncs_next_year=True)
        site.post("/zones/change/", {"shown": ["02"], "syncs_previous_year": ["02"]})
        zone = Zone.objects.get(district=campus)
        assert (zone.syncs_previous_year, zone.syncs_next_year) == (True, True)

    def test_one_setting_for_all_that_the_filter_finds(self, site: Client, campus: District) -> None:
        other = DistrictFactory(number="77", name="Elsewhere")
        site.post(
            "/zones/change-found/", {"find": "camp", "flag": "resyncs_attendance_weekly", "wanted": "on"}
        )
        on = Zone.objects.filter(resyncs_attendance_weekly=True).values_list("district__number", flat=True)
        assert list(on) == ["02"]
        site.post("/zones/change-found/", {"flag": "resyncs_attendance_weekly", "wanted": "off"})
        assert not Zone.objects.filter(resyncs_attendance_weekly=True).exists()
        assert other.zone.resyncs_attendance_weekly is False

    @pytest.mark.parametrize("flag", ["school_year", "id", ""])
    def test_nothing_but_a_setting_can_be_set(self, site: Client, campus: District, flag: str) -> None:
        site.post("/zones/change-found/", {"flag": flag, "wanted": "on"})
        assert year_of(campus) == 2024

    @pytest.mark.parametrize(("of_district", "rights"), [(True, "RW"), (False, "R"), (False, "W")])
    @pytest.mark.parametrize("address", ["/zones/change/", "/zones/change-found/"])
    def test_only_the_state_changes_settings(
        self, client: Client, campus: District, of_district: bool, rights: str, address: str
    ) -> None:
        client.force_login(zone_user(campus if of_district else None, rights))
        form = {"shown": ["02"], "syncs_next_year": ["02"], "flag": "syncs_next_year", "wanted": "on"}
        assert client.post(address, form).status_code == 403
        assert not Zone.objects.get(district=campus).syncs_next_year

    def test_a_viewer_gets_no_boxes(self, client: Client, campus: District) -> None:
        client.force_login(zone_user(None, "R"))
        markup = client.get("/zones/").content.decode()
        assert 'type="checkbox"' not in markup
        assert "/zones/change" not in markup

    @pytest.mark.parametrize(
        ("query", "found"), [("find=CAMP", 1), ("find=02", 1), ("find=zzz", 0), ("show=due", 0)]
    )
    def test_filter(self, site: Client, query: str, found: int) -> None:
        DistrictFactory(number="77", name="Elsewhere")
        response = site.get(f"/zones/?{query}")
        assert len(response.context["table"].rows) == found

    def test_after_saving_the_same_page_comes_again_and_no_other_site(self, site: Client) -> None:
        for back, target in [
            ("/zones/?find=camp", "/zones/?find=camp"),
            ("https://evil.example/", "/zones/"),
        ]:
            assert site.post("/zones/change/", {"shown": ["02"], "back": back})["Location"] == target

    def test_many_districts_are_shown_page_by_page_with_few_queries(
        self, site: Client, campus: District, django_assert_max_num_queries: Any
    ) -> None:
        for place in range(120):
            DistrictFactory(number=f"M{place}", name="Many")
        with django_assert_max_num_queries(15):
            response = site.get("/zones/")
        assert "1 to 100 of 121" in page_text(response)
