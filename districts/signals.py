"""How the ground layers tell what somebody may have to answer for: the audit log stands above them and listens."""

from django.dispatch import Signal

from districts.models import District, User

_deed_done = Signal()
listen_to_deeds = _deed_done.connect


def tell(
    action: str, *, by: User | None, district: District | None = None, object_name: str = "", **about: object
) -> None:
    """In the transaction of the deed. `action` is a value of audit.choices.Action; `about` are the other parts of an
    entry. Without a listener nothing happens, and what a listener raises takes the deed back."""
    _deed_done.send(None, action=action, by=by, district=district, object_name=object_name, **about)
