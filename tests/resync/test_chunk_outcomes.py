"""What a chunk leaves in the batch history and in the errors, by who asked for it."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from dis_objects.choices import FieldOwner
from dis_objects.models import SyncField
from districts.models import District
from interchange.models import RecordError
from resync import chunks
from resync.choices import BatchStatus, ObjectStatus, Origin
from resync.models import Batch, BatchObject
from tests.conftest import DistrictDatabase
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.resync.conftest import run


@pytest.fixture(autouse=True)
def no_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("resync.actions", "resync.chunks"):
        monkeypatch.setattr(f"{module}.wake", lambda ids: None)


def pushed(district: District, origin: Origin) -> BatchObject:
    """PersonIdentity, pushed to its end by a batch of this origin."""
    batch = BatchFactory(
        district=district,
        school_year=district.zone.school_year,
        origin=origin,
        status=BatchStatus.RUNNING,
    )
    each = BatchObjectFactory(batch=batch, object="PersonIdentity", status=ObjectStatus.QUEUED)
    while each.ended_at is None:
        chunks.push_next_chunk(each.pk)
        each.refresh_from_db()
    return each


@pytest.mark.parametrize("limit", [7, 1000])
def test_history_tells_how_many_values_were_kept(
    people: DistrictDatabase, send: Callable[..., Batch], settings: Settings, limit: int
) -> None:
    settings.CHUNK_RECORDS = limit
    assert run(send("PersonIdentity")).objects_in_order.get(object="PersonIdentity").kept == 0
    locked = SyncField.objects.filter(object="PersonIdentity", name__in=["first_name", "gender"])
    locked.update(owner=FieldOwner.STATE, locked=True)
    people.execute("UPDATE person_identity SET first_name = 'x', gender = 'F' WHERE person_id <= 10")
    after = run(send("PersonIdentity")).objects_in_order.get(object="PersonIdentity")
    assert (after.processed, after.errors, after.written, after.kept) == (40, 0, 0, 20)


@pytest.mark.parametrize(
    ("origin", "confidential"), [(Origin.DISTRICT, False), (Origin.STATE, True), (Origin.SCHEDULE, False)]
)
def test_only_what_a_state_request_meets_is_confidential(
    district: District, people: DistrictDatabase, origin: Origin, confidential: bool
) -> None:
    people.execute("UPDATE person_identity SET last_name = repeat('x', 99) WHERE person_id = 3")
    each = pushed(district, origin)
    error = RecordError.objects.get()
    assert (error.key, error.confidential, error.batch_id) == (3, confidential, each.batch_id)
