from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from districts.models import District, SchoolYear
from interchange.faults import Fault, sentence


class RecordError(models.Model):
    """A record whose last attempt did not end at the state. The row is open until the record arrives at the state or
    leaves the district; then it is deleted. It names the record by its key and holds none of its values.

    `occurrences` counts the rows of the district that share the key (a duplicate) or have none. `batch_id` is the
    batch that met the error last.

    What a state request meets is `confidential`: the district does not see it until an attempt of its own meets it
    (seed 000, State-Initiated Requests). A state request leaves the district's own errors as they are, because their
    going away would tell what it asked for, and marks them `superseded`: the state sees only the latest truth.
    """

    # No indexes of their own: every question names the district, which the indexes below begin with.
    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="+", db_index=False)
    object = models.CharField(max_length=63)
    # Empty for an object that is not bound to a school year.
    school_year = models.ForeignKey(
        SchoolYear, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    key = models.BigIntegerField(null=True)
    code = models.CharField(max_length=32)
    field = models.CharField(max_length=63, blank=True)
    parent_key = models.BigIntegerField(null=True)
    occurrences = models.PositiveIntegerField(default=1)
    first_met_at = models.DateTimeField(db_default=Now())
    last_met_at = models.DateTimeField(db_default=Now())
    batch_id = models.BigIntegerField(null=True)
    confidential = models.BooleanField(default=False, db_default=False)
    superseded = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            # The records of one cause, in key order (agents/queries.py).
            models.Index(fields=["district", "object", "code", "field", "key"], name="records_of_cause"),
            models.Index(fields=["key", "district"], name="errors_of_key"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "object", "school_year", "key", "confidential"],
                nulls_distinct=False,
                name="one_open_error_per_record",
            ),
            models.UniqueConstraint(
                fields=["district", "object", "school_year", "key"],
                condition=Q(superseded=False),
                nulls_distinct=False,
                name="state_sees_one_error_per_record",
            ),
            models.CheckConstraint(
                condition=Q(confidential=False) | Q(superseded=False), name="the_latest_is_not_superseded"
            ),
            models.CheckConstraint(condition=Q(occurrences__gte=1), name="an_error_occurs"),
        ]

    def __str__(self) -> str:
        return f"{self.object} {self.key}: {self.code}"

    @property
    def sentence(self) -> str:
        return sentence(self.object, Fault(self.code, self.field, self.parent_key))


class RecordErrorCount(models.Model):
    """How many records are in error of each kind: what the agent log shows first, of a million errors at once. An error
    that stands for several records, as a duplicate does, counts as often: so the log agrees with Errors of a batch.

    Triggers on the table of record errors keep the counts in the statement that changes it (migration 0003), so they
    are exact for everybody who sees the errors. A kind that has no errors any more keeps its row.
    """

    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="+", db_index=False)
    object = models.CharField(max_length=63)
    school_year = models.ForeignKey(
        SchoolYear, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    code = models.CharField(max_length=32)
    field = models.CharField(max_length=63, blank=True)
    confidential = models.BooleanField()
    superseded = models.BooleanField()
    records = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "object", "code", "field", "school_year", "confidential", "superseded"],
                nulls_distinct=False,
                name="one_count_per_kind_of_error",
            ),
            models.CheckConstraint(condition=Q(records__gte=0), name="errors_are_counted_from_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.object}, {self.code}: {self.records}"


class ErrorLogEntry(models.Model):
    """What went wrong that is not a record: a database that does not answer, a table that is missing.

    `sentence` holds names and codes, never a value. `object` is empty where no object is meant. `confidential` hides
    what a state request met from the district. Clearing marks the entry and keeps it.
    """

    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="+")
    object = models.CharField(max_length=63, blank=True)
    code = models.CharField(max_length=32)
    sentence = models.TextField()
    batch_id = models.BigIntegerField(null=True)
    happened_at = models.DateTimeField(db_default=Now())
    confidential = models.BooleanField(default=False)
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["district", "-happened_at"], name="errors_of_district")]
        constraints = [
            models.CheckConstraint(
                condition=Q(cleared_at=None, cleared_by=None) | Q(cleared_at__isnull=False),
                name="cleared_entry_knows_when",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code}, {self.happened_at:%Y-%m-%d %H:%M}"
