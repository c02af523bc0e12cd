from django.db import models

from dis_objects import records

__all__ = ["DISDependency", "DISObject", "SyncField", "records"]


class DISObject(models.Model):
    """A kind of data that is exchanged. Filled from the record models after every migrate."""

    name = models.CharField(max_length=63, primary_key=True)
    place = models.PositiveSmallIntegerField(unique=True)
    table = models.CharField(max_length=63, unique=True)
    school_year_bound = models.BooleanField()
    states = models.JSONField(default=list)
    in_batch = models.BooleanField()

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
    """A field of an object, and when it syncs (seed 002, Fields Which Sync Between District and State)."""

    object = models.ForeignKey(DISObject, on_delete=models.CASCADE, related_name="sync_fields")
    name = models.CharField(max_length=63)
    place = models.PositiveSmallIntegerField()
    on_save = models.BooleanField()
    in_batch = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["object", "name"], name="sync_field_named_once")]

    def __str__(self) -> str:
        return f"{self.object_id}.{self.name}"
