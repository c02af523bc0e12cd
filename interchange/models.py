from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from districts.models import District, SchoolYear
from interchange.faults import Fault, sentence


class RecordError(models.Model):
    """A record whose last attempt did not end at the state. The row is open until the record arrives at the state or
    leaves the district; then it is deleted. It names the record by its key and holds none of its values.

    `occurrences` counts the rows of the district that share the key (a duplicate) or have none.
    """

    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="+")
    object = models.CharField(max_length=63)
    # Empty for an object that is not bound to a school year.
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, null=True, related_name="+")
    key = models.BigIntegerField(null=True)
    code = models.CharField(max_length=32)
    field = models.CharField(max_length=63, blank=True)
    parent_key = models.BigIntegerField(null=True)
    occurrences = models.PositiveIntegerField(default=1)
    first_met_at = models.DateTimeField(db_default=Now())
    last_met_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "object", "school_year", "key"],
                nulls_distinct=False,
                name="one_open_error_per_record",
            ),
            models.CheckConstraint(condition=Q(occurrences__gte=1), name="an_error_occurs"),
        ]

    def __str__(self) -> str:
        return f"{self.object} {self.key}: {self.code}"

    @property
    def sentence(self) -> str:
        return sentence(self.object, Fault(self.code, self.field, self.parent_key))
