from django.db.models import TextChoices


class Action(TextChoices):
    """What is recorded. A new kind of deed adds a line."""

    IDS_FOUND = "ids_found", "Searched the district's data for IDs"
    SYNC_REQUESTED = "sync_requested", "Requested a selective sync"
    SYNC_HIDDEN = "sync_hidden", "Deleted a request from the sync history"
    SYNC_HISTORY_CLEARED = "sync_history_cleared", "Cleared the sync history"
    VERIFICATION_REQUESTED = "verification_requested", "Requested a verification"
    VALUES_SEEN = "values_seen", "Looked at the values of a record"
    REMOVAL_REQUESTED = "removal_requested", "Asked to remove records from the state"
    RECORDS_REMOVED = "records_removed", "Removed records from the state"
    REPORT_REQUESTED = "report_requested", "Requested a report"
    REPORT_DOWNLOADED = "report_downloaded", "Downloaded a report"
    EXPORTED = "exported", "Downloaded a table"
    SETTINGS_CHANGED = "settings_changed", "Changed settings"
