from enum import StrEnum

from django.db.models import TextChoices


class Origin(TextChoices):
    """Who asked for a batch."""

    DISTRICT = "district", "District"
    STATE = "state", "State"
    SCHEDULE = "schedule", "Schedule"


class BatchStatus(TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "In progress"
    CANCELLING = "cancelling", "Being cancelled"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


OPEN_BATCH = (BatchStatus.QUEUED, BatchStatus.RUNNING, BatchStatus.CANCELLING)
# What keeps the next batch of the district and school year from starting.
STARTED_BATCH = (BatchStatus.RUNNING, BatchStatus.CANCELLING)
# One that is being cancelled already is nobody's to cancel again.
CANCELLABLE_BATCH = (BatchStatus.QUEUED, BatchStatus.RUNNING)
UNSUCCESSFUL_BATCH = (BatchStatus.FAILED, BatchStatus.CANCELLED)
TERMINAL_BATCH = (BatchStatus.COMPLETED, *UNSUCCESSFUL_BATCH)


class ObjectStatus(TextChoices):
    """Where one object of a batch is. A record that fails is an error; an object fails when it could not be run."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "In progress"
    WAITING = "waiting", "Waiting for the district's database"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    NOT_ATTEMPTED = "not_attempted", "Not attempted"
    CANCELLED = "cancelled", "Cancelled"


OPEN_OBJECT = (ObjectStatus.QUEUED, ObjectStatus.RUNNING, ObjectStatus.WAITING)
TERMINAL_OBJECT = (
    ObjectStatus.COMPLETED,
    ObjectStatus.FAILED,
    ObjectStatus.NOT_ATTEMPTED,
    ObjectStatus.CANCELLED,
)
NOT_RUN = (ObjectStatus.FAILED, ObjectStatus.NOT_ATTEMPTED, ObjectStatus.CANCELLED)


class Dot(StrEnum):
    """The status dot (seed 000, Analyze Resync Attempts and Results), and what the seed leaves without a colour."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GRAY = "gray"
    QUEUED = "queued"
    WAITING = "waiting"
    FAILED = "failed"
    NOT_ATTEMPTED = "not_attempted"
    CANCELLED = "cancelled"
    NONE = "none"


def result_dot(processed: int, errors: int) -> Dot:
    """The colour of a finished resync, in integers: one percent exactly is yellow, nothing processed is green."""
    if errors == 0:
        return Dot.GREEN
    return Dot.YELLOW if errors * 100 <= processed else Dot.RED
