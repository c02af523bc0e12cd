"""What the state asked for stays the state's: no page, partial, export or alert of a district tells its objects.

Everything that a district's users can reach is read before and after the state has resynced the district, and must be
the same to the letter. What the state asked for is made by the real engine, and goes wrong in every way there is.
"""

import html
import re
from collections import Counter, deque
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from dis_objects.catalogue import definitions
from district_data.databases import open_writer
from districts.models import District, User
from interchange.models import ErrorLogEntry, RecordError
from process_alerts.models import AlertRecipient, ProcessAlert
from resync import actions, chunks
from resync.choices import BatchStatus, ObjectStatus, Origin
from resync.models import Batch, BatchObject, ResyncRequest
from resync.queries import runnable_objects
from resync.requests import cancel_request, request_resync
from selective_sync import runs
from selective_sync.actions import request_sync
from selective_sync.choices import KeyOutcome
from selective_sync.models import SyncKey, SyncRequest
from tests.conftest import DistrictDatabase
from tests.factories.user import UserFactory
from tests.pages import read
from tests.resync.conftest import fill_people
from tests.test_access import PARTS, POSTED, ROUTES, furnish

pytestmark = pytest.mark.django_db

LINK = re.compile(r'(?:href|hx-get|action|data-url)="(/[^"#]*|\?[^"#]*)"')
# What differs between any two answers, and says nothing: forgery tokens, confirmation tokens, the time of day.
NOISE = re.compile(
    r'name="(?:csrfmiddlewaretoken|token)" value="[^"]*"|"X-CSRFToken": ?"[^"]*"'
    r"|\b\d\d:\d\d(?::\d\d)?\b|\d+ (?:s|min)\b"
)
PAGES = 500


@pytest.fixture(params=["R", "RWAD"])
def reader(request: pytest.FixtureRequest, district: District) -> User:
    return UserFactory(district=district, rights="", everywhere=request.param)


# Who holds every right sees all that a reader sees: the slower tests go without the latter.
with_every_right = pytest.mark.parametrize("reader", ["RWAD"], indirect=True)


@pytest.fixture
def own(district: District, writer: DistrictDatabase, reader: User) -> Batch:
    """What the district has sent itself: parents of what the state will ask for, and one error of its own."""
    fill_people(writer)
    furnish(district)
    UserFactory(username="state.admin", district=None)
    writer.execute(
        "INSERT INTO school (school_id, district_key, number, name) VALUES (2, 9, '002', 'No district')"
    )
    batch = actions.send_resync(
        district=district,
        school_year=district.zone.school_year,
        objects=["School", "Enrollment"],
        check_dependencies=False,
        by=reader,
    )
    writer.execute("DELETE FROM enrollment WHERE enrollment_id > 10")
    run(batch)
    writer.execute("UPDATE enrollment SET person_id = 900000 + enrollment_id WHERE enrollment_id < 6")
    assert RecordError.objects.filter(confidential=False).exists()
    return batch


def run(batch: Batch) -> None:
    while free := runnable_objects().filter(batch=batch).first():
        chunks.push_next_chunk(free.pk)


def state_asks(district: District, *objects: str) -> ResyncRequest:
    return request_resync(
        districts=[district],
        school_year=district.zone.school_year,
        objects=objects,
        check_dependencies=False,
        by=None,
    )


def resync_in_every_way(district: District) -> None:
    """A request that meets errors of records, one whose tables are missing, and one that is cancelled."""
    run(state_asks(district, "Calendar", "PersonIdentity", "Enrollment").batches.get())
    with open_writer(district) as database:
        database.execute("ALTER TABLE course_code RENAME TO elsewhere")
        database.commit()
        run(state_asks(district, "CourseCode", "CourseSection").batches.get())
        database.execute("ALTER TABLE elsewhere RENAME TO course_code")
        database.commit()
    admin = User.objects.get(username="state.admin")
    cancel_request(request=state_asks(district, "Day", "TermSchedule"), by=admin)
    sync_for_the_state(district, admin)


def sync_for_the_state(district: District, by: User) -> None:
    """Two enrollments that fail, and one that is not there."""
    request = request_sync(
        district=district,
        school_year=district.zone.school_year,
        object_name="Enrollment",
        ids=[1, 2, 999],
        by=by,
    )
    while SyncRequest.objects.filter(pk=request.pk, ended_at=None).exists():
        runs.push_next_keys(request.pk)


def assert_it_went_wrong(district: District) -> None:
    """Otherwise there would be nothing to hide."""
    asked = BatchObject.objects.filter(district=district, origin=Origin.STATE)
    assert set(asked.values_list("status", flat=True)) >= {
        ObjectStatus.COMPLETED,
        ObjectStatus.FAILED,
        ObjectStatus.CANCELLED,
    }
    assert RecordError.objects.filter(district=district, object="Enrollment", confidential=True).exists()
    assert ErrorLogEntry.objects.filter(district=district, object="CourseCode", confidential=True).exists()
    assert requested(district).count() == 3
    keys = SyncKey.objects.filter(sync_object__request__origin=Origin.STATE)
    assert set(keys.values_list("outcome", flat=True)) >= {KeyOutcome.FAILED, KeyOutcome.NOT_FOUND}


def requested(district: District) -> QuerySet[ProcessAlert]:
    return ProcessAlert.objects.filter(district=district, key__startswith="state-resync-requested:")


# ---- Reading all there is ------------------------------------------------------------------------------------


def addresses(batch: Batch) -> Iterator[str]:
    """Every route with the parts that are the district's, and with filters that name an object."""
    for name, route in ROUTES.items():
        if name != "sign_out":
            parts = {part: PARTS[part](batch) for part in route.parts if part != "request_id"}
            if "request_id" not in route.parts:
                yield reverse(name, kwargs=parts)
    for name in ("Enrollment", "Calendar", "CourseCode", "Day"):
        for path in (
            "agent_log",
            "agent_log_cause",
            "agent_log_csv",
            "error_log",
            "batch_history",
            "batch_history_csv",
        ):
            yield f"{reverse(path)}?object={name}"


def crawl(user: User, batch: Batch) -> dict[str, str]:
    """Everything that the user can read, by address: the routes, and whatever these lead to.

    What the reading leaves behind is taken back: a sign-in and downloads are in the audit log.
    """
    with transaction.atomic():
        found = _crawl(user, batch)
        transaction.set_rollback(True)
    return found


def _crawl(user: User, batch: Batch) -> dict[str, str]:
    # Opening an alert marks it as read, which shows on every page: it is done before.
    AlertRecipient.objects.filter(user=user).update(read_at=Now())
    client, found = Client(), {}
    client.force_login(user)
    waiting = deque(sorted(set(addresses(batch))))
    while waiting:
        address = waiting.popleft()
        # The same rows in another order tell nothing more.
        if address in found or "sort=" in address or address.startswith(("/static/", "/sign-out/")):
            continue
        found[address] = _read(client, address)
        waiting.extend(_join(address, html.unescape(link)) for link in LINK.findall(found[address]))
        assert len(found) < PAGES
    for address in [reverse("batch_confirm", args=[batch.district.number])]:
        every = {"objects": ["Enrollment", "Day", "CourseSection"], "check_dependencies": "on"}
        found[f"POST {address}"] = _clean(client.post(address, every).content)
    return found


def _join(address: str, link: str) -> str:
    return address.partition("?")[0] + link if link.startswith("?") else link


def _read(client: Client, address: str) -> str:
    response = read(client, address)
    content = b"".join(response) if response.streaming else response.content  # type: ignore[arg-type]
    return f"{response.status_code} {response.get('Location', '')} {_clean(content)}"


def _clean(content: bytes) -> str:
    return NOISE.sub("", content.decode())


def names_in(text: str) -> Counter[str]:
    """How often each DIS object is named, as its name or as its table; but for those that are ordinary words."""
    known = definitions()
    spelled = {each.table: name for name, each in known.items()} | {name: name for name in known}
    unmistakable = re.findall(r"\b(?:[A-Z][a-z]+[A-Z]\w*|[a-z]+_\w+)", text)
    return Counter(spelled[word] for word in unmistakable if word in spelled)


# ---- The tests -----------------------------------------------------------------------------------------------


def test_nothing_tells_what_the_state_asked_for(district: District, own: Batch, reader: User) -> None:
    before = crawl(reader, own)
    assert len(before) > len(ROUTES)
    assert sum("Enrollment" in text for text in before.values()) > 5

    resync_in_every_way(district)
    assert_it_went_wrong(district)
    # The alerts are the one thing that may be new: they are read by the next test.
    AlertRecipient.objects.filter(alert__in=requested(district)).delete()

    after = crawl(reader, own)
    assert after.keys() == before.keys()
    assert {address for address in before if after[address] != before[address]} == set()


@with_every_right
def test_the_alert_tells_that_there_was_a_request_and_nothing_of_it(
    district: District, own: Batch, reader: User
) -> None:
    resync_in_every_way(district)

    pages = {address: text for address, text in crawl(reader, own).items() if "/alerts/" in address}

    told = requested(district).filter(recipients__user=reader)
    assert told.count() == 3
    assert "State Resync Requested" in pages[reverse("alerts")]
    assert {reverse("alert", args=[alert.pk]) for alert in told} <= pages.keys()
    assert {address: names_in(text) for address, text in pages.items() if names_in(text)} == {}
    assert not [
        alert.text
        for alert in told
        if set(re.findall(r"\w+", alert.text)) & {"Enrollment", "Calendar", "Day"}
    ]


@with_every_right
def test_while_it_runs_no_page_names_an_object_more_often(
    district: District, own: Batch, reader: User
) -> None:
    """A page may tell that the district is busy, but not with what."""
    before = crawl(reader, own)
    batch = state_asks(district, "PersonIdentity", "ScheduleStructure", "CourseSection").batches.get()
    chunks.push_next_chunk(batch.objects_in_order.get(object="PersonIdentity").pk)
    batch.refresh_from_db()
    assert batch.status == BatchStatus.RUNNING

    after = crawl(reader, own)
    assert {
        address: names_in(text) - names_in(before[address])
        for address, text in after.items()
        if address in before and names_in(text) - names_in(before[address])
    } == {}


@pytest.mark.parametrize(
    "name", sorted(name for name, route in ROUTES.items() if {"batch_id", "request_id"} & set(route.parts))
)
def test_its_batch_and_its_request_answer_as_if_there_were_none(
    district: District, own: Batch, reader: User, name: str
) -> None:
    asked = state_asks(district, "Enrollment")
    client = Client()
    client.force_login(reader)

    def answers(batch_id: int, request_id: int) -> list[tuple[int, str]]:
        values = {"batch_id": batch_id, "request_id": request_id, "number": district.number}
        address = reverse(name, kwargs={part: values[part] for part in ROUTES[name].parts})
        return [
            (each.status_code, _clean(each.content))
            for each in (client.get(address), client.post(address, POSTED))
        ]

    theirs, nobodys = answers(asked.batches.get().pk, asked.pk), answers(999_999, 999_999)
    assert [status for status, _ in theirs] == [status for status, _ in nobodys]
    assert {status for status, _ in theirs} <= {403, 404, 405}
    assert theirs == nobodys


@with_every_right
def test_an_error_shows_as_soon_as_an_attempt_of_the_district_meets_it(
    district: District, own: Batch, reader: User
) -> None:
    resync_in_every_way(district)
    hidden = RecordError.objects.filter(object="Enrollment", confidential=True).count()
    assert hidden
    before = sum("MISSING_PARENT" in text for text in crawl(reader, own).values())
    again = actions.send_resync(
        district=district,
        school_year=district.zone.school_year,
        objects=["Enrollment"],
        check_dependencies=False,
        by=reader,
    )
    run(again)
    shown = RecordError.objects.filter(object="Enrollment", confidential=False, code="MISSING_PARENT").count()
    assert shown >= 5
    assert sum("MISSING_PARENT" in text for text in crawl(reader, again).values()) > 0 or before == 0
