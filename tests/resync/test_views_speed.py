"""The budget of the page: at most 12 queries and 100 ms with every object in it."""

import statistics
import time
from collections.abc import Callable

import pytest
from django.test import Client

from dis_objects.catalogue import offered_in_batch
from districts.models import User
from resync.choices import BatchStatus
from resync.models import BatchObject
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.district import DistrictFactory
from tests.factories.user import UserFactory
from tests.pages import rows_of

pytestmark = pytest.mark.django_db

QUERIES = 12
SECONDS = 0.1
ROUNDS, REQUESTS = 3, 15


@pytest.fixture
def admin() -> User:
    """Of the state that is offered the most objects."""
    return UserFactory(district=DistrictFactory(number="02", state__code="KY"))


@pytest.fixture
def site(client: Client, admin: User) -> Client:
    """Every object has two attempts behind it and is in a batch that runs."""
    for status in (BatchStatus.COMPLETED, BatchStatus.COMPLETED, BatchStatus.RUNNING):
        batch = BatchFactory(district=admin.district, status=status, requested_by=admin)
        running = status == BatchStatus.RUNNING
        for place, each in enumerate(offered_in_batch("KY")):
            BatchObjectFactory(
                batch=batch,
                object=each.name,
                place=place,
                processed=1_000,
                errors=place,
                total=2_000,
                status="running" if running else "completed",
            )
    client.force_login(admin)
    return client


def live_address(site: Client) -> str:
    markup = site.get("/batch/").content.decode()
    return markup.partition('id="poller" hidden hx-get="')[2].partition('"')[0]


def test_queries_of_the_page(site: Client, django_assert_max_num_queries: Callable) -> None:
    with django_assert_max_num_queries(QUERIES):
        response = site.get("/batch/")

    assert len(rows_of(response)) == len(offered_in_batch("KY")) > 85


def test_queries_of_an_answer_with_every_row(site: Client, django_assert_max_num_queries: Callable) -> None:
    address = live_address(site)
    BatchObject.objects.filter(status="running").update(processed=1_500)

    with django_assert_max_num_queries(QUERIES):
        response = site.get(address)

    assert len(rows_of(response)) == len(offered_in_batch("KY"))


def test_queries_of_the_confirmation(site: Client, django_assert_max_num_queries: Callable) -> None:
    everything = [each.name for each in offered_in_batch("KY")]

    with django_assert_max_num_queries(QUERIES):
        site.post("/batch/02/confirm/", {"objects": everything, "check_dependencies": "on"})


@pytest.mark.slow
def test_median_time_of_the_page(site: Client) -> None:
    # The best of a few rounds: what else runs on this machine is not the page's fault.
    medians = [statistics.median(_seconds(site) for _ in range(REQUESTS)) for _ in range(ROUNDS)]

    assert min(medians) < SECONDS


def _seconds(site: Client) -> float:
    started = time.perf_counter()
    site.get("/batch/")
    return time.perf_counter() - started
