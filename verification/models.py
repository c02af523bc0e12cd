import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from districts.models import District, SchoolYear
from interchange.choices import DifferenceKind
from resync.choices import Origin
from verification.choices import (
    OPEN_REMOVAL,
    OPEN_RESULT,
    OPEN_RUN,
    RemovalStatus,
    ResultStatus,
    RunStatus,
)


class VerificationSettings(models.Model):
    """Who may start a verification, and what spares the databases; for all districts (domain: Verification Settings of
    the State Edition). There is one row.

    `side_by_side` is how many comparisons run at once in all; `kept_differences` how many differences of one object are
    kept by key (the counts are exact in any case); `nightly_hour` is local to each district.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    state_may_verify = models.BooleanField(default=True)
    districts_may_verify = models.BooleanField(default=True)
    nightly = models.BooleanField(default=True)
    nightly_hour = models.SmallIntegerField(default=3)
    side_by_side = models.PositiveSmallIntegerField(default=4)
    chunk_records = models.PositiveIntegerField(default=250_000)
    kept_differences = models.PositiveIntegerField(default=100_000)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_row_of_verification_settings"),
            models.CheckConstraint(
                condition=Q(
                    nightly_hour__range=(0, 23),
                    side_by_side__range=(1, 64),
                    chunk_records__range=(1_000, 2_000_000),
                    kept_differences__range=(1_000, 1_000_000),
                ),
                name="verification_settings_are_in_range",
            ),
        ]

    def __str__(self) -> str:
        return "Verification settings"


class VerificationRun(models.Model):
    """One verification of a district and school year: some objects, compared one after the other. Kept for ever.

    `night` is the local date of a nightly run.
    """

    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="verification_runs")
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=8, choices=Origin.choices)
    night = models.DateField(null=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    requested_at = models.DateTimeField(db_default=Now())
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    status = models.CharField(max_length=12, choices=RunStatus.choices, default=RunStatus.QUEUED)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["district", "school_year", "-id"], name="verifications_of_district"),
            models.Index(fields=["id"], condition=Q(status__in=OPEN_RUN), name="verification_open"),
        ]
        constraints = [
            # A second request waits for the first: both would read the same tables of the district.
            models.UniqueConstraint(
                fields=["district"],
                condition=Q(status=RunStatus.RUNNING),
                name="one_running_verification_per_district",
            ),
            models.UniqueConstraint(fields=["district", "night"], name="one_verification_per_night"),
            models.CheckConstraint(
                condition=Q(origin=Origin.SCHEDULE, night__isnull=False)
                | (~Q(origin=Origin.SCHEDULE) & Q(night__isnull=True)),
                name="verification_has_a_night_iff_scheduled",
            ),
            models.CheckConstraint(
                condition=Q(status__in=OPEN_RUN, ended_at__isnull=True)
                | (~Q(status__in=OPEN_RUN) & Q(ended_at__isnull=False)),
                name="verification_has_ended_iff_not_open",
            ),
        ]

    def __str__(self) -> str:
        return f"Verification {self.pk}"


class VerificationResult(models.Model):
    """What the comparison of one object found (DISVerificationResult). Kept for ever: together they are the history.

    Counts are of distinct keys: `at_district` and `at_state` on each side, `not_at_state` and `not_at_district` on one
    side alone, `differences` on both sides with another value in a compared field. `duplicates` are keys that several
    rows of the district share, `keyless` its rows without a key. Total errors and accuracy follow from them
    (verification/figures.py). `is_latest` marks the newest complete one of its object. `while_pushed` and
    `while_pushed_for_district` tell that records of the object were being pushed meanwhile; the second leaves out what
    the state asked for, which a district does not see.
    District and school year repeat the run's, so that the summary needs one index.
    """

    run = models.ForeignKey(VerificationRun, on_delete=models.PROTECT, related_name="results")
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="+")
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="+")
    object = models.CharField(max_length=63)
    place = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=12, choices=ResultStatus.choices, default=ResultStatus.QUEUED)
    is_latest = models.BooleanField(default=False)
    cursor = models.BigIntegerField(null=True)
    # What the district held when the comparison began: progress is measured by it.
    total = models.BigIntegerField(null=True)
    at_district = models.BigIntegerField(default=0)
    at_state = models.BigIntegerField(default=0)
    not_at_state = models.BigIntegerField(default=0)
    not_at_district = models.BigIntegerField(default=0)
    differences = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    keyless = models.BigIntegerField(default=0)
    while_pushed = models.BooleanField(default=False)
    while_pushed_for_district = models.BooleanField(default=False)
    compared_fields = ArrayField(models.CharField(max_length=63), default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "dis_verification_outcome"
        indexes = [
            models.Index(
                fields=["district", "school_year", "object", "-id"], name="latest_verification_of_object"
            ),
            # In the order of their turns. By run, so that what stands before a comparison is found without statistics:
            # after a request for all districts there are none of it for a while.
            models.Index(
                fields=["run", "place"], condition=Q(status__in=OPEN_RESULT), name="verification_result_open"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["run", "object"], name="object_once_per_verification"),
            # It also is the index of the summary of all districts.
            models.UniqueConstraint(
                fields=["school_year", "district", "object"],
                condition=Q(is_latest=True),
                name="one_latest_verification_per_object",
            ),
            models.CheckConstraint(
                condition=Q(is_latest=False) | Q(status=ResultStatus.COMPLETED),
                name="latest_verification_is_complete",
            ),
            models.UniqueConstraint(fields=["run", "place"], name="place_once_per_verification"),
            models.CheckConstraint(
                condition=Q(
                    not_at_state__gte=0,
                    not_at_state__lte=F("at_district"),
                    not_at_district__gte=0,
                    not_at_district__lte=F("at_state"),
                    differences__gte=0,
                    duplicates__gte=0,
                    duplicates__lte=F("at_district"),
                    keyless__gte=0,
                ),
                name="verification_counts_are_possible",
            ),
            # What both sides have is the same number, counted from either side.
            models.CheckConstraint(
                condition=Q(at_district=F("at_state") + F("not_at_state") - F("not_at_district")),
                name="verification_counts_agree",
            ),
            models.CheckConstraint(
                condition=Q(differences__lte=F("at_district") - F("not_at_state")),
                name="only_records_of_both_sides_differ",
            ),
            models.CheckConstraint(
                condition=Q(status__in=OPEN_RESULT, ended_at__isnull=True)
                | (~Q(status__in=OPEN_RESULT) & Q(ended_at__isnull=False)),
                name="verification_result_has_ended_iff_not_open",
            ),
            models.CheckConstraint(
                condition=~Q(status=ResultStatus.FAILED) | ~Q(reason=""),
                name="failed_verification_result_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status=ResultStatus.WAITING) | Q(retry_at__isnull=False),
                name="waiting_verification_knows_until_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object} of verification {self.run_id}"


class VerificationDifference(models.Model):
    """One key that does not agree (DISVerificationDifference): its kind, and the names of the fields whose values
    differ. Never the values: they are read live from both sides. Of each object only the latest result keeps them."""

    result = models.ForeignKey(
        VerificationResult, on_delete=models.CASCADE, related_name="found", db_index=False
    )
    key = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=[(each.value, each.value) for each in DifferenceKind])
    fields = ArrayField(models.CharField(max_length=63), default=list)

    class Meta:
        constraints = [
            # In this order it also lists the keys of a kind.
            models.UniqueConstraint(fields=["result", "kind", "key"], name="difference_found_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[each.value for each in DifferenceKind]),
                name="difference_is_of_a_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind=DifferenceKind.DIFFERENCE.value, fields__len__gte=1)
                | (~Q(kind=DifferenceKind.DIFFERENCE.value) & Q(fields=[])),
                name="only_a_difference_names_fields",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.kind}"


class Removal(models.Model):
    """Records that a person asked to take from the state, because the district no longer has them. Kept for ever.

    `keys` are in order, and `done` of them are worked through. `removed` counts what was taken by object, children
    included; `stayed` tells by key why it was not.
    """

    result = models.ForeignKey(VerificationResult, on_delete=models.PROTECT, related_name="removals")
    keys = ArrayField(models.BigIntegerField())
    status = models.CharField(max_length=12, choices=RemovalStatus.choices, default=RemovalStatus.QUEUED)
    removed = models.JSONField(default=dict)
    stayed = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(db_default=Now())
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    ended_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(status__in=OPEN_REMOVAL), name="removal_open")]
        constraints = [
            models.CheckConstraint(condition=Q(keys__len__gte=1), name="removal_names_keys"),
            models.CheckConstraint(
                condition=Q(keys__len__gte=F("done")), name="removal_works_through_its_keys"
            ),
            models.CheckConstraint(
                condition=Q(status__in=OPEN_REMOVAL, ended_at__isnull=True)
                | (~Q(status__in=OPEN_REMOVAL) & Q(ended_at__isnull=False)),
                name="removal_has_ended_iff_not_open",
            ),
            models.CheckConstraint(
                condition=~Q(status=RemovalStatus.WAITING) | Q(retry_at__isnull=False),
                name="waiting_removal_knows_until_when",
            ),
            models.CheckConstraint(
                condition=~Q(status=RemovalStatus.FAILED) | ~Q(reason=""), name="failed_removal_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"Removal {self.pk}"
