from django.db import models

from dis_objects import records
from dis_objects.choices import FieldOwner

__all__ = ["DISDependency", "DISObject", "SyncField", "records"]


class DISObject(models.Model):
    """A kind of data that is exchanged. Filled from the record models after every migrate, but for the last two
    fields: which neighbours of a district's current school year the object syncs for is the state's to set (seed 000,
    Resync Data from the Previous or Next School Year)."""

    name = models.CharField(max_length=63, primary_key=True)
    place = models.PositiveSmallIntegerField(unique=True)
    table = models.CharField(max_length=63, unique=True)
    school_year_bound = models.BooleanField()
    states = models.JSONField(default=list)
    in_batch = models.BooleanField()
    syncs_previous_year = models.BooleanField(default=False)
    syncs_next_year = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(school_year_bound=True)
                | models.Q(syncs_previous_year=False, syncs_next_year=False),
                name="only_year_bound_objects_sync_other_years",
            )
        ]

    def __str__(self) -> str:
        return self.name


class DISDependency(models.Model):
    """An immediate parent of an object."""

    child = models.ForeignKey(DISObject, on_delete=models.CASCADE, related_name="parent_links")
    parent = models.ForeignKey(DISObject, on_delete=models.CASCADE, related_name="child_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child", "parent"], name="dependency_named_once"),
            models.CheckConstraint(
                condition=~models.Q(child=models.F("parent")), name="no_object_is_its_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} needs {self.parent_id}"


class SyncField(models.Model):
    """A field of an object, and when it syncs (seed 002, Fields Which Sync Between District and State). Filled after
    every migrate, but for owner and lock: they are the state's to set (seed 000, Synchronization Field Settings).

    A push leaves the value of a locked field at the state as it is. `lockable` are the fields that do not name the
    record, its parents or its school year.
    """

    object = models.ForeignKey(DISObject, on_delete=models.CASCADE, related_name="sync_fields")
    name = models.CharField(max_length=63)
    place = models.PositiveSmallIntegerField()
    on_save = models.BooleanField()
    in_batch = models.BooleanField()
    owner = models.CharField(max_length=8, choices=FieldOwner.choices, default=FieldOwner.DISTRICT)
    lockable = models.BooleanField(default=False)
    locked = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["object", "name"], name="sync_field_named_once"),
            models.CheckConstraint(
                condition=models.Q(owner__in=FieldOwner.values), name="sync_field_known_owner"
            ),
            models.CheckConstraint(
                condition=models.Q(locked=False) | models.Q(owner=FieldOwner.STATE),
                name="only_fields_of_the_state_are_locked",
            ),
            models.CheckConstraint(
                condition=models.Q(locked=False) | models.Q(lockable=True),
                name="only_lockable_fields_are_locked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object_id}.{self.name}"
