"""From the choice to the batch, without JavaScript and with it."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from districts.models import User
from resync.choices import BatchStatus, Origin
from resync.models import Batch
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.district import DistrictFactory
from tests.factories.user import UserFactory
from tests.pages import page_text, row_markup

pytestmark = pytest.mark.django_db

CHAIN = ["District", "School", "Calendar", "ScheduleStructure", "PersonIdentity", "Enrollment"]


@pytest.fixture
def admin() -> User:
    return UserFactory(district=DistrictFactory(number="02", name="Campus"))


@pytest.fixture
def site(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def selection(*objects: str, check_dependencies: bool = True, **others: object) -> dict[str, object]:
    checked = {"check_dependencies": "on"} if check_dependencies else {}
    return {"objects": list(objects), **checked, **others}


def test_confirmation_lists_what_will_be_sent_and_how_many(site: Client, admin: User) -> None:
    BatchObjectFactory(batch__district=admin.district, object="School", processed=194)

    response = site.post("/batch/02/confirm/", selection("Enrollment"))

    text = page_text(response)
    assert "Send 6 objects to the state?" in text
    assert "At least 194 records go from Campus (02) to the state, for the school year 2023-2024." in text
    assert "School added because of dependencies, 194 records" in text
    assert "Enrollment, not counted yet" in text
    assert text.index("District added") < text.index("PersonIdentity added") < text.index("Enrollment")
    assert "Cancel OK" in text
    assert Batch.objects.filter(status=BatchStatus.RUNNING).count() == 0


def test_confirmation_without_dependencies_lists_only_the_choice(site: Client) -> None:
    text = page_text(site.post("/batch/02/confirm/", selection("Enrollment", check_dependencies=False)))

    assert "Send 1 object to the state?" in text
    assert "PersonIdentity" not in text


def test_confirmation_for_htmx_is_the_same_form_without_the_page(site: Client) -> None:
    response = site.post("/batch/02/confirm/", selection("Enrollment"), headers={"HX-Request": "true"})

    assert "<html" not in response.content.decode()
    assert "Send 6 objects to the state?" in page_text(response)


def test_whole_way_without_javascript(site: Client, admin: User) -> None:
    confirmation = site.post("/batch/02/confirm/", selection("Enrollment"))
    form = hidden_fields(confirmation.content.decode())

    response = site.post("/batch/02/send/", form, follow=True)

    assert response.redirect_chain == [("/batch/02/", 302)]
    assert "The resync of 6 objects for the school year 2023-2024 is on its way." in page_text(response)
    assert "Resync in progress" in page_text(response)
    batch = Batch.objects.get()
    assert (batch.origin, batch.requested_by, batch.check_dependencies) == (Origin.DISTRICT, admin, True)
    objects = batch.objects_in_order.order_by("place")
    assert [each.object for each in objects] == CHAIN
    assert [each.object for each in objects if each.requested] == ["Enrollment"]


def hidden_fields(markup: str) -> dict[str, list[str]]:
    form = markup[markup.index('action="/batch/02/send/"') :]
    form = form[: form.index("</form>")]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form):
        fields.setdefault(name, []).append(value)
    return fields


def test_second_click_sends_nothing(site: Client) -> None:
    form = selection("School", token=str(uuid4()))

    site.post("/batch/02/send/", form)
    site.post("/batch/02/send/", form)

    assert Batch.objects.count() == 1


def test_second_confirmation_queues_a_second_batch(site: Client) -> None:
    for _ in range(2):
        site.post("/batch/02/send/", selection("School", token=str(uuid4())))

    assert list(Batch.objects.order_by("id").values_list("status", flat=True)) == ["running", "queued"]


def test_confirmation_says_that_the_resync_waits_for_another(site: Client, admin: User) -> None:
    BatchObjectFactory(
        batch=BatchFactory(district=admin.district, status=BatchStatus.RUNNING),
        object="School",
        status="running",
    )

    text = page_text(site.post("/batch/02/confirm/", selection("School")))

    assert "Another resync is under way: this one starts when it has ended." in text


def test_confirmation_does_not_tell_of_a_resync_of_the_state(site: Client, admin: User) -> None:
    BatchFactory(district=admin.district, status=BatchStatus.RUNNING, origin=Origin.STATE)

    assert "Another resync" not in page_text(site.post("/batch/02/confirm/", selection("School")))


def test_empty_choice_is_refused_on_the_page(site: Client) -> None:
    response = site.post("/batch/02/confirm/", {"check_dependencies": "on"})

    assert response.status_code == 422
    assert "No object is chosen." in page_text(response)


def test_empty_choice_is_refused_in_place_with_htmx(site: Client) -> None:
    response = site.post("/batch/02/confirm/", {}, headers={"HX-Request": "true"})

    assert response.headers["HX-Retarget"] == "#notice"
    assert "No object is chosen." in page_text(response)


def test_refused_choice_stays_ticked(site: Client) -> None:
    response = site.post("/batch/02/confirm/", selection("School", "NoSuchObject", check_dependencies=False))

    assert response.status_code == 422
    assert "There is no DIS object named NoSuchObject." in page_text(response)
    assert " checked" in row_markup(response, "School")
    assert 'aria-describedby="check-hint">' in response.content.decode()  # Check dependencies stays empty


@pytest.mark.parametrize("name", ["AttendanceGroupKY", "NoSuchObject"])
def test_object_that_is_not_offered_is_refused(site: Client, name: str) -> None:
    response = site.post("/batch/02/send/", selection("School", name), follow=True)

    assert Batch.objects.count() == 0
    assert name in page_text(response)


def test_unreadable_token_is_refused(site: Client) -> None:
    response = site.post("/batch/02/send/", selection("School", token="again"), follow=True)

    assert Batch.objects.count() == 0
    assert "The form could not be read." in page_text(response)


def test_cancel_goes_back_to_the_page_with_the_choice(site: Client) -> None:
    markup = site.post("/batch/02/confirm/", selection("School")).content.decode()

    back = markup[markup.index('<form id="back" method="get" action="/batch/02/"') :]
    assert '<input type="hidden" name="objects" value="School">' in back
    assert 'type="submit" form="back">Cancel' in markup
