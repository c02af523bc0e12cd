"""The process alerts of attendance: how an aggregation ended. Posted in the transaction that ends it, and once."""

from collections.abc import Collection

from django.urls import reverse

from attendance.choices import RunKind, RunStatus
from attendance.models import AggregationRun
from districts.choices import Right, Tool
from districts.queries import asker_with_right, ids_with_right
from process_alerts.actions import Draft, post_alerts
from process_alerts.choices import Process


def announce_end(run: AggregationRun) -> None:
    """Tells who asked for a refresh. Of the nights only a failure is news, for who may refresh at the district."""
    recipients = _recipients(run)
    if recipients:
        post_alerts([_draft(run, recipients)])


def _recipients(run: AggregationRun) -> Collection[int]:
    if run.kind == RunKind.REFRESH:
        return asker_with_right(run.requested_by_id, Tool.ATTENDANCE_REFRESH, Right.READ, run.district_id)
    if run.status == RunStatus.COMPLETED:
        return []
    return ids_with_right(Tool.ATTENDANCE_REFRESH, Right.WRITE, [run.district_id])


def _draft(run: AggregationRun, recipients: Collection[int]) -> Draft:
    what = (
        "Nightly attendance aggregation" if run.kind == RunKind.NIGHTLY else "Attendance aggregation refresh"
    )
    how = "failed" if run.status == RunStatus.FAILED else "completed"
    return Draft(
        key=f"aggregation-ended:{run.pk}",
        name=f"{what} {how}",
        text=_failure(run) if run.status == RunStatus.FAILED else _success(run),
        recipients=recipients,
        process=Process.ATTENDANCE,
        url=reverse("attendance_refresh_of_district", args=[run.district.number]),
        district_id=run.district_id,
    )


def _failure(run: AggregationRun) -> str:
    if run.kind == RunKind.NIGHTLY:
        return f"{run.reason} The next night adds up what is missing."
    return (
        f"{run.reason} {run.calendars_done:,} of {run.calendars_total:,} calendars were added up before that."
    )


def _success(run: AggregationRun) -> str:
    calendars = "1 calendar was" if run.calendars_total == 1 else f"{run.calendars_total:,} calendars were"
    return (
        f"{calendars} added up again. Student days: {run.days:,}; rows changed: {run.written:,}. Resync "
        "AttDayAggregation to bring them to the state."
    )
