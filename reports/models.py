import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Now

from districts.models import District
from reports.choices import OPEN_REPORT, STANDING_REPORT, ReportFormat, ReportStatus


class Report(models.Model):
    """A document that a person asked for, rendered by a worker and kept until it expires.

    `kind` names the builder that another app has registered, `subject_id` the row that it reads (reports/registry.py).
    `token` is the report's address: it cannot be guessed, and is not enough to get the report. `attempts` counts the
    workers that began; `size` is in bytes.
    """

    kind = models.CharField(max_length=40)
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="reports")
    format = models.CharField(max_length=4, choices=ReportFormat.choices)
    subject_id = models.BigIntegerField()
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reports"
    )
    requested_at = models.DateTimeField(db_default=Now())
    status = models.CharField(max_length=10, choices=ReportStatus.choices, default=ReportStatus.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    changed_at = models.DateTimeField(db_default=Now())
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    size = models.PositiveIntegerField(null=True)
    content = models.BinaryField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "subject_id", "requested_by"], name="reports_of_subject"),
            models.Index(fields=["id"], condition=Q(status__in=OPEN_REPORT), name="report_open"),
            models.Index(fields=["expires_at"], name="report_expires"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id", "format", "requested_by"],
                condition=Q(status__in=STANDING_REPORT),
                name="one_standing_report",
            ),
            models.CheckConstraint(
                condition=Q(format__in=ReportFormat.values, status__in=ReportStatus.values),
                name="report_knows_its_format_and_status",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=ReportStatus.READY, content__isnull=False, ready_at__isnull=False, size__gt=0
                )
                | (
                    ~Q(status=ReportStatus.READY)
                    & Q(content__isnull=True, ready_at__isnull=True, size__isnull=True)
                ),
                name="report_is_ready_iff_it_has_content",
            ),
            models.CheckConstraint(
                condition=Q(content__isnull=True) | Q(size=Length("content")),
                name="report_has_the_size_of_its_content",
            ),
            models.CheckConstraint(
                condition=Q(status__in=OPEN_REPORT, expires_at__isnull=True)
                | (~Q(status__in=OPEN_REPORT) & Q(expires_at__isnull=False)),
                name="report_expires_iff_it_has_ended",
            ),
            models.CheckConstraint(
                condition=(Q(status=ReportStatus.FAILED) & ~Q(reason=""))
                | (~Q(status=ReportStatus.FAILED) & Q(reason="")),
                name="report_has_a_reason_iff_it_failed",
            ),
        ]

    def __str__(self) -> str:
        return f"Report {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_REPORT

    @property
    def version(self) -> str:
        """Changes with everything that its fragment shows."""
        return f"{self.status}-{self.changed_at.timestamp():.6f}"
