"""Verification Summary in a browser: from the first look at differences to 100 percent, with real workers."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from district_data.databases import open_writer
from districts.models import District, User
from interchange.choices import DifferenceKind
from tests.browser.conftest import Site
from tests.browser.test_accessibility import WIDTHS, check
from tests.factories.user import UserFactory
from tests.factories.verification import (
    RemovalFactory,
    VerificationDifferenceFactory,
    VerificationResultFactory,
    VerificationRunFactory,
)
from tests.resync.conftest import fill_people
from tests.verification.conftest import resync
from tests.workers import celery_process
from verification.models import VerificationRun

QUEUES = "--queues=batch,sweep,interactive,verification,reports"
WORKER = ["worker", "--pool=prefork", "--concurrency=2", QUEUES, "--without-mingle", "-n", "verifier@test"]


@pytest.fixture
def abbott(transactional_db: None, make_district: Callable[..., District]) -> District:
    """100 persons and 120 enrollments at both sides. Since then the district has changed a grade, a name with nothing
    but a blank, and has enrolled somebody."""
    district = make_district("01")
    with open_writer(district) as database:
        fill_people(database, persons=100, enrollments=120)
        database.execute("UPDATE enrollment SET state_exclude = false, person_id = 1")
        database.commit()
        resync(district, "Enrollment")
        database.execute("UPDATE enrollment SET grade = '12' WHERE enrollment_id IN (4, 5)")
        database.execute("UPDATE person_identity SET last_name = last_name || ' ' WHERE person_id = 9")
        database.execute(
            "INSERT INTO enrollment (enrollment_id, person_id, calendar_id, structure_id, end_year, grade,"
            " service_type, start_date) VALUES (999, 1, 1, 1, 2024, '09', 'P', '2023-08-14')"
        )
    return district


@pytest.fixture
def abbott_admin(abbott: District) -> User:
    user: User = UserFactory(username="abbott.admin", district=abbott, rights="", everywhere="RWAD")
    return user


@pytest.mark.slow
def test_differences_are_found_resynced_and_gone(
    site: Site, abbott: District, abbott_admin: User, tmp_path: Path
) -> None:
    page = site.page
    site.sign_in(abbott_admin)
    site.open("/verification/")
    with celery_process(tmp_path, *WORKER):
        page.get_by_role("link", name="Re-Verify").first.click()
        expect(page.locator("#comparisons")).to_have_text("8 comparisons: 8 objects of 1 district")
        for name in ("Behavior", "Employment", "EmploymentAssignment", "Graduation", "LEP", "TestScore"):
            page.locator(f"label[for=object-{name}]").click()
        expect(page.locator("#comparisons")).to_have_text("2 comparisons: 2 objects of 1 district")
        page.get_by_role("button", name="Re-Verify").click()

        enrollment = page.locator("#row-Enrollment")
        expect(enrollment).to_contain_text("97.52%", timeout=60_000)
        expect(page.locator("#row-PersonIdentity")).to_contain_text("99.00%", timeout=60_000)
        expect(page.locator("#total")).to_contain_text("98.19%")

        enrollment.get_by_role("link", name="2 of Enrollment").click()
        expect(page.get_by_role("row", name="Differences grade")).to_have_count(2)
        page.locator("button[name=key][value='4']").click()
        expect(page.get_by_role("row", name="grade")).to_contain_text("Differs")
        page.get_by_role("link", name="Back to the list").click()

        page.goto(f"{site.address}/verification/01/Enrollment/resync/")
        expect(page.get_by_role("heading", name="Resync 3 records of Enrollment?")).to_be_visible()
        page.get_by_role("button", name="OK").click()
        expect(page.locator("body")).to_contain_text("3/3", timeout=60_000)
        page.goto(f"{site.address}/verification/01/PersonIdentity/?kind=difference")
        page.locator("label[for=key-9]").click()
        page.get_by_role("button", name="Resync these records").click()
        page.get_by_role("button", name="OK").click()
        expect(page.locator("body")).to_contain_text("1/1", timeout=60_000)

        for name in ("Enrollment", "PersonIdentity"):
            page.goto(f"{site.address}/verification/01/verify/?objects={name}")
            page.get_by_role("button", name="Re-Verify").click()
            expect(page.locator(f"#row-{name}")).to_contain_text("100.00%", timeout=60_000)
        expect(page.locator("#total")).to_contain_text("100.00%")
        expect(enrollment.locator("svg.spark")).to_have_attribute(
            "aria-label", "Enrollment, accuracy over the last 2 verifications: from 97.52% to 100.00%"
        )


def test_ticks_of_districts_outlive_the_news(site: Site, admin: User) -> None:
    run = VerificationRunFactory(district=admin.district, status="running")
    result = VerificationResultFactory(run=run, status="running", total=40)
    site.sign_in(UserFactory(username="state.admin", district=None, rights="", everywhere="RWAD"))
    site.open("/verification/")
    site.page.locator("label[for=tick-02]").click()
    over = result.started_at
    type(result).objects.update(status="completed", ended_at=over, is_latest=True)
    VerificationRun.objects.update(status="completed", ended_at=over)
    row = site.page.locator("#district-02")
    expect(row).to_contain_text("100.00%")
    expect(row.locator("input")).to_be_checked()
    site.page.get_by_role("button", name="Re-Verify chosen districts").click()
    expect(site.page.locator("#comparisons")).to_have_text("8 comparisons: 8 objects of 1 district")


@pytest.fixture(params=WIDTHS)
def sized(site: Site, request: pytest.FixtureRequest) -> Site:
    width, height = WIDTHS[request.param]
    site.page.set_viewport_size({"width": width, "height": height})
    return site


def test_pages_of_verification_are_accessible(sized: Site, admin: User) -> None:
    district = admin.district
    assert district
    found = VerificationResultFactory(
        run__district=district, not_at_state=2, not_at_district=1, differences=1, while_pushed=True
    )
    VerificationResultFactory(run__district=district, object="Behavior", status="failed")
    running = VerificationRunFactory(district=district, status="running")
    VerificationResultFactory(run=running, object="PersonIdentity", status="running", total=40)
    VerificationResultFactory(run=running, object="TestScore", status="waiting")
    for key, kind in enumerate(DifferenceKind):
        VerificationDifferenceFactory(result=found, key=key, kind=kind)
    RemovalFactory(result=found, stayed={"5": "The district has this record."})
    sized.sign_in(UserFactory(username="state.verifier", district=None, rights="", everywhere="RWAD"))
    for path in (
        *("", "02/", "settings/", "02/verify/", "02/report/", "02/Enrollment/resync/"),
        *(f"02/Enrollment/?kind={kind.value}" for kind in DifferenceKind),
    ):
        sized.open(f"/verification/{path}")
        check(sized)
    sized.open("/verification/02/")
    sized.page.locator("#legend summary").click()
    check(sized)
    sized.open("/verification/02/Enrollment/?kind=not_at_district")
    sized.page.get_by_role("button", name="Remove all 1 from state").click()
    check(sized)
    sized.page.get_by_role("textbox", name="To go on").fill("no")
    sized.page.get_by_role("button", name="Remove from state").click()
    check(sized)
    # Chromium reports the status of the refusal itself
    assert all("422" in problem for problem in sized.problems)
    sized.problems.clear()


def test_nothing_scrolls_sideways_at_any_width(site: Site, admin: User) -> None:
    VerificationResultFactory(
        run__district=admin.district, at_district=1_000_000, not_at_state=2, differences=1
    )
    site.sign_in(UserFactory(username="state.verifier", district=None, rights="", everywhere="RWAD"))
    site.open("/verification/02/")
    for width in (1920, 1313, 1280, 1121, 1025, 1023, 769, 767, 641, 320):
        site.page.set_viewport_size({"width": width, "height": 900})
        root = "document.documentElement"
        assert (width, site.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")) == (width, 0)


def test_selective_sync_takes_over_the_ids_of_the_differences(site: Site, admin: User) -> None:
    found = VerificationResultFactory(run__district=admin.district, object="PersonIdentity", not_at_state=2)
    for key in (418_802, 27_336):
        VerificationDifferenceFactory(result=found, key=key)
    site.sign_in(UserFactory(district=admin.district, rights="", everywhere="RWAD"))
    site.open("/selective-sync/")
    site.page.locator("#ids").fill("5")
    site.page.get_by_role("button", name="Add all 2 personIDs: Not at State").click()
    expect(site.page.locator("#ids")).to_have_value("5\n27336\n418802")
