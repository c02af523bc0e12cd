"""A school year's end and beginning as a district's administrator meets them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from dis_objects.models import DISObject
from district_data import databases
from districts.choices import Tool
from districts.models import District, SchoolYear, User, Zone, ZoneSwitch
from resync.models import Batch
from tests.browser.conftest import Site
from tests.factories.user import GroupFactory, UserFactory
from tests.resync.conftest import fill_people, run


@pytest.fixture
def abbott(transactional_db: None, make_district: Callable[..., District]) -> District:
    """A district with data, and a zone in 2023-2024 that syncs the year before too."""
    district = make_district("T1")
    SchoolYear.objects.create(end_year=2023)
    Zone.objects.filter(district=district).update(syncs_previous_year=True)
    DISObject.objects.filter(name__in=["Calendar", "ScheduleStructure", "Enrollment"]).update(
        syncs_previous_year=True
    )
    with databases.open_writer(district) as writer:
        writer.autocommit = True
        fill_people(writer)
    return district


@pytest.fixture
def person(abbott: District) -> User:
    person = UserFactory(username="abbott.admin", district=abbott)
    person.groups.add(GroupFactory(name="Zones RW", rights="RW", rights__tool=Tool.ZONES))
    return person


def choose_year(site: Site, year: str) -> None:
    site.page.locator("#years summary").click()
    site.page.get_by_role("button", name=year).click()
    expect(site.page.locator("#years summary")).to_contain_text(year)


def send(site: Site) -> Batch:
    site.page.get_by_role("button", name="Send Resync").click()
    site.page.get_by_role("button", name="OK").click()
    expect(site.page.get_by_role("heading", name="Resync in progress")).to_be_visible()
    return Batch.objects.latest("id")


def test_the_previous_year_is_chosen_and_resynced(site: Site, person: User) -> None:
    page = site.page
    site.sign_in(person)
    site.open("/batch/")
    expect(page.get_by_role("heading", name="Resync Data For The Current School Year")).to_be_visible()
    choose_year(site, "2022-2023")

    expect(page.get_by_role("heading", name="The Previous School Year (2022-2023)")).to_be_visible()
    assert site.shown() == ["Calendar", "ScheduleStructure", "Enrollment"]
    site.tick("Enrollment")
    assert site.ticked() == ["Calendar", "ScheduleStructure", "Enrollment"]
    batch = send(site)

    assert batch.school_year_id == 2023
    run(batch)
    expect(page.get_by_role("heading", name="Resync finished")).to_be_visible()
    choose_year(site, "2023-2024")
    expect(page.get_by_role("heading", name="The Current School Year (2023-2024)")).to_be_visible()
    assert "Never resynced" in site.row("Enrollment")


def test_a_zone_is_switched_and_the_resync_that_becomes_due_is_done(site: Site, person: User) -> None:
    page = site.page
    site.sign_in(person)
    site.open("/zones/")
    page.get_by_role("link", name="Switch year of District T1").click()
    expect(page.get_by_text("The end-of-year resync is missing.")).to_be_visible()
    page.get_by_label("To switch without it, type:").fill("switch T1 to 2024-2025")
    page.get_by_role("button", name="Switch to 2024-2025").click()

    expect(
        page.get_by_text("The zone of District T1 (T1) is in the school year 2024-2025 now.")
    ).to_be_visible()
    assert ZoneSwitch.objects.get().confirmed_without_resync
    site.open("/zones/")
    expect(page.get_by_role("table").get_by_text("Due ")).to_be_visible()
    site.open("/alerts/")
    expect(page.get_by_text("Full resync due: start of the school year 2024-2025").first).to_be_visible()

    site.open("/batch/")
    expect(page.locator("#start-of-year")).to_contain_text("A full resync is due by")
    page.locator("label[for=all]").click()
    batch = send(site)
    assert (batch.is_full, batch.school_year_id) == (True, 2025)
    run(batch)
    expect(page.get_by_role("heading", name="Resync finished")).to_be_visible()
    site.open("/batch/")
    expect(page.locator("#start-of-year")).to_have_count(0)
    site.open("/zones/")
    expect(page.get_by_role("table").get_by_text("Done")).to_be_visible()


def test_boxes_of_a_table_are_ticked_together_and_counted(site: Site, abbott: District) -> None:
    page = site.page
    site.sign_in(UserFactory(district=None, rights="", everywhere="RW"))
    site.open("/school-years/")
    page.get_by_label("Filter objects by name").fill("behavior")
    page.get_by_role("button", name="Next year: tick all that are shown").click()
    expect(page.locator("[data-flags-changed]")).to_contain_text("changes not saved yet")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("settings changed.")).to_be_visible()
    set_for_next = DISObject.objects.filter(syncs_next_year=True).values_list("name", flat=True)
    assert "Behavior" in set_for_next
    assert all("Behavior" in name for name in set_for_next)
