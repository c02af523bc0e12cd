"""Tool Search by keyboard, the district chooser, the school year."""

import re

import pytest
from playwright.sync_api import expect

from districts.models import User, Zone
from tests.browser.conftest import Site
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.user import UserFactory


@pytest.fixture
def page_of_state(site: Site, admin: User) -> Site:
    DistrictFactory(number="03", name="Harbor")
    site.sign_in(UserFactory(username="state.admin", district=None, rights="", everywhere="RWAD"))
    site.open("/alerts/")
    return site


def test_tool_search_opens_a_tool_by_keyboard(site: Site, admin: User) -> None:
    site.sign_in(admin)
    site.open("/alerts/")
    page = site.page
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Tool Search")
    expect(field).to_be_focused()
    page.keyboard.type("batch sta")
    expect(page.locator("#tools-found").get_by_role("option")).to_have_text(["Resync State Data - Batch"])
    expect(page.locator("#tools-found").get_by_role("option").first).to_have_attribute(
        "aria-selected", "true"
    )
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/batch/$"))


def test_tool_search_moves_through_its_list(page_of_state: Site) -> None:
    page = page_of_state.page
    field = page.get_by_role("combobox", name="Tool Search")
    field.focus()
    page.keyboard.press("ArrowDown")
    options = page.locator("#tools-found").get_by_role("option")
    shown = options.all_text_contents()
    assert "Process Alerts" in shown
    expect(field).to_have_attribute("aria-expanded", "true")

    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    active = field.get_attribute("aria-activedescendant")
    assert options.first.get_attribute("id") == active

    page.keyboard.press("Escape")
    expect(page.locator("#tools-found")).to_be_hidden()
    expect(field).to_be_focused()


def test_tool_search_without_a_match_says_so(site: Site, admin: User) -> None:
    site.sign_in(admin)
    site.open("/alerts/")
    site.page.get_by_label("Tool Search").fill("zebra")
    expect(site.page.locator("#tools-say")).to_have_text("No tool has these words in its name.")
    site.page.keyboard.press("Enter")
    expect(site.page.get_by_role("heading", name="Tool Search")).to_be_visible()


def test_a_state_user_chooses_a_district_by_keyboard(page_of_state: Site) -> None:
    page = page_of_state.page
    page.locator("#chooser > summary").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Filter districts by name or number")
    expect(field).to_be_focused()
    page.keyboard.type("harb")
    expect(page.get_by_role("button", name="Campus 02")).to_be_hidden()
    page.get_by_role("button", name="Harbor 03").press("Enter")
    expect(page.locator("#chooser > summary")).to_contain_text("Harbor")
    expect(page).to_have_url(re.compile("/alerts/$"))


def test_the_year_is_chosen_in_the_header(site: Site, admin: User) -> None:
    SchoolYearFactory(end_year=2024)
    SchoolYearFactory(end_year=2025)
    Zone.objects.filter(district=admin.district).update(syncs_next_year=True)
    site.sign_in(admin)
    site.open("/alerts/")
    site.page.locator("#years > summary").click()
    site.page.get_by_role("button", name="2024-2025").click()
    expect(site.page.locator("#years > summary")).to_contain_text("2024-2025")
