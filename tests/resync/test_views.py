"""The status table as a district's administrator reads it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dis_objects.catalogue import offered_in_batch
from districts.models import User
from resync.choices import BatchStatus, ObjectStatus, Origin
from resync.models import Batch
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.user import UserFactory
from tests.pages import page_text, row_markup, rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return UserFactory(district__number="02", district__name="Campus")


@pytest.fixture
def batch(admin: User) -> Batch:
    return BatchFactory(district=admin.district)


@pytest.fixture
def site(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def test_labels_are_those_of_the_tool(site: Client) -> None:
    text = page_text(site.get("/batch/"))

    assert "System Settings Data Interchange Administration Resync State Data - Batch" in text
    assert "Resync Data For The Current School Year (2023-2024)" in text
    for label in (
        "Check dependencies",
        "DIS Objects",
        "Last Resync",
        "Results",
        "Status Legend",
        "Send Resync",
    ):
        assert label in text


def test_title_names_the_tool(site: Client) -> None:
    assert "<title>Resync State Data - Batch | Upstate</title>" in site.get("/batch/").content.decode()


def test_lists_every_offered_object_parents_first(site: Client) -> None:
    offered = [each.name for each in offered_in_batch("NV")]

    assert list(rows_of(site.get("/batch/"))) == offered


def test_object_that_was_never_resynced(site: Client) -> None:
    assert rows_of(site.get("/batch/"))["School"].endswith("District — — Never resynced")


def test_results_times_and_status_of_a_finished_object(site: Client, batch: Batch) -> None:
    BatchObjectFactory(batch=batch, object="PersonIdentity", processed=114_609, errors=20)

    row = rows_of(site.get("/batch/"))["PersonIdentity"]

    # 12:16:54 UTC, in the district's time zone
    assert "01/09/2024 06:16:54" in row
    assert "Processed: 114,609 Errors: 20" in row
    assert row.endswith("Yellow: 0.02% errors")


def test_total_sent_is_shown_on_hover_and_on_keyboard_focus(site: Client, batch: Batch) -> None:
    BatchObjectFactory(batch=batch, object="School", processed=190, errors=0, total=194)

    markup = row_markup(site.get("/batch/"), "School")

    assert 'tabindex="0" id="counts-School" aria-describedby="sent-School"' in markup
    assert 'role="tooltip" id="sent-School">Sent for resync: 194' in markup


@pytest.mark.parametrize(
    ("processed", "errors", "words"),
    [
        (100, 0, "Green: No errors"),
        (0, 0, "Green: No errors"),
        (100, 1, "Yellow: 1.00% errors"),
        (199, 2, "Red: 1.01% errors"),
        (200, 2, "Yellow: 1.00% errors"),
        (1_000_000, 10_001, "Red: Over 1% errors"),
        (1_000_000, 1, "Yellow: Under 0.01% errors"),
        (1, 1, "Red: 100.00% errors"),
    ],
)
def test_dot_at_the_borders(site: Client, batch: Batch, processed: int, errors: int, words: str) -> None:
    BatchObjectFactory(batch=batch, object="School", processed=processed, errors=errors)

    assert rows_of(site.get("/batch/"))["School"].endswith(words)


def test_only_the_latest_attempt_counts(site: Client, admin: User, batch: Batch) -> None:
    BatchObjectFactory(batch=batch, object="School", processed=100, errors=50)
    BatchObjectFactory(batch__district=admin.district, object="School", processed=100, errors=0)

    row = rows_of(site.get("/batch/"))["School"]
    assert row.endswith("Processed: 100 Errors: 0 Sent for resync: 100 in 2 s Green: No errors")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (ObjectStatus.FAILED, "Failed"),
        (ObjectStatus.NOT_ATTEMPTED, "Not attempted"),
        (ObjectStatus.WAITING, "Waiting"),
    ],
)
def test_row_says_why_an_object_was_not_run(
    site: Client, batch: Batch, status: ObjectStatus, words: str
) -> None:
    BatchObjectFactory(batch=batch, object="School", status=status, reason="The database does not answer.")

    row = rows_of(site.get("/batch/"))["School"]

    assert "The database does not answer." in row
    assert row.endswith(words)


def test_waiting_object_says_when_it_is_tried_again(site: Client, batch: Batch) -> None:
    BatchObjectFactory(
        batch=batch,
        object="School",
        status=ObjectStatus.WAITING,
        reason="No answer.",
        retry_at=datetime(2024, 1, 9, 18, 0, 30, tzinfo=UTC),
    )

    assert "No answer. Tried again at 12:00:30." in rows_of(site.get("/batch/"))["School"]


def test_attempts_of_the_state_are_invisible(site: Client, admin: User) -> None:
    asked = BatchFactory(district=admin.district, origin=Origin.STATE, status=BatchStatus.RUNNING)
    BatchObjectFactory(batch=asked, object="School", status=ObjectStatus.RUNNING, processed=4_711)

    response = site.get("/batch/")

    assert rows_of(response)["School"].endswith("Never resynced")
    assert "4,711" not in page_text(response)
    assert "In progress" not in rows_of(response)["School"]
    assert "Pause live updates" not in page_text(response)


def test_attempts_of_another_district_are_invisible(site: Client) -> None:
    BatchObjectFactory(object="School", processed=4_711)

    assert rows_of(site.get("/batch/"))["School"].endswith("Never resynced")


def test_attempts_in_another_school_year_are_not_shown(site: Client, admin: User) -> None:
    earlier = BatchFactory(district=admin.district, school_year__end_year=2023)
    BatchObjectFactory(batch=earlier, object="School", processed=5)

    assert rows_of(site.get("/batch/"))["School"].endswith("Never resynced")


class TestRunningBatch:
    @pytest.fixture
    def batch(self, admin: User) -> Batch:
        batch = BatchFactory(district=admin.district, status=BatchStatus.RUNNING, requested_by=admin)
        BatchObjectFactory(batch=batch, object="School", place=0, processed=194, errors=11)
        BatchObjectFactory(
            batch=batch,
            object="PersonIdentity",
            place=1,
            status=ObjectStatus.RUNNING,
            total=1_000,
            processed=500,
            errors=3,
            started_at=timezone.now() - timedelta(seconds=50),
        )
        BatchObjectFactory(
            batch=batch,
            object="Enrollment",
            place=2,
            status=ObjectStatus.QUEUED,
            parents=["School", "PersonIdentity"],
        )
        return batch

    def test_running_row_is_gray_and_shows_progress_and_rate(self, site: Client, batch: Batch) -> None:
        response = site.get("/batch/")

        row = rows_of(response)["PersonIdentity"]
        assert "Processed: 500 Errors: 3" in row
        # The clock goes on while a slow machine answers.
        assert re.search(r"50% 10 records per second, about 5\d s left", row)
        assert row.endswith("Gray: In progress")
        assert 'class="is-running' in row_markup(response, "PersonIdentity")

    def test_queued_row_names_the_parent_it_waits_for(self, site: Client, batch: Batch) -> None:
        row = rows_of(site.get("/batch/"))["Enrollment"]

        assert "Waits for PersonIdentity" in row
        assert row.endswith("Queued")

    def test_queued_row_keeps_the_time_of_the_last_resync(self, site: Client, admin: User) -> None:
        BatchObjectFactory(batch__district=admin.district, object="School", processed=9)
        waiting = BatchFactory(district=admin.district, status=BatchStatus.QUEUED)
        BatchObjectFactory(batch=waiting, object="School", status=ObjectStatus.QUEUED)

        assert "01/09/2024 06:16:54" in rows_of(site.get("/batch/"))["School"]

    def test_objects_of_the_batch_come_first(self, site: Client, batch: Batch) -> None:
        response = site.get("/batch/")

        assert list(rows_of(response))[:4] == ["School", "PersonIdentity", "Enrollment", "District"]
        assert "In this resync 3" in page_text(response)
        assert "Other objects" in page_text(response)

    def test_banner_sums_up(self, site: Client, admin: User, batch: Batch) -> None:
        text = page_text(site.get("/batch/"))

        assert f"Resync in progress Requested by {admin.username}" in text
        assert "1 of 3 done" in text
        assert "Errors so far 14" in text

    def test_what_is_queued_behind_does_not_hide_what_runs(
        self, site: Client, admin: User, batch: Batch
    ) -> None:
        behind = BatchFactory(district=admin.district, status=BatchStatus.QUEUED)
        BatchObjectFactory(batch=behind, object="PersonIdentity", status=ObjectStatus.QUEUED)

        response = site.get("/batch/")

        assert rows_of(response)["PersonIdentity"].endswith("Gray: In progress")
        assert "1 more resync is queued behind this one." in page_text(response)


class TestFilter:
    @pytest.fixture(autouse=True)
    def attempts(self, batch: Batch) -> None:
        BatchObjectFactory(batch=batch, object="School", processed=100, errors=50)
        BatchObjectFactory(batch=batch, object="District", processed=1)

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("status=red", ["School"]),
            ("status=green", ["District"]),
            ("find=scho&status=green", []),
            ("find=SCHOOL&status=red", ["School"]),
        ],
    )
    def test_hides_what_does_not_match(self, site: Client, query: str, shown: list[str]) -> None:
        response = site.get(f"/batch/?{query}")

        names = [name for name in rows_of(response) if " hidden" not in row_markup(response, name)]
        assert names == shown

    def test_unknown_status_shows_everything(self, site: Client) -> None:
        assert " hidden" not in row_markup(site.get("/batch/?status=purple"), "School")

    def test_chips_count(self, site: Client) -> None:
        text = page_text(site.get("/batch/"))

        everything = len(offered_in_batch("NV"))
        assert f"All {everything}" in text
        assert "Over 1% 1" in text
        assert "No errors 1" in text
        assert f"Never resynced {everything - 2}" in text


def test_selection_in_the_address_is_ticked(site: Client) -> None:
    response = site.get("/batch/?objects=School&objects=Enrollment&check_dependencies=on")

    assert " checked" in row_markup(response, "School")
    assert " checked" in row_markup(response, "Enrollment")
    assert " checked" not in row_markup(response, "District")


def test_rows_carry_what_the_script_needs(site: Client, batch: Batch) -> None:
    BatchObjectFactory(batch=batch, object="Enrollment", processed=97_574)

    markup = row_markup(site.get("/batch/"), "Enrollment")

    assert 'data-parents="District School Calendar ScheduleStructure PersonIdentity"' in markup
    assert 'data-records="97574"' in markup


def test_district_without_a_zone_is_told_so(client: Client) -> None:
    client.force_login(UserFactory(district__zone=None, district__name="Dunmore"))

    response = client.get("/batch/")

    assert response.status_code == 404
    assert "No zone links Dunmore" in page_text(response)
