import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from districts.models import District, SchoolYear
from resync.choices import Origin
from selective_sync.choices import OPEN_SYNC, KeyOutcome, Role, SyncStatus


class SyncRequest(models.Model):
    """Named records of one object that a person asked to sync (seed 004). Kept for ever.

    A request that was deleted from the history is hidden from everybody's, and stays in here and in the audit log. One
    with the origin `state` is invisible to the district, as a state's batch is.
    """

    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="sync_requests")
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=8, choices=Origin.choices)
    object = models.CharField(max_length=63)
    with_children = models.BooleanField()
    with_missing_parents = models.BooleanField(default=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    requested_at = models.DateTimeField(db_default=Now())
    # Two clicks on one page carry the same token and make one request.
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    status = models.CharField(max_length=12, choices=SyncStatus.choices, default=SyncStatus.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_default=Now())
    hidden_at = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["district", "-id"], name="syncs_of_district"),
            models.Index(fields=["id"], condition=Q(status__in=OPEN_SYNC), name="sync_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=OPEN_SYNC, ended_at__isnull=True)
                | (~Q(status__in=OPEN_SYNC) & Q(ended_at__isnull=False)),
                name="sync_has_ended_iff_not_open",
            ),
            models.CheckConstraint(
                condition=~Q(status=SyncStatus.WAITING) | Q(retry_at__isnull=False),
                name="waiting_sync_knows_until_when",
            ),
            models.CheckConstraint(
                condition=~Q(status=SyncStatus.FAILED) | ~Q(reason=""), name="failed_sync_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(hidden_at__isnull=True, hidden_by__isnull=True)
                | (Q(hidden_at__isnull=False, hidden_by__isnull=False) & ~Q(status__in=OPEN_SYNC)),
                name="only_ended_syncs_are_hidden",
            ),
        ]

    def __str__(self) -> str:
        return f"Sync request {self.pk}"


class SyncObject(models.Model):
    """One object of a request: its place in parent-first order, how far it is, its counts.

    `keys_total` are the IDs that it goes through, `keys_done` those that are done, `cursor` the last of them: its own
    keys for a parent and the chosen object, the keys of the chosen object for what is under it. `processed` and
    `errors` count records.
    """

    request = models.ForeignKey(SyncRequest, on_delete=models.CASCADE, related_name="objects_in_order")
    object = models.CharField(max_length=63)
    place = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=8, choices=Role.choices)
    cursor = models.BigIntegerField(null=True)
    keys_total = models.PositiveIntegerField(default=0)
    keys_done = models.PositiveIntegerField(default=0)
    processed = models.BigIntegerField(default=0)
    errors = models.BigIntegerField(default=0)
    written = models.BigIntegerField(default=0)
    kept = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    # Why the object could not be run as a whole; its records were not attempted.
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "object"], name="object_once_per_sync"),
            models.UniqueConstraint(fields=["request", "place"], name="place_once_per_sync"),
            models.UniqueConstraint(
                fields=["request"], condition=Q(role=Role.CHOSEN), name="one_chosen_object_per_sync"
            ),
            models.CheckConstraint(
                condition=Q(errors__gte=0, errors__lte=F("processed")), name="sync_errors_are_attempts"
            ),
            models.CheckConstraint(
                condition=Q(written__gte=0, written__lte=F("processed") - F("errors")),
                name="synced_records_are_no_errors",
            ),
            models.CheckConstraint(
                condition=Q(keys_done__lte=F("keys_total")), name="sync_does_the_keys_it_has"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object} of sync request {self.request_id}"


class SyncKey(models.Model):
    """One ID of a request and what became of it: for the chosen object, and for parents that were missing.

    `code`, `field` and `parent_key` say why it failed (interchange.faults); never a value.
    """

    pk = models.CompositePrimaryKey("sync_object_id", "key")
    sync_object = models.ForeignKey(SyncObject, on_delete=models.CASCADE, related_name="keys", db_index=False)
    key = models.BigIntegerField()
    outcome = models.CharField(max_length=12, choices=KeyOutcome.choices, default=KeyOutcome.PENDING)
    code = models.CharField(max_length=32, blank=True)
    field = models.CharField(max_length=63, blank=True)
    parent_key = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["sync_object", "outcome", "key"], name="keys_by_outcome")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome=KeyOutcome.FAILED) & ~Q(code="")
                | (~Q(outcome=KeyOutcome.FAILED) & Q(code="")),
                name="failed_key_has_a_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.outcome}"
