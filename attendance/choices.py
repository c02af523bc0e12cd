from django.db.models import IntegerChoices, TextChoices

# What a weekly resync may be made of: the objects that hold attendance.
ATTENDANCE_OBJECTS = (
    "AttDayAggregation",
    "AttendanceExcuse",
    "AttendanceExactCount",
    "AttExtractCount",
    "Truancy",
)


class RunKind(TextChoices):
    """Why attendance was added up (seed 003)."""

    NIGHTLY = "nightly", "Nightly"
    REFRESH = "refresh", "Refresh"


class RunStatus(TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "In progress"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"


OPEN_RUN = (RunStatus.QUEUED, RunStatus.RUNNING)


class Weekday(IntegerChoices):
    """As Python counts them."""

    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"
