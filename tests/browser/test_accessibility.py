"""WCAG 2.1 A and AA by axe, and nothing that scrolls sideways, on a desk and on a phone."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from districts.models import User
from resync.models import Batch
from tests.browser.conftest import Site
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.user import UserFactory

WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


@pytest.fixture(params=WIDTHS)
def sized(site: Site, request: pytest.FixtureRequest) -> Site:
    width, height = WIDTHS[request.param]
    site.page.set_viewport_size({"width": width, "height": height})
    return site


def check(site: Site) -> None:
    results = Axe().run(site.page, options=RULES)
    assert results.violations_count == 0, results.generate_report()
    assert overflow(site) == 0


def overflow(site: Site) -> int:
    """By how many pixels the page is wider than the window."""
    root = "document.documentElement"
    return site.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")


def test_sign_in_page(sized: Site) -> None:
    sized.open("/sign-in/")
    check(sized)
    sized.page.get_by_label("User name").fill("x")
    sized.page.locator("#id_password").fill("y")
    sized.page.get_by_role("button", name="Sign in").click()
    check(sized)


def test_batch_page_of_an_admin(sized: Site, admin: User, history: Batch) -> None:
    sized.sign_in(admin)
    sized.open("/batch/")
    check(sized)
    sized.tick("Enrollment")
    sized.page.locator("#legend summary").click()
    sized.page.get_by_text("When to resync").click()
    check(sized)
    sized.page.get_by_role("button", name="Send Resync").click()
    expect(sized.page.get_by_role("dialog")).to_be_visible()
    check(sized)


def test_batch_page_while_it_runs(
    sized: Site, admin: User, history: Batch, running: Callable[[], Batch]
) -> None:
    running()
    sized.sign_in(admin)
    sized.open("/batch/")
    sized.page.locator("#counts-School").focus()
    check(sized)


def test_batch_page_after_a_failure(sized: Site, admin: User) -> None:
    batch = BatchFactory(district=admin.district, status="failed")
    for place, status in enumerate(["failed", "not_attempted", "waiting"]):
        name = ["School", "Calendar", "CourseCode"][place]
        BatchObjectFactory(
            batch=batch, object=name, place=place, status=status, reason="The database does not answer."
        )
    sized.sign_in(admin)
    sized.open("/batch/")
    check(sized)


def test_batch_page_of_a_viewer(sized: Site, admin: User, history: Batch) -> None:
    sized.sign_in(UserFactory(district=admin.district, rights="R"))
    sized.open("/batch/")
    check(sized)


def test_pages_of_the_state(sized: Site, admin: User, history: Batch) -> None:
    sized.sign_in(UserFactory(district=None))
    sized.open("/batch/")
    check(sized)
    sized.page.get_by_role("link", name="Campus").click()
    check(sized)


@pytest.mark.parametrize("path", ["/no-such-page/", "/batch/"])
def test_error_pages(sized: Site, admin: User, path: str) -> None:
    sized.sign_in(UserFactory(district=admin.district, rights=""))
    sized.open(path)
    check(sized)
    # Chromium reports the status of the page itself
    assert all("the server responded with a status of 40" in problem for problem in sized.problems)
    sized.problems.clear()


def test_page_without_javascript_is_the_same_to_axe(sized: Site, admin: User, history: Batch) -> None:
    """Confirmation on a page of its own."""
    sized.sign_in(admin)
    sized.open("/batch/?objects=School&check_dependencies=on")
    sized.page.locator("#resync").evaluate("form => HTMLFormElement.prototype.submit.call(form)")
    expect(sized.page.get_by_role("heading", name="Send 2 objects to the state?")).to_be_visible()
    check(sized)


def test_nothing_scrolls_sideways_at_any_width(
    site: Site, admin: User, history: Batch, running: Callable[[], Batch]
) -> None:
    running()
    site.sign_in(admin)
    site.open("/batch/?objects=Enrollment&check_dependencies=on")
    for width in (1920, 1313, 1280, 1121, 1025, 1023, 769, 767, 641, 320):
        site.page.set_viewport_size({"width": width, "height": 900})
        assert (width, overflow(site)) == (width, 0)
