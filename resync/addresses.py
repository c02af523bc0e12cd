"""Where other tools send a person who is to resync something."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.urls import reverse

from districts.choices import Right, Tool
from districts.models import District, User
from districts.queries import has_right


def resync_address(
    user: User, district: District | None, objects: Sequence[str], school_year: int | None
) -> str:
    """The batch page with these objects ticked: the district's own, or that on which the state requests. Empty for who
    may not send, and where there is nothing to tick."""
    if not (district and objects and has_right(user, Tool.BATCH, Right.WRITE)):
        return ""
    chosen: list[tuple[str, str]] = [("objects", name) for name in objects] + [("check_dependencies", "on")]
    if school_year:
        chosen.append(("school_year", str(school_year)))
    if user.is_state_user:
        return f"{reverse('batch')}?{urlencode([*chosen, ('districts', district.number)])}"
    return f"{reverse('batch_of_district', args=[district.number])}?{urlencode(chosen)}"
