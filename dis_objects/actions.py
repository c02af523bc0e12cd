from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F

from dis_objects.catalogue import ObjectDefinition, definition, definitions, label, lockable_fields
from dis_objects.choices import FieldOwner
from dis_objects.exceptions import SettingsRefused
from dis_objects.models import DISDependency, DISObject, SyncField
from dis_objects.queries import may_change_settings, settings_of
from districts.choices import Right, Tool
from districts.models import User
from districts.queries import require_right
from districts.signals import tell


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
    """Owner and lock of a field are the state's, and stay; a field that has become a key loses its lock."""
    wanted = [field for each in known for field in _sync_fields(each)]
    named = {(field.object_id, field.name) for field in wanted}
    gone = [field.pk for field in SyncField.objects.all() if (field.object_id, field.name) not in named]
    SyncField.objects.filter(pk__in=gone).delete()
    lockable = {(field.object_id, field.name) for field in wanted if field.lockable}
    locked = SyncField.objects.filter(locked=True)
    keys = [field.pk for field in locked if (field.object_id, field.name) not in lockable]
    SyncField.objects.filter(pk__in=keys).update(locked=False)
    SyncField.objects.bulk_create(
        wanted,
        update_conflicts=True,
        unique_fields=["object", "name"],
        update_fields=["place", "on_save", "in_batch", "lockable"],
    )


def _sync_fields(each: ObjectDefinition) -> Iterable[SyncField]:
    lockable = lockable_fields(each)
    for place, field in enumerate(each.fields):
        yield SyncField(
            object_id=each.name,
            name=field.name,
            place=place,
            on_save=field.name not in each.batch_only,
            in_batch=each.in_batch and field.name not in each.save_only,
            lockable=field.name in lockable,
        )


@dataclass(frozen=True)
class FieldSetting:
    """Who owns a field, and whether its value is the state's wherever the state has the record."""

    owner: FieldOwner
    locked: bool = False


@dataclass(frozen=True)
class FieldChange:
    name: str
    was: FieldSetting
    now: FieldSetting


@transaction.atomic
def change_field_settings(
    *, object_name: str, settings: Mapping[str, FieldSetting], seen: str, by: User
) -> list[FieldChange]:
    """Sets owner and lock of fields of an object; fields that are not named stay as they are.

    `seen` is the version of the settings that `by` looked at (queries.ObjectSettings). Pushes follow from their next
    chunk on. Raises PermissionDenied, UnknownObject, and SettingsRefused.
    """
    _require_change(by)
    known = definition(object_name)
    DISObject.objects.select_for_update().get(name=known.name)
    current = settings_of(known)
    if seen != current.version:
        raise SettingsRefused(
            f"Somebody else has changed the settings of {known.name} meanwhile. They are shown as they are now: "
            "look at them, then make your change once more."
        )
    fields = {row.setting.name: row.setting for row in current.rows}
    changes = [
        change
        for name, wanted in settings.items()
        if (change := _change(known, fields.get(name), name, wanted))
    ]
    for change in changes:
        SyncField.objects.filter(object=known.name, name=change.name).update(
            owner=change.now.owner, locked=change.now.locked
        )
    if changes:
        facts = {"of": "fields", "fields": [change.name for change in changes]}
        tell("settings_changed", by=by, object_name=known.name, count=len(changes), facts=facts)
    return changes


def _require_change(by: User) -> None:
    require_right(by, Tool.FIELD_SETTINGS, Right.WRITE)
    if not may_change_settings(by):
        raise PermissionDenied("The settings of fields are the state's. A district can look at them.")


def _change(
    known: ObjectDefinition, field: SyncField | None, name: str, wanted: FieldSetting
) -> FieldChange | None:
    if field is None:
        raise SettingsRefused(f"{known.name} has no field {label(name)}. Load the page again.")
    if wanted.locked and not field.lockable:
        raise SettingsRefused(
            f"{label(name)} cannot be locked: it names the record, its parent or its school year, and comes from "
            "the district with every record."
        )
    if wanted.locked and wanted.owner != FieldOwner.STATE:
        raise SettingsRefused(
            f"{label(name)} is the district's, so it cannot be locked there. Make the state its owner, or take the "
            "lock away."
        )
    was = FieldSetting(FieldOwner(field.owner), field.locked)
    return FieldChange(name, was, wanted) if was != wanted else None
