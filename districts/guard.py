"""What every change of users, groups and rights keeps to."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from districts.choices import Right, Tool
from districts.exceptions import ChangeRefused
from districts.models import User
from districts.queries import has_right, users_with_right

# Who gives these away cannot take them back without another person's help.
_KEPT = ((Tool.TOOL_RIGHTS, Right.WRITE), (Tool.USERS, Right.WRITE))


@contextmanager
def changing_people(by: User) -> Iterator[User]:
    """A transaction for one change at a time; gives `by` as they are now, because a page may be hours old.

    Raises ChangeRefused at its end, and so takes the change back, if `by` has locked themself out, or if nobody is
    left at the state who may change users.
    """
    with transaction.atomic():
        _wait_for_other_changes()
        person = User.objects.select_related("district").get(pk=by.pk)
        held = [each for each in _KEPT if has_right(person, *each)]
        was_administered = _state_is_administered()
        yield person
        _refuse_lock_out(person, held)
        if was_administered and not _state_is_administered():
            raise ChangeRefused(
                "Nobody at the state could change users after this. Give another person of the state the right "
                f"{Right.WRITE.label} on {Tool.USERS.label} first."
            )


def _wait_for_other_changes() -> None:
    """Two administrators who disable each other at the same moment must not both succeed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('upstate people', 0))")


def _state_is_administered() -> bool:
    return users_with_right(Tool.USERS, Right.WRITE).exists()


def _refuse_lock_out(person: User, held: list[tuple[Tool, Right]]) -> None:
    after = User.objects.get(pk=person.pk)
    for tool, right in held:
        if not has_right(after, tool, right):
            raise ChangeRefused(
                f"This would take the right {right.label} on {tool.label} from yourself. Ask another administrator "
                "to do it."
            )
