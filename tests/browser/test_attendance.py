"""Attendance Aggregation Refresh and the schedule of the weekly resync, in a browser."""

import pytest
from playwright.sync_api import expect

from attendance.models import AggregationRun
from attendance.queries import CalendarChoice
from districts.models import User
from tests.browser.conftest import Site
from tests.browser.test_accessibility import WIDTHS, check
from tests.factories.attendance import AggregationRunFactory
from tests.factories.user import UserFactory

CALENDARS = [
    CalendarChoice(1, "23-24 North", "North High School"),
    CalendarChoice(2, "Summer", "South School"),
]


@pytest.fixture(autouse=True)
def calendars(monkeypatch: pytest.MonkeyPatch, admin: User) -> None:
    """The district's calendars, without a database of its own."""
    for module in ("page", "actions"):
        monkeypatch.setattr(f"attendance.{module}.calendars_of", lambda district: CALENDARS)
    admin.district.aggregation_user = "aggregator"
    admin.district.save()
    admin.groups.add(*UserFactory(district=admin.district, rights="", everywhere="RWAD").groups.all())


@pytest.fixture(params=WIDTHS)
def sized(site: Site, request: pytest.FixtureRequest) -> Site:
    width, height = WIDTHS[request.param]
    site.page.set_viewport_size({"width": width, "height": height})
    return site


def test_a_refresh_of_one_calendar(site: Site, admin: User) -> None:
    site.sign_in(admin)
    site.open("/attendance/refresh/")
    expect(site.page.locator("#calendars")).to_be_hidden()
    site.page.get_by_text("Chosen calendars").click()
    site.page.get_by_label("Filter calendars").fill("south")
    expect(site.page.get_by_text("23-24 North")).to_be_hidden()
    site.page.get_by_text("Summer").click()
    site.page.get_by_role("button", name="Refresh").click()
    expect(site.page.get_by_role("heading", name="Refresh 1 calendar of 2023-2024?")).to_be_visible()
    site.page.get_by_role("button", name="OK").click()
    expect(site.page.get_by_text("0 of 1 done")).to_be_visible()
    run = AggregationRun.objects.get()
    assert run.calendars == [2]
    AggregationRun.objects.update(
        status="completed", ended_at=run.changed_at, calendars_done=1, changed_at=run.changed_at
    )
    AggregationRun.objects.update(changed_at=run.requested_at.replace(year=2020))
    expect(site.page.locator("#run")).to_have_count(0)
    expect(site.page.get_by_role("row", name="1 calendar")).to_contain_text("Completed")


def test_pages_of_attendance_are_accessible(sized: Site, admin: User) -> None:
    AggregationRunFactory(district=admin.district, status="failed")
    sized.sign_in(admin)
    sized.open("/attendance/refresh/")
    sized.page.get_by_text("Chosen calendars").click()
    check(sized)
    sized.page.get_by_text("Summer").click()
    sized.page.get_by_role("button", name="Refresh").click()
    check(sized)
    sized.page.get_by_role("button", name="OK").click()
    expect(sized.page.get_by_text("0 of 1 done")).to_be_visible()
    check(sized)
    sized.sign_in(UserFactory(district=None, rights="", everywhere="RWAD"))
    for path in ("/attendance/refresh/", "/attendance/schedule/"):
        sized.open(path)
        check(sized)
