"""Pushes side by side, and with whatever else writes at the state."""

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from dis_objects.catalogue import definition
from districts.models import District
from interchange import staging
from interchange.exceptions import StateMoved
from interchange.locks import lock_for_push
from interchange.push import push_chunk
from interchange.selections import KeyRange
from tests.conftest import DistrictDatabase
from tests.interchange.pair import fill, push, push_once, put_at_state, state_of
from tests.interchange.records import record
from tests.interchange.reference import Counts

Other = psycopg.Connection[Any]


@pytest.fixture
def other(db: None) -> Iterator[Other]:
    """Somebody else's connection to the state store. It does not wait long for a lock."""
    parameters = connection.get_connection_params()
    entered = {
        name: parameters[name]
        for name in ("dbname", "user", "password", "host", "port")
        if name in parameters
    }
    with psycopg.connect(**entered, options="-c lock_timeout=100ms") as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def pushed(district: District, writer: DistrictDatabase) -> District:
    """A district with a push of School that has not committed."""
    put_at_state(district, "District")
    fill(writer, {"School": [record("School")]})
    push(district, "School")
    return district


def lock_as_a_delete(other: Other, district_id: int) -> None:
    """What deletes at the state is to take the lock that a district's pushes share, alone."""
    name = f"upstate district {district_id}"
    other.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def test_second_push_of_an_object_waits(pushed: District, other: Other) -> None:
    with pytest.raises(psycopg.errors.LockNotAvailable):
        lock_for_push(other, pushed.pk, "School")


def test_push_of_another_object_or_district_does_not_wait(pushed: District, other: Other) -> None:
    lock_for_push(other, pushed.pk, "Calendar")
    lock_for_push(other, pushed.pk + 1, "School")
    lock_as_a_delete(other, pushed.pk + 1)


def test_delete_waits_for_pushes(pushed: District, other: Other) -> None:
    with pytest.raises(psycopg.errors.LockNotAvailable):
        lock_as_a_delete(other, pushed.pk)


def test_push_waits_for_a_delete(
    pushed: District, other: Other, make_district: Callable[..., District]
) -> None:
    """The push has checked parents that must not go away before it commits."""
    another = make_district("T2")
    lock_as_a_delete(other, another.pk)
    connection.connection.execute("SET LOCAL lock_timeout = '100ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        push(another, "School")


@pytest.mark.django_db(transaction=True)
class TestCommitted:
    """These need records that other connections see."""

    @pytest.fixture(autouse=True)
    def schools(self, district: District, writer: DistrictDatabase) -> None:
        put_at_state(district, "District")
        fill(writer, {"School": [record("School", key) for key in range(1, 4)]})
        self.district, self.writer = district, writer

    def test_push_needs_a_transaction(self) -> None:
        with pytest.raises(transaction.TransactionManagementError):
            push_chunk(definition("School").model, self.district, KeyRange(5), end_year=2024)

    def test_push_leaves_no_temporary_table(self) -> None:
        push(self.district, "School")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't'")
            assert cursor.fetchone() == (0,)

    def test_two_pushes_of_an_object_end_as_one_after_the_other(self) -> None:
        outcomes: list[Counts] = []
        second = Thread(target=self._push_in_a_thread, args=[outcomes])
        with transaction.atomic():
            push_once(self.district, "School", KeyRange(2))
            second.start()
            self._wait_until_somebody_waits()
            push_once(self.district, "School", KeyRange(2), 2)
        second.join(timeout=30)
        assert outcomes == [Counts(processed=3)]
        assert {*state_of(self.district, "School")} == {1, 2, 3}

    def _push_in_a_thread(self, outcomes: list[Counts]) -> None:
        try:
            outcomes.append(push(self.district, "School"))
        finally:
            connection.close()

    def _wait_until_somebody_waits(self) -> None:
        with connection.cursor() as cursor:
            for _ in range(600):
                cursor.execute("SELECT pg_sleep(0.05), count(*) FROM pg_locks WHERE NOT granted")
                if cursor.fetchone()[1]:
                    return
        raise AssertionError("the second push did not wait")

    @pytest.mark.parametrize(
        "meanwhile",
        ["UPDATE school SET name = 'theirs' WHERE school_id = 2", "DELETE FROM school WHERE school_id = 2"],
        ids=["update", "delete"],
    )
    def test_record_that_moves_under_a_push_stops_it(
        self, monkeypatch: pytest.MonkeyPatch, other: Other, meanwhile: str
    ) -> None:
        push(self.district, "School")
        fill(self.writer, {"School": [record("School", key, name="ours") for key in range(1, 5)]})
        judge = staging.judge

        def judge_while_others_write(stage: staging.Stage, source: str) -> int:
            other.execute(meanwhile)
            other.commit()
            return judge(stage, source)

        monkeypatch.setattr(staging, "judge", judge_while_others_write)
        with pytest.raises(StateMoved) as told:
            push(self.district, "School")
        assert str(told.value) == "Records of School changed at the state while they were being pushed."
        assert "ours" not in {row["name"] for row in state_of(self.district, "School").values()}
        monkeypatch.undo()
        assert push(self.district, "School").errors == 0
        assert {row["name"] for row in state_of(self.district, "School").values()} == {"ours"}
