from django.db.models import TextChoices


class RunStatus(TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "In progress"
    COMPLETED = "completed", "Complete"
    FAILED = "failed", "Failed"


OPEN_RUN = (RunStatus.QUEUED, RunStatus.RUNNING)


class ResultStatus(TextChoices):
    """Where the comparison of one object is."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "In progress"
    WAITING = "waiting", "Waiting for the district's database"
    COMPLETED = "completed", "Complete"
    FAILED = "failed", "Failed"


OPEN_RESULT = (ResultStatus.QUEUED, ResultStatus.RUNNING, ResultStatus.WAITING)


class RemovalStatus(TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "In progress"
    WAITING = "waiting", "Waiting"
    COMPLETED = "completed", "Complete"
    FAILED = "failed", "Failed"


OPEN_REMOVAL = (RemovalStatus.QUEUED, RemovalStatus.RUNNING, RemovalStatus.WAITING)


class Advice(TextChoices):
    """What the latest verification of an object recommends to whoever thinks of a resync."""

    RESYNC = "resync", "Needs a resync"
    AGREES = "agrees", "Agrees"
    NOT_BY_RESYNC = "not_by_resync", "A resync does not help"
    STALE = "stale", "Resynced since"
    NEVER = "never", "Never verified"
