from celery import shared_task

from verification import actions, nightly, removals, runs


@shared_task
def compare_next_chunk(verification_result_id: int) -> None:
    """Compares one chunk of one object of a verification."""
    runs.compare_next_chunk(verification_result_id)


@shared_task
def remove_from_state(removal_id: int) -> None:
    """Takes the next records of a removal from the state."""
    removals.remove_from_state(removal_id)


@shared_task
def start_nightly_verifications() -> None:
    """Begins the night's verification where it is night."""
    nightly.start_nightly()


@shared_task
def sweep() -> None:
    """Wakes what a lost message, a killed worker or a waiting time has left behind."""
    actions.sweep()
    removals.wake_forgotten_removals()
