from datetime import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit import wording
from audit.models import AuditEntry
from districts.tables import PlainColumn, PlainTable

# A resync of everything names 80 objects; the file has them all.
_LISTED = 5


class AuditTable(PlainTable):
    """The audit log."""

    caption = "What was done, newest first"

    at = PlainColumn(verbose_name="Time", css="time")
    by = PlainColumn(verbose_name="Who", css="fit", empty_values=())
    action = PlainColumn(verbose_name="What")
    about = PlainColumn(verbose_name="About", css="self long", empty_values=(), accessor="pk")
    district = PlainColumn(verbose_name="District", default="The state")
    address = PlainColumn(verbose_name="From", css="mono fit", default="—")

    class Meta(PlainTable.Meta):
        empty_text = "Nothing was recorded that this filter shows."
        sequence = ("at", "by", "action", "about", "district", "address")

    def render_at(self, value: datetime) -> SafeString:
        local = timezone.localtime(value)
        return format_html(
            '<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), f"{local:%m/%d/%Y %H:%M:%S}"
        )

    def render_by(self, record: AuditEntry) -> str:
        return record.by.username if record.by else "Nobody signed in"

    def render_about(self, record: AuditEntry) -> str:
        return wording.about(record, _LISTED) or "—"
