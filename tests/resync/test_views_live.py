"""What an open page is told every two seconds."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from districts.models import User
from resync.choices import BatchStatus, ObjectStatus
from resync.models import Batch, BatchObject
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.district import DistrictFactory
from tests.factories.user import UserFactory
from tests.pages import page_text, row_markup, rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return UserFactory(district=DistrictFactory(number="02"))


@pytest.fixture
def batch(admin: User) -> Batch:
    batch = BatchFactory(district=admin.district, status=BatchStatus.RUNNING, requested_by=admin)
    BatchObjectFactory(batch=batch, object="School", place=0, status="running", total=10, processed=5)
    BatchObjectFactory(batch=batch, object="Calendar", place=1, status="queued", parents=["School"])
    BatchObjectFactory(batch=batch, object="CourseCode", place=2, status="running", total=9, processed=1)
    return batch


@pytest.fixture
def site(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def live_address(response: Any) -> str:
    """Where the page says that it asks for news; empty if it does not."""
    markup = response.content.decode()
    return markup.partition('id="poller" hidden hx-get="')[2].partition('"')[0]


def change(batch: Batch, name: str, **values: object) -> None:
    BatchObject.objects.filter(batch=batch, object=name).update(**values)


def end(batch: Batch, status: BatchStatus = BatchStatus.COMPLETED) -> None:
    now = timezone.now()
    batch.objects_in_order.update(status=ObjectStatus.COMPLETED, started_at=now, ended_at=now)
    Batch.objects.filter(pk=batch.pk).update(status=status, ended_at=now)


def test_page_without_an_open_batch_does_not_ask(site: Client) -> None:
    assert live_address(site.get("/batch/")) == ""


def test_nothing_new_is_204(site: Client, batch: Batch) -> None:
    response = site.get(live_address(site.get("/batch/")))

    assert response.status_code == 204
    assert response.content == b""


def test_nothing_new_costs_one_query_on_batches(site: Client, batch: Batch) -> None:
    address = live_address(site.get("/batch/"))

    with CaptureQueriesContext(connection) as queries:
        assert site.get(address).status_code == 204

    about_batches = [each["sql"] for each in queries if "dis_batch_history" in each["sql"]]
    assert len(about_batches) == 1
    assert not [each for each in queries if 'FROM "resync_batch"' in each["sql"]]
    # the others: session, user, the user's district, rights, the district that is asked for
    assert len(queries) <= 6


def test_only_changed_rows_come(site: Client, batch: Batch) -> None:
    address = live_address(site.get("/batch/"))
    change(batch, "CourseCode", processed=4)

    response = site.get(address)

    assert response.status_code == 200
    assert list(rows_of(response)) == ["CourseCode"]
    assert "Processed: 4 Errors: 0" in rows_of(response)["CourseCode"]
    assert ' hx-swap-oob="true"' in row_markup(response, "CourseCode")


def test_answer_says_what_to_ask_next(site: Client, batch: Batch) -> None:
    address = live_address(site.get("/batch/"))
    change(batch, "CourseCode", processed=4)

    following = live_address(site.get(address))

    assert following != address
    assert site.get(following).status_code == 204


def test_row_that_waits_for_another_parent_comes_too(site: Client, batch: Batch) -> None:
    change(batch, "Calendar", parents=["School", "CourseCode"])
    address = live_address(site.get("/batch/"))
    now = timezone.now()
    change(batch, "CourseCode", status="completed", processed=9, ended_at=now)

    response = site.get(address)

    assert set(rows_of(response)) == {"CourseCode", "Calendar"}
    assert "Waits for School" in rows_of(response)["Calendar"]


def test_chunk_that_ends_later_than_it_began_is_not_missed(site: Client, batch: Batch) -> None:
    """Two chunks side by side: the one that began first ends last, so its time is the older one."""
    now = timezone.now()
    change(batch, "CourseCode", processed=4, changed_at=now)
    address = live_address(site.get("/batch/"))
    change(batch, "School", processed=7, changed_at=now - timedelta(seconds=3))

    assert list(rows_of(site.get(address))) == ["School"]


def test_an_object_that_ends_is_announced(site: Client, batch: Batch) -> None:
    address = live_address(site.get("/batch/"))
    change(batch, "School", status="completed", processed=10, errors=1, ended_at=timezone.now())

    response = site.get(address)

    assert 'hx-swap-oob="innerHTML:#says"' in response.content.decode()
    assert "School ended: 10 processed, 1 error." in page_text(response)


def test_progress_alone_is_not_announced(site: Client, batch: Batch) -> None:
    address = live_address(site.get("/batch/"))
    change(batch, "School", processed=7)

    assert "#says" not in site.get(address).content.decode()


def test_end_of_the_batch_stops_the_asking(site: Client, batch: Batch) -> None:
    address = live_address(site.get("/batch/"))
    end(batch)

    response = site.get(address)

    assert response.status_code == 286
    assert live_address(response) == ""
    assert "Resync finished" in page_text(response)
    assert "The resync has ended: 6 processed, 0 errors." in page_text(response)
    assert set(rows_of(response)) == {"School", "Calendar", "CourseCode"}


def test_end_with_objects_not_run_says_so(site: Client, batch: Batch) -> None:
    address = live_address(site.get("/batch/"))
    end(batch, BatchStatus.FAILED)
    change(batch, "School", status="failed", reason="No answer.")

    text = page_text(site.get(address))

    assert "Resync ended; not every object could be run" in text
    assert "1 object not run" in text


def test_next_batch_takes_over(site: Client, admin: User, batch: Batch) -> None:
    behind = BatchFactory(district=admin.district, status=BatchStatus.QUEUED)
    BatchObjectFactory(batch=behind, object="Day", place=0, status="queued")
    address = live_address(site.get("/batch/"))
    end(batch)
    Batch.objects.filter(pk=behind.pk).update(status=BatchStatus.RUNNING, started_at=timezone.now())

    response = site.get(address)

    assert response.status_code == 200
    assert f"/live/{behind.pk}/" in live_address(response)
    assert list(rows_of(response))[0] == "Day"
    assert len(rows_of(response)) > 50
    assert site.get(live_address(response)).status_code == 204


def test_queued_batch_that_starts_is_news(site: Client, admin: User) -> None:
    queued = BatchFactory(district=admin.district, status=BatchStatus.QUEUED)
    BatchObjectFactory(batch=queued, object="Day", status="queued")
    first = site.get("/batch/")
    assert "Resync queued" in page_text(first)
    Batch.objects.filter(pk=queued.pk).update(status=BatchStatus.RUNNING, started_at=timezone.now())

    response = site.get(live_address(first))

    assert response.status_code == 200
    assert "Resync in progress" in page_text(response)


def test_answer_keeps_to_the_filter(site: Client, batch: Batch) -> None:
    address = live_address(site.get("/batch/?find=school"))
    change(batch, "CourseCode", processed=4)

    response = site.get(f"{address}&find=school&status=")

    assert " hidden" in row_markup(response, "CourseCode")


@pytest.mark.parametrize("seen", ["", "x", "r123456"])
def test_unreadable_version_gets_everything(site: Client, batch: Batch, seen: str) -> None:
    response = site.get(f"/batch/02/live/{batch.pk}/?seen={seen}")

    assert set(rows_of(response)) == {"School", "Calendar", "CourseCode"}


def test_ended_session_loads_the_page_again(client: Client, batch: Batch) -> None:
    response = client.get(f"/batch/02/live/{batch.pk}/", headers={"HX-Request": "true"}, follow=True)

    assert response.headers["HX-Refresh"] == "true"
