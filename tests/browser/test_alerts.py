"""The inbox with a script: opening beside the list, bulk changes, the count in the header."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from districts.models import User
from tests.browser.conftest import Site
from tests.factories.alert import AlertRecipientFactory


@pytest.fixture
def inbox(site: Site, admin: User) -> Site:
    """Four alerts, one of them due and so on top; the newest next."""
    AlertRecipientFactory(user=admin, alert__name="Due", alert__due_on=date(2024, 8, 1))
    for name in ("First", "Second", "Third"):
        AlertRecipientFactory(user=admin, alert__name=name, alert__text=f"Text of {name}.")
    site.sign_in(admin)
    site.open("/alerts/")
    return site


def names(site: Site) -> list[str]:
    return [name.removeprefix("Unread: ") for name in site.page.locator("a.mail").all_text_contents()]


def test_many_alerts_are_deleted_at_once_and_what_is_due_stays(inbox: Site) -> None:
    page = inbox.page
    expect(page.locator("#bar-unread")).to_contain_text("4")
    page.locator("label[for=alerts-all]").click()
    expect(page.locator("input[name=alerts]:checked")).to_have_count(4)
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#inbox-says")).to_have_text(
        "3 alerts deleted. 1 alert is due and cannot be deleted before that is done."
    )
    assert names(inbox) == ["Due"]
    expect(page.locator("#bar-unread")).to_contain_text("1")
    expect(page.locator("#side-unread")).to_contain_text("1")
    expect(page.locator("#alerts-all")).not_to_be_checked()


def test_an_alert_opens_beside_the_list_and_keeps_the_ticks(inbox: Site) -> None:
    page = inbox.page
    page.locator("tr", has_text="First").locator("label").click()
    expect(page.locator("#alerts-all")).to_have_js_property("indeterminate", True)
    page.get_by_role("link", name="Third").click()
    expect(page.locator("#alert")).to_contain_text("Text of Third.")
    expect(page).to_have_url(re.compile(r"/alerts/\d+/$"))
    expect(page).to_have_title("Third - Process Alerts | Upstate")
    expect(page.locator("#bar-unread")).to_contain_text("3")
    expect(page.get_by_role("checkbox", name="Select First")).to_be_checked()
    expect(page.locator("a.mail[aria-current]")).to_have_text("Third")

    page.get_by_role("link", name="Second").click()
    expect(page.locator("#alert")).to_contain_text("Text of Second.")
    expect(page.locator("a.mail[aria-current]")).to_have_text("Second")

    page.go_back()
    expect(page.locator("#alert")).to_contain_text("Text of Third.")
    page.get_by_role("button", name="Mark as unread").last.click()
    expect(page).to_have_url(re.compile("/alerts/$"))
    expect(page.locator("#bar-unread")).to_contain_text("3")


def test_on_a_phone_the_alert_takes_the_place_of_the_list(inbox: Site) -> None:
    page = inbox.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("link", name="Third").click()
    expect(page.get_by_role("heading", name="Third")).to_be_focused()
    expect(page.locator("#alerts")).to_be_hidden()
    page.get_by_role("link", name="All alerts").click()
    expect(page.locator("#alerts")).to_be_visible()
    assert names(inbox) == ["Due", "Third", "Second", "First"]


def test_the_filter_narrows_while_typing(inbox: Site) -> None:
    page = inbox.page
    page.get_by_label("Filter alerts by words of their names").fill("sec")
    expect(page.locator("a.mail")).to_have_count(1)
    expect(page).to_have_url(re.compile("find=sec"))
    expect(page.locator("#chip-unread")).to_have_text("Unread 1")
    page.locator("#chip-unread").click()
    expect(page.locator("#chip-unread")).to_have_attribute("aria-current", "true")
    page.get_by_label("Date Range to Display").select_option("own")
    expect(page.get_by_label("From")).to_be_visible()
    expect(page).to_have_url(re.compile("show=unread.*dates=own|dates=own.*show=unread"))
