"""Every route, tried as each kind of user. A new route fails here until it is entered in ROUTES."""

import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from audit.models import AuditEntry
from districts.models import District, User
from process_alerts.models import ProcessAlert
from reports.models import Report
from resync.choices import Origin
from resync.models import Batch
from tests.factories.alert import ProcessAlertFactory
from tests.factories.attendance import AggregationRunFactory
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.district import DistrictFactory
from tests.factories.report import ReportFactory
from tests.factories.selective_sync import SyncRequestFactory
from tests.factories.user import DistrictGroupFactory, UserFactory
from tests.factories.verification import VerificationDifferenceFactory, VerificationResultFactory

pytestmark = pytest.mark.django_db

DISTRICT_WRITER, STATE_WRITER = "district writer", "state writer"
# A download is recorded in the audit log: whoever may read a list changes that much.
READERS = ("district reader", DISTRICT_WRITER, "other district", "state reader", STATE_WRITER)


@dataclass(frozen=True)
class Route:
    """What a route takes, and who changes something by posting to it. `number` names a district."""

    parts: tuple[str, ...] = ()
    changed_by: frozenset[str] = frozenset()


def route(*parts: str, changed_by: Iterable[str] = ()) -> Route:
    return Route(parts, frozenset(changed_by))


ROUTES: dict[str, Route] = {
    "home": route(),
    "sign_in": route(),
    "sign_out": route(),
    "tool_search": route(),
    "districts_find": route(),
    "choose_district": route(),
    "choose_year": route(),
    "sign_in_link": route("uidb64", "token"),
    "account": route(),
    "password_change": route(),
    "users": route(),
    "user_add": route(changed_by=[DISTRICT_WRITER, "other district", STATE_WRITER]),
    "user": route("user_id", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "user_sign_in_link": route("user_id", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "user_disable": route("user_id", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "user_enable": route("user_id", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "tool_rights": route(),
    "group_add": route(changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "group": route("group_id", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "group_delete": route("group_id", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "alerts": route(),
    "alerts_change": route(),
    "alert": route("alert_id"),
    "field_settings": route(),
    "field_settings_of": route("object_name"),
    "save_field_settings": route("object_name", changed_by=[STATE_WRITER]),
    "fields_which_sync": route(),
    "fields_of": route("object_name"),
    "agent_queue": route(),
    "agent_queue_database": route("number"),
    "agent_log": route(),
    "agent_log_cause": route(),
    "agent_log_csv": route(changed_by=READERS),
    "error_log": route(),
    "error_log_clear": route(),
    "database_check": route(),
    "database_check_of": route("number"),
    "batch_history": route(),
    "batch_history_csv": route(changed_by=READERS),
    "batch_history_of": route("batch_id"),
    "batch_history_of_csv": route("batch_id", changed_by=set(READERS) - {"other district"}),
    "batch": route(),
    "batch_districts": route(),
    "batch_cancel": route("number", "batch_id"),
    "request_draft": route(),
    "request_confirm": route(),
    "request_send": route(changed_by=[STATE_WRITER]),
    "request_page": route("request_id"),
    "request_live": route("request_id"),
    "request_retry": route("request_id", changed_by=[STATE_WRITER]),
    "request_cancel": route("request_id"),
    "batch_of_district": route("number"),
    "batch_confirm": route("number"),
    "batch_send": route("number", changed_by=[DISTRICT_WRITER]),
    "batch_live": route("number", "batch_id"),
    "zones": route(),
    "zones_change": route(changed_by=[STATE_WRITER]),
    "zones_change_found": route(changed_by=[STATE_WRITER]),
    "zone_switch": route("number", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "school_years": route(changed_by=[STATE_WRITER]),
    "attendance_refresh": route(),
    "attendance_refresh_of_district": route("number"),
    "attendance_refresh_confirm": route("number"),
    "attendance_refresh_start": route("number", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "attendance_refresh_live": route("number", "run_id"),
    "attendance_schedule": route(changed_by=[STATE_WRITER]),
    "selective_sync": route(),
    "selective_sync_of_district": route("number"),
    "selective_sync_find": route("number"),
    "selective_sync_send": route("number", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "selective_sync_live": route("number"),
    "sync_history_clear": route("number", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "sync_request": route("number", "sync_id"),
    "sync_request_again": route("number", "sync_id", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "sync_request_report": route(
        "number", "sync_id", changed_by=["district reader", DISTRICT_WRITER, "state reader", STATE_WRITER]
    ),
    "sync_request_delete": route("number", "sync_id", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "verification": route(),
    "verification_live": route(),
    "verification_verify": route(),
    "verification_start": route(changed_by=[STATE_WRITER]),
    "verification_settings": route(changed_by=[STATE_WRITER]),
    "verification_of_district": route("number"),
    "verification_live_of_district": route("number"),
    "verification_verify_district": route("number"),
    "verification_start_district": route("number", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "verification_report": route("number", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "verification_csv": route("number", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "verification_differences": route("number", "object_name"),
    "verification_keys": route("number", "object_name"),
    "verification_values": route("number", "object_name"),
    "verification_removals": route("number", "object_name"),
    "verification_resync": route("number", "object_name"),
    "verification_resync_send": route("number", "object_name", changed_by=[DISTRICT_WRITER, STATE_WRITER]),
    "verification_remove": route("number", "object_name"),
    "verification_remove_start": route("number", "object_name"),
    "report_live": route("report_token"),
    "report_download": route("report_token"),
    "report_retry": route("report_token"),
    "health": route(),
    "audit_log": route(),
    "audit_log_csv": route(changed_by=READERS),
}
PUBLIC = {"sign_in", "sign_in_link", "health"}
OF_A_DISTRICT = sorted(name for name, each in ROUTES.items() if "number" in each.parts)
# The value of each part of an address, for a finished batch of district 02.
PARTS: dict[str, Callable[[Batch], object]] = {
    "alert_id": lambda batch: ProcessAlert.objects.filter(district=batch.district).earliest("pk").pk,
    "number": lambda batch: batch.district.number,
    "object_name": lambda batch: "School",
    "batch_id": lambda batch: batch.pk,
    "user_id": lambda batch: User.objects.get(username="colleague").pk,
    "group_id": lambda batch: batch.district.groups.earliest("pk").pk,
    "uidb64": lambda batch: "MQ",
    "token": lambda batch: "made-up",
    "request_id": lambda batch: batch.district.batches.get(origin="state").request_id,
    "run_id": lambda batch: batch.district.aggregation_runs.earliest("pk").pk,
    "sync_id": lambda batch: batch.district.sync_requests.earliest("pk").pk,
    "report_token": lambda batch: Report.objects.get(district=batch.district).token,
}
# What names nothing, for the parts that are not numbers.
UNKNOWN = {"report_token": uuid.UUID(int=1)}
IDS = {part for part in PARTS if part.endswith("_id")} | UNKNOWN.keys()
OF_SOMEBODY = sorted(name for name, each in ROUTES.items() if IDS & set(each.parts))
# What is posted to every route: enough for each form to be accepted.
POSTED = {"objects": ["School"], "check_dependencies": "on"}
POSTED |= {"from_year": "2024", "confirmation": "switch 02 to 2024-2025", "shown": ["02", "Enrollment"]}
POSTED |= {"syncs_next_year": ["02", "Enrollment"], "flag": "syncs_next_year", "wanted": "on"}
POSTED |= {
    "scope": "all",
    "weekday": "5",
    "hour": "22",
    "spread": "6",
    "attendance_objects": ["AttDayAggregation"],
}
POSTED |= {"username": "new.person", "first_name": "New", "last_name": "Person", "email": "", "find": "a"}
POSTED |= {"districts": ["02"], "school_year": "2024"}
POSTED |= {"object": "PersonIdentity", "ids": "1", "report_format": "pdf"}
POSTED |= {"token": "7c9e6679-7425-40de-944b-e07fc1f90ae7"}
# A difference of the verification that `furnish` makes.
POSTED |= {"result": "424242", "kind": "not_at_state", "keys": ["7"], "key": "7"}
POSTED |= {"nightly_hour": "5", "side_by_side": "2", "chunk_records": "5000", "kept_differences": "5000"}
POSTED |= {"name": "Helpers", "owner": "02", "rights": ["zones:R"]}

# What they need besides POSTED: a district's database, or what one kind of user has not. Their own tests have it.
NEED_MORE = {"group_add", "save_field_settings", "selective_sync_send", "attendance_refresh_start"}

PEOPLE: dict[str, Callable[[Batch], User]] = {
    "district reader": lambda batch: UserFactory(district=batch.district, rights="", everywhere="R"),
    DISTRICT_WRITER: lambda batch: UserFactory(district=batch.district, rights="", everywhere="RWAD"),
    "other district": lambda batch: UserFactory(
        district=DistrictFactory(number="77"), rights="", everywhere="RWAD"
    ),
    "state reader": lambda batch: UserFactory(district=None, rights="", everywhere="R"),
    STATE_WRITER: lambda batch: UserFactory(district=None, rights="", everywhere="RWAD"),
}


@pytest.fixture
def theirs() -> Batch:
    """A finished batch of district 02, beside one of a request that the state may send again."""
    batch = BatchFactory(district=DistrictFactory(number="02", name="Campus"))
    BatchObjectFactory(batch=batch, object="School")
    asked = BatchFactory(district=batch.district, origin=Origin.STATE, status="failed")
    BatchObjectFactory(batch=asked, object="Calendar", status="failed")
    furnish(batch.district)
    return batch


def furnish(district: District) -> None:
    """What the routes need besides batches."""
    ProcessAlertFactory(district=district)
    AggregationRunFactory(district=district)
    verified = VerificationResultFactory(pk=424_242, run__district=district, object="School", not_at_state=1)
    VerificationDifferenceFactory(result=verified, key=7)
    colleague = UserFactory(username="colleague", district=district, rights="R")
    SyncRequestFactory(district=district, requested_by=colleague, status="failed", keys={1: "pending"})
    ReportFactory(district=district, requested_by=colleague)
    DistrictGroupFactory(district=district)


def named_routes(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from named_routes(pattern.url_patterns)
        else:
            assert pattern.name, f"the route {pattern.pattern} has no name"
            yield pattern.name


def address(name: str, batch: Batch, number: str | None = None) -> str:
    parts = {part: PARTS[part](batch) for part in ROUTES[name].parts}
    return reverse(name, kwargs=parts | ({"number": number} if number else {}))


# What a visit may leave behind: the session, and that an alert was read by the one who opened it.
TRACES = {"django_session", "process_alerts_alertrecipient"}


def changes_so_far() -> list[tuple[str, int, int, int]]:
    """The rows that this test's transaction has inserted, updated and deleted, by table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND NOT relname = ANY(%s) ORDER BY relname",
            [list(TRACES)],
        )
        return cursor.fetchall()


def test_every_route_is_entered_here() -> None:
    assert set(named_routes(get_resolver().url_patterns)) == ROUTES.keys()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", sorted(ROUTES.keys() - PUBLIC))
def test_who_has_not_signed_in_reaches_nothing(client: Client, theirs: Batch, name: str, method: str) -> None:
    response = getattr(client, method)(address(name, theirs))
    assert response.status_code in (302, 405)
    if response.status_code == 302:
        assert response["Location"].startswith(reverse("sign_in"))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", OF_A_DISTRICT)
def test_another_district_answers_as_one_that_does_not_exist(
    client: Client, theirs: Batch, name: str, method: str
) -> None:
    client.force_login(PEOPLE["other district"](theirs))
    foreign, unknown = (
        getattr(client, method)(address(name, theirs, number), POSTED) for number in ("02", "nowhere")
    )
    assert foreign.status_code == unknown.status_code
    assert foreign.status_code in (404, 405)
    assert _masked(foreign.content) == _masked(unknown.content)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", OF_SOMEBODY)
def test_what_is_another_districts_answers_as_what_does_not_exist(
    client: Client, theirs: Batch, name: str, method: str
) -> None:
    client.force_login(PEOPLE["other district"](theirs))
    number = {"number": "77"} if "number" in ROUTES[name].parts else {}
    parts = {part: PARTS[part](theirs) for part in ROUTES[name].parts} | number
    unknown = {
        part: UNKNOWN.get(part, 2_000_000_000) if part in IDS else value for part, value in parts.items()
    }
    answers = [getattr(client, method)(reverse(name, kwargs=each), POSTED) for each in (parts, unknown)]
    assert {answer.status_code for answer in answers} <= {404, 405}
    assert answers[0].status_code == answers[1].status_code
    ids = "|".join(str(each[part]) for each in (parts, unknown) for part in IDS & each.keys()).encode()
    mine, nobodys = (re.sub(ids, b"", _masked(answer.content)) for answer in answers)
    assert mine == nobodys


def _masked(content: bytes) -> bytes:
    """Without what differs between any two answers: the forgery token and the address that was asked for."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"|nowhere|02', b"", content)


@pytest.mark.parametrize("name", sorted(ROUTES))
@pytest.mark.parametrize("person", PEOPLE)
def test_looking_changes_nothing(client: Client, theirs: Batch, person: str, name: str) -> None:
    client.force_login(PEOPLE[person](theirs))
    before = changes_so_far()
    client.get(address(name, theirs))
    assert changes_so_far() == before


@pytest.mark.parametrize(
    ("person", "name"),
    [
        (person, name)
        for name, each in sorted(ROUTES.items())
        for person in PEOPLE
        if person not in each.changed_by and name not in ("sign_in", "sign_out")
    ],
)
def test_nobody_else_changes_anything(client: Client, theirs: Batch, person: str, name: str) -> None:
    client.force_login(PEOPLE[person](theirs))
    path, before = address(name, theirs), changes_so_far()
    client.post(path, POSTED)
    assert changes_so_far() == before


@pytest.mark.parametrize(
    ("person", "name"),
    [(person, name) for name, each in sorted(ROUTES.items()) for person in sorted(each.changed_by)],
)
def test_whoever_changes_something_is_in_the_audit_log(
    client: Client, theirs: Batch, person: str, name: str
) -> None:
    user = PEOPLE[person](theirs)
    client.force_login(user)
    path, before = address(name, theirs), changes_so_far()
    last = max(AuditEntry.objects.values_list("pk", flat=True), default=0)
    client.post(path, POSTED, REMOTE_ADDR="192.0.2.7")
    changed = changes_so_far() != before
    assert changed or name in NEED_MORE
    entries = AuditEntry.objects.filter(pk__gt=last)
    assert {(each.by, each.address) for each in entries} == ({(user, "192.0.2.7")} if changed else set())


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_no_route_is_kept_by_a_cache(client: Client, theirs: Batch, name: str) -> None:
    client.force_login(PEOPLE[DISTRICT_WRITER](theirs))
    assert "no-store" in client.get(address(name, theirs))["Cache-Control"]


@pytest.mark.parametrize("name", ["batch_send", "batch_confirm", "sign_out"])
def test_a_post_without_its_token_is_refused(theirs: Batch, name: str) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(PEOPLE[DISTRICT_WRITER](theirs))
    assert careful.post(address(name, theirs), {"objects": ["School"]}).status_code == 403
