"""The main job from end to end: a browser, a worker, the district's database and the state's."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dis_objects.catalogue import definition
from district_data.databases import open_writer
from districts.models import District
from resync.models import Batch
from tests.browser.conftest import CHAIN, Site
from tests.factories.user import PASSWORD, UserFactory
from tests.resync.conftest import counts, fill_people
from tests.workers import worker

pytestmark = pytest.mark.slow
SMALL_CHUNKS = {"UPSTATE_CHUNK_RECORDS": "20"}


@pytest.fixture
def abbott(transactional_db: None, make_district: Callable[..., District]) -> District:
    """A district of 1,001 persons, one of them with a name that is too long, and 1,200 enrollments, 140 of which are
    excluded or without a person."""
    district = make_district("01")
    with open_writer(district) as database:
        fill_people(database, persons=1_000, enrollments=1_200)
        database.execute("INSERT INTO person_identity (person_id, last_name) VALUES (5000, repeat('x', 500))")
    UserFactory(username="abbott.admin", district=district)
    return district


def test_a_district_administrator_sends_enrollment_and_watches_it_arrive(
    site: Site, abbott: District, tmp_path: Path
) -> None:
    page = site.page
    site.open("/")
    page.get_by_label("User name").fill("abbott.admin")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Resync State Data - Batch")
    expect(page.get_by_text("Resync Data For The Current School Year (2023-2024)")).to_be_visible()

    site.tick("Enrollment")
    assert site.ticked() == list(CHAIN)
    page.get_by_role("button", name="Send Resync").click()
    page.get_by_role("button", name="OK").click()
    expect(page.get_by_role("heading", name="Resync in progress")).to_be_visible()
    assert "Queued" in site.row("Enrollment")
    assert definition("Enrollment").model.objects.count() == 0

    with worker(tmp_path, **SMALL_CHUNKS):
        expect(page.locator("#row-PersonIdentity")).to_contain_text("In progress", timeout=30_000)
        expect(page.locator("#row-PersonIdentity progress")).to_be_visible()
        expect(page.locator("#row-Enrollment")).to_contain_text("11.67% errors", timeout=60_000)

    assert counts(Batch.objects.get()) == {
        "District": (1, 0),
        "School": (1, 0),
        "Calendar": (1, 0),
        "ScheduleStructure": (1, 0),
        "PersonIdentity": (1_001, 1),
        "Enrollment": (1_200, 140),
    }
    assert definition("Enrollment").model.objects.filter(district_id=abbott.pk).count() == 1_060
    for name, dot in (("School", "green"), ("PersonIdentity", "yellow"), ("Enrollment", "red")):
        expect(page.locator(f"#row-{name} .status--{dot}")).to_be_visible()
    page.reload()
    assert "Processed: 1,200 Errors: 140" in site.row("Enrollment")
    expect(page.get_by_role("button", name="Send Resync")).to_be_visible()
