"""Records what people do that others may ask about later. In the caller's transaction: no deed without its entry."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar

from audit.choices import Action
from audit.models import AuditEntry
from districts.models import District, User

# From where the request comes that is answered; empty for what a schedule or the command line does.
address: ContextVar[str | None] = ContextVar("address", default=None)

Fact = str | int | bool | Sequence[str] | Sequence[int]


def record_download(
    table: str, *, by: User, district: District | None, count: int, key: int | None = None, **facts: Fact
) -> AuditEntry:
    """`count` is how many lines the file has."""
    return record(
        Action.EXPORTED, by=by, district=district, key=key, count=count, facts={"table": table, **facts}
    )


def record(
    action: Action,
    *,
    by: User | None,
    district: District | None = None,
    object_name: str = "",
    key: int | None = None,
    count: int = 0,
    facts: Mapping[str, Fact] | None = None,
) -> AuditEntry:
    """`facts` are codes, names of fields and numbers: never a value of a record, never what somebody typed to find
    one."""
    return AuditEntry.objects.create(
        action=action,
        by=by,
        district=district,
        object=object_name,
        key=key,
        count=count,
        facts=dict(facts or {}),
        address=address.get(),
        of_state=by is not None and by.is_state_user,
    )
