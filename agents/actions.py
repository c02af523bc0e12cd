"""What changes the error log."""

from django.db import transaction
from django.db.models.functions import Now

from agents.queries import EntryFilter, error_log_entries
from audit import actions as audit
from audit.choices import Action
from districts.models import User


def clear_error_log(*, asked: EntryFilter, up_to: int, by: User) -> int:
    """Marks the entries that `by` was shown as cleared. Returns how many.

    `up_to` is the newest entry that was shown: what has come since stays. Entries are kept, for the state to look at.
    """
    if asked.user != by:
        raise ValueError("A person clears what that person sees.")
    shown = error_log_entries(asked).filter(pk__lte=up_to, cleared_at=None)
    with transaction.atomic():
        cleared = shown.order_by().update(cleared_at=Now(), cleared_by=by)
        if cleared:
            audit.record(Action.ERROR_LOG_CLEARED, by=by, district=asked.district, count=cleared)
    return cleared
