from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from districts.models import District
from process_alerts.choices import Process


class ProcessAlert(models.Model):
    """A message of a process to people. `key` says what it is about, and makes it exactly one.

    An alert with a due date asks for something; it stays in the inbox until that is done (`settled_at`). `url` is the
    path of the tool. Texts hold names and codes, never a value of a record.
    """

    key = models.CharField(max_length=100, unique=True)
    process = models.CharField(max_length=32, choices=Process.choices)
    name = models.CharField(max_length=150)
    text = models.TextField()
    url = models.CharField(max_length=200, blank=True)
    district = models.ForeignKey(District, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    posted_at = models.DateTimeField(db_default=Now())
    due_on = models.DateField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(process__in=Process.values), name="alert_of_a_known_process"),
            models.CheckConstraint(
                condition=Q(settled_at=None) | Q(due_on__isnull=False), name="only_what_is_due_is_settled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_process_display()}: {self.name}"


class AlertRecipient(models.Model):
    """An alert in one person's inbox."""

    alert = models.ForeignKey(ProcessAlert, on_delete=models.CASCADE, related_name="recipients")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alerts")
    read_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-alert"], name="inbox_of_user"),
            models.Index(
                fields=["user"], condition=Q(read_at=None, deleted_at=None), name="unread_alerts_of_user"
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["alert", "user"], name="alert_once_per_user")]

    def __str__(self) -> str:
        return f"{self.alert} to user {self.user_id}"
