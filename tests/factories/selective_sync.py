from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from resync.choices import Origin
from selective_sync.choices import OPEN_SYNC, KeyOutcome, Role, SyncStatus
from selective_sync.models import SyncKey, SyncObject, SyncRequest
from tests.factories.batch import STARTED_AT
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.user import UserFactory


class SyncRequestFactory(DjangoModelFactory):
    """A completed request for the PersonIdentity 3667, which arrived; the `status` decides about its times.

    `keys=` gives the outcome of each ID, or the fields of its row; `under=` the errors of each object under it.
    """

    class Meta:
        model = SyncRequest
        skip_postgeneration_save = True

    district = factory.SubFactory(DistrictFactory)
    school_year = factory.SubFactory(SchoolYearFactory)
    origin = Origin.DISTRICT
    object = "PersonIdentity"
    with_children = True
    requested_by = factory.SubFactory(UserFactory, district=factory.SelfAttribute("..district"), rights="")
    requested_at = STARTED_AT
    status = SyncStatus.COMPLETED
    reason = factory.LazyAttribute(
        lambda sync: "The database does not answer." if sync.status == SyncStatus.FAILED else ""
    )
    started_at = factory.LazyAttribute(lambda sync: None if sync.status == SyncStatus.QUEUED else STARTED_AT)
    retry_at = factory.LazyAttribute(
        lambda sync: STARTED_AT + timedelta(seconds=15) if sync.status == SyncStatus.WAITING else None
    )
    ended_at = factory.LazyAttribute(
        lambda sync: None if sync.status in OPEN_SYNC else STARTED_AT + timedelta(seconds=2)
    )

    @factory.post_generation
    def keys(
        sync,  # noqa: N805
        create: bool,
        outcomes: Mapping[int, Any] | None,
        **kwargs: Any,
    ) -> None:
        given = {3667: KeyOutcome.SYNCED} if outcomes is None else outcomes
        rows = [each if isinstance(each, dict) else {"outcome": each} for each in given.values()]
        told = [row["outcome"] for row in rows]
        failed = told.count(KeyOutcome.FAILED)
        chosen = SyncObject.objects.create(
            request=sync,
            object=sync.object,
            place=0,
            role=Role.CHOSEN,
            keys_total=len(rows),
            keys_done=len(rows) - told.count(KeyOutcome.PENDING),
            processed=told.count(KeyOutcome.SYNCED) + failed,
            errors=failed,
            ended_at=sync.ended_at,
        )
        SyncKey.objects.bulk_create(
            SyncKey(sync_object=chosen, key=key, **row) for key, row in zip(given, rows, strict=True)
        )

    @factory.post_generation
    def under(sync, create: bool, errors: Mapping[str, int] | None, **kwargs: Any) -> None:  # noqa: N805
        SyncObject.objects.bulk_create(
            SyncObject(
                request=sync,
                object=name,
                place=place,
                role=Role.UNDER,
                processed=10,
                errors=count,
                ended_at=sync.ended_at,
            )
            for place, (name, count) in enumerate((errors or {}).items(), start=1)
        )


MISSING_CALENDAR = {
    "outcome": KeyOutcome.FAILED,
    "code": "MISSING_PARENT",
    "field": "calendar_id",
    "parent_key": 12,
}
