"""Who may see and who may send."""

import re
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from districts.models import User
from resync.choices import BatchStatus, Origin
from resync.models import Batch
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.district import DistrictFactory
from tests.factories.user import UserFactory
from tests.pages import page_text, rows_of

pytestmark = pytest.mark.django_db

SELECTION = {"objects": ["School"], "check_dependencies": "on"}


@pytest.fixture
def running() -> Batch:
    """A batch of district 02."""
    batch = BatchFactory(district=DistrictFactory(number="02", name="Campus"), status=BatchStatus.RUNNING)
    BatchObjectFactory(batch=batch, object="School", status="running", total=10, processed=5)
    return batch


PEOPLE: dict[str, Callable[[Batch], User | None]] = {
    "anonymous": lambda batch: None,
    "without rights": lambda batch: UserFactory(district=batch.district, rights=""),
    "viewer": lambda batch: UserFactory(district=batch.district, rights="R"),
    "admin": lambda batch: UserFactory(district=batch.district),
    "write without read": lambda batch: UserFactory(district=batch.district, rights="W"),
    "other district": lambda batch: UserFactory(),
    "state": lambda batch: UserFactory(district=None),
    "state viewer": lambda batch: UserFactory(district=None, rights="R"),
    "state without rights": lambda batch: UserFactory(district=None, rights=""),
    "inactive": lambda batch: UserFactory(district=batch.district, is_active=False),
}
REQUESTS: dict[str, Callable[[Client, Batch], HttpResponse]] = {
    "page": lambda client, batch: client.get("/batch/02/"),
    "live": lambda client, batch: client.get(f"/batch/02/live/{batch.pk}/"),
    "confirm": lambda client, batch: client.post("/batch/02/confirm/", SELECTION),
    "send": lambda client, batch: client.post("/batch/02/send/", SELECTION),
}
# page, live, confirm, send; 302 to the sign-in page, or to the page after sending
ANSWERS = {
    "anonymous": (302, 302, 302, 302),
    "without rights": (403, 403, 403, 403),
    "viewer": (200, 200, 403, 403),
    "admin": (200, 200, 200, 302),
    "write without read": (403, 403, 403, 403),
    "other district": (404, 404, 404, 404),
    "state": (200, 200, 403, 403),
    "state viewer": (200, 200, 403, 403),
    "state without rights": (403, 403, 403, 403),
    "inactive": (302, 302, 302, 302),
}


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("request_name", REQUESTS)
def test_answers(client: Client, running: Batch, person: str, request_name: str) -> None:
    user = PEOPLE[person](running)
    if user is not None:
        client.force_login(user)

    response = REQUESTS[request_name](client, running)

    assert response.status_code == ANSWERS[person][list(REQUESTS).index(request_name)]
    sent = Batch.objects.exclude(pk=running.pk).count()
    assert sent == (1 if (person, request_name) == ("admin", "send") else 0)


@pytest.mark.parametrize("person", ["anonymous", "inactive"])
def test_who_has_not_signed_in_is_sent_to_the_sign_in_page(
    client: Client, running: Batch, person: str
) -> None:
    if user := PEOPLE[person](running):
        client.force_login(user)

    assert client.get("/batch/02/").headers["Location"] == "/sign-in/?next=/batch/02/"


@pytest.mark.parametrize("address", ["/batch/{}/", "/batch/{}/live/1/"])
def test_another_district_answers_as_one_that_does_not_exist(
    client: Client, running: Batch, address: str
) -> None:
    client.force_login(UserFactory())

    theirs, nobodys = (client.get(address.format(number)) for number in ("02", "no-such"))

    assert theirs.status_code == nobodys.status_code == 404
    assert page_text(theirs) == page_text(nobodys)


def test_refusal_is_a_page_with_a_sentence(client: Client, running: Batch) -> None:
    client.force_login(UserFactory(district=running.district, rights=""))

    response = client.get("/batch/")

    assert response.status_code == 403
    assert "You do not have the right Read on Resync State Data - Batch." in page_text(response)


def test_menu_shows_the_tool_to_whoever_may_see_it(client: Client, running: Batch) -> None:
    client.force_login(UserFactory(district=running.district, rights="R"))
    current = re.search(r'<a href="/batch/"[^>]* aria-current="page"', client.get("/batch/").content.decode())
    assert current

    client.force_login(UserFactory(district=running.district, rights=""))
    assert 'href="/batch/"' not in client.get("/batch/").content.decode()


def test_viewer_gets_no_boxes_and_no_button(client: Client, running: Batch) -> None:
    client.force_login(UserFactory(district=running.district, rights="R"))

    page = client.get("/batch/").content.decode()

    assert 'type="checkbox"' not in page
    assert "Send Resync" not in page
    assert "batch_send" not in page
    assert "/send/" not in page
    assert "/confirm/" not in page


def test_state_user_sees_what_the_state_asked_for(client: Client, running: Batch) -> None:
    asked = BatchFactory(district=running.district, origin=Origin.STATE)
    BatchObjectFactory(batch=asked, object="Day", processed=1_234)
    client.force_login(UserFactory(district=None))

    page = client.get("/batch/02/")

    assert "Send Resync" not in page.content.decode()
    assert rows_of(page)["School"].endswith("Gray: In progress")


def test_state_user_sees_the_times_of_the_district(client: Client, running: Batch) -> None:
    client.force_login(UserFactory(district=None))

    assert "01/09/2024 06:16:54" in rows_of(client.get("/batch/02/"))["School"]


def test_live_answer_knows_nothing_of_a_batch_of_the_state(client: Client, running: Batch) -> None:
    asked = BatchFactory(district=running.district, origin=Origin.STATE, status=BatchStatus.QUEUED)
    BatchObjectFactory(batch=asked, object="School", status="queued")
    client.force_login(UserFactory(district=running.district))

    assert client.get(f"/batch/02/live/{asked.pk}/").status_code == 404
    assert client.get("/batch/02/live/999999/").status_code == 404


@pytest.mark.parametrize("address", ["/batch/02/confirm/", "/batch/02/send/"])
def test_sending_takes_a_post(client: Client, running: Batch, address: str) -> None:
    client.force_login(UserFactory(district=running.district))

    assert client.get(address).status_code == 405


def test_sending_takes_a_form_of_our_own(running: Batch) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(district=running.district))

    response = client.post("/batch/02/send/", SELECTION)

    assert response.status_code == 403
    assert "The form is out of date" in page_text(response)
    assert Batch.objects.count() == 1
