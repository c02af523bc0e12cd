from celery import shared_task

from attendance import actions, runs, weekly


@shared_task
def run_aggregation(aggregation_run_id: int) -> None:
    """Adds up one calendar of a refresh, or a night."""
    runs.run_aggregation(aggregation_run_id)


@shared_task
def start_nightly_aggregations() -> None:
    """Begins the night where it is night, and the week where beat missed its moment."""
    actions.start_nightly_aggregations()
    weekly.plan_weekly_resync()


@shared_task
def plan_weekly_resync() -> None:
    """Gives each district that takes part its turn in the coming night."""
    weekly.plan_weekly_resync()


@shared_task
def sweep() -> None:
    """Wakes aggregations that were left behind, and sends the weekly resyncs whose turn has come."""
    actions.wake_forgotten_runs()
    weekly.send_due_resyncs()
