"""A batch stops at the edge of a chunk: what was pushed stays, the counts stay exact, nothing is pushed afterwards."""

import itertools
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection, connections
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from dis_objects.catalogue import definition
from districts.models import District, User
from process_alerts.models import ProcessAlert
from resync import actions, chunks
from resync.choices import TERMINAL_BATCH, BatchStatus, ObjectStatus, Origin
from resync.models import Batch, BatchObject
from resync.queries import may_cancel, runnable_objects
from resync.requests import cancel_request, request_resync, retry_request
from tests.conftest import DistrictDatabase
from tests.factories.batch import BatchFactory
from tests.factories.district import DistrictFactory
from tests.factories.user import UserFactory
from tests.resync.conftest import counts, run

Send = Callable[..., Batch]


@pytest.fixture(autouse=True)
def no_messages(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Records the wake-ups instead of sending them; these tests are the workers themselves."""
    woken: list[int] = []
    for module in ("resync.actions", "resync.chunks"):
        monkeypatch.setattr(f"{module}.wake", woken.extend)
    return woken


@pytest.fixture
def admin(db: None) -> User:
    return UserFactory(username="state.admin", district=None)


def reasons(batch: Batch) -> dict[str, str]:
    return dict(batch.objects_in_order.values_list("object", "reason"))


def statuses(batch: Batch) -> list[str]:
    return list(batch.objects_in_order.order_by("place").values_list("status", flat=True))


def fresh(batch: Batch) -> Batch:
    return Batch.objects.get(pk=batch.pk)


@contextmanager
def locked_by_another(batch_object: BatchObject) -> Iterator[None]:
    """Somebody else is in the middle of a chunk of this object."""
    with psycopg.connect(**connection.get_connection_params()) as other_worker:
        other_worker.execute("SELECT FROM dis_batch_history WHERE id = %s FOR UPDATE", [batch_object.pk])
        yield


# ---- What nobody is pushing ----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("chunk_by_chunk")
def test_objects_that_nobody_pushes_are_cancelled_at_once_and_say_how_far_they_were(
    people: DistrictDatabase, send: Send, settings: Settings, admin: User
) -> None:
    settings.CHUNK_RECORDS = 15
    batch = send("PersonIdentity", "Enrollment", check_dependencies=False)
    person = batch.objects_in_order.get(object="PersonIdentity")
    for _ in range(2):
        chunks.push_next_chunk(person.pk)

    assert actions.cancel_batch(batch=batch, by=admin)

    batch = fresh(batch)
    assert (batch.status, batch.cancelled_by, batch.ended_at is not None) == ("cancelled", admin, True)
    assert statuses(batch) == ["cancelled", "cancelled"]
    assert reasons(batch) == {
        "PersonIdentity": "Cancelled by state.admin after 30 of 40 records; what was pushed stays at the state.",
        "Enrollment": "Cancelled by state.admin before it began; nothing of it was pushed.",
    }
    assert counts(batch) == {"PersonIdentity": (30, 0), "Enrollment": (0, 0)}
    assert definition("PersonIdentity").model.objects.count() == 30


@pytest.mark.django_db
def test_numbers_in_the_reason_are_grouped(district: District, send: Send, admin: User) -> None:
    batch = send("District")
    batch.objects_in_order.update(
        status="running", started_at=batch.requested_at, total=300_000, processed=120_000
    )
    actions.cancel_batch(batch=batch, by=admin)
    assert reasons(batch)["District"].startswith("Cancelled by state.admin after 120,000 of 300,000 records;")


@pytest.mark.django_db
@pytest.mark.usefixtures("chunk_by_chunk")
def test_what_was_completed_stays_completed(people: DistrictDatabase, send: Send, admin: User) -> None:
    batch = send("School")
    chunks.push_next_chunk(batch.objects_in_order.get(object="District").pk)
    actions.cancel_batch(batch=batch, by=admin)
    assert statuses(batch) == ["completed", "cancelled"]


@pytest.mark.django_db
def test_a_queued_batch_is_cancelled_at_once_and_the_running_one_goes_on(
    people: DistrictDatabase, send: Send, admin: User
) -> None:
    running, queued, last = send("District"), send("School"), send("Day")
    actions.cancel_batch(batch=queued, by=admin)

    assert [fresh(each).status for each in (running, queued, last)] == ["running", "cancelled", "queued"]
    assert fresh(queued).started_at is None
    run(running)
    assert [fresh(each).status for each in (running, queued, last)] == ["completed", "cancelled", "running"]


@pytest.mark.django_db
def test_the_next_batch_begins_when_the_one_before_is_cancelled(
    people: DistrictDatabase, send: Send, admin: User
) -> None:
    running, queued = send("District"), send("School")
    actions.cancel_batch(batch=running, by=admin)
    assert [fresh(each).status for each in (running, queued)] == ["cancelled", "running"]


@pytest.mark.django_db
def test_who_sent_it_is_told_once(people: DistrictDatabase, send: Send, admin: User) -> None:
    batch = send("District")
    actions.cancel_batch(batch=batch, by=admin)
    actions.sweep()
    alert = ProcessAlert.objects.get()
    assert alert.name == "Resync cancelled"
    assert "Cancelled by state.admin" in alert.text


@pytest.mark.django_db
@pytest.mark.parametrize("status", sorted(set(BatchStatus) - {BatchStatus.QUEUED, BatchStatus.RUNNING}))
def test_what_has_ended_or_is_being_cancelled_cannot_be_cancelled_again(admin: User, status: str) -> None:
    batch = BatchFactory(status=status, cancelled_by=None)
    assert not actions.cancel_batch(batch=batch, by=admin)
    assert fresh(batch).cancelled_by is None


# ---- In the middle of a chunk --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_chunk_under_way_ends_with_exact_counts_and_nothing_is_pushed_after_it(
    people: DistrictDatabase, send: Send, settings: Settings, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real worker in a thread of its own, stopped in the middle of its first chunk while somebody cancels."""
    settings.CHUNK_RECORDS = 15
    batch = send("PersonIdentity", "Enrollment", check_dependencies=False)
    person = batch.objects_in_order.get(object="PersonIdentity")
    in_the_middle, cancelled = threading.Event(), threading.Event()
    push_chunk = chunks.push_chunk

    def slowly(*arguments: object, **more: object) -> object:
        outcome = push_chunk(*arguments, **more)
        in_the_middle.set()
        assert cancelled.wait(20)
        return outcome

    monkeypatch.setattr(chunks, "push_chunk", slowly)
    worker = threading.Thread(target=lambda: (chunks.push_next_chunk(person.pk), connections.close_all()))
    worker.start()
    assert in_the_middle.wait(20)

    assert actions.cancel_batch(batch=batch, by=admin)
    assert fresh(batch).status == BatchStatus.CANCELLING
    assert statuses(batch) == ["running", "cancelled"]
    # until the chunk has ended, the district's next batch waits
    following = send("District")
    assert following.status == BatchStatus.QUEUED

    cancelled.set()
    worker.join()
    assert fresh(batch).status == BatchStatus.CANCELLED
    assert counts(batch) == {"PersonIdentity": (15, 0), "Enrollment": (0, 0)}
    assert reasons(batch)["PersonIdentity"].startswith("Cancelled by state.admin after 15 of 40 records;")
    assert fresh(following).status == BatchStatus.RUNNING

    for each in batch.objects_in_order.all():
        chunks.push_next_chunk(each.pk)
    actions.sweep()
    assert counts(batch) == {"PersonIdentity": (15, 0), "Enrollment": (0, 0)}
    assert definition("PersonIdentity").model.objects.count() == 15


@pytest.mark.django_db(transaction=True)
def test_the_sweep_ends_what_a_killed_worker_left(people: DistrictDatabase, send: Send, admin: User) -> None:
    """Its transaction is rolled back, so nobody comes back to the object."""
    batch = send("District")
    with locked_by_another(batch.objects_in_order.get()):
        actions.cancel_batch(batch=batch, by=admin)
        actions.sweep()
        assert fresh(batch).status == BatchStatus.CANCELLING
    actions.sweep()
    assert (fresh(batch).status, statuses(batch)) == ("cancelled", ["cancelled"])


@pytest.mark.django_db(transaction=True)
def test_a_chunk_that_was_the_last_leaves_nothing_to_cancel(
    people: DistrictDatabase, send: Send, admin: User
) -> None:
    """The resync is complete: to call it cancelled would be wrong."""
    batch = send("District")
    only = batch.objects_in_order.get()
    with locked_by_another(only):
        actions.cancel_batch(batch=batch, by=admin)
    batch.objects_in_order.update(
        status="completed", started_at=batch.requested_at, ended_at=batch.requested_at
    )
    actions.settle_cancelled(batch_id=batch.pk)
    assert fresh(batch).status == BatchStatus.COMPLETED


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_only_began_when_it_was_cancelled_settles_it(
    people: DistrictDatabase, send: Send, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between marking the object as running and pushing its first chunk."""
    batch = send("District")
    only = batch.objects_in_order.get()
    limit_transaction = chunks.limit_transaction

    def cancelled_meanwhile() -> None:
        with_another_connection(lambda: actions.cancel_batch(batch=batch, by=admin))
        limit_transaction()

    monkeypatch.setattr(chunks, "limit_transaction", cancelled_meanwhile)
    chunks.push_next_chunk(only.pk)
    assert fresh(batch).status == BatchStatus.CANCELLED
    assert counts(batch) == {"District": (0, 0)}
    assert definition("District").model.objects.count() == 0


def with_another_connection(act: Callable[[], object]) -> None:
    thread = threading.Thread(target=lambda: (act(), connections.close_all()))
    thread.start()
    thread.join()


@pytest.mark.django_db
def test_an_object_that_waits_for_its_database_is_cancelled_too(
    people: DistrictDatabase, send: Send, district: District, admin: User
) -> None:
    batch = send("District")
    District.objects.filter(pk=district.pk).update(database_host="127.0.0.1", database_port=1)
    chunks.push_next_chunk(batch.objects_in_order.get().pk)
    assert statuses(batch) == ["waiting"]
    actions.cancel_batch(batch=batch, by=admin)
    assert (fresh(batch).status, statuses(batch)) == ("cancelled", ["cancelled"])


@pytest.mark.django_db(transaction=True)
def test_cancel_and_end_at_the_same_time_leave_one_end(
    people: DistrictDatabase, send: Send, admin: User
) -> None:
    """Eight who cancel and eight who find it ended, all at once: one outcome, one announcement."""
    batch = send("District")
    batch.objects_in_order.update(
        status="completed", started_at=batch.requested_at, ended_at=batch.requested_at
    )
    acts = [
        lambda: actions.cancel_batch(batch=batch, by=admin),
        lambda: actions.finish_batch(batch_id=batch.pk),
    ]
    threads = [
        threading.Thread(target=lambda act=act: (act(), connections.close_all()))
        for act in itertools.islice(itertools.cycle(acts), 16)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert fresh(batch).status == BatchStatus.COMPLETED
    assert ProcessAlert.objects.count() == 1


# ---- Any order of events -------------------------------------------------------------------------------------

STEPS = st.lists(
    st.sampled_from(["chunk", "fail", "wait", "cancel", "sweep", "lock", "unlock", "send"]), max_size=14
)


@pytest.mark.django_db(transaction=True)
@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_happens_in_whatever_order(
    people: DistrictDatabase, send: Send, settings: Settings, admin: User, steps: list[str]
) -> None:
    """After all locks are gone and a sweep, no batch is left that is being cancelled; one at most runs; processed never
    changes after the end."""
    settings.CHUNK_RECORDS = 25
    BatchObject.objects.all().delete()
    Batch.objects.all().delete()
    batch = send("PersonIdentity", "Enrollment", check_dependencies=False)
    held: list[psycopg.Connection] = []
    at_the_end: dict[int, dict[str, tuple[int, int]]] = {}
    try:
        for step in steps:
            _do(step, batch, send, admin, held)
            for each in Batch.objects.filter(status__in=TERMINAL_BATCH):
                assert at_the_end.setdefault(each.pk, counts(each)) == counts(each)
            assert Batch.objects.filter(status__in=["running", "cancelling"]).count() <= 1
    finally:
        while held:
            held.pop().close()
    actions.sweep()
    actions.sweep()
    assert not Batch.objects.filter(status=BatchStatus.CANCELLING).exists()
    for each in Batch.objects.filter(status=BatchStatus.CANCELLED):
        assert ObjectStatus.CANCELLED in statuses(each)


def _do(step: str, batch: Batch, send: Send, admin: User, held: list[psycopg.Connection]) -> None:
    free = runnable_objects().order_by("place").first()
    if step == "cancel":
        actions.cancel_batch(batch=batch, by=admin)
    elif step == "sweep":
        actions.sweep()
    elif step == "send":
        send("District")
    elif step == "unlock" and held:
        held.pop().close()
    elif step == "lock" and free:
        held.append(psycopg.connect(**connection.get_connection_params()))
        held[-1].execute("SELECT FROM dis_batch_history WHERE id = %s FOR UPDATE SKIP LOCKED", [free.pk])
    elif free and not held:
        if step == "chunk":
            chunks.push_next_chunk(free.pk)
        elif step == "fail":
            actions.fail_object(batch_object_id=free.pk, reason="The table is missing.")
        elif step == "wait":
            actions.retry_later(batch_object_id=free.pk, reason="The database does not answer.")


# ---- Requests of the state -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_request_is_cancelled_in_every_district_and_can_be_retried(
    admin: User, django_capture_on_commit_callbacks: Callable
) -> None:
    districts = [DistrictFactory(number=f"0{n}") for n in range(1, 5)]
    request = request_resync(
        districts=districts,
        school_year=districts[0].zone.school_year,
        objects=["School"],
        check_dependencies=True,
        by=admin,
    )
    done = request.batches.order_by("pk").first()
    done.objects_in_order.update(status="completed", started_at=done.requested_at, ended_at=done.requested_at)
    actions.finish_batch(batch_id=done.pk)

    with django_capture_on_commit_callbacks(execute=True):
        assert cancel_request(request=request, by=admin) == 3

    assert sorted(request.batches.values_list("status", flat=True)) == ["cancelled"] * 3 + ["completed"]
    assert ProcessAlert.objects.filter(key__startswith="request-ended:").count() == 1
    assert [each.district.number for each in retry_request(request=request, by=admin)] == ["02", "03", "04"]


@pytest.mark.django_db
def test_a_cancelled_request_takes_as_many_statements_for_many_districts_as_for_few(
    admin: User, django_assert_max_num_queries: Callable
) -> None:
    districts = [DistrictFactory(number=f"{n:03}") for n in range(40)]
    request = request_resync(
        districts=districts,
        school_year=districts[0].zone.school_year,
        objects=["School"],
        check_dependencies=True,
        by=admin,
    )
    with django_assert_max_num_queries(25):
        cancel_request(request=request, by=admin)


# ---- Who may -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("person", "allowed"),
    [
        ("district writer", {Origin.DISTRICT}),
        ("district reader", set()),
        ("other district", set()),
        ("state writer", {Origin.DISTRICT, Origin.STATE, Origin.SCHEDULE}),
        ("state reader", set()),
    ],
)
def test_who_may_cancel(person: str, allowed: set[Origin]) -> None:
    district = DistrictFactory()
    users = {
        "district writer": lambda: UserFactory(district=district),
        "district reader": lambda: UserFactory(district=district, rights="R"),
        "other district": lambda: UserFactory(),
        "state writer": lambda: UserFactory(district=None),
        "state reader": lambda: UserFactory(district=None, rights="R"),
    }
    user = users[person]()
    batches = {origin: BatchFactory(district=district, origin=origin, status="queued") for origin in Origin}
    assert {origin for origin, batch in batches.items() if may_cancel(user, batch)} == allowed


@pytest.mark.django_db
def test_a_reason_names_a_person_by_the_user_name_alone(
    send: Send, admin: User, people: DistrictDatabase
) -> None:
    User.objects.filter(pk=admin.pk).update(first_name="Canary", email="canary@example.org")
    batch = send("District")
    actions.cancel_batch(batch=batch, by=admin)
    assert not re.search("canary", reasons(batch)["District"], re.IGNORECASE)
