from datetime import timedelta

import factory
from factory.django import DjangoModelFactory

from interchange.choices import DifferenceKind
from resync.choices import Origin
from tests.factories.batch import STARTED_AT
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.user import UserFactory
from verification.choices import OPEN_REMOVAL, OPEN_RESULT, OPEN_RUN, RemovalStatus, ResultStatus, RunStatus
from verification.models import Removal, VerificationDifference, VerificationResult, VerificationRun


class VerificationRunFactory(DjangoModelFactory):
    """A completed verification without results; the `status` decides about its times. A `night` makes it nightly."""

    class Meta:
        model = VerificationRun

    district = factory.SubFactory(DistrictFactory)
    school_year = factory.SubFactory(SchoolYearFactory)
    night = None
    origin = factory.LazyAttribute(lambda run: Origin.SCHEDULE if run.night else Origin.DISTRICT)
    status = RunStatus.COMPLETED
    started_at = factory.LazyAttribute(lambda run: None if run.status == RunStatus.QUEUED else STARTED_AT)
    ended_at = factory.LazyAttribute(
        lambda run: None if run.status in OPEN_RUN else STARTED_AT + timedelta(minutes=1)
    )


class VerificationResultFactory(DjangoModelFactory):
    """The latest complete result of an object of which both sides have ten equal records. The counts of one side follow
    from those of the other and of what only one has; the `status` decides about the times."""

    class Meta:
        model = VerificationResult

    run = factory.SubFactory(VerificationRunFactory)
    district = factory.SelfAttribute("run.district")
    school_year = factory.SelfAttribute("run.school_year")
    object = "Enrollment"
    place = factory.Sequence(lambda n: n % 30_000)
    status = ResultStatus.COMPLETED
    is_latest = factory.LazyAttribute(lambda each: each.status == ResultStatus.COMPLETED)
    not_at_state = 0
    not_at_district = 0
    differences = 0
    at_district = factory.LazyAttribute(lambda each: 10 + each.not_at_state)
    at_state = factory.LazyAttribute(lambda each: each.at_district - each.not_at_state + each.not_at_district)
    total = factory.LazyAttribute(lambda each: each.at_district)
    compared_fields = ["enrollment_id", "grade"]
    reason = factory.LazyAttribute(
        lambda each: "The database does not answer." if each.status == ResultStatus.FAILED else ""
    )
    started_at = factory.LazyAttribute(
        lambda each: None if each.status == ResultStatus.QUEUED else STARTED_AT
    )
    ended_at = factory.LazyAttribute(
        lambda each: None if each.status in OPEN_RESULT else STARTED_AT + timedelta(seconds=3)
    )
    retry_at = factory.LazyAttribute(
        lambda each: STARTED_AT + timedelta(seconds=30) if each.status == ResultStatus.WAITING else None
    )


class VerificationDifferenceFactory(DjangoModelFactory):
    """A record that is not at the state."""

    class Meta:
        model = VerificationDifference

    result = factory.SubFactory(VerificationResultFactory, not_at_state=1)
    key = factory.Sequence(lambda n: n + 1)
    kind = DifferenceKind.NOT_AT_STATE
    fields = factory.LazyAttribute(lambda each: ["grade"] if each.kind == DifferenceKind.DIFFERENCE else [])


class RemovalFactory(DjangoModelFactory):
    """A removal of one record that is done; the `status` decides about its times."""

    class Meta:
        model = Removal

    result = factory.SubFactory(VerificationResultFactory, not_at_district=1)
    keys = [1]
    status = RemovalStatus.COMPLETED
    done = factory.LazyAttribute(
        lambda removal: len(removal.keys) * (removal.status == RemovalStatus.COMPLETED)
    )
    removed = factory.LazyAttribute(
        lambda removal: {removal.result.object: removal.done} if removal.done else {}
    )
    reason = factory.LazyAttribute(
        lambda removal: "The database does not answer." if removal.status == RemovalStatus.FAILED else ""
    )
    requested_by = factory.SubFactory(
        UserFactory, district=factory.SelfAttribute("..result.district"), rights="", everywhere="RWAD"
    )
    ended_at = factory.LazyAttribute(
        lambda removal: None if removal.status in OPEN_REMOVAL else STARTED_AT + timedelta(minutes=2)
    )
    retry_at = factory.LazyAttribute(
        lambda removal: (
            STARTED_AT + timedelta(seconds=30) if removal.status == RemovalStatus.WAITING else None
        )
    )
