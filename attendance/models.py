import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from attendance.choices import OPEN_RUN, RunKind, RunStatus, Weekday
from districts.models import District
from resync.models import Batch, ResyncRequest


class AggregationRun(models.Model):
    """One time that a district's attendance is or was added up. Kept for ever.

    A refresh has the calendars that it takes, in order, and `calendars_done` says how far it is; `is_all` that these
    are all of the school year. A nightly run has no calendars but the `night`, the local date at which it is due.
    `days` counts days of students, `written` the rows that were changed or added.
    """

    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="aggregation_runs")
    kind = models.CharField(max_length=8, choices=RunKind.choices)
    night = models.DateField(null=True, blank=True)
    calendars = ArrayField(models.BigIntegerField(), default=list)
    is_all = models.BooleanField(default=False)
    status = models.CharField(max_length=12, choices=RunStatus.choices, default=RunStatus.QUEUED)
    calendars_total = models.PositiveIntegerField(default=0)
    calendars_done = models.PositiveIntegerField(default=0)
    days = models.BigIntegerField(default=0)
    written = models.BigIntegerField(default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField(db_default=Now())
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_default=Now())
    reason = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["district", "-id"], name="aggregations_of_district"),
            models.Index(fields=["id"], condition=Q(status__in=OPEN_RUN), name="aggregation_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["district"],
                condition=Q(status__in=OPEN_RUN),
                name="one_open_aggregation_per_district",
            ),
            models.UniqueConstraint(fields=["district", "night"], name="one_aggregation_per_night"),
            models.CheckConstraint(
                condition=Q(kind=RunKind.NIGHTLY, night__isnull=False, calendars=[])
                | Q(kind=RunKind.REFRESH, night__isnull=True, calendars_total__gte=1),
                name="aggregation_has_a_night_or_calendars",
            ),
            models.CheckConstraint(
                condition=Q(calendars__len=F("calendars_total"), calendars_done__lte=F("calendars_total")),
                name="aggregation_does_its_calendars",
            ),
            models.CheckConstraint(
                condition=Q(written__gte=0, written__lte=F("days")), name="written_days_were_added_up"
            ),
            models.CheckConstraint(
                condition=Q(status__in=OPEN_RUN, ended_at__isnull=True)
                | (~Q(status__in=OPEN_RUN) & Q(ended_at__isnull=False)),
                name="aggregation_has_ended_iff_not_open",
            ),
            models.CheckConstraint(
                condition=~Q(status=RunStatus.FAILED) | ~Q(reason=""), name="failed_aggregation_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"Aggregation {self.pk}"


class WeeklyResync(models.Model):
    """When the attendance of all districts that take part is resynced, and which objects. There is one row.

    `weekday` and `hour` are local to each district; its resync starts within the `spread` (hours) that follows.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    enabled = models.BooleanField(default=False)
    weekday = models.SmallIntegerField(choices=Weekday.choices, default=Weekday.SATURDAY)
    hour = models.SmallIntegerField(default=22)
    spread = models.SmallIntegerField(default=6)
    objects_chosen = ArrayField(models.CharField(max_length=63), default=list)
    check_dependencies = models.BooleanField(default=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_weekly_resync"),
            models.CheckConstraint(
                condition=Q(weekday__range=(0, 6), hour__range=(0, 23), spread__range=(1, 12)),
                name="weekly_resync_at_a_time_that_exists",
            ),
            models.CheckConstraint(
                condition=Q(enabled=False) | ~Q(objects_chosen=[]), name="enabled_weekly_resync_has_objects"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()}, {self.hour}:00"


class ScheduledResync(models.Model):
    """A district's turn in one week: sent when it is due (`batch`), or not sent and why (`refusal`).

    `week` is the date of the weekday on which the week's resync begins.
    """

    request = models.ForeignKey(ResyncRequest, on_delete=models.PROTECT, related_name="scheduled")
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="+")
    week = models.DateField()
    due_at = models.DateTimeField()
    batch = models.OneToOneField(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="scheduled"
    )
    refusal = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(batch__isnull=True, refusal=""),
                name="scheduled_resyncs_to_come",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["request", "district"], name="scheduled_once_per_request"),
            models.UniqueConstraint(fields=["district", "week"], name="scheduled_once_a_week"),
            models.CheckConstraint(
                condition=Q(batch__isnull=True) | Q(refusal=""), name="scheduled_resync_is_sent_or_refused"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.district}, week of {self.week}"
