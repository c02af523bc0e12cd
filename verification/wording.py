"""Verifications as the pages say them."""

from districts.models import User
from resync.choices import Origin
from verification.models import VerificationRun


def asker(user: User, run: VerificationRun) -> str:
    """Who asked. A district learns that the state did, not who there."""
    if run.origin == Origin.SCHEDULE:
        return "Nightly"
    return person(user, run.requested_by)


def person(user: User, who: User | None) -> str:
    """A person as the user may know them. Without one it was the command line, which is the state's."""
    if not user.is_state_user and (who is None or who.is_state_user):
        return "The state"
    return who.username if who else "Command line"
