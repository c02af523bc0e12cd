"""The page while a batch runs."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from districts.models import User
from resync.models import Batch, BatchObject
from tests.browser.conftest import Site
from tests.factories.batch import BatchFactory, BatchObjectFactory

Start = Callable[[], Batch]


@pytest.fixture
def running_page(site: Site, admin: User, history: Batch, running: Start) -> Site:
    running()
    site.sign_in(admin)
    site.open("/batch/")
    return site


def change(name: str, **values: object) -> None:
    BatchObject.objects.filter(batch__status="running", object=name).update(**values)


def end_batch() -> None:
    now = timezone.now()
    BatchObject.objects.filter(batch__status="running").update(
        status="completed", started_at=now, ended_at=now, processed=100, total=100
    )
    Batch.objects.filter(status="running").update(status="completed", ended_at=now)


def test_row_shows_progress_as_it_comes(running_page: Site) -> None:
    row = running_page.page.locator("#row-School")
    expect(row).to_contain_text("50%")
    change("School", processed=75)

    expect(row).to_contain_text("75%")
    expect(row).to_contain_text("In progress")


def test_ticks_focus_and_an_open_legend_survive(running_page: Site) -> None:
    page = running_page.page
    running_page.tick("School")
    page.locator("#legend summary").click()
    page.locator("#tick-School").focus()
    change("School", processed=80)
    change("District", errors=1)

    expect(page.locator("#row-School")).to_contain_text("80%")
    assert running_page.ticked() == ["District", "School"]
    assert "Added because of dependencies" in running_page.row("District")
    expect(page.locator("#tick-School")).to_be_focused()
    expect(page.locator("#legend")).to_have_attribute("open", "")
    expect(page.locator("#row-School")).to_have_class("is-running is-picked")


def test_end_of_an_object_is_announced(running_page: Site) -> None:
    change("School", status="completed", processed=100, errors=2, ended_at=timezone.now())

    expect(running_page.page.locator("main [role=status]")).to_contain_text(
        "School ended: 100 processed, 2 errors."
    )
    expect(running_page.page.locator("#row-School")).to_contain_text("2.00% errors")


def test_asking_ends_with_the_batch(running_page: Site) -> None:
    page = running_page.page
    end_batch()

    expect(page.get_by_role("heading", name="Resync finished")).to_be_visible()
    expect(page.get_by_role("button", name="Pause live updates")).to_be_hidden()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2_500)
    assert asked == []

    page.get_by_role("link", name="Show all objects in their order").click()
    expect(page.get_by_role("heading", name="Resync finished")).to_be_hidden()


def test_pause_holds_the_page_still(running_page: Site) -> None:
    page = running_page.page
    pause = page.get_by_role("button", name="Pause live updates")
    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "true")
    change("School", processed=75)
    page.wait_for_timeout(2_500)
    expect(page.locator("#row-School")).to_contain_text("50%")

    pause.click()
    expect(page.locator("#row-School")).to_contain_text("75%")


def test_next_batch_takes_over_in_place(running_page: Site, admin: User) -> None:
    page = running_page.page
    running_page.tick("Day")
    behind = BatchFactory(district=admin.district, status="queued", requested_by=admin)
    BatchObjectFactory(batch=behind, object="Enrollment", place=0, status="queued")
    end_batch()
    Batch.objects.filter(pk=behind.pk).update(status="running", started_at=timezone.now())

    expect(page.locator("#group-batch tr[data-object]")).to_have_count(1)
    expect(page.locator("#group-batch")).to_contain_text("Enrollment")
    assert "Day" in running_page.ticked()


def test_filter_holds_while_rows_come(running_page: Site) -> None:
    page = running_page.page
    page.get_by_role("button", name="In progress 2").click()
    assert running_page.shown() == ["School", "Calendar"]
    change("School", status="completed", processed=100, ended_at=timezone.now())

    expect(page.locator("#row-School")).to_be_hidden()
    expect(page.get_by_role("button", name="In progress 1")).to_have_attribute("aria-pressed", "true")


def test_ended_session_leads_to_the_sign_in_page(running_page: Site) -> None:
    running_page.context.clear_cookies()

    expect(running_page.page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_lost_server_is_told_once_and_found_again(running_page: Site) -> None:
    page = running_page.page
    page.route("**/live/**", lambda route: route.abort())
    expect(page.locator("main [role=status]")).to_contain_text(
        "The server does not answer. The page keeps trying."
    )

    page.unroute("**/live/**")
    change("School", processed=90)
    expect(page.locator("#row-School")).to_contain_text("90%")
    running_page.problems.clear()
