from celery import shared_task

from selective_sync import actions, runs


@shared_task
def push_next_keys(sync_request_id: int) -> None:
    """Pushes the next IDs of a request, or what is under them."""
    runs.push_next_keys(sync_request_id)


@shared_task
def sweep() -> None:
    """Wakes what a lost message, a killed worker or a waiting time has left behind."""
    actions.sweep()
