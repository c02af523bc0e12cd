from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from dis_objects.catalogue import ObjectDefinition, definitions
from dis_objects.models import DISDependency, DISObject, SyncField


@transaction.atomic
def fill_catalogue() -> None:
    """Makes the catalogue tables say what the record models say."""
    known = tuple(definitions().values())
    _fill_objects(known)
    DISDependency.objects.all().delete()
    DISDependency.objects.bulk_create(
        DISDependency(child_id=each.name, parent_id=parent) for each in known for parent in each.parents
    )
    SyncField.objects.all().delete()
    SyncField.objects.bulk_create(field for each in known for field in _sync_fields(each))


def _fill_objects(known: tuple[ObjectDefinition, ...]) -> None:
    DISObject.objects.exclude(name__in=[each.name for each in known]).delete()
    # Places are unique: every object steps aside before they change places with each other.
    DISObject.objects.update(place=F("place") + 10_000)
    DISObject.objects.bulk_create(
        (
            DISObject(
                name=each.name,
                place=place,
                table=each.table,
                school_year_bound=each.school_year is not None,
                states=list(each.states),
                in_batch=each.in_batch,
            )
            for place, each in enumerate(known)
        ),
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["place", "table", "school_year_bound", "states", "in_batch"],
    )


def _sync_fields(each: ObjectDefinition) -> Iterable[SyncField]:
    for place, field in enumerate(each.fields):
        yield SyncField(
            object_id=each.name,
            name=field.name,
            place=place,
            on_save=field.name not in each.batch_only,
            in_batch=field.name not in each.save_only,
        )
