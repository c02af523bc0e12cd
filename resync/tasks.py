from celery import shared_task

from resync import actions, chunks


@shared_task
def push_next_chunk(batch_object_id: int) -> None:
    """Pushes one chunk of one object of a batch."""
    chunks.push_next_chunk(batch_object_id)


@shared_task
def sweep() -> None:
    """Wakes what a lost message, a killed worker or a waiting time has left behind."""
    actions.sweep()
