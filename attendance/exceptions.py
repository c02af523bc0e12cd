from districts.exceptions import DistrictError


class AttendanceError(DistrictError):
    """Base of what can be wrong with an aggregation. The text is a sentence for the person who asked."""


class NotPrepared(AttendanceError):
    """The district's database has no place for the aggregation, or Upstate has no credentials for it."""


class CredentialsRefused(AttendanceError):
    """The database answers, but does not let the aggregating role in or do its work."""


class AggregationStopped(AttendanceError):
    """The district's database ended the aggregation; nothing of that step was kept."""


class RefreshRefused(AttendanceError):
    """The request cannot be accepted as it is; nothing was changed."""


class ScheduleRefused(AttendanceError):
    """The schedule cannot be stored as it is; nothing was changed."""
