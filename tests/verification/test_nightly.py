"""The verification of every night."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from districts.models import District, Zone
from resync.choices import Origin
from tests.conftest import DistrictDatabase
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.verification.conftest import result_of, work
from verification import actions
from verification.choices import RunStatus
from verification.models import VerificationRun, VerificationSettings
from verification.nightly import start_nightly

pytestmark = pytest.mark.django_db
# 3:10 in the night, where it is UTC
NIGHT = datetime(2024, 1, 9, 3, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "wake_results", lambda ids: None)


def in_zone(time_zone: str) -> District:
    return DistrictFactory(time_zone=time_zone, database_name="somewhere")


def nights() -> list[date | None]:
    return list(VerificationRun.objects.order_by("pk").values_list("night", flat=True))


def test_a_night_verifies_the_default_objects_of_the_zones_year(
    people: DistrictDatabase, district: District
) -> None:
    assert start_nightly(NIGHT) == 1
    run = work(VerificationRun.objects.get())
    assert (run.origin, run.night, run.requested_by) == (Origin.SCHEDULE, date(2024, 1, 9), None)
    assert (run.status, run.school_year_id) == (RunStatus.COMPLETED, 2024)
    assert run.results.count() == 8
    assert result_of(run, "PersonIdentity").at_district == 40


def test_a_night_is_begun_once_and_the_next_one_again(district: District) -> None:
    assert [start_nightly(NIGHT + timedelta(hours=hours)) for hours in (0, 1, 2, 24)] == [1, 0, 0, 1]
    assert nights() == [date(2024, 1, 9), date(2024, 1, 10)]


@pytest.mark.parametrize(
    ("time_zone", "utc", "night"),
    [
        ("UTC", "2024-01-09 02:59", None),
        ("UTC", "2024-01-09 03:00", "2024-01-09"),
        ("UTC", "2024-01-09 06:59", "2024-01-09"),  # beat was down for a while
        ("UTC", "2024-01-09 07:00", None),  # too late: people come to work
        ("America/Chicago", "2024-01-09 03:10", None),
        ("America/Chicago", "2024-01-09 09:10", "2024-01-09"),
        ("Pacific/Guam", "2024-01-08 17:10", "2024-01-09"),
    ],
)
def test_night_is_where_the_district_is(time_zone: str, utc: str, night: str | None) -> None:
    in_zone(time_zone)
    start_nightly(datetime.fromisoformat(f"{utc}+00:00"))
    assert nights() == ([date.fromisoformat(night)] if night else [])


def test_a_night_that_goes_on_past_midnight_is_one() -> None:
    VerificationSettings.objects.create(nightly_hour=22)
    in_zone("UTC")
    evening = datetime(2024, 1, 9, 22, 10, tzinfo=UTC)
    assert [start_nightly(evening + timedelta(hours=hours)) for hours in range(5)] == [1, 0, 0, 0, 0]
    assert nights() == [date(2024, 1, 9)]


def test_nights_can_be_turned_off(district: District) -> None:
    VerificationSettings.objects.create(nightly=False)
    assert start_nightly(NIGHT) == 0


def test_who_may_verify_by_hand_has_no_say_over_nights(district: District) -> None:
    VerificationSettings.objects.create(state_may_verify=False, districts_may_verify=False)
    assert start_nightly(NIGHT) == 1


def test_districts_without_a_database_or_a_zone_have_no_nights() -> None:
    DistrictFactory(time_zone="UTC")
    DistrictFactory(time_zone="UTC", database_name="somewhere", zone=None)
    assert start_nightly(NIGHT) == 0


def test_districts_of_different_years_each_verify_their_own(
    make_district: Callable[..., District],
) -> None:
    make_district("T1")
    later = make_district("T2")
    Zone.objects.filter(district=later).update(school_year=SchoolYearFactory(end_year=2025))
    assert start_nightly(NIGHT) == 2
    years = dict(VerificationRun.objects.values_list("district__number", "school_year_id"))
    assert years == {"T1": 2024, "T2": 2025}


def test_a_night_queues_behind_what_somebody_asked_for(district: District) -> None:
    actions.request_verification(districts=[district], school_year=district.zone.school_year, by=None)
    start_nightly(NIGHT)
    assert VerificationRun.objects.get(origin=Origin.SCHEDULE).status == RunStatus.QUEUED
