"""The report Sync Request History (seed 004, Viewing the Sync History)."""

from collections.abc import Iterator

from dis_objects.catalogue import definition, label
from districts.choices import Right, Tool
from districts.models import User
from reports.building import document_of, local_time
from reports.document import Document, KeyList, Section
from reports.models import Report
from reports.registry import Builder
from selective_sync.announcements import page_of
from selective_sync.choices import OPEN_SYNC, KeyOutcome
from selective_sync.models import SyncRequest
from selective_sync.queries import keys_with, visible_requests

KIND = "sync-request"


class SyncRequestHistory(Builder):
    tool, right = Tool.SELECTIVE_SYNC, Right.READ

    def build(self, report: Report) -> Document:
        asked = _subject(report)
        return document_of(
            report.district,
            title="Sync Request History",
            intro=_intro(asked),
            sections=list(_sections(asked)),
        )

    def may_see(self, user: User, report: Report) -> bool:
        """Of a request that has ended and that is in the history as the user sees it."""
        seen = visible_requests(user, report.district)
        return seen.filter(pk=report.subject_id).exclude(status__in=OPEN_SYNC).exists()

    def file_name(self, report: Report) -> str:
        return f"sync-request-{report.district.number}-{report.subject_id}"

    def page_url(self, report: Report) -> str:
        return page_of(_subject(report))


def _subject(report: Report) -> SyncRequest:
    return SyncRequest.objects.select_related("district", "requested_by", "school_year").get(
        pk=report.subject_id
    )


def _intro(asked: SyncRequest) -> str:
    who = (
        asked.requested_by.get_full_name() or asked.requested_by.username
        if asked.requested_by
        else "the command line"
    )
    when = local_time(asked.district, asked.requested_at)
    told = f"{asked.object} records synced for {asked.school_year}, as asked on {when} by {who}."
    return f"{told} The request failed: {asked.reason}" if asked.reason else told


def _sections(asked: SyncRequest) -> Iterator[Section]:
    """The IDs that failed, those that succeeded, and those that the seed's report leaves out: without a record, and not
    reached."""
    key = label(definition(asked.object).key)
    for heading, intro, outcome, always in (
        (
            "IDs failed to process at District",
            f"Records that failed to sync, by {key}",
            KeyOutcome.FAILED,
            True,
        ),
        ("IDs not found at District", f"{key} without a record at the district", KeyOutcome.NOT_FOUND, False),
        ("IDs not attempted", f"{key} that the request did not reach", KeyOutcome.PENDING, False),
        ("IDs successful", f"Records that are at the state, by {key}", KeyOutcome.SYNCED, True),
    ):
        keys = list(keys_with(asked, outcome).values_list("key", flat=True))
        if keys or always:
            yield Section(heading, intro, [KeyList(keys)])
