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
    RESYNC_SENT = "resync_sent", "Sent a resync"
    RESYNC_CANCELLED = "resync_cancelled", "Cancelled a resync"
    STATE_RESYNC_REQUESTED = "state_resync_requested", "Requested a resync of districts"
    STATE_RESYNC_RETRIED = "state_resync_retried", "Retried a resync of districts"
    STATE_RESYNC_CANCELLED = "state_resync_cancelled", "Cancelled a resync of districts"
    ERROR_LOG_CLEARED = "error_log_cleared", "Cleared the error log"
    AGGREGATION_REQUESTED = "aggregation_requested", "Asked to add attendance up again"
    ZONE_SWITCHED = "zone_switched", "Switched a zone to the next school year"
    SIGNED_IN = "signed_in", "Signed in"
    SIGNED_OUT = "signed_out", "Signed out"
    SIGN_IN_FAILED = "sign_in_failed", "Failed to sign in"
    SIGN_IN_LOCKED = "sign_in_locked", "Was refused after too many attempts to sign in"
    PASSWORD_CHANGED = "password_changed", "Changed a password"
    SIGN_IN_LINK_MADE = "sign_in_link_made", "Made a sign-in link"
    USER_ADDED = "user_added", "Added a user"
    USER_CHANGED = "user_changed", "Changed a user"
    USER_DISABLED = "user_disabled", "Disabled a user"
    USER_ENABLED = "user_enabled", "Enabled a user"
    GROUP_ADDED = "group_added", "Added a group"
    GROUP_CHANGED = "group_changed", "Changed a group's rights"
    GROUP_DELETED = "group_deleted", "Deleted a group"


# Of these the key names a user; of the other actions a record, a batch, a request or a group.
ABOUT_A_USER = frozenset(
    {
        *(Action.SIGN_IN_FAILED, Action.SIGN_IN_LOCKED, Action.PASSWORD_CHANGED, Action.SIGN_IN_LINK_MADE),
        *(Action.USER_ADDED, Action.USER_CHANGED, Action.USER_DISABLED, Action.USER_ENABLED),
    }
)
