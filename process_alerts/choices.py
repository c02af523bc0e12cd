from django.db.models import TextChoices


class Process(TextChoices):
    """What an alert comes from (seed 000, State-Initiated Resync Requests)."""

    VERTICAL_INTEROPERABILITY = "vertical_interoperability", "Vertical Interoperability"
    ATTENDANCE = "attendance", "Attendance"
