from playwright.sync_api import expect

from districts.models import User
from tests.browser.conftest import Site
from tests.factories.user import PASSWORD


def test_sign_in_and_out(site: Site, admin: User) -> None:
    site.open("/")
    page = site.page
    page.get_by_label("User name").fill("district.admin")
    page.locator("#id_password").fill("guess")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")

    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Show password").click()
    assert page.locator("#id_password").input_value() == PASSWORD
    assert page.locator("#id_password").get_attribute("type") == "text"
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Resync State Data - Batch")

    page.locator(".bar__user summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
