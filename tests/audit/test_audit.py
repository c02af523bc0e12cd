"""The audit log: what is recorded stays, and comes with the deed or not at all."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from audit.actions import address, record
from audit.choices import Action
from audit.models import AuditEntry
from districts.models import District
from tests.factories.user import UserFactory

pytestmark = pytest.mark.django_db


def test_an_entry_tells_who_what_where_and_from_which_address(district: District) -> None:
    person = UserFactory(district=district)
    token = address.set("192.0.2.7")
    entry = record(
        Action.VALUES_SEEN,
        by=person,
        district=district,
        object_name="Enrollment",
        key=7,
        count=1,
        facts={"fields": ["grade"]},
    )
    address.reset(token)
    entry.refresh_from_db()
    assert (entry.by, entry.district, entry.object, entry.key, entry.count) == (
        person,
        district,
        "Enrollment",
        7,
        1,
    )
    assert entry.facts == {"fields": ["grade"]}
    assert entry.address == "192.0.2.7"


def test_a_deed_without_a_request_has_no_address() -> None:
    assert record(Action.RECORDS_REMOVED, by=None).address is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET count = 0",
        "DELETE FROM audit_auditentry",
        "TRUNCATE audit_auditentry",
    ],
)
def test_the_database_refuses_to_change_what_was_recorded(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry ENABLE TRIGGER audit_is_not_emptied")
        record(Action.SYNC_HIDDEN, by=None)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
            cursor.execute(statement)
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "constraint"),
    [({"action": "gossip"}, "audit_knows_the_action"), ({"count": -1}, "audit_counts_from_zero")],
)
def test_an_entry_that_makes_no_sense_is_refused(values: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AuditEntry.objects.create(**{"action": Action.SYNC_HIDDEN, **values})


def test_a_deed_that_fails_leaves_no_entry() -> None:
    @transaction.atomic
    def deed() -> None:
        record(Action.RECORDS_REMOVED, by=None)
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        deed()
    assert not AuditEntry.objects.exists()
