"""Requests, their queue, and the sweep."""

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction

from districts.models import District, User
from resync import actions
from resync.choices import BatchStatus, ObjectStatus
from resync.exceptions import ResyncRefused
from resync.models import Batch, BatchObject
from tests.conftest import DistrictDatabase
from tests.resync.conftest import run

Send = Callable[..., Batch]


def test_a_refused_request_changes_nothing(district: District, send: Send) -> None:
    with pytest.raises(ResyncRefused):
        send("NoSuchObject")
    assert not Batch.objects.exists()


def test_a_second_request_queues_behind_the_first_and_starts_when_it_ends(
    people: DistrictDatabase, send: Send
) -> None:
    first, second = send("District"), send("School")
    assert [Batch.objects.get(pk=each.pk).status for each in (first, second)] == ["running", "queued"]
    run(first)
    second.refresh_from_db()
    assert (second.status, second.started_at is not None) == (BatchStatus.RUNNING, True)


def test_the_same_token_is_the_same_batch(district: District, sender: User) -> None:
    token = uuid4()
    request = {"district": district, "school_year": district.zone.school_year, "check_dependencies": True}
    first, again = (
        actions.send_resync(**request, objects=["School"], by=sender, token=token) for _ in range(2)
    )
    assert first.pk == again.pk
    assert BatchObject.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_sends_at_once_leave_one_batch_running(district: District, sender: User) -> None:
    token, year, made = uuid4(), district.zone.school_year, []

    def click() -> None:
        request = {"district": district, "school_year": year, "check_dependencies": True, "by": sender}
        made.append(actions.send_resync(**request, objects=["School"], token=token).pk)
        made.append(actions.send_resync(**request, objects=["District"]).pk)
        connections.close_all()

    clicks = [threading.Thread(target=click) for _ in range(8)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()
    assert len(made) == 16
    assert len(set(made)) == 9
    assert Batch.objects.filter(status=BatchStatus.RUNNING).count() == 1


def test_the_sweep_wakes_what_is_runnable_and_nothing_else(
    people: DistrictDatabase,
    send: Send,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    woken: list[int] = []
    monkeypatch.setattr("resync.wakeups.wake", woken.extend)
    batch = send("School")
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.sweep() == 1
    assert woken == [batch.objects_in_order.get(object="District").pk]


def test_the_sweep_ends_a_batch_whose_worker_died_before_it_could(
    people: DistrictDatabase, send: Send
) -> None:
    batch = send("District")
    batch.objects_in_order.update(status=ObjectStatus.COMPLETED, ended_at=batch.requested_at)
    actions.sweep()
    batch.refresh_from_db()
    assert batch.status == BatchStatus.COMPLETED


def test_the_sweep_starts_a_queued_batch_that_was_left_behind(people: DistrictDatabase, send: Send) -> None:
    batch = send("District")
    Batch.objects.filter(pk=batch.pk).update(status=BatchStatus.QUEUED, started_at=None)
    actions.sweep()
    batch.refresh_from_db()
    assert batch.status == BatchStatus.RUNNING


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("errors_are_attempts", {"processed": 1, "errors": 2}),
        ("errors_are_attempts", {"errors": -1}),
        ("written_records_are_no_errors", {"processed": 3, "errors": 2, "written": 2}),
        ("object_has_ended_iff_terminal", {"status": ObjectStatus.COMPLETED}),
        ("waiting_object_knows_until_when", {"status": ObjectStatus.WAITING}),
    ],
)
def test_the_database_refuses_an_impossible_object(
    district: District, send: Send, constraint: str, change: dict[str, object]
) -> None:
    only = send("District").objects_in_order
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        only.update(**change)


def test_the_database_refuses_a_second_running_batch(district: District, send: Send) -> None:
    send("District")
    second = send("School")
    with pytest.raises(IntegrityError, match="one_running_batch_per_district_and_year"), transaction.atomic():
        Batch.objects.filter(pk=second.pk).update(status=BatchStatus.RUNNING)


def test_the_database_refuses_a_batch_that_ended_without_a_time(district: District, send: Send) -> None:
    with pytest.raises(IntegrityError, match="batch_has_ended_iff_terminal"), transaction.atomic():
        Batch.objects.filter(pk=send("District").pk).update(status=BatchStatus.COMPLETED)


@pytest.mark.parametrize("constraint", ["object_once_per_batch", "place_once_per_batch"])
def test_the_database_refuses_an_object_or_place_twice(
    district: District, send: Send, constraint: str
) -> None:
    first, second = send("School").objects_in_order.order_by("place")
    change = {"object": second.object} if constraint == "object_once_per_batch" else {"place": second.place}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        BatchObject.objects.filter(pk=first.pk).update(**change)


def test_history_outlives_an_attempt_to_delete_its_batch(district: District, send: Send) -> None:
    batch = send("District")
    with pytest.raises(Exception, match="protected"):
        batch.delete()
    with (
        connection.cursor() as cursor,
        pytest.raises(IntegrityError, match="resync_batch"),
        transaction.atomic(),
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; DELETE FROM resync_batch WHERE id = %s", [batch.pk])
