"""Agents - Queue: what runs and waits, told to each as much as they may know."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from agents.queue import QUIET, Queue, open_batches
from districts.models import District, User
from resync.choices import Origin
from resync.models import Batch, BatchObject
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.user import UserFactory
from tests.pages import page_text

pytestmark = pytest.mark.django_db

OF_STATE = "A resync that the state asked for"


@pytest.fixture
def home() -> District:
    return DistrictFactory(number="H2", name="Campus")


@pytest.fixture
def reader(home: District) -> User:
    return UserFactory(district=home, rights="", everywhere="R")


@pytest.fixture
def site(client: Client, reader: User) -> Client:
    client.force_login(reader)
    return client


def running(district: District, **fields: object) -> Batch:
    """School runs, Calendar waits for its turn, District has ended."""
    now = timezone.now()
    batch = BatchFactory(district=district, status="running", started_at=now, **fields)
    BatchObjectFactory(batch=batch, object="District", place=0, processed=1)
    BatchObjectFactory(
        batch=batch,
        object="School",
        place=1,
        status="running",
        processed=500,
        total=1_000,
        started_at=now,
        changed_at=now,
    )
    BatchObjectFactory(batch=batch, object="Calendar", place=2, status="queued")
    return batch


def queued(district: District, **fields: object) -> Batch:
    batch = BatchFactory(district=district, status="queued", **fields)
    BatchObjectFactory(batch=batch, object="Enrollment", status="queued")
    return batch


def text_of_queue(client: Client, query: str = "") -> str:
    return page_text(client.get(f"/agents/queue/{query}")).partition("running,")[2]


def test_a_district_sees_its_own_batches_in_full_oldest_first(site: Client, home: District) -> None:
    first, second = running(home), queued(home)
    text = page_text(site.get("/agents/queue/"))

    assert "1 running, 1 waiting" in text
    assert "1 of 3 objects ended" in text
    assert "500 of 1,000" in text
    assert "Waiting for its turn: Calendar" in text
    assert text.index(f"Resync {first.pk}") < text.index(f"Resync {second.pk}")


def test_a_waiting_database_is_told_with_its_reason(site: Client, home: District) -> None:
    batch = BatchFactory(district=home, status="running")
    BatchObjectFactory(batch=batch, status="waiting", reason="The database does not answer.")
    text = text_of_queue(site)
    assert "The database does not answer. Tried again at 06:17:24." in text


def test_of_the_states_resync_a_district_learns_that_it_goes_first(site: Client, home: District) -> None:
    running(home, origin=Origin.STATE)
    queued(home)

    text = text_of_queue(site)

    assert OF_STATE in text
    assert "0 running, 1 waiting" in page_text(site.get("/agents/queue/"))
    for hidden in ("School", "Calendar", "500", "1,000", "last made progress"):
        assert hidden not in text


def test_a_states_resync_that_is_not_before_its_own_is_not_told(site: Client, home: District) -> None:
    running(home, origin=Origin.STATE)
    assert OF_STATE not in text_of_queue(site)
    queued(home, school_year=SchoolYearFactory(end_year=2023))
    assert OF_STATE not in text_of_queue(site)
    BatchFactory(district=DistrictFactory(), status="running", origin=Origin.STATE)
    assert OF_STATE not in text_of_queue(site)


def test_progress_of_the_states_resync_changes_nothing_that_a_district_can_ask(
    reader: User, home: District
) -> None:
    of_state, own = running(home, origin=Origin.STATE), queued(home)
    now = timezone.now()
    before = Queue(reader, home, [own], now)
    version = before.version
    BatchObject.objects.filter(batch=of_state).exclude(total=None).update(processed=1, changed_at=now)
    after = Queue(reader, home, [own], now)
    assert (after.version, after.last_progress) == (version, None)


def test_the_state_sees_every_district_by_number(client: Client, home: District) -> None:
    other = DistrictFactory(number="A1", name="Elsewhere")
    running(home, origin=Origin.STATE), running(other)
    client.force_login(UserFactory(district=None, rights="", everywhere="R"))

    everything = text_of_queue(client)

    assert everything.index("Elsewhere (A1)") < everything.index("Campus (H2)")
    assert "Resync" in text_of_queue(client, "?district=H2")
    assert "Elsewhere" not in text_of_queue(client, "?district=H2")


def test_an_ended_batch_leaves_the_queue(site: Client, home: District) -> None:
    BatchFactory(district=home)
    page = site.get("/agents/queue/")
    assert "Nothing runs and nothing waits." in page_text(page)
    assert "every 2s" not in page.content.decode()


@pytest.mark.parametrize(
    ("ago", "status", "is_quiet"),
    [
        (QUIET + timedelta(seconds=1), "running", True),
        (QUIET - timedelta(seconds=1), "running", False),
        (QUIET + timedelta(seconds=1), "waiting", False),
    ],
)
def test_a_queue_that_nobody_works_on_says_so(
    reader: User, home: District, ago: timedelta, status: str, is_quiet: bool
) -> None:
    now = timezone.now()
    batch = BatchFactory(district=home, status="running", started_at=now - 2 * ago)
    BatchObjectFactory(batch=batch, status=status, started_at=now - 2 * ago, changed_at=now - ago)

    queue = Queue(reader, home, list(open_batches(reader, home)), now)

    assert queue.last_progress == now - ago
    assert queue.quiet is is_quiet


def test_a_batch_that_no_worker_has_begun_is_quiet_since_its_start(site: Client, home: District) -> None:
    batch = BatchFactory(district=home, status="running", started_at=timezone.now() - timedelta(minutes=10))
    BatchObjectFactory(batch=batch, status="queued", started_at=None, changed_at=timezone.now())
    assert "No worker has moved anything for 10 min." in text_of_queue(site)


def test_an_unchanged_queue_answers_without_content(site: Client, home: District) -> None:
    batch = running(home)
    markup = site.get("/agents/queue/").content.decode()
    address = (
        markup.partition('id="queue"')[2].partition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")
    )
    htmx = {"HX-Request": "true"}

    assert site.get(address, headers=htmx).status_code in (204, 200)  # a minute may have ended in between
    BatchObject.objects.filter(batch=batch, object="School").update(processed=700)
    assert "700 of 1,000" in page_text(site.get(address, headers=htmx))
    Batch.objects.update(status="completed", ended_at=timezone.now())
    assert site.get(address, headers=htmx).status_code == 286


def test_questions_do_not_grow_with_the_queue(
    client: Client, home: District, django_assert_max_num_queries: object
) -> None:
    for _ in range(20):
        running(DistrictFactory())
    client.force_login(UserFactory(district=None, rights="", everywhere="R"))
    with django_assert_max_num_queries(16):
        client.get("/agents/queue/")


# ---- whether the database answers


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    cache.clear()


def test_a_database_that_answers(client: Client, district: District) -> None:
    client.force_login(UserFactory(district=district, rights="", everywhere="R"))
    assert page_text(client.get(f"/agents/queue/{district.number}/database/")) == "Answers"


def test_a_database_that_does_not_answer_is_asked_again_when_its_address_is_corrected(
    client: Client, district: District
) -> None:
    client.force_login(UserFactory(district=district, rights="", everywhere="R"))
    right = district.database_name
    District.objects.update(database_name="no_such_database")
    path = f"/agents/queue/{district.number}/database/"

    assert f"The database of district {district.number} does not answer." in page_text(client.get(path))
    District.objects.update(database_name=right)
    assert page_text(client.get(path)) == "Answers"


def test_within_half_a_minute_a_server_is_asked_once(
    client: Client, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr("agents.views.queue.answers", lambda each: asked.append(each) or "")
    client.force_login(UserFactory(district=district, rights="", everywhere="R"))
    for _ in range(3):
        client.get(f"/agents/queue/{district.number}/database/")
    assert len(asked) == 1
