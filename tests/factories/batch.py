from datetime import UTC, datetime, timedelta

import factory
from factory.django import DjangoModelFactory

from resync.choices import TERMINAL_BATCH, TERMINAL_OBJECT, BatchStatus, ObjectStatus, Origin
from resync.models import Batch, BatchObject, ResyncRequest
from tests.factories.district import DistrictFactory, SchoolYearFactory

STARTED_AT = datetime(2024, 1, 9, 12, 16, 54, tzinfo=UTC)  # 06:16:54 in Chicago


class ResyncRequestFactory(DjangoModelFactory):
    class Meta:
        model = ResyncRequest

    school_year = factory.SubFactory(SchoolYearFactory)
    origin = Origin.STATE
    objects_chosen = ["School"]
    check_dependencies = True


class BatchFactory(DjangoModelFactory):
    """A completed batch without objects; the `status` decides about its times."""

    class Meta:
        model = Batch

    district = factory.SubFactory(DistrictFactory)
    school_year = factory.SubFactory(SchoolYearFactory)
    origin = Origin.DISTRICT
    request = factory.Maybe(
        factory.LazyAttribute(lambda batch: batch.origin != Origin.DISTRICT),
        yes_declaration=factory.SubFactory(
            ResyncRequestFactory,
            origin=factory.SelfAttribute("..origin"),
            school_year=factory.SelfAttribute("..school_year"),
        ),
    )
    check_dependencies = True
    status = BatchStatus.COMPLETED
    started_at = factory.LazyAttribute(
        lambda batch: None if batch.status == BatchStatus.QUEUED else STARTED_AT
    )
    ended_at = factory.LazyAttribute(
        lambda batch: STARTED_AT + timedelta(minutes=5) if batch.status in TERMINAL_BATCH else None
    )


class BatchObjectFactory(DjangoModelFactory):
    """A completed object without errors; the `status` decides about its times."""

    class Meta:
        model = BatchObject

    batch = factory.SubFactory(BatchFactory)
    district = factory.SelfAttribute("batch.district")
    school_year = factory.SelfAttribute("batch.school_year")
    origin = factory.SelfAttribute("batch.origin")
    object = "School"
    place = factory.Sequence(lambda n: n % 30_000)
    requested = True
    parents: list[str] = []
    status = ObjectStatus.COMPLETED
    processed = 0
    errors = 0
    total = factory.LazyAttribute(lambda each: each.processed if each.started_at else None)
    started_at = factory.LazyAttribute(
        lambda each: None if each.status in (ObjectStatus.QUEUED, ObjectStatus.NOT_ATTEMPTED) else STARTED_AT
    )
    ended_at = factory.LazyAttribute(
        lambda each: STARTED_AT + timedelta(seconds=2) if each.status in TERMINAL_OBJECT else None
    )
    retry_at = factory.LazyAttribute(
        lambda each: STARTED_AT + timedelta(seconds=30) if each.status == ObjectStatus.WAITING else None
    )
