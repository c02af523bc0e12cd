"""Records what people do that others may ask about later. In the caller's transaction: no deed without its entry."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest

from audit.choices import Action
from audit.models import AuditEntry
from districts.models import District, User

Fact = str | int | bool | Sequence[str] | Sequence[int]


def record(
    action: Action,
    *,
    by: User | None,
    district: District | None = None,
    object_name: str = "",
    key: int | None = None,
    count: int = 0,
    facts: Mapping[str, Fact] | None = None,
    request: HttpRequest | None = None,
) -> AuditEntry:
    """`facts` are codes, names of fields and numbers: never a value of a record, never what somebody typed to find one.

    With a `request` the entry tells from which address it came.
    """
    return AuditEntry.objects.create(
        action=action,
        by=by,
        district=district,
        object=object_name,
        key=key,
        count=count,
        facts=dict(facts or {}),
        address=request.META.get("REMOTE_ADDR") or None if request else None,
    )
