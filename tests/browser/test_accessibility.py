"""WCAG 2.1 A and AA by axe, and nothing that scrolls sideways, on a desk and on a phone."""

from collections.abc import Callable
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dis_objects.models import DISObject
from districts.models import User, Zone, ZoneSwitch
from resync.models import Batch
from tests.browser.conftest import Site
from tests.factories.alert import AlertRecipientFactory
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.errors import ErrorLogEntryFactory, RecordErrorFactory
from tests.factories.user import DistrictGroupFactory, UserFactory

WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


@pytest.fixture(params=WIDTHS)
def sized(site: Site, request: pytest.FixtureRequest) -> Site:
    width, height = WIDTHS[request.param]
    site.page.set_viewport_size({"width": width, "height": height})
    return site


def check(site: Site) -> None:
    # A click that asks for another page comes back as soon as that has begun to arrive.
    site.page.wait_for_load_state()
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
    DistrictFactory(number="03", name="Birch Lake", zone=None)
    sized.sign_in(UserFactory(username="state.admin", district=None))
    sized.open("/batch/")
    sized.page.locator("label[for=e-AttDayAggregation]").click()
    sized.page.locator("label[for=d-02]").click()
    check(sized)
    sized.page.get_by_role("button", name="Request Resync").click()
    expect(sized.page.get_by_role("dialog")).to_be_visible()
    check(sized)
    sized.page.get_by_role("button", name="OK").click()
    expect(sized.page.get_by_role("heading", name="Request in progress")).to_be_visible()
    check(sized)
    sized.page.get_by_role("link", name="Cancel").click()
    check(sized)
    sized.page.get_by_role("button", name="Cancel the request").click()
    check(sized)
    sized.open("/batch/districts/")
    check(sized)
    sized.page.get_by_role("link", name="Campus").click()
    check(sized)


def test_question_before_a_batch_is_cancelled(sized: Site, admin: User, running: Callable[[], Batch]) -> None:
    sized.open("/sign-in/")
    batch = running()
    sized.sign_in(admin)
    sized.open(f"/batch/02/cancel/{batch.pk}/")
    check(sized)
    sized.page.get_by_role("button", name="Cancel the resync").click()
    check(sized)


def test_process_alerts(sized: Site, admin: User) -> None:
    AlertRecipientFactory.create_batch(3, user=admin)
    due = AlertRecipientFactory(user=admin, alert__name="Due", alert__due_on=date(2024, 8, 1))
    sized.sign_in(admin)
    sized.open("/alerts/")
    check(sized)
    sized.page.locator(f"#open-{due.alert_id}").click()
    expect(sized.page.locator("article#alert")).to_be_visible()
    check(sized)
    sized.open("/alerts/?find=zebra&dates=own")
    check(sized)


def test_header_with_its_menus_open(sized: Site) -> None:
    district = DistrictFactory(number="02", name="Campus of the Very Long Name Unified School District")
    for end_year in (2023, 2024):
        SchoolYearFactory(end_year=end_year)
    Zone.objects.filter(district=district).update(syncs_previous_year=True)
    sized.sign_in(UserFactory(district=None, rights="", everywhere="RWAD"))
    sized.open("/batch/02/")
    for opener in ("#chooser", "#years", "#related", ".bar__user"):
        sized.page.locator(f"{opener} > summary").click()
        check(sized)
        sized.page.keyboard.press("Escape")
    sized.page.get_by_label("Tool Search").fill("re")
    expect(sized.page.get_by_role("option").first).to_be_visible()
    check(sized)
    for path in ("/districts/find/", "/tools/?q=zebra"):
        sized.open(path)
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


def test_pages_of_school_years(sized: Site, admin: User, history: Batch) -> None:
    DISObject.objects.filter(name="Enrollment").update(syncs_previous_year=True)
    SchoolYearFactory(end_year=2025)
    ZoneSwitch.objects.create(
        district=admin.district,
        from_year=SchoolYearFactory(end_year=2023),
        to_year_id=2024,
        switched_by=admin,
        confirmed_without_resync=True,
    )
    sized.sign_in(UserFactory(district=None, rights="", everywhere="RW"))
    for path in ("/zones/", "/zones/02/switch/", "/school-years/", "/batch/02/"):
        sized.open(path)
        check(sized)


@pytest.mark.parametrize("who", ["state", "district"])
def test_pages_of_people_and_rights(sized: Site, admin: User, who: str) -> None:
    own = DistrictGroupFactory(district=admin.district)
    district = None if who == "state" else admin.district
    sized.sign_in(UserFactory(district=district, rights="", everywhere="RWAD"))
    group, colleague = f"/tool-rights/{own.pk}/", f"/users/{admin.pk}/"
    for path in (
        *("/audit/", "/tool-rights/", "/tool-rights/add/", group, f"{group}delete/"),
        *("/users/", "/users/add/", f"{colleague}disable/", "/account/", "/account/password/", colleague),
    ):
        sized.open(path)
        check(sized)
    sized.page.get_by_role("button", name="New sign-in link").click()
    check(sized)


def test_pages_of_the_logs(sized: Site, admin: User, history: Batch) -> None:
    RecordErrorFactory(district=admin.district, batch_id=history.pk)
    ErrorLogEntryFactory(district=admin.district, batch_id=history.pk)
    running = BatchFactory(district=admin.district, status="running", requested_by=admin)
    BatchObjectFactory(batch=running, status="running", processed=50, total=100)
    BatchObjectFactory(batch=running, object="Calendar", status="waiting", reason="It does not answer.")
    sized.sign_in(UserFactory(district=admin.district, rights="", everywhere="RWAD"))
    logs = ("agents/log", "agents/queue", "agents/errors", "agents/errors/clear", "agents/check")
    for path in (*logs, "agents/log/cause", "batch/history", f"batch/history/{history.pk}"):
        query = "?code=MISSING_PARENT&about=PersonIdentity" if path.endswith("cause") else ""
        sized.open(f"/{path}/{query}")
        check(sized)


def test_a_cause_opens_in_place(sized: Site, admin: User) -> None:
    RecordErrorFactory(district=admin.district, key=418802)
    sized.sign_in(UserFactory(district=admin.district, rights="", everywhere="RW"))
    sized.open("/agents/log/")
    summary = sized.page.locator(".cause summary")
    summary.focus()
    summary.press("Enter")
    expect(sized.page.get_by_text("418802")).to_be_visible()
    check(sized)
    sized.page.get_by_role("link", name="Resync PersonIdentity with its dependencies").click()
    expect(sized.page.locator("#tick-Enrollment")).to_be_checked()


@pytest.mark.parametrize(
    "path",
    [
        "/field-settings/",
        "/field-settings/Enrollment/",
        "/fields-which-sync/",
        "/fields-which-sync/Enrollment/",
    ],
)
def test_pages_of_fields(sized: Site, path: str) -> None:
    sized.sign_in(UserFactory(username="state.fields", district=None, rights="", everywhere="RW"))
    sized.open(path)
    check(sized)
