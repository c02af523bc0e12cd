"""What the database refuses about requests and their batches, whoever writes."""

import pytest
from django.db import IntegrityError, transaction

from interchange.error_log import log_error
from interchange.models import ErrorLogEntry
from resync.choices import BatchStatus, Origin
from resync.models import Batch, BatchObject, ResyncRequest
from tests.factories.batch import BatchFactory, BatchObjectFactory, ResyncRequestFactory
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.user import UserFactory

pytestmark = pytest.mark.django_db


def test_a_district_makes_no_request() -> None:
    year = SchoolYearFactory()
    with pytest.raises(IntegrityError, match="a_district_sends_and_requests_not"), transaction.atomic():
        ResyncRequest.objects.create(
            school_year=year, origin=Origin.DISTRICT, objects_chosen=["School"], check_dependencies=True
        )


@pytest.mark.parametrize("origin", [Origin.STATE, Origin.SCHEDULE])
def test_a_batch_that_others_asked_for_names_the_request(origin: Origin) -> None:
    batch = BatchFactory(origin=origin)
    with (
        pytest.raises(IntegrityError, match="batch_has_a_request_iff_not_the_districts"),
        transaction.atomic(),
    ):
        Batch.objects.filter(pk=batch.pk).update(request=None)


def test_a_batch_of_the_district_names_no_request() -> None:
    batch = BatchFactory()
    with (
        pytest.raises(IntegrityError, match="batch_has_a_request_iff_not_the_districts"),
        transaction.atomic(),
    ):
        Batch.objects.filter(pk=batch.pk).update(request=ResyncRequestFactory())


def test_no_batch_starts_beside_one_that_is_being_cancelled() -> None:
    first = BatchFactory(status=BatchStatus.CANCELLING)
    second = BatchFactory(district=first.district, school_year=first.school_year, status=BatchStatus.QUEUED)
    with pytest.raises(IntegrityError, match="one_running_batch_per_district_and_year"), transaction.atomic():
        Batch.objects.filter(pk=second.pk).update(status=BatchStatus.RUNNING)


def test_a_chunk_has_records() -> None:
    each = BatchObjectFactory()
    with pytest.raises(IntegrityError, match="a_chunk_has_records"), transaction.atomic():
        BatchObject.objects.filter(pk=each.pk).update(next_chunk=0)


def test_a_cleared_entry_of_the_error_log_knows_when() -> None:
    log_error(district_id=DistrictFactory().pk, code="DATABASE_WAITING", sentence="It does not answer.")
    clearer = UserFactory()
    with pytest.raises(IntegrityError, match="cleared_entry_knows_when"), transaction.atomic():
        ErrorLogEntry.objects.update(cleared_by=clearer)
