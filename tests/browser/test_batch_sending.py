"""From Send Resync to the batch."""

import pytest
from playwright.sync_api import Browser, expect

from districts.models import User
from resync.models import Batch
from tests.browser.conftest import CHAIN, Site
from tests.factories.user import PASSWORD


def sent() -> list[list[str]]:
    return [
        list(batch.objects_in_order.order_by("place").values_list("object", flat=True))
        for batch in Batch.objects.filter(status__in=["running", "queued"]).order_by("id")
    ]


def test_cancel_sends_nothing_and_keeps_the_choice(batch_page: Site) -> None:
    page = batch_page.page
    batch_page.tick("Enrollment")
    page.get_by_role("button", name="Send Resync").click()

    dialog = page.get_by_role("dialog", name="Send 6 objects to the state?")
    expect(dialog).to_contain_text("About 213,000 records go from Campus (02) to the state")
    expect(dialog.get_by_role("listitem")).to_have_count(6)
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    dialog.get_by_role("button", name="Cancel").click()

    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Send Resync")).to_be_focused()
    assert batch_page.ticked() == list(CHAIN)
    assert sent() == []


def test_escape_closes_the_question(batch_page: Site) -> None:
    page = batch_page.page
    batch_page.tick("District")
    page.get_by_role("button", name="Send Resync").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()


def test_ok_sends_the_choice_once(batch_page: Site) -> None:
    page = batch_page.page
    batch_page.tick("Enrollment")
    page.get_by_role("button", name="Send Resync").click()
    page.get_by_role("button", name="OK").dblclick()

    expect(page.get_by_role("heading", name="Resync in progress")).to_be_visible()
    assert sent() == [list(CHAIN)]
    asked = Batch.objects.latest("id").objects_in_order.filter(requested=True)
    assert [each.object for each in asked] == ["Enrollment"]


def test_second_choice_is_asked_about_anew(batch_page: Site) -> None:
    page = batch_page.page
    batch_page.tick("District")
    page.get_by_role("button", name="Send Resync").click()
    page.get_by_role("button", name="Cancel").click()
    batch_page.tick("School")
    page.get_by_role("button", name="Send Resync").click()

    expect(page.get_by_role("dialog", name="Send 2 objects to the state?")).to_be_visible()


def test_empty_choice_is_told_what_to_do(batch_page: Site) -> None:
    page = batch_page.page
    page.get_by_role("button", name="Send Resync").click()

    expect(page.locator("#notice-box")).to_be_focused()
    expect(page.locator("#notice-box")).to_contain_text("No object is chosen.")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_keyboard_alone_is_enough(site: Site, admin: User, history: Batch) -> None:
    """From the sign-in page to the batch: Tab, Space and Enter."""
    page = site.page
    site.open("/")
    page.keyboard.type("district.admin")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Resync State Data - Batch")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(site, "check-dependencies")
    tab_to(site, "find")
    page.keyboard.type("enrollm")
    expect(page.locator("#row-School")).to_be_hidden()
    tab_to(site, "tick-Enrollment")
    page.keyboard.press("Space")
    assert site.ticked() == list(CHAIN)
    tab_to(site, "send")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="OK")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Resync in progress")).to_be_visible()
    assert sent() == [list(CHAIN)]


def tab_to(site: Site, element_id: str, presses: int = 25) -> None:
    for _ in range(presses):
        site.page.keyboard.press("Tab")
        if site.page.evaluate("document.activeElement.id") == element_id:
            return
    raise AssertionError(f"{presses} times Tab do not reach {element_id}")


@pytest.mark.parametrize("answer", ["OK", "Cancel"])
def test_works_without_javascript(
    browser: Browser, live_server: object, admin: User, history: Batch, answer: str
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        site = Site(context.new_page(), str(live_server), context)
        page = site.page
        site.sign_in(admin)
        site.open("/batch/")
        page.get_by_label("Filter objects by name").fill("enrollm")
        page.get_by_role("button", name="Filter", exact=True).click()
        assert site.shown() == ["Enrollment"]
        expect(page.locator("#all")).to_be_hidden()

        site.tick("Enrollment")
        page.get_by_role("button", name="Send Resync").click()
        expect(page.get_by_role("heading", name="Send 6 objects to the state?")).to_be_visible()
        page.get_by_role("button", name=answer, exact=True).click()

        if answer == "OK":
            expect(page.get_by_role("heading", name="Resync in progress")).to_be_visible()
            expect(page.get_by_role("link", name="Show the current state")).to_be_visible()
            assert sent() == [list(CHAIN)]
        else:
            # The page that follows comes in its own time: what is read before it is there is not its own.
            expect(page.locator("input[name=objects]:checked")).to_have_count(1)
            assert site.ticked() == ["Enrollment"]
            assert sent() == []
