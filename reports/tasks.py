from celery import shared_task

from reports import actions, rendering


@shared_task
def render_report(report_id: int) -> None:
    """Builds the document of a report and sets it as PDF or DOCX."""
    rendering.render_report(report_id)


@shared_task
def sweep() -> None:
    """Wakes reports that were left behind, and removes those that have expired."""
    actions.wake_forgotten_reports()
    actions.remove_expired_reports()
