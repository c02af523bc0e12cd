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
    _fill_fields(known)


def _fill_objects(known: tuple[ObjectDefinition, ...]) -> None:
    DISObject.objects.exclude(name__in=[each.name for each in known]).delete()
    unbound = [each.name for each in known if each.school_year is None]
    DISObject.objects.filter(name__in=unbound).update(syncs_previous_year=False, syncs_next_year=False)
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


def _fill_fields(known: tuple[ObjectDefinition, ...]) -> None:
    """Owner and lock of a field are the state's, and stay; a field that is gone takes them with it."""
    wanted = [field for each in known for field in _sync_fields(each)]
    named = {(field.object_id, field.name) for field in wanted}
    gone = [field.pk for field in SyncField.objects.all() if (field.object_id, field.name) not in named]
    SyncField.objects.filter(pk__in=gone).delete()
    SyncField.objects.bulk_create(
        wanted,
        update_conflicts=True,
        unique_fields=["object", "name"],
        update_fields=["place", "on_save", "in_batch"],
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
