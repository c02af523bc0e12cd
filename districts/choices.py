from django.db.models import TextChoices


class Tool(TextChoices):
    """The tools that rights are given on (seeds 003 and 004)."""

    BATCH = "batch", "Resync State Data - Batch"


class Right(TextChoices):
    READ = "R", "Read"
    WRITE = "W", "Write"
    ADD = "A", "Add"
    DELETE = "D", "Delete"
