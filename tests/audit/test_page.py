"""The audit log's page: who sees which entries, and how they are found, read and taken along."""

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client

from audit.actions import Fact, record
from audit.choices import ABOUT_A_USER, Action
from audit.models import AuditEntry
from audit.queries import AuditFilter, audit_entries
from audit.wording import about
from districts.models import District, User
from tests.factories.district import DistrictFactory
from tests.factories.user import UserFactory
from tests.pages import page_text, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(district: District) -> District:
    return district


@pytest.fixture
def admin(home: District) -> User:
    return UserFactory(username="home.admin", district=home, rights="", everywhere="R")


@pytest.fixture
def state_admin() -> User:
    return UserFactory(username="state.admin", district=None, rights="", everywhere="R")


@pytest.fixture
def entries(home: District, admin: User, state_admin: User) -> dict[str, AuditEntry]:
    """One of each kind, by whose it is."""
    elsewhere = DistrictFactory(number="77")
    stranger = UserFactory(district=elsewhere)
    return {
        "own": record(Action.RESYNC_SENT, by=admin, district=home, key=5),
        "schedule": record(Action.VERIFICATION_REQUESTED, by=None, district=home),
        "state at home": record(Action.VALUES_SEEN, by=state_admin, district=home),
        "state": record(Action.STATE_RESYNC_REQUESTED, by=state_admin, key=9),
        "other district": record(Action.RESYNC_SENT, by=stranger, district=elsewhere, key=6),
        "nobody": record(Action.SIGN_IN_FAILED, by=None),
    }


def seen_by(user: User, entries: Mapping[str, AuditEntry], **asked: object) -> set[str]:
    found = set(audit_entries(AuditFilter(user=user, **asked)))  # type: ignore[arg-type]
    return {name for name, each in entries.items() if each in found}


def test_a_district_sees_its_own_and_nothing_of_the_state(
    admin: User, entries: dict[str, AuditEntry]
) -> None:
    assert seen_by(admin, entries) == {"own", "schedule"}


def test_who_moves_from_the_state_to_a_district_takes_no_entry_along(
    admin: User, state_admin: User, home: District, entries: dict[str, AuditEntry]
) -> None:
    User.objects.filter(pk=state_admin.pk).update(district=home)
    assert seen_by(admin, entries) == {"own", "schedule"}
    assert seen_by(User.objects.get(pk=state_admin.pk), entries) == {"own", "schedule"}


def test_what_was_recorded_before_is_the_states(admin: User, state_admin: User) -> None:
    older = {"older": AuditEntry.objects.create(action=Action.RESYNC_SENT, by=admin, district=admin.district)}
    assert seen_by(admin, older) == set()
    assert seen_by(state_admin, older) == {"older"}


def test_a_district_that_asks_for_another_gets_its_own(admin: User, entries: dict[str, AuditEntry]) -> None:
    other = entries["other district"].district
    assert seen_by(admin, entries, district=other) == {"own", "schedule"}


def test_the_state_sees_all_or_those_of_one_district(
    state_admin: User, home: District, entries: dict[str, AuditEntry]
) -> None:
    assert seen_by(state_admin, entries) == entries.keys()
    assert seen_by(state_admin, entries, district=home) == {"own", "schedule", "state at home"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"action": Action.RESYNC_SENT}, {"own", "other district"}),
        ({"person": "STATE.admin"}, {"state at home", "state"}),
        ({"person": "nobody.at.all"}, set()),
        ({"action": Action.VALUES_SEEN, "person": "state.admin"}, {"state at home"}),
    ],
)
def test_filters(
    state_admin: User, entries: dict[str, AuditEntry], asked: dict[str, object], expected: set[str]
) -> None:
    assert seen_by(state_admin, entries, **asked) == expected


def test_the_days_asked_for_are_whole_days_of_the_district(client: Client, home: District) -> None:
    client.force_login(UserFactory(district=home, rights="", everywhere="R"))
    zone = ZoneInfo(home.time_zone)
    for clock in ("01/08/2024 23:59:59", "01/09/2024 00:00:00", "01/09/2024 23:59:59", "01/10/2024 00:00:00"):
        at = datetime.strptime(clock, "%m/%d/%Y %H:%M:%S").replace(tzinfo=zone)
        AuditEntry.objects.create(action=Action.RESYNC_SENT, district=home, at=at, of_state=False)
    text = page_text(client.get("/audit/?first=2024-01-09&last=2024-01-09"))
    assert "01/09/2024 00:00:00" in text
    assert "01/09/2024 23:59:59" in text
    assert "01/08/2024 23:59:59" not in text
    assert "01/10/2024 00:00:00" not in text


def test_a_line_tells_who_what_about_and_from_where(client: Client, home: District, admin: User) -> None:
    AuditEntry.objects.create(
        action=Action.VALUES_SEEN,
        by=admin,
        district=home,
        object="Enrollment",
        key=7,
        count=1,
        facts={"fields": ["grade"]},
        address="192.0.2.7",
        of_state=False,
    )
    client.force_login(admin)
    text = page_text(client.get("/audit/?action=values_seen"))
    assert (
        "home.admin Looked at the values of a record Enrollment key 7; records: 1; fields: grade 192.0.2.7"
        in text
    )


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, ""),
        ({"moved": True}, "moved: yes"),
        ({"moved": False}, "moved: no"),
        ({"groups": []}, "groups: none"),
        ({"school_year": 2024, "objects": ["School", "Day"]}, "objects: School, Day; school year: 2024"),
    ],
)
def test_words_of_facts(state_admin: User, facts: dict[str, Fact], words: str) -> None:
    record(Action.SETTINGS_CHANGED, by=state_admin, facts=facts)
    assert about(audit_entries(AuditFilter(user=state_admin)).get()) == words


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["Day"], "resync 3; objects: Day"),
        (["A", "B", "C", "D", "E"], "resync 3; objects: A, B, C, D, E"),
        (["A", "B", "C", "D", "E", "F", "G"], "resync 3; objects: A, B, C, D, E and 2 more"),
    ],
)
def test_the_page_shortens_long_lists_and_counts_no_list_twice(
    client: Client, admin: User, names: list[str], words: str
) -> None:
    facts = {"objects": names}
    record(Action.RESYNC_SENT, by=admin, district=admin.district, key=3, count=len(names), facts=facts)
    client.force_login(admin)
    assert f"Sent a resync {words} —" in page_text(client.get("/audit/"))
    entry = audit_entries(AuditFilter(user=admin, action=Action.RESYNC_SENT)).get()
    assert about(entry) == f"resync 3; objects: {', '.join(names)}"


@pytest.mark.parametrize("action", sorted(ABOUT_A_USER))
def test_an_entry_about_a_user_names_the_account(state_admin: User, admin: User, action: str) -> None:
    record(Action(action), by=None, key=admin.pk)
    assert about(audit_entries(AuditFilter(user=state_admin)).get()) == "home.admin"


def test_the_key_of_a_record_is_no_account(state_admin: User, admin: User) -> None:
    record(Action.VALUES_SEEN, by=None, object_name="School", key=admin.pk)
    assert about(audit_entries(AuditFilter(user=state_admin)).get()) == f"School key {admin.pk}"


def test_the_file_has_every_entry_under_the_filter_and_is_recorded(
    client: Client, admin: User, entries: dict[str, AuditEntry]
) -> None:
    client.force_login(admin)
    response = read(client, f"/audit/csv/?{urlencode({'action': 'resync_sent'})}")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["Who"], row["What"], row["About"]) for row in rows] == [
        ("home.admin", "Sent a resync", "resync 5")
    ]
    exported = AuditEntry.objects.get(action=Action.EXPORTED)
    assert (exported.by, exported.district, exported.count) == (admin, admin.district, 1)
    assert exported.facts == {"table": "audit log"}


def test_a_page_shows_fifty_of_many(client: Client, admin: User) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(action=Action.RESYNC_SENT, by=admin, district=admin.district, of_state=False)
        for _ in range(120)
    )
    client.force_login(admin)
    assert client.get("/audit/?action=resync_sent").content.decode().count("Sent a resync</td>") == 50


def test_who_has_no_right_on_the_log_sees_nothing(client: Client, home: District) -> None:
    client.force_login(UserFactory(district=home, rights=""))
    for path in ("/audit/", "/audit/csv/"):
        assert read(client, path).status_code == 403


@pytest.mark.parametrize("asked", [{}, {"person": "home.admin"}, {"action": Action.RESYNC_SENT}])
def test_a_page_of_a_district_reads_few_of_many_entries(admin: User, asked: dict[str, str]) -> None:
    """By the index: a log is kept for ever."""
    others = DistrictFactory()
    AuditEntry.objects.bulk_create(
        AuditEntry(action=Action.RESYNC_SENT, district=others) for _ in range(5_000)
    )
    for _ in range(60):
        record(Action.RESYNC_SENT, by=admin, district=admin.district)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_auditentry")
    plan = audit_entries(AuditFilter(user=admin, district=admin.district, **asked))[:50].explain()
    assert "Seq Scan on audit_auditentry" not in plan
