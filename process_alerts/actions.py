"""What posts and settles alerts, and what people do with those in their inbox."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models.functions import Now

from districts.models import User
from process_alerts.choices import Process
from process_alerts.models import AlertRecipient, ProcessAlert
from process_alerts.queries import IS_DUE, inbox_of


@dataclass(frozen=True)
class Draft:
    """An alert to be posted, and the ids of the users who get it.

    `key` makes it exactly one. `district_id` says whose people may read it: without one, only the state's.
    """

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
    """Posts those that were not posted before. Returns how many that were.

    Whoever races for a key waits for the other's end, and then posts nothing: no transaction fails over an alert.
    """
    # In the order of the keys, so that two who post the same alerts do not wait for each other in a circle.
    by_key = {draft.key: draft for draft in sorted(drafts, key=lambda draft: draft.key)}
    ids = _insert_new(list(by_key.values()))
    AlertRecipient.objects.bulk_create(
        AlertRecipient(alert_id=alert_id, user_id=user_id)
        for key, alert_id in ids.items()
        for user_id in sorted(set(by_key[key].recipients))
    )
    return len(ids)


def _insert_new(drafts: Sequence[Draft]) -> dict[str, int]:
    """The ids of the alerts whose keys were free. (Django's own ON CONFLICT does not tell which rows were new.)"""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {ProcessAlert._meta.db_table} (key, process, name, text, url, district_id, due_on)"
            " SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[],"
            " %s::date[]) ON CONFLICT (key) DO NOTHING RETURNING key, id",
            [
                [draft.key for draft in drafts],
                [draft.process.value for draft in drafts],
                [draft.name for draft in drafts],
                [draft.text for draft in drafts],
                [draft.url for draft in drafts],
                [draft.district_id for draft in drafts],
                [draft.due_on for draft in drafts],
            ],
        )
        return dict(cursor.fetchall())


def settle_alerts(*, key: str) -> bool:
    """Marks what was due as done. Returns whether that is new."""
    due = ProcessAlert.objects.filter(key=key, settled_at=None, due_on__isnull=False)
    return due.update(settled_at=Now()) == 1


def mark_read(*, alert_ids: Collection[int], by: User) -> int:
    """Returns how many of them were unread."""
    return inbox_of(by).filter(alert_id__in=alert_ids, read_at=None).update(read_at=Now())


def mark_unread(*, alert_ids: Collection[int], by: User) -> int:
    """Returns how many of them were read."""
    return inbox_of(by).filter(alert_id__in=alert_ids).exclude(read_at=None).update(read_at=None)


@dataclass(frozen=True)
class Deleted:
    alerts: int
    still_due: int


@transaction.atomic
def delete_alerts(*, alert_ids: Collection[int], by: User) -> Deleted:
    """Takes alerts out of the person's inbox, but for what is due: that stays until it is done."""
    chosen = inbox_of(by).filter(alert_id__in=alert_ids)
    still_due = chosen.filter(IS_DUE).count()
    return Deleted(chosen.exclude(IS_DUE).update(deleted_at=Now()), still_due)
