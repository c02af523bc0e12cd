"""The error log: what went wrong that is not a record (seed 000, Analyze Resync Attempts and Results)."""

from interchange.models import ErrorLogEntry


def log_error(
    *,
    district_id: int,
    code: str,
    sentence: str,
    object_name: str = "",
    batch_id: int | None = None,
    confidential: bool = False,
) -> None:
    """`sentence` tells what happened and what to do next, in names and codes, never with a value."""
    ErrorLogEntry.objects.create(
        district_id=district_id,
        object=object_name,
        code=code,
        sentence=sentence,
        batch_id=batch_id,
        confidential=confidential,
    )
