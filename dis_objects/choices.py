from django.db.models import TextChoices


class FieldOwner(TextChoices):
    """Who decides about the value of a field (seed 000, Synchronization Field Settings)."""

    STATE = "state", "State"
    DISTRICT = "district", "District"
