"""What an entry says besides who, when and where."""

from audit.choices import ABOUT_A_USER
from audit.models import AuditEntry


def about(entry: AuditEntry) -> str:
    """Of an entry of audit_entries: object and key, or the user it is about; how many; the facts. Example:
    Enrollment 7; 1; fields: grade."""
    parts = [_what(entry), f"{entry.count:,}" if entry.count else ""]
    parts += [f"{name.replace('_', ' ')}: {_fact(value)}" for name, value in sorted(entry.facts.items())]
    return "; ".join(part for part in parts if part)


def _what(entry: AuditEntry) -> str:
    if entry.action in ABOUT_A_USER:
        return entry.account or "A name that nobody has"
    key = "" if entry.key is None else f"{entry.key}"
    return f"{entry.object} {key}".strip()


def _fact(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)
