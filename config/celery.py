import os
from enum import StrEnum

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Queues(StrEnum):
    BATCH = "batch"  # chunks of batches: seconds each, many of them
    SWEEP = "sweep"  # wakes what was forgotten: milliseconds, must not stand behind chunks
    INTERACTIVE = (
        "interactive"  # a selective sync, for which a person waits: a second at a time, and nothing else
    )
    ATTENDANCE = "attendance"  # aggregations at a district: up to minutes each
    VERIFICATION = "verification"  # comparisons: seconds each, must hold up neither batches nor people
    REPORTS = "reports"  # documents: up to half a minute each


app = Celery("upstate")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
