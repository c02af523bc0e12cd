"""What a worker does with a wake-up."""

from collections.abc import Callable

import psycopg
import pytest
from django.db import connection
from pytest_django import Settings

from dis_objects.catalogue import definition
from district_data.databases import open_writer
from districts.models import District
from interchange.attempts import RETRY_DELAYS
from interchange.models import RecordError
from resync import actions, chunks
from resync.choices import BatchStatus, ObjectStatus
from resync.models import Batch, BatchObject
from tests.conftest import DistrictDatabase
from tests.resync.conftest import CHAIN, counts, run

Send = Callable[..., Batch]
FULL = {"District": (1, 0), "School": (1, 0), "Calendar": (1, 0), "ScheduleStructure": (1, 0)}


@pytest.fixture(autouse=True)
def no_messages(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Records the wake-ups instead of sending them; these tests are the workers themselves."""
    woken: list[int] = []
    for module in ("resync.actions", "resync.chunks"):
        monkeypatch.setattr(f"{module}.wake", woken.extend)
    return woken


@pytest.mark.parametrize("limit", [1, 7, 20, 1000])
def test_counts_are_exact_whatever_the_size_of_a_chunk(
    people: DistrictDatabase, send: Send, settings: Settings, limit: int
) -> None:
    settings.CHUNK_RECORDS = limit
    batch = run(send("Enrollment"))
    assert batch.status == BatchStatus.COMPLETED
    assert counts(batch) == FULL | {"PersonIdentity": (40, 0), "Enrollment": (60, 7)}
    assert RecordError.objects.filter(object="Enrollment").count() == 7
    assert definition("Enrollment").model.objects.count() == 53


def test_an_object_waits_for_its_parents_in_the_plan(people: DistrictDatabase, send: Send) -> None:
    batch = send("Enrollment")
    last = batch.objects_in_order.get(object="Enrollment")
    chunks.push_next_chunk(last.pk)
    last.refresh_from_db()
    assert (last.status, last.processed) == (ObjectStatus.QUEUED, 0)


@pytest.mark.usefixtures("chunk_by_chunk")
def test_children_are_woken_when_the_parent_ends(
    people: DistrictDatabase, send: Send, no_messages: list[int]
) -> None:
    batch = send("Enrollment")
    first, second = batch.objects_in_order.order_by("place")[:2]
    chunks.push_next_chunk(first.pk)
    assert no_messages == [second.pk]


@pytest.mark.usefixtures("chunk_by_chunk")
def test_an_unfinished_object_wakes_itself(
    people: DistrictDatabase, send: Send, settings: Settings, no_messages: list[int]
) -> None:
    settings.CHUNK_RECORDS = 10
    only = send("PersonIdentity", check_dependencies=False).objects_in_order.get()
    chunks.push_next_chunk(only.pk)
    assert no_messages == [only.pk]


def test_a_finished_object_is_not_pushed_again(people: DistrictDatabase, send: Send) -> None:
    batch = run(send("District"))
    chunks.push_next_chunk(batch.objects_in_order.get().pk)
    assert counts(batch) == {"District": (1, 0)}


def test_an_unchanged_resync_writes_nothing_and_counts_the_same(people: DistrictDatabase, send: Send) -> None:
    first = counts(run(send("Enrollment")))
    second = run(send("Enrollment"))
    assert counts(second) == first
    assert sum(each.written for each in second.objects_in_order.all()) == 0


def test_without_dependencies_a_missing_parent_makes_errors_not_a_failure(
    people: DistrictDatabase, send: Send
) -> None:
    batch = run(send("Enrollment", check_dependencies=False))
    assert batch.status == BatchStatus.COMPLETED
    assert counts(batch) == {"Enrollment": (60, 60)}


def test_a_missing_table_fails_the_object_and_its_children_are_not_attempted(
    people: DistrictDatabase, send: Send
) -> None:
    people.execute("ALTER TABLE person_identity RENAME TO elsewhere")
    try:
        batch = run(send("Enrollment", "CourseSection"))
    finally:
        people.execute("ALTER TABLE elsewhere RENAME TO person_identity")
    ended = {each.object: each for each in batch.objects_in_order.all()}
    assert batch.status == BatchStatus.FAILED
    assert ended["PersonIdentity"].status == ObjectStatus.FAILED
    assert "person_identity" in ended["PersonIdentity"].reason
    assert ended["Enrollment"].status == ObjectStatus.NOT_ATTEMPTED
    assert ended["Enrollment"].reason.startswith("Not attempted, because PersonIdentity failed")
    assert ended["CourseSection"].status == ObjectStatus.COMPLETED


def test_an_unreachable_district_waits_then_fails_and_is_never_green(
    people: DistrictDatabase, send: Send, district: District
) -> None:
    batch = send("School")
    first = batch.objects_in_order.get(object="District")
    District.objects.filter(pk=district.pk).update(database_host="127.0.0.1", database_port=1)
    for attempt in range(len(RETRY_DELAYS)):
        chunks.push_next_chunk(first.pk)
        first.refresh_from_db()
        assert (first.status, first.attempts) == (ObjectStatus.WAITING, attempt + 1)
        assert first.retry_at is not None
        chunks.push_next_chunk(first.pk)  # its waiting time is not over: nothing happens
        first.refresh_from_db()
        assert first.attempts == attempt + 1
        BatchObject.objects.filter(pk=first.pk).update(retry_at=batch.requested_at)
    chunks.push_next_chunk(first.pk)
    batch.refresh_from_db()
    assert batch.status == BatchStatus.FAILED
    assert [each.status for each in batch.objects_in_order.order_by("place")] == ["failed", "not_attempted"]


def test_a_district_that_answers_again_goes_on(
    people: DistrictDatabase, send: Send, district: District
) -> None:
    batch = send("School")
    first = batch.objects_in_order.get(object="District")
    District.objects.filter(pk=district.pk).update(database_host="127.0.0.1", database_port=1)
    chunks.push_next_chunk(first.pk)
    District.objects.filter(pk=district.pk).update(database_host="", database_port=None)
    BatchObject.objects.filter(pk=first.pk).update(retry_at=batch.requested_at)
    assert run(batch).status == BatchStatus.COMPLETED
    first.refresh_from_db()
    assert (first.attempts, first.reason) == (0, "")


def test_no_address_or_credential_in_the_reason(
    people: DistrictDatabase, send: Send, district: District
) -> None:
    District.objects.filter(pk=district.pk).update(
        database_host="127.0.0.1", database_port=1, database_password="canary-secret"
    )
    only = send("District").objects_in_order.get()
    chunks.push_next_chunk(only.pk)
    only.refresh_from_db()
    assert only.reason
    for secret in ("canary-secret", "127.0.0.1", district.database_user):
        assert secret not in only.reason


def test_a_refusal_of_the_states_database_is_retried_without_telling_values(
    people: DistrictDatabase, send: Send
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE person_identity ADD CONSTRAINT refuse CHECK (last_name <> 'L7')")
    only = send("PersonIdentity", check_dependencies=False).objects_in_order.get()
    chunks.push_next_chunk(only.pk)
    only.refresh_from_db()
    assert (only.status, only.processed) == (ObjectStatus.WAITING, 0)
    assert "23514" in only.reason
    assert "L7" not in only.reason


def test_a_fault_of_ours_ends_the_batch_too_and_tells_no_value(
    people: DistrictDatabase, send: Send, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise ValueError("canary of a child's name")

    monkeypatch.setattr(chunks, "push_chunk", stumble)
    batch = send("District")
    only = batch.objects_in_order.get()
    for _ in range(len(RETRY_DELAYS) + 1):
        BatchObject.objects.filter(pk=only.pk, status=ObjectStatus.WAITING).update(
            retry_at=batch.requested_at
        )
        chunks.push_next_chunk(only.pk)
    only.refresh_from_db()
    batch.refresh_from_db()
    assert (batch.status, only.status) == (BatchStatus.FAILED, ObjectStatus.FAILED)
    assert "ValueError" in only.reason
    assert "canary" not in only.reason + caplog.text


@pytest.mark.django_db(transaction=True)
def test_an_object_that_another_worker_has_is_left_alone(people: DistrictDatabase, send: Send) -> None:
    only = send("PersonIdentity", check_dependencies=False).objects_in_order.get()
    with psycopg.connect(**connection.get_connection_params()) as other_worker:
        other_worker.execute("SELECT FROM dis_batch_history WHERE id = %s FOR UPDATE", [only.pk])
        chunks.push_next_chunk(only.pk)
    only.refresh_from_db()
    assert (only.status, only.processed) == (ObjectStatus.QUEUED, 0)


@pytest.mark.django_db(transaction=True)
def test_no_more_chunks_at_once_than_the_district_has_slots(
    people: DistrictDatabase, send: Send, district: District, settings: Settings
) -> None:
    settings.CHUNKS_PER_DISTRICT = 1
    only = send("PersonIdentity", check_dependencies=False).objects_in_order.get()
    with psycopg.connect(**connection.get_connection_params()) as other_worker:
        slot = f"upstate slot {district.pk} 0"
        other_worker.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [slot])
        chunks.push_next_chunk(only.pk)
        only.refresh_from_db()
        assert (only.status, only.processed) == (ObjectStatus.RUNNING, 0)
    chunks.push_next_chunk(only.pk)
    only.refresh_from_db()
    assert (only.status, only.processed) == (ObjectStatus.COMPLETED, 40)


def test_another_district_is_untouched(
    people: DistrictDatabase, send: Send, make_district: Callable[..., District]
) -> None:
    other = make_district("T2")
    with open_writer(other) as database:
        database.execute(
            "INSERT INTO person_identity (person_id, last_name, first_name) VALUES (1, 'Other', 'One')"
        )
    other_batch = actions.send_resync(
        district=other,
        school_year=other.zone.school_year,
        objects=["PersonIdentity"],
        check_dependencies=False,
        by=None,
    )
    run(other_batch)
    run(send(*CHAIN))
    persons = definition("PersonIdentity").model.objects
    assert persons.filter(district_id=other.pk).values_list("person_id", "last_name").get() == (1, "Other")
    assert persons.filter(district_id=other_batch.district_id).count() == 1


@pytest.mark.parametrize(
    ("size", "seconds", "expected"),
    [
        (100_000, 1.0, 100_000),
        (100_000, 0.5, 200_000),
        (100_000, 0.01, 400_000),
        (100_000, 0.0, 400_000),
        (100_000, 2.0, 50_000),
        (100_000, 60.0, 25_000),
        (20_000, 60.0, 10_000),
    ],
)
def test_a_chunk_makes_the_next_one_take_about_a_second(size: int, seconds: float, expected: int) -> None:
    """It grows and shrinks by no more than four times, and not below 10,000 records."""
    assert chunks._next_size(size, seconds) == expected


def test_chunks_grow_while_they_are_quick(
    people: DistrictDatabase, send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    only = send("PersonIdentity", check_dependencies=False).objects_in_order.get()
    BatchObject.objects.filter(pk=only.pk).update(next_chunk=10)
    with caplog.at_level("INFO", "resync.chunks"):
        chunks.push_next_chunk(only.pk)
    assert [int(each.args[2]) for each in caplog.records if isinstance(each.args, tuple)] == [10, 30]
    only.refresh_from_db()
    assert only.next_chunk > 10


def test_one_wake_up_goes_on_with_what_is_small(
    people: DistrictDatabase, send: Send, no_messages: list[int]
) -> None:
    """The next object need not wait for another message."""
    batch = send("Enrollment")
    chunks.push_next_chunk(batch.objects_in_order.order_by("place")[0].pk)
    assert {each.status for each in batch.objects_in_order.all()} == {ObjectStatus.COMPLETED}
    assert Batch.objects.get(pk=batch.pk).status == BatchStatus.COMPLETED


def test_after_a_failed_attempt_a_chunk_begins_small_again(people: DistrictDatabase, send: Send) -> None:
    only = send("PersonIdentity", check_dependencies=False).objects_in_order.get()
    BatchObject.objects.filter(pk=only.pk).update(next_chunk=2_000_000)
    actions.retry_later(batch_object_id=only.pk, reason="It took too long.")
    only.refresh_from_db()
    assert (only.status, only.next_chunk) == (ObjectStatus.WAITING, None)


@pytest.mark.usefixtures("chunk_by_chunk")
@pytest.mark.parametrize("limit", [1, 7, 40, 1000])
def test_the_total_is_known_after_the_first_chunk(
    people: DistrictDatabase, send: Send, settings: Settings, limit: int
) -> None:
    settings.CHUNK_RECORDS = limit
    only = send("PersonIdentity", check_dependencies=False).objects_in_order.get()
    chunks.push_next_chunk(only.pk)
    only.refresh_from_db()
    assert (only.total, only.processed) == (40, min(limit, 40))
