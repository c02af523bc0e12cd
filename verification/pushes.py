"""Whether the records of an object are being pushed while somebody compares them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from dis_objects.catalogue import definition
from resync.choices import Origin
from resync.models import BatchObject
from selective_sync.choices import OPEN_SYNC
from selective_sync.models import SyncObject


@dataclass(frozen=True)
class Pushed:
    """`for_district` leaves out what the state asked for, which a district does not see."""

    at_all: bool
    for_district: bool


def pushed_since(district_id: int, object_name: str, school_year_id: int, since: datetime) -> Pushed:
    """Whether the object was pushed at the time or later: by a batch or a selective sync that was begun before it
    ended. An object that is bound to no year is pushed alike by the resyncs of every year."""
    origins = _origins_of_batches(district_id, object_name, school_year_id, since)
    origins |= _origins_of_syncs(district_id, object_name, school_year_id, since)
    return Pushed(bool(origins), bool(origins - {Origin.STATE}))


def _origins_of_batches(district_id: int, object_name: str, school_year_id: int, since: datetime) -> set[str]:
    pushed = BatchObject.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=since),
        district_id=district_id,
        object=object_name,
        started_at__isnull=False,
    )
    if definition(object_name).school_year:
        pushed = pushed.filter(school_year_id=school_year_id)
    return set(pushed.values_list("origin", flat=True).distinct())


def _origins_of_syncs(district_id: int, object_name: str, school_year_id: int, since: datetime) -> set[str]:
    still = Q(ended_at=None, request__status__in=OPEN_SYNC, request__started_at__isnull=False)
    synced = SyncObject.objects.filter(
        still | Q(ended_at__gte=since), request__district_id=district_id, object=object_name
    )
    if definition(object_name).school_year:
        synced = synced.filter(request__school_year_id=school_year_id)
    return set(synced.values_list("request__origin", flat=True).distinct())
