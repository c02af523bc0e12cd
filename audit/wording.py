"""What an entry says besides who, when and where."""

from collections.abc import Sequence

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


def about(entry: AuditEntry, most: int | None = None) -> str:
    """Of an entry of audit_entries: whom or what it is about; how many; the facts, of a list no more than `most`.
    Example: Enrollment key 7; records: 1; fields: grade."""
    action = Action(entry.action)
    counted = _COUNTED.get(action, "records")
    parts = [_what(entry, action)]
    if entry.count and counted not in entry.facts:
        parts.append(f"{counted}: {entry.count:,}")
    facts = sorted(entry.facts.items())
    parts += [f"{name.replace('_', ' ')}: {_fact(value, most)}" for name, value in facts]
    return "; ".join(part for part in parts if part)


def _what(entry: AuditEntry, action: Action) -> str:
    if action in ABOUT_A_USER:
        return entry.account or "a name that nobody has"  # type: ignore[attr-defined]
    key = "" if entry.key is None else f"{_KEY.get(action, 'key')} {entry.key}"
    return f"{entry.object} {key}".strip()


def _fact(value: object, most: int | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return _listed([str(each) for each in value], most) or "none"
    return str(value)


def _listed(words: Sequence[str], most: int | None) -> str:
    if most is None or len(words) <= most:
        return ", ".join(words)
    return f"{', '.join(words[:most])} and {len(words) - most} more"
