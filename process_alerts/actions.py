"""What posts and settles alerts. An alert has one key, so posting it again does nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models.functions import Now

from process_alerts.choices import Process
from process_alerts.models import AlertRecipient, ProcessAlert


@dataclass(frozen=True)
class Draft:
    """An alert to be posted, and the ids of the users who get it."""

    key: str
    name: str
    text: str
    recipients: Collection[int]
    process: Process = Process.VERTICAL_INTEROPERABILITY
    url: str = ""
    district_id: int | None = None
    due_on: date | None = None


@transaction.atomic
def post_alerts(drafts: Sequence[Draft]) -> int:
    """Posts those that were not posted before. Returns how many that were."""
    by_key = {draft.key: draft for draft in drafts}
    posted = set(ProcessAlert.objects.filter(key__in=by_key).values_list("key", flat=True))
    new = [_alert(draft) for key, draft in by_key.items() if key not in posted]
    ProcessAlert.objects.bulk_create(new)
    AlertRecipient.objects.bulk_create(
        AlertRecipient(alert=alert, user_id=user_id)
        for alert in new
        for user_id in sorted(set(by_key[alert.key].recipients))
    )
    return len(new)


def _alert(draft: Draft) -> ProcessAlert:
    return ProcessAlert(
        key=draft.key,
        process=draft.process,
        name=draft.name,
        text=draft.text,
        url=draft.url,
        district_id=draft.district_id,
        due_on=draft.due_on,
    )


def settle_alerts(*, key_prefix: str) -> int:
    """Marks what was due as done. Returns how many alerts that were."""
    due = ProcessAlert.objects.filter(key__startswith=key_prefix, settled_at=None, due_on__isnull=False)
    return due.update(settled_at=Now())
