"""Selective Sync with a browser, a worker and both databases: IDs typed, found, sent, watched, read in the history."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from district_data.databases import open_writer
from districts.models import District, User
from selective_sync.choices import KeyOutcome
from selective_sync.models import SyncRequest
from tests.audit.entries import deeds
from tests.browser.conftest import Site
from tests.browser.test_accessibility import WIDTHS, check, overflow
from tests.factories.selective_sync import MISSING_CALENDAR, SyncRequestFactory
from tests.factories.user import UserFactory
from tests.selective_sync.conftest import ABOVE, at_state, fill_district, outcomes, push_all
from tests.workers import celery_process


@pytest.fixture
def abbott(transactional_db: None, make_district: Callable[..., District]) -> District:
    """Persons 1 to 40, of whom 7 and 8 are named Sato; enrollments 1 to 60. What they stand on is at the state."""
    district = make_district("01")
    with open_writer(district) as database:
        fill_district(database)
        database.execute("UPDATE person_identity SET last_name = 'Sato' WHERE person_id IN (7, 8)")
    push_all(district, *ABOVE)
    return district


@pytest.fixture
def clerk(abbott: District) -> User:
    user: User = UserFactory(username="abbott.clerk", district=abbott, rights="", everywhere="RWAD")
    return user


@pytest.fixture
def tool(site: Site, clerk: User) -> Site:
    site.sign_in(clerk)
    site.open("/selective-sync/")
    return site


def tokens(site: Site) -> list[str]:
    return [" ".join(each.split()) for each in site.page.locator(".token").all_inner_texts()]


@pytest.fixture(params=WIDTHS)
def sized(site: Site, request: pytest.FixtureRequest) -> Site:
    width, height = WIDTHS[request.param]
    site.page.set_viewport_size({"width": width, "height": height})
    return site


# ---- Typing -------------------------------------------------------------------------------------------------------


def test_ids_are_read_while_they_are_typed(tool: Site) -> None:
    page = tool.page
    box = page.get_by_label("PersonIDs")
    box.press_sequentially("3 3, 007\t36x7 1_0 9223372036854775808 -1")
    expect(page.locator("#ids-say")).to_have_text("2 ready1 repeated, sent once4 are not numbers")
    assert tokens(tool) == [
        *("3", "3 repeat", "7", "36x7 not a number", "1_0 not a number"),
        *("9223372036854775808 not a number", "-1 not a number"),
    ]
    page.locator("label[for=object-Enrollment]").click()
    expect(page.get_by_label("EnrollmentIDs")).to_have_value(box.input_value())
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(box).to_have_value("")
    assert tokens(tool) == []


def test_the_page_reads_ids_as_the_server_does(tool: Site) -> None:
    """Every separator and every kind of digit: what the page calls ready is what the server would send."""
    text = "1\u00a02\u20033\u30004\u00855\ufeff6\x1c7\x0b8,,9;10 ١٢ ⅷ 1e3 0x1F +5 9223372036854775807 00009"
    tool.page.locator("#ids").evaluate(
        "(box, text) => { box.value = text; box.dispatchEvent(new Event('input', {bubbles: true})); }", text
    )
    expect(tool.page.locator("#ids-say")).to_have_text("10 ready6 are not numbers")
    tool.page.locator("#send").click()
    expect(tool.page.locator("#notice-box")).to_contain_text("6 entries are no")
    tool.problems.clear()  # Chromium reports the 422
    tool.page.get_by_role("button", name="Sync the 10 that are numbers").click()
    expect(tool.page.get_by_text("The sync of 10 records of PersonIdentity is on its way.")).to_be_visible()
    assert sorted(outcomes(SyncRequest.objects.get())) == [*range(1, 10), 9223372036854775807]


def test_a_hundred_thousand_ids_from_a_file(tool: Site, tmp_path: Path) -> None:
    many = tmp_path / "ids.txt"
    many.write_text("\n".join(map(str, range(1, 100_001))) + "\noops")
    tool.page.locator("#id-file").set_input_files(many)
    expect(tool.page.locator("#ids-say")).to_have_text("100,000 ready1 is not a number")
    assert tokens(tool) == ["oops not a number"]
    tool.page.get_by_label("PersonIDs").press("Control+End")
    for _ in "oops":
        tool.page.keyboard.press("Backspace")
    expect(tool.page.locator("#ids-say")).to_have_text("100,000 ready")
    tool.page.get_by_role("button", name="Sync 100,000 records").click()
    expect(tool.page.get_by_text("The sync of 100,000 records")).to_be_visible(timeout=30_000)
    assert SyncRequest.objects.get().objects_in_order.get(role="chosen").keys_total == 100_000


def test_a_file_of_another_kind_is_told(tool: Site, tmp_path: Path) -> None:
    book = tmp_path / "ids.xlsx"
    book.write_bytes(b"PK\x03\x04")
    tool.page.locator("#id-file").set_input_files(book)
    expect(tool.page.get_by_role("alert")).to_have_text(
        "This is not a text file. Save it as CSV, then choose it again."
    )


# ---- Finding ------------------------------------------------------------------------------------------------------


def test_found_ids_are_ticked_into_the_box(tool: Site) -> None:
    page = tool.page
    box = page.locator("#ids")
    box.fill("99")
    page.get_by_label("Search people").fill("sato")
    page.keyboard.press("Enter")
    expect(page.locator("#found").get_by_text("2 found. Tick an ID to add it.")).to_be_visible()
    assert not SyncRequest.objects.exists(), "Enter searches and sends nothing"
    assert page.url.endswith("/selective-sync/"), "what was typed is in no address"
    page.locator("label[for=person-7]").click()
    page.locator("label[for=person-8]").click()
    expect(box).to_have_value("99, 7, 8")
    page.locator("label[for=person-7]").click()
    expect(box).to_have_value("99, 8")
    box.fill("7")
    expect(page.locator("#person-7")).to_be_checked()
    expect(page.locator("#person-8")).not_to_be_checked()
    page.locator("label[for=object-Enrollment]").click()
    expect(page.locator("#person-7")).to_be_hidden()
    box.fill("")
    page.locator("label[for=enrollment-46]").click()
    expect(box).to_have_value("46")
    assert deeds().get().action == "ids_found"


def test_without_a_script_everything_works(site: Site, clerk: User, abbott: District) -> None:
    context = site.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    try:
        page = context.new_page()
        site.sign_in(clerk)
        context.add_cookies(site.context.cookies())
        page.goto(f"{site.address}/selective-sync/")
        page.locator("#ids").fill("3")
        page.locator("#words").fill("sato")
        page.keyboard.press("Enter")
        page.locator("label[for=person-7]").click()
        page.get_by_role("button", name="Add what is ticked").click()
        expect(page.locator("#ids")).to_have_value("3\n7")
        page.locator("#send").click()
        expect(page.get_by_text("The sync of 2 records of PersonIdentity is on its way.")).to_be_visible()
        assert sorted(outcomes(SyncRequest.objects.get())) == [3, 7]
        page.locator(".twist").click()
        expect(page.get_by_role("heading", name="Requested")).to_be_visible()
    finally:
        context.close()


# ---- From end to end ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_clerk_syncs_persons_watches_and_reads_what_came_of_it(
    tool: Site, abbott: District, tmp_path: Path
) -> None:
    page = tool.page
    page.get_by_label("PersonIDs").fill("2, 3 3\n900000")
    page.get_by_role("button", name="Sync 3 records").dblclick()
    expect(page.locator("#sync-line")).to_contain_text("Requested")
    assert SyncRequest.objects.count() == 1
    page.locator(".twist").click()
    expect(page.locator(".opened")).to_contain_text("IDs not at the state yet")

    with _worker(tmp_path):
        expect(page.locator("#sync-line")).to_contain_text("Last Completed", timeout=30_000)
        expect(page.locator("#sync-line")).to_contain_text("by abbott.clerk, 2 of 3 at the state")
        expect(page.locator("#poller[hx-get]")).to_have_count(0)
        expect(page.locator("#news")).to_have_text("The sync is complete: 2 of 3 at the state.")
        assert at_state(abbott, "PersonIdentity") == {2, 3}

        twist = page.get_by_role("link", name="Complete, 1 not at the state")
        expect(twist).to_have_attribute("aria-expanded", "true")
        row = page.locator(".opened")
        expect(row).to_contain_text("900000")
        expect(row).to_contain_text("The district has no record with this ID; nothing was changed.")
        twist.click()
        expect(row).to_have_count(0)
        twist.click()
        row.get_by_text("other objects with records:").click()
        expect(row.get_by_role("row", name="ContactLog")).to_contain_text("No errors")

        row.get_by_role("link", name="2, 3, 900000").click()
        page.get_by_role("button", name="Generate Report").click()
        with page.expect_download(timeout=60_000) as download:
            page.get_by_role("link", name="Download PDF").click(timeout=60_000)
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"%PDF-")
    assert download.value.suggested_filename.startswith("sync-request-01-")


def _worker(tmp_path: Path) -> Any:
    return celery_process(
        tmp_path,
        "worker",
        *("--pool=prefork", "--concurrency=2", "--queues=interactive,reports,sweep", "--without-mingle"),
    )


# ---- For everybody ------------------------------------------------------------------------------------------------


def test_pages_of_selective_sync_are_accessible(sized: Site, clerk: User) -> None:
    page = sized.page
    failed = {10: KeyOutcome.SYNCED, 11: MISSING_CALENDAR, 12: KeyOutcome.NOT_FOUND}
    SyncRequestFactory(district=clerk.district, requested_by=clerk)
    asked = SyncRequestFactory(
        district=clerk.district, object="Enrollment", keys=failed, under={"Graduation": 2}
    )
    SyncRequestFactory(district=clerk.district, status="running", keys={1: KeyOutcome.PENDING})
    sized.sign_in(clerk)
    sized.open("/selective-sync/")
    check(sized)
    page.locator("#ids").fill("1 2 2 36x7")
    page.locator("#words").fill("sato")
    page.keyboard.press("Enter")
    expect(page.locator("#found").get_by_text("2 found.")).to_be_visible()
    page.get_by_text("objects under PersonIdentity").click()
    page.get_by_role("link", name="Complete, 2 not at the state").click()
    expect(page.locator(".opened")).to_contain_text("IDs not at the state")
    check(sized)
    for path in ("", "delete/"):
        sized.open(f"/selective-sync/01/requests/{asked.pk}/{path}")
        check(sized)
    sized.open("/selective-sync/01/clear/")
    check(sized)
    sized.sign_in(UserFactory(district=clerk.district, rights="", everywhere="R"))
    sized.open("/selective-sync/")
    check(sized)


def test_the_page_fits_at_any_width(tool: Site, clerk: User) -> None:
    SyncRequestFactory(
        district=clerk.district, keys={2**63 - 1 - each: KeyOutcome.SYNCED for each in range(9)}
    )
    tool.open("/selective-sync/")
    page = tool.page
    page.locator("#ids").fill(" ".join(["9223372036854775807", "x" * 60] * 3))
    page.locator("#words").fill("sato")
    page.keyboard.press("Enter")
    page.locator(".twist").click()
    expect(page.locator(".opened")).to_contain_text("IDs at the state")
    for width in (1920, 1280, 1025, 1023, 769, 767, 641, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert (width, overflow(tool)) == (width, 0)
