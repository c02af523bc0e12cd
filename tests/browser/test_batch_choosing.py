"""Ticking, dependencies and the filter."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import CHAIN, Site


def test_parents_are_ticked_at_once(batch_page: Site) -> None:
    batch_page.tick("Enrollment")

    assert batch_page.ticked() == list(CHAIN)
    assert "Added because of dependencies" in batch_page.row("PersonIdentity")
    assert "Added because of dependencies" not in batch_page.row("Enrollment")
    region = batch_page.page.locator("main [role=status]")
    expect(region).to_contain_text(
        "6 objects selected, about 213,000 records · 5 added because of dependencies"
    )
    expect(region).to_contain_text("Added for Enrollment: District, School, Calendar")


def test_parents_go_with_the_last_child_that_needs_them(batch_page: Site) -> None:
    batch_page.tick("Enrollment")
    batch_page.tick("CourseSection")
    batch_page.tick("Enrollment")

    assert batch_page.ticked() == ["District", "School", "Calendar", "CourseSection"]
    batch_page.tick("CourseSection")
    assert batch_page.ticked() == []


def test_parent_that_is_needed_stays_and_says_why(batch_page: Site) -> None:
    batch_page.tick("Enrollment")
    batch_page.tick("Calendar")

    assert batch_page.ticked() == list(CHAIN)
    expect(batch_page.page.locator("main [role=status]")).to_contain_text(
        "Calendar stays: Enrollment cannot be sent without it while Check dependencies is marked."
    )


def test_own_choice_outlives_the_child(batch_page: Site) -> None:
    batch_page.tick("School")
    batch_page.tick("Enrollment")
    batch_page.tick("Enrollment")

    assert batch_page.ticked() == ["District", "School"]


def test_without_check_dependencies_only_the_choice_counts(batch_page: Site) -> None:
    batch_page.tick("Enrollment")
    batch_page.page.locator("label[for=check-dependencies]").click()
    assert batch_page.ticked() == ["Enrollment"]

    batch_page.tick("Roster")
    assert batch_page.ticked() == ["Enrollment", "Roster"]

    batch_page.page.locator("label[for=check-dependencies]").click()
    assert set(CHAIN) < set(batch_page.ticked())


def test_select_all_and_clear(batch_page: Site) -> None:
    page = batch_page.page
    everything = len(batch_page.shown())
    page.locator("label[for=all]").click()
    assert len(batch_page.ticked()) == everything
    assert not page.get_by_text("Added because of dependencies").count()

    batch_page.tick("VaccineShot")
    assert page.locator("#all").evaluate("box => box.indeterminate")

    page.get_by_role("button", name="Clear selection").click()
    assert batch_page.ticked() == []
    expect(page.get_by_role("button", name="Clear selection")).to_be_hidden()


def test_filter_finds_an_object_and_keeps_the_choice(batch_page: Site) -> None:
    page = batch_page.page
    batch_page.tick("Enrollment")
    page.get_by_label("Filter objects by name").fill("credent")
    expect(page.locator("#row-School")).to_be_hidden()
    assert batch_page.shown() == ["EmploymentCredential"]
    expect(page.locator("main [role=status]")).to_contain_text("6 not shown by the filter")
    assert page.url.endswith("?find=credent")

    page.locator("label[for=all]").click()
    assert set(batch_page.ticked()) == {*CHAIN, "EmploymentCredential"}


def test_filter_without_a_match_says_so(batch_page: Site) -> None:
    page = batch_page.page
    page.get_by_label("Filter objects by name").fill("zzz")
    expect(page.get_by_text("No object matches the filter.")).to_be_visible()

    page.get_by_role("link", name="Show all objects").click()
    expect(page.locator("#row-School")).to_be_visible()
    expect(page.get_by_text("No object matches the filter.")).to_be_hidden()


def test_chips_filter_by_result(batch_page: Site) -> None:
    page = batch_page.page
    page.get_by_role("button", name="Over 1% 3").click()

    assert batch_page.shown() == ["School", "Calendar", "ScheduleStructure"]
    expect(page.get_by_role("button", name="Over 1%")).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile(r"\?status=red$"))

    page.reload()
    assert batch_page.shown() == ["School", "Calendar", "ScheduleStructure"]


def test_total_sent_shows_for_the_pointer_and_for_the_keyboard(batch_page: Site) -> None:
    page = batch_page.page
    tip = page.locator("#sent-PersonIdentity")
    expect(tip).to_be_hidden()

    page.locator("#counts-PersonIdentity").hover()
    expect(tip).to_have_text(re.compile("^Sent for resync: 114,609"))
    page.mouse.move(0, 0)
    expect(tip).to_be_hidden()

    page.locator("#tick-PersonIdentity").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#counts-PersonIdentity")).to_be_focused()
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_legend_explains_the_dots(batch_page: Site) -> None:
    page = batch_page.page
    legend = page.locator("#legend summary")
    legend.focus()
    page.keyboard.press("Enter")
    for word in ("Green", "Yellow", "Red", "Gray", "Finished, 1% of the attempts or fewer in error"):
        expect(page.locator("#legend")).to_contain_text(word)
    expect(page.get_by_text("In progress now")).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.get_by_text("In progress now")).to_be_hidden()
    expect(legend).to_be_focused()
