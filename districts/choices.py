from django.db.models import TextChoices


class Tool(TextChoices):
    """The tools that rights are given on (seeds 000, 003 and 004)."""

    BATCH = "batch", "Resync State Data - Batch"
    SELECTIVE_SYNC = "selective_sync", "Resync State Data - Selective Sync"
    VERIFICATION = "verification", "Verification Summary"
    VERIFICATION_SETTINGS = "verification_settings", "Verification Settings"
    AGENTS = "agents", "Agents"
    ERROR_LOG = "error_log", "Error Log"
    FIELD_SETTINGS = "field_settings", "Synchronization Field Settings"
    ZONES = "zones", "Zones"
    ATTENDANCE_REFRESH = "attendance_refresh", "Attendance Aggregation Refresh"
    ATTENDANCE_SCHEDULE = "attendance_schedule", "Attendance Resync Schedule"
    TOOL_RIGHTS = "tool_rights", "Tool Rights"
    USERS = "users", "Users"
    AUDIT_LOG = "audit_log", "Audit Log"


class Right(TextChoices):
    READ = "R", "Read"
    WRITE = "W", "Write"
    ADD = "A", "Add"
    DELETE = "D", "Delete"


# What each right means on each tool; a right that is not here means nothing on the tool, and cannot be given.
MEANINGS: dict[Tool, dict[Right, str]] = {
    Tool.BATCH: {
        Right.READ: "See the status table, the batch history and the requests",
        Right.WRITE: "Send, request and cancel resyncs",
    },
    Tool.SELECTIVE_SYNC: {
        Right.READ: "See the tool and its sync history",
        Right.WRITE: "Find IDs and sync records",
        Right.DELETE: "Clear the sync history",
    },
    Tool.VERIFICATION: {
        Right.READ: "See the verification results",
        Right.WRITE: "Make the report, and see the values of a record that differs",
        Right.ADD: "Verify again",
        Right.DELETE: "Remove records from the state that the district no longer has",
    },
    Tool.VERIFICATION_SETTINGS: {
        Right.READ: "See who may start verifications, and their limits",
        Right.WRITE: "Change who may start verifications, and their limits (state only)",
    },
    Tool.AGENTS: {Right.READ: "See the agent queue, the agent log and the database check"},
    Tool.ERROR_LOG: {Right.READ: "See the error log", Right.DELETE: "Clear the error log"},
    Tool.FIELD_SETTINGS: {
        Right.READ: "See which fields sync and who owns them",
        Right.WRITE: "Change owner and lock of a field (state only)",
    },
    Tool.ZONES: {
        Right.READ: "See school years and zones",
        Right.WRITE: "Switch a zone to the next school year; at the state also the settings of years",
    },
    Tool.ATTENDANCE_REFRESH: {
        Right.READ: "See earlier aggregations",
        Right.WRITE: "Aggregate attendance again",
    },
    Tool.ATTENDANCE_SCHEDULE: {
        Right.READ: "See the weekly attendance resync",
        Right.WRITE: "Change day, hour, objects and districts of it (state only)",
    },
    Tool.TOOL_RIGHTS: {
        Right.READ: "See the groups and their rights",
        Right.WRITE: "Change groups and their rights",
    },
    Tool.USERS: {
        Right.READ: "See users and their groups",
        Right.WRITE: "Change users and their groups",
        Right.ADD: "Add users",
        Right.DELETE: "Disable users and enable them again",
    },
    Tool.AUDIT_LOG: {Right.READ: "See who did what, when and from where"},
}
