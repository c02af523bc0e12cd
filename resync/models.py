import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from districts.models import District, SchoolYear
from resync.choices import TERMINAL_BATCH, TERMINAL_OBJECT, BatchStatus, ObjectStatus, Origin


class Batch(models.Model):
    """One resync request: a district, a school year and a frozen plan of objects. Kept for ever."""

    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="batches")
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=8, choices=Origin.choices)
    check_dependencies = models.BooleanField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField(db_default=Now())
    # Two clicks on one page carry the same token and make one batch.
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    status = models.CharField(max_length=12, choices=BatchStatus.choices, default=BatchStatus.QUEUED)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["district", "school_year", "-id"], name="batch_of_district"),
            models.Index(fields=["id"], condition=Q(status__in=["queued", "running"]), name="batch_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "school_year"],
                condition=Q(status=BatchStatus.RUNNING),
                name="one_running_batch_per_district_and_year",
            ),
            models.CheckConstraint(
                condition=Q(status__in=TERMINAL_BATCH, ended_at__isnull=False)
                | (~Q(status__in=TERMINAL_BATCH) & Q(ended_at__isnull=True)),
                name="batch_has_ended_iff_terminal",
            ),
        ]

    def __str__(self) -> str:
        return f"Batch {self.pk}"


class BatchObject(models.Model):
    """One object of a batch: its place in the plan, its cursor, its counts. Together they are DISBatchHistory (seed
    000, Technical Information).

    `parents` are the objects of the same plan that must end before this one starts. `total` is what the district held
    when the object started. `processed` are the attempts, `errors` those that did not end at the state.
    District, school year and origin repeat the batch's, so that the status table needs one index.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="objects_in_order")
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="+")
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=8, choices=Origin.choices)
    object = models.CharField(max_length=63)
    place = models.PositiveSmallIntegerField()
    requested = models.BooleanField()
    parents = ArrayField(models.CharField(max_length=63), default=list)
    status = models.CharField(max_length=16, choices=ObjectStatus.choices, default=ObjectStatus.QUEUED)
    cursor = models.BigIntegerField(null=True)
    total = models.BigIntegerField(null=True)
    processed = models.BigIntegerField(default=0)
    errors = models.BigIntegerField(default=0)
    written = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        db_table = "dis_batch_history"
        indexes = [
            models.Index(fields=["district", "school_year", "object", "-id"], name="latest_of_object"),
            models.Index(fields=["batch", "changed_at"], name="changes_of_batch"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["batch", "object"], name="object_once_per_batch"),
            models.UniqueConstraint(fields=["batch", "place"], name="place_once_per_batch"),
            models.CheckConstraint(
                condition=Q(errors__gte=0, errors__lte=F("processed")), name="errors_are_attempts"
            ),
            models.CheckConstraint(
                condition=Q(written__gte=0, written__lte=F("processed") - F("errors")),
                name="written_records_are_no_errors",
            ),
            models.CheckConstraint(
                condition=Q(status__in=TERMINAL_OBJECT, ended_at__isnull=False)
                | (~Q(status__in=TERMINAL_OBJECT) & Q(ended_at__isnull=True)),
                name="object_has_ended_iff_terminal",
            ),
            models.CheckConstraint(
                condition=~Q(status=ObjectStatus.WAITING) | Q(retry_at__isnull=False),
                name="waiting_object_knows_until_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object} of batch {self.batch_id}"
