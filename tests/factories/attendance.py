from datetime import timedelta

import factory
from factory.django import DjangoModelFactory

from attendance.choices import OPEN_RUN, RunKind, RunStatus
from attendance.models import AggregationRun
from tests.factories.batch import STARTED_AT
from tests.factories.district import DistrictFactory


class AggregationRunFactory(DjangoModelFactory):
    """A completed refresh of two calendars; the `status` decides about its times. `night` makes it a nightly one."""

    class Meta:
        model = AggregationRun

    district = factory.SubFactory(DistrictFactory)
    night = None
    kind = factory.LazyAttribute(lambda run: RunKind.NIGHTLY if run.night else RunKind.REFRESH)
    calendars = factory.LazyAttribute(lambda run: [] if run.night else [1, 2])
    calendars_total = factory.LazyAttribute(lambda run: len(run.calendars))
    calendars_done = factory.LazyAttribute(
        lambda run: run.calendars_total if run.status == RunStatus.COMPLETED else 0
    )
    status = RunStatus.COMPLETED
    reason = factory.LazyAttribute(
        lambda run: "The database does not answer." if run.status == RunStatus.FAILED else ""
    )
    started_at = factory.LazyAttribute(lambda run: None if run.status == RunStatus.QUEUED else STARTED_AT)
    ended_at = factory.LazyAttribute(
        lambda run: None if run.status in OPEN_RUN else STARTED_AT + timedelta(seconds=7)
    )
