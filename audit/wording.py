"""What an entry says besides who, when and where."""

from audit.choices import ABOUT_A_USER, Action
from audit.models import AuditEntry

# What the key names, and what is counted. An entry without an object of the catalogue would else show bare numbers.
_KEY = {
    Action.SYNC_REQUESTED: "request",
    Action.SYNC_HIDDEN: "request",
    Action.VALUES_SEEN: "key",
    Action.REPORT_REQUESTED: "of",
    Action.REPORT_DOWNLOADED: "of",
    Action.EXPORTED: "resync",
    Action.RESYNC_SENT: "resync",
    Action.RESYNC_CANCELLED: "resync",
    Action.STATE_RESYNC_REQUESTED: "request",
    Action.STATE_RESYNC_RETRIED: "request",
    Action.STATE_RESYNC_CANCELLED: "request",
    Action.AGGREGATION_REQUESTED: "refresh",
    Action.GROUP_ADDED: "group",
    Action.GROUP_CHANGED: "group",
    Action.GROUP_DELETED: "group",
}
_COUNTED = {
    Action.IDS_FOUND: "people",
    Action.SYNC_REQUESTED: "IDs",
    Action.SYNC_HIDDEN: "IDs",
    Action.SYNC_HISTORY_CLEARED: "requests",
    Action.VERIFICATION_REQUESTED: "districts",
    Action.EXPORTED: "lines",
    Action.RESYNC_SENT: "objects",
    Action.STATE_RESYNC_REQUESTED: "districts",
    Action.STATE_RESYNC_RETRIED: "districts",
    Action.STATE_RESYNC_CANCELLED: "districts",
    Action.ERROR_LOG_CLEARED: "entries",
    Action.AGGREGATION_REQUESTED: "calendars",
    Action.SETTINGS_CHANGED: "changed",
}


def about(entry: AuditEntry) -> str:
    """Of an entry of audit_entries: whom or what it is about; how many; the facts. Example:
    Enrollment key 7; records: 1; fields: grade."""
    action = Action(entry.action)
    parts = [_what(entry, action)]
    if entry.count:
        parts.append(f"{_COUNTED.get(action, 'records')}: {entry.count:,}")
    parts += [f"{name.replace('_', ' ')}: {_fact(value)}" for name, value in sorted(entry.facts.items())]
    return "; ".join(part for part in parts if part)


def _what(entry: AuditEntry, action: Action) -> str:
    if action in ABOUT_A_USER:
        return entry.account or "a name that nobody has"  # type: ignore[attr-defined]
    key = "" if entry.key is None else f"{_KEY.get(action, 'key')} {entry.key}"
    return f"{entry.object} {key}".strip()


def _fact(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)
