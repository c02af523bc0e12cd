from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, OuterRef, QuerySet, Subquery, Value, When

from audit.choices import ABOUT_A_USER
from audit.models import AuditEntry
from districts.models import District, User

PAGE = 50


@dataclass(frozen=True)
class AuditFilter:
    """Which entries are asked for. `first` and `last` are the bounds of a time, both included."""

    user: User
    district: District | None = None
    action: str = ""
    person: str = ""
    first: datetime | None = None
    last: datetime | None = None


def audit_entries(asked: AuditFilter) -> QuerySet[AuditEntry]:
    """Newest first, each with the `account` it is about: a user name, empty where it is about none or nobody's.

    A district sees what its own people and its own schedules did: what the state asked for is the state's (seed 003),
    and an entry would tell it.
    """
    accounts = User.objects.filter(pk=OuterRef("key")).values("username")
    account = Case(When(action__in=ABOUT_A_USER, then=Subquery(accounts)), default=Value(""))
    entries = AuditEntry.objects.select_related("by", "district").annotate(account=account).order_by("-id")
    if not asked.user.is_state_user:
        entries = entries.filter(of_state=False, district=asked.user.district_id)
    elif asked.district:
        entries = entries.filter(district=asked.district)
    wanted = {
        "action": asked.action,
        "by__username__iexact": asked.person,
        "at__gte": asked.first,
        "at__lte": asked.last,
    }
    return entries.filter(**{name: value for name, value in wanted.items() if value})
