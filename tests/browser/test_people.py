import pytest
from playwright.sync_api import Browser, expect

from districts.models import User
from tests.browser.conftest import Site
from tests.factories.user import PASSWORD, DistrictGroupFactory, GroupFactory, UserFactory


@pytest.fixture
def state_admin(transactional_db: None) -> User:
    return UserFactory(username="state.admin", district=None, rights="", everywhere="RWAD")


def test_the_state_adds_a_user_to_a_district_who_then_signs_in(
    site: Site, state_admin: User, admin: User, browser: Browser
) -> None:
    GroupFactory(name="Everywhere", rights="R")
    DistrictGroupFactory(district=admin.district)
    site.sign_in(state_admin)
    site.open("/users/add/")
    page = site.page
    page.get_by_label("User name").fill("nora.lund")
    page.get_by_text("Everywhere", exact=True).click()
    page.get_by_label("District", exact=True).select_option("Campus (02)")
    page.get_by_text("Own of Campus").click()
    expect(page.get_by_label("Everywhere", exact=True)).to_be_checked()
    page.get_by_role("button", name="Add user").click()

    link = page.get_by_label("Hand this link to nora.lund").input_value()
    newcomer = browser.new_context().new_page()
    newcomer.goto(link)
    newcomer.get_by_label("New password", exact=True).fill(PASSWORD)
    newcomer.get_by_label("New password again").fill(PASSWORD)
    newcomer.get_by_role("button", name="Save and sign in").click()
    expect(newcomer.get_by_role("heading", level=1)).to_have_text("Resync State Data - Batch")

    added = User.objects.get(username="nora.lund")
    assert added.district == admin.district
    assert added.groups.count() == 2
    newcomer.context.close()
