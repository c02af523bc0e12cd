"""The full resync that a school year begins with: due after the switch until it is done, and by whose resync."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from districts.choices import Tool
from districts.models import District, User, ZoneSwitch
from process_alerts.models import ProcessAlert
from resync import actions
from resync.choices import Origin
from resync.mandatory import settle_after, start_of_year_due
from resync.models import Batch
from resync.plan import offered_names
from resync.zones import phrase_for, switch_zone
from tests.factories.batch import BatchFactory
from tests.factories.user import GroupFactory, UserFactory
from tests.pages import page_text
from tests.resync.conftest import run


@pytest.fixture
def admin(district: District) -> User:
    user = UserFactory(district=district)
    user.groups.add(GroupFactory(name="Zones RW", rights__tool=Tool.ZONES, rights="RW"))
    return user


@pytest.fixture
def state(db: None) -> User:
    user = UserFactory(district=None)
    user.groups.add(GroupFactory(name="Zones RW", rights__tool=Tool.ZONES, rights="RW"))
    return user


@pytest.fixture
def switched(district: District, admin: User) -> District:
    """The district in 2024-2025, without anything resynced yet."""
    switch_zone(district=district, from_year=2024, by=admin, confirmation=phrase_for(district))
    return District.objects.select_related("state", "zone__school_year").get(pk=district.pk)


def send(district: District, by: User, objects: list[str]) -> Batch:
    return run(
        actions.send_resync(
            district=district,
            school_year=district.zone.school_year,
            objects=objects,
            check_dependencies=True,
            by=by,
        )
    )


def everything(district: District) -> list[str]:
    return list(offered_names(district, district.zone.school_year))


def open_alerts() -> list[str]:
    return list(
        ProcessAlert.objects.filter(due_on__isnull=False, settled_at=None).values_list("key", flat=True)
    )


def test_a_zone_that_was_never_switched_owes_nothing(district: District, admin: User) -> None:
    assert start_of_year_due(admin, district) is None


def test_a_switch_makes_a_full_resync_due_in_the_set_number_of_days(switched: District, admin: User) -> None:
    due = start_of_year_due(admin, switched)
    assert due is not None
    assert due.school_year.pk == 2025
    assert due.due_on == timezone.now().date() + timedelta(days=14)
    alert = ProcessAlert.objects.get(due_on__isnull=False)
    assert (alert.due_on, alert.district) == (due.due_on, switched)
    assert [each.user for each in alert.recipients.all()] == [admin]


def test_the_due_date_is_one_of_the_district(switched: District, admin: User) -> None:
    switched.time_zone = "Pacific/Kiritimati"  # 14 hours ahead of UTC
    switched.save()
    ZoneSwitch.objects.update(switched_at="2024-07-01T11:00:00Z")
    due = start_of_year_due(admin, switched)
    assert due is not None
    assert f"{due.due_on}" == "2024-07-16"


def test_it_stays_due_until_the_full_resync_has_completed(switched: District, admin: User) -> None:
    part = send(switched, admin, ["Enrollment"])
    assert part.status == "completed"
    assert start_of_year_due(admin, switched) is not None
    assert len(open_alerts()) == 1
    full = send(switched, admin, everything(switched))
    assert (full.status, full.is_full) == ("completed", True)
    assert start_of_year_due(admin, switched) is None
    assert open_alerts() == []


def test_a_full_resync_that_fails_leaves_it_due(switched: District, admin: User) -> None:
    failed = BatchFactory(
        district=switched, school_year=switched.zone.school_year, is_full=True, status="failed"
    )
    settle_after([failed])
    assert start_of_year_due(admin, switched) is not None
    assert len(open_alerts()) == 1


def test_a_full_request_of_the_state_ends_it_for_the_state_and_not_for_the_district(
    switched: District, admin: User, state: User
) -> None:
    """Otherwise the district would see that the request had covered everything."""
    asked = BatchFactory(
        district=switched,
        school_year=switched.zone.school_year,
        is_full=True,
        origin=Origin.STATE,
        requested_at=timezone.now(),
    )
    settle_after([asked])
    assert start_of_year_due(state, switched) is None
    assert start_of_year_due(admin, switched) is not None
    assert len(open_alerts()) == 1


def test_the_district_sees_the_same_pages_whether_the_state_asked_for_everything_or_not(
    client: Client, switched: District, admin: User
) -> None:
    client.force_login(admin)
    addresses = ["/zones/", "/zones/T1/switch/", "/batch/T1/"]

    def look() -> list[str]:
        return [page_text(client.get(address)) for address in addresses]

    before = look()
    BatchFactory(
        district=switched,
        school_year=switched.zone.school_year,
        is_full=True,
        origin=Origin.STATE,
        requested_at=timezone.now(),
    )
    assert look() == before


def test_the_district_is_told_on_its_pages_until_it_is_done(
    client: Client, switched: District, admin: User, read_page: Callable[[str], str]
) -> None:
    assert "A full resync is due by" in read_page("/batch/T1/")
    assert "A full resync is due by" in read_page("/zones/T1/switch/")
    assert "Due " in read_page("/zones/")
    send(switched, admin, everything(switched))
    assert "is due by" not in read_page("/batch/T1/")
    assert "is due by" not in read_page("/zones/T1/switch/")
    assert "Done" in read_page("/zones/")


@pytest.fixture
def read_page(client: Client, admin: User) -> Callable[[str], str]:
    client.force_login(admin)
    return lambda address: page_text(client.get(address))


def test_the_list_tells_what_is_overdue(client: Client, switched: District, state: User) -> None:
    ZoneSwitch.objects.update(switched_at=timezone.now() - timedelta(days=16))
    client.force_login(state)
    assert "Overdue since" in page_text(client.get("/zones/"))
    assert len(client.get("/zones/?show=due").context["table"].rows) == 1
