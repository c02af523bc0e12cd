"""The process alert at the end of a request, to the person who asked. It names counts, never an ID."""

from django.urls import reverse

from districts.choices import Right, Tool
from districts.queries import asker_with_right
from process_alerts.actions import Draft, post_alerts
from resync.choices import Origin
from selective_sync.choices import SyncStatus
from selective_sync.models import SyncRequest
from selective_sync.queries import Details, details


def announce_end(sync_request: SyncRequest) -> None:
    """Of a request whose IDs are all at the state nothing is told: who asked has seen it. To be called in the
    transaction that ends the request."""
    told = details(sync_request)
    recipients = asker_with_right(
        sync_request.requested_by_id, Tool.SELECTIVE_SYNC, Right.READ, sync_request.district_id
    )
    if recipients and _has_news(told):
        post_alerts([_draft(told, recipients)])


def _has_news(told: Details) -> bool:
    return told.request.status == SyncStatus.FAILED or told.synced < told.ids or bool(_errors_under(told))


def _errors_under(told: Details) -> int:
    return sum(each.errors for each in told.under)


def page_of(sync_request: SyncRequest) -> str:
    return reverse("sync_request", args=[sync_request.district.number, sync_request.pk])


def _draft(told: Details, recipients: list[int]) -> Draft:
    failed = told.request.status == SyncStatus.FAILED
    return Draft(
        key=f"sync-ended:{told.request.pk}",
        name="Selective sync failed" if failed else "Selective sync completed with errors",
        text=f"{_counts(told)} {told.request.reason if failed else _under(told)}".strip(),
        recipients=recipients,
        url=page_of(told.request),
        # What the state asked for is the state's to read.
        district_id=None if told.request.origin == Origin.STATE else told.request.district_id,
    )


def _counts(told: Details) -> str:
    parts = [f"{told.synced:,} of {told.ids:,} IDs are at the state"]
    for count, what in (
        (told.failed, "failed"),
        (told.not_found, "not found at the district"),
        (told.pending, "not attempted"),
    ):
        if count:
            parts.append(f"{count:,} {what}")
    return f"{told.request.object}: {', '.join(parts)}."


def _under(told: Details) -> str:
    errors = _errors_under(told)
    if not errors:
        return ""
    what = "1 record" if errors == 1 else f"{errors:,} records"
    return f"Of the objects under it {what} did not end at the state; the agent log tells why."
