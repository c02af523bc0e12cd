from django.db.models import TextChoices


class SyncStatus(TextChoices):
    """Where a request is. A failed one was stopped as a whole: records that fail do not fail the request."""

    QUEUED = "queued", "Requested"
    RUNNING = "running", "In progress"
    WAITING = "waiting", "Waiting for the district's database"
    COMPLETED = "completed", "Complete"
    FAILED = "failed", "Failed"


OPEN_SYNC = (SyncStatus.QUEUED, SyncStatus.RUNNING, SyncStatus.WAITING)


class Role(TextChoices):
    """Why an object is part of a request: missing parents go first, what hangs on the records goes last."""

    PARENT = "parent", "Parent"
    CHOSEN = "chosen", "Chosen"
    UNDER = "under", "Under it"


class KeyOutcome(TextChoices):
    """What became of one ID."""

    PENDING = "pending", "Not attempted yet"
    SYNCED = "synced", "At the state"
    FAILED = "failed", "Failed"
    NOT_FOUND = "not_found", "No such record at the district"


class SearchKind(TextChoices):
    """What Find IDs took the typed text for."""

    NAME = "name", "Name"
    NUMBER = "number", "Student number, state ID, personID or enrollmentID"
    BIRTH_DATE = "birth_date", "Birth date"
