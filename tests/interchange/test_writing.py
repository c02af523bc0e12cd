"""What a push writes, and what it leaves alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from dis_objects.catalogue import definition
from districts.models import District
from interchange.models import RecordError
from tests.conftest import DistrictDatabase
from tests.interchange.pair import fill, push, put_at_state, state_of
from tests.interchange.records import record
from tests.interchange.reference import Counts

Places = dict[int, tuple[Any, ...]]


@pytest.fixture
def schools(district: District, writer: DistrictDatabase) -> Callable[..., None]:
    """Fills the district with the schools 1 to 5, some of them with another name."""
    put_at_state(district, "District")

    def put(**names: str) -> None:
        rows = [record("School", key, name=names.get(f"s{key}", "x")) for key in range(1, 6)]
        fill(writer, {"School": rows})

    return put


def places(district: District, name: str) -> Places:
    """Where each row stands at the state, and which transaction wrote it: both change with every write."""
    known = definition(name)
    query = f"SELECT {known.key}, ctid::text, xmin::text FROM {known.table} WHERE district_id = %s"
    with connection.cursor() as cursor:
        cursor.execute(query, [district.pk])
        return {key: where for key, *where in cursor.fetchall()}


def test_unchanged_records_are_not_written(district: District, schools: Callable[..., None]) -> None:
    schools()
    assert push(district, "School", limit=2) == Counts(processed=5, written=5)
    before = places(district, "School")
    assert push(district, "School", limit=2) == Counts(processed=5)
    assert push(district, "School", keys=[1, 2, 3]) == Counts(processed=3)
    assert places(district, "School") == before


def test_only_the_changed_record_is_written(district: District, schools: Callable[..., None]) -> None:
    schools()
    push(district, "School")
    before = places(district, "School")
    schools(s3="other")
    assert push(district, "School") == Counts(processed=5, written=1)
    after = places(district, "School")
    assert {key for key in after if after[key] != before[key]} == {3}
    assert state_of(district, "School")[3]["name"] == "other"


def test_new_and_changed_records_are_written_in_one_chunk(
    district: District, writer: DistrictDatabase
) -> None:
    put_at_state(district, "District")
    fill(writer, {"School": [record("School", key) for key in (2, 4)]})
    push(district, "School")
    fill(writer, {"School": [record("School", key, name="other") for key in (1, 2, 3, 4, 5)]})
    assert push(district, "School") == Counts(processed=5, written=5)
    assert {row["name"] for row in state_of(district, "School").values()} == {"other"}


def test_new_records_stand_in_key_order(district: District, writer: DistrictDatabase) -> None:
    """A table that grows in the order of its key is read and updated faster."""
    fill(writer, {"District": [record("District", key) for key in (3, 1, 2)]})
    push(district, "District", keys=[2, 3, 1])
    assert sorted(places(district, "District").items(), key=lambda item: item[1]) == sorted(
        places(district, "District").items()
    )


def test_record_that_left_the_district_stays_at_the_state(
    district: District, writer: DistrictDatabase
) -> None:
    put_at_state(district, "School", keys=(1, 2))
    fill(writer, {"School": [record("School", 1)]})
    push(district, "School")
    assert {*state_of(district, "School")} == {1, 2}


def test_push_that_is_rolled_back_leaves_nothing(district: District, writer: DistrictDatabase) -> None:
    fill(writer, {"District": [record("District", 1), record("District", 2, name=None)]})
    with transaction.atomic():
        assert push(district, "District") == Counts(processed=2, errors=1, written=1)
        transaction.set_rollback(True)
    assert state_of(district, "District") == {}
    assert not RecordError.objects.exists()


def test_several_pushes_share_a_transaction(district: District, schools: Callable[..., None]) -> None:
    schools()
    with transaction.atomic():
        push(district, "School", limit=1)
        push(district, "District")
        assert push(district, "School", limit=2) == Counts(processed=5)


class TestTimesOfAnError:
    @pytest.fixture(autouse=True)
    def yesterday(self, district: District, writer: DistrictDatabase) -> None:
        fill(writer, {"District": [record("District", 1, name=None), record("District", 2, name=None)]})
        push(district, "District")
        self.before = timezone.now() - timedelta(days=1)
        RecordError.objects.update(first_met_at=self.before, last_met_at=self.before)
        self.district, self.writer = district, writer

    def test_error_that_is_met_again_keeps_its_beginning(self) -> None:
        push(self.district, "District", keys=[1])
        met, not_met = RecordError.objects.order_by("key")
        assert met.first_met_at == not_met.first_met_at == not_met.last_met_at == self.before
        assert met.last_met_at > self.before

    def test_error_that_comes_back_begins_anew(self) -> None:
        for name in ("x", None):
            fill(self.writer, {"District": [record("District", 1, name=name)]})
            push(self.district, "District")
        assert RecordError.objects.get().first_met_at > self.before
