import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from districts.models import District, SchoolYear
from resync.choices import (
    STARTED_BATCH,
    TERMINAL_BATCH,
    TERMINAL_OBJECT,
    BatchStatus,
    ObjectStatus,
    Origin,
)


class ResyncRequest(models.Model):
    """What the state asks of many districts at once, by hand or by its weekly schedule: one batch per district, or
    several where the request was repeated for districts that failed. Kept for ever.

    `objects` are those that were chosen; the parents that Check dependencies adds are in the plans.
    """

    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=8, choices=Origin.choices)
    objects_chosen = ArrayField(models.CharField(max_length=63))
    check_dependencies = models.BooleanField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField(db_default=Now())
    token = models.UUIDField(default=uuid.uuid4, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(origin=Origin.DISTRICT), name="a_district_sends_and_requests_not"
            )
        ]

    def __str__(self) -> str:
        return f"Request {self.pk}"


class Batch(models.Model):
    """One resync of a district: a school year and a frozen plan of objects. Kept for ever.

    `is_full` tells that the plan has every object that the district was offered then.
    """

    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="batches")
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=8, choices=Origin.choices)
    request = models.ForeignKey(
        ResyncRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="batches"
    )
    check_dependencies = models.BooleanField()
    is_full = models.BooleanField(default=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField(db_default=Now())
    # Two clicks on one page carry the same token and make one batch.
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    status = models.CharField(max_length=12, choices=BatchStatus.choices, default=BatchStatus.QUEUED)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["district", "school_year", "-id"], name="batch_of_district"),
            models.Index(
                fields=["id"], condition=Q(status__in=["queued", "running", "cancelling"]), name="batch_open"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "school_year"],
                condition=Q(status__in=STARTED_BATCH),
                name="one_running_batch_per_district_and_year",
            ),
            models.CheckConstraint(
                condition=Q(origin=Origin.DISTRICT, request__isnull=True)
                | (~Q(origin=Origin.DISTRICT) & Q(request__isnull=False)),
                name="batch_has_a_request_iff_not_the_districts",
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
    when the first chunk was pushed; `next_chunk` how many records the next one should have. `processed` are the
    attempts, `errors` those that did not end at the state. `kept` counts the values of locked fields that differed at
    the district and stayed as they were at the state.
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
    next_chunk = models.BigIntegerField(null=True)
    total = models.BigIntegerField(null=True)
    processed = models.BigIntegerField(default=0)
    errors = models.BigIntegerField(default=0)
    written = models.BigIntegerField(default=0)
    kept = models.BigIntegerField(default=0)
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
            models.CheckConstraint(condition=Q(next_chunk__gte=1), name="a_chunk_has_records"),
            models.CheckConstraint(
                condition=~Q(status=ObjectStatus.WAITING) | Q(retry_at__isnull=False),
                name="waiting_object_knows_until_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object} of batch {self.batch_id}"
