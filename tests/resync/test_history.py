"""Batch History: every batch that a person may know of, with what came of it."""

import csv
import io
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from districts.models import District, User
from resync.choices import Dot, Origin
from resync.history import asked_by, batch_dot, speed_of
from resync.models import Batch
from tests.factories.batch import STARTED_AT, BatchFactory, BatchObjectFactory, ResyncRequestFactory
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.user import UserFactory
from tests.pages import page_text, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> District:
    return DistrictFactory(number="H2", name="Campus", time_zone="America/Chicago")


@pytest.fixture
def sender(home: District) -> User:
    return UserFactory(username="district.admin", district=home)


@pytest.fixture
def site(client: Client, sender: User) -> Client:
    client.force_login(sender)
    return client


@pytest.fixture
def state_site(client: Client) -> Client:
    client.force_login(UserFactory(district=None))
    return client


def downloaded(response: HttpResponse) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def listed(client: Client, **asked: object) -> set[int]:
    """The batches that the page and the file show under a filter: the same ones."""
    page = client.get("/batch/history/", asked).content.decode()
    rows = {int(row["Resync"]) for row in downloaded(client.post(f"/batch/history/csv/?{urlencode(asked)}"))}
    assert rows == {
        pk for pk in Batch.objects.values_list("pk", flat=True) if f"/batch/history/{pk}/" in page
    }
    return rows


def with_object(name: str = "School", **fields: object) -> Batch:
    batch = BatchFactory(**fields)
    BatchObjectFactory(batch=batch, object=name, processed=1_000, errors=5)
    return batch


# ---- who sees what


def test_a_district_sees_its_own_and_the_schedules_but_not_the_states(site: Client, home: District) -> None:
    own = with_object(district=home)
    scheduled = with_object(district=home, origin=Origin.SCHEDULE)
    of_state = with_object(district=home, origin=Origin.STATE)
    elsewhere = with_object()

    assert listed(site) == {own.pk, scheduled.pk}
    for hidden in (of_state, elsewhere):
        for path in (f"/batch/history/{hidden.pk}/", f"/batch/history/{hidden.pk}/csv/"):
            assert read(site, path).status_code == 404
    assert listed(site, origin="state") == set()


def test_the_state_sees_all_and_who_asked(state_site: Client, home: District) -> None:
    person = UserFactory(username="state.admin", district=None)
    request = ResyncRequestFactory(requested_by=person)
    of_state = with_object(district=home, origin=Origin.STATE, request=request, requested_by=person)
    elsewhere = with_object()

    assert listed(state_site) == {of_state.pk, elsewhere.pk}
    assert listed(state_site, district="H2") == {of_state.pk}
    assert "The state: state.admin" in page_text(state_site.get(f"/batch/history/{of_state.pk}/"))


def test_who_may_not_see_resyncs_sees_no_history(client: Client, home: District) -> None:
    batch = with_object(district=home)
    client.force_login(UserFactory(district=home, rights=""))
    for path in ("", "csv/", f"{batch.pk}/", f"{batch.pk}/csv/"):
        assert read(client, f"/batch/history/{path}").status_code == 403


# ---- the list


def test_filters(site: Client, home: District, sender: User) -> None:
    year = SchoolYearFactory(end_year=2023)
    first = with_object(district=home, requested_by=sender, requested_at=STARTED_AT)
    second = with_object("Calendar", district=home, status="failed", school_year=year)
    third = with_object(district=home, origin=Origin.SCHEDULE)

    assert listed(site) == {first.pk, second.pk, third.pk}
    assert listed(site, object="Calendar") == {second.pk}
    assert listed(site, status="failed") == {second.pk}
    assert listed(site, school_year="2023") == {second.pk}
    assert listed(site, origin="schedule") == {third.pk}
    assert listed(site, who="ADMIN") == {first.pk}
    assert listed(site, first="2024-01-09", last="2024-01-09") == {first.pk}
    assert listed(site, last="2024-01-08") == set()
    assert listed(site, status="nonsense", school_year="x", first="y") == {first.pk, second.pk, third.pk}


def test_a_line_sums_its_objects(site: Client, home: District, sender: User) -> None:
    batch = BatchFactory(district=home, requested_by=sender)
    BatchObjectFactory(batch=batch, object="School", processed=1_500, errors=10, kept=3)
    BatchObjectFactory(batch=batch, object="Calendar", processed=2_500, errors=1, kept=4)

    text = page_text(site.get("/batch/history/"))

    assert "district.admin 2023-2024 2 Yes 5 min 4,000 11 7 Yellow: 0.28% errors" in text


def test_pages_of_the_list(site: Client, home: District) -> None:
    BatchFactory.create_batch(51, district=home)
    assert "1 to 50 of 51" in page_text(site.get("/batch/history/"))
    assert "51 to 51 of 51" in page_text(site.get("/batch/history/?page=2"))


def test_a_file_longer_than_what_is_read_at_once(site: Client, home: District) -> None:
    Batch.objects.bulk_create(
        BatchFactory.build_batch(1_001, district=home, school_year=home.zone.school_year)
    )
    keys = [int(row["Resync"]) for row in downloaded(site.post("/batch/history/csv/"))]
    assert keys == sorted(Batch.objects.values_list("pk", flat=True), reverse=True)


@pytest.mark.parametrize(
    ("origin", "user_name", "said"),
    [
        (Origin.DISTRICT, "a.b", "a.b"),
        (Origin.DISTRICT, None, "Command line"),
        (Origin.SCHEDULE, None, "Schedule"),
        (Origin.STATE, "s.t", "The state: s.t"),
        (Origin.STATE, None, "The state"),
    ],
)
def test_by_whom(origin: Origin, user_name: str | None, said: str) -> None:
    person = UserFactory(username=user_name) if user_name else None
    assert asked_by(BatchFactory(origin=origin, requested_by=person)) == said


@pytest.mark.parametrize(
    ("status", "errors", "dot"),
    [
        ("completed", 0, Dot.GREEN),
        ("completed", 10, Dot.YELLOW),
        ("completed", 11, Dot.RED),
        ("failed", 0, Dot.FAILED),
        ("cancelled", 0, Dot.CANCELLED),
        ("queued", 0, Dot.QUEUED),
        ("running", 0, Dot.GRAY),
        ("cancelling", 0, Dot.GRAY),
    ],
)
def test_dots_of_batches(status: str, errors: int, dot: Dot) -> None:
    assert batch_dot(BatchFactory(status=status), 1_000, errors) == dot


# ---- one batch


def test_a_batch_shows_its_objects_in_the_order_of_the_plan(site: Client, home: District) -> None:
    batch = BatchFactory(district=home)
    for place, name in enumerate(["District", "School", "Calendar"]):
        BatchObjectFactory(
            batch=batch, object=name, place=place, processed=500, errors=place, requested=place == 2
        )

    text = page_text(site.get(f"/batch/history/{batch.pk}/"))

    assert "District Dependency" in text
    assert text.index("District Dependency") < text.index("School Dependency") < text.index("Calendar Chosen")
    assert "Calendar Chosen 01/09/2024 06:16:54 2 s 500 2 0 0 250" in text


def test_records_per_second() -> None:
    running = BatchObjectFactory.build(
        batch=BatchFactory.build(), status="running", processed=900, ended_at=None
    )
    assert speed_of(running, STARTED_AT + timedelta(seconds=3)) == 300
    queued = BatchObjectFactory.build(batch=BatchFactory.build(), status="queued")
    assert speed_of(queued, STARTED_AT) is None


def test_the_file_of_a_batch(site: Client, home: District) -> None:
    batch = BatchFactory(district=home, status="failed")
    BatchObjectFactory(batch=batch, object="School", place=0, processed=500, errors=2, written=300)
    BatchObjectFactory(
        batch=batch, object="Calendar", place=1, status="failed", reason="=The table is missing."
    )

    rows = downloaded(site.post(f"/batch/history/{batch.pk}/csv/"))

    assert [row["Object"] for row in rows] == ["School", "Calendar"]
    assert (rows[0]["Processed"], rows[0]["Errors"], rows[0]["Records per second"]) == ("500", "2", "250")
    assert rows[1]["Reason"] == "'=The table is missing."


def test_an_open_batch_asks_for_news_and_an_ended_one_no_more(site: Client, home: District) -> None:
    batch = BatchFactory(district=home, status="running")
    running = BatchObjectFactory(batch=batch, status="running", processed=100)
    address = (
        site.get(f"/batch/history/{batch.pk}/").content.decode().partition('hx-get="')[2].partition('"')[0]
    )
    assert address.startswith(f"/batch/history/{batch.pk}/?seen=")

    htmx = {"HX-Request": "true"}
    assert site.get(address, headers=htmx).status_code == 204
    running.processed = 200
    running.save()
    assert "200" in page_text(site.get(address, headers=htmx))

    Batch.objects.update(status="completed", ended_at=STARTED_AT)
    ended = site.get(address, headers=htmx)
    assert ended.status_code == 286
    assert "hx-get" not in ended.content.decode()
