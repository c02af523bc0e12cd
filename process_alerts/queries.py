"""What a person finds in their inbox: what was sent to them, and what they have not deleted."""

from collections.abc import Collection

from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When
from django.http import Http404

from districts.models import User
from process_alerts.models import AlertRecipient, ProcessAlert

# More than so many unread alerts are not counted.
MOST_COUNTED = 99

IS_DUE = Q(alert__due_on__isnull=False, alert__settled_at=None)


def inbox_of(user: User) -> QuerySet[AlertRecipient]:
    """The user's alerts, in no order. A district's user sees those of the district that they belong to now: whoever
    moves leaves behind what they read elsewhere, and what the state told its own people."""
    mine = AlertRecipient.objects.filter(user=user, deleted_at=None)
    return mine if user.district_id is None else mine.filter(alert__district_id=user.district_id)


def in_order(inbox: QuerySet[AlertRecipient]) -> QuerySet[AlertRecipient]:
    """What is due first, the most urgent on top; then the newest."""
    is_due = Case(When(IS_DUE, then=Value(True)), default=Value(False), output_field=BooleanField())
    due_on = Case(When(IS_DUE, then=F("alert__due_on")))
    ordered = inbox.annotate(is_due=is_due, due_first=due_on).select_related("alert")
    return ordered.order_by(F("due_first").asc(nulls_last=True), "-alert_id")


def alert_for(user: User, alert_id: int) -> AlertRecipient:
    """One alert of the user. Another person's answers exactly as an unknown one: 404."""
    found = in_order(inbox_of(user)).filter(alert_id=alert_id).first()
    if found is None:
        raise Http404("There is no such alert in your inbox.")
    return found


def unread_of(user: User) -> QuerySet[AlertRecipient]:
    return inbox_of(user).filter(read_at=None)


def unread_label(user: User) -> str:
    """How many alerts the user has not read, for the header: empty for none, 99+ for very many."""
    number = unread_of(user)[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number or "")


def posted_keys(keys: Collection[str]) -> set[str]:
    """Those of the keys that an alert was posted for."""
    return set(ProcessAlert.objects.filter(key__in=keys).values_list("key", flat=True))
