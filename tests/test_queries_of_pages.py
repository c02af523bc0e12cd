"""How many queries each page with a table makes, and that they do not grow with what the table shows."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.actions import record
from audit.choices import Action
from districts.models import District
from resync.models import Batch
from tests.factories.alert import ProcessAlertFactory
from tests.factories.attendance import AggregationRunFactory
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.district import DistrictFactory
from tests.factories.errors import ErrorLogEntryFactory, RecordErrorFactory
from tests.factories.report import ReportFactory
from tests.factories.selective_sync import SyncRequestFactory
from tests.factories.user import DistrictGroupFactory, UserFactory
from tests.factories.verification import VerificationDifferenceFactory
from tests.test_access import PEOPLE, ROUTES, STATE_WRITER, address, theirs
from verification.models import VerificationResult

pytestmark = pytest.mark.django_db

__all__ = ["theirs"]

# Lists that are no tables, and every page with a table: it fails here until it is entered.
QUERIES = {
    "agent_log": 7,
    "agent_queue": 7,
    "alerts": 7,
    "attendance_refresh": 6,
    "attendance_refresh_of_district": 9,
    "audit_log": 7,
    "batch": 10,
    "batch_districts": 7,
    "batch_history": 8,
    "batch_history_of": 7,
    "batch_of_district": 16,
    "database_check": 5,
    "error_log": 9,
    "field_settings": 6,
    "field_settings_of": 5,
    "fields_of": 5,
    "fields_which_sync": 4,
    "group": 8,
    "request_page": 7,
    "school_years": 6,
    "selective_sync_of_district": 12,
    "sync_request": 14,
    "tool_rights": 6,
    "users": 10,
    "verification": 11,
    "verification_differences": 15,
    "verification_of_district": 18,
    "zones": 6,
}


def grow(district: District) -> None:
    """Four more of everything that a table shows, most of them with people and objects of their own."""
    result = VerificationResult.objects.get(run__district=district)
    for number in range(4):
        other = BatchFactory(district=DistrictFactory(number=f"G{number}"), requested_by=UserFactory())
        BatchObjectFactory(batch=other, object="School", processed=2, errors=1)
        for each in (other.district, district):
            ended = BatchFactory(district=each, requested_by=UserFactory(district=each))
            BatchObjectFactory(batch=ended, object="Calendar", processed=2, errors=1)
            RecordErrorFactory(district=each)
            ErrorLogEntryFactory(district=each)
            ProcessAlertFactory(district=each)
            record(Action.SIGNED_IN, by=UserFactory(district=each), district=each)
            AggregationRunFactory(district=each, status="completed")
            SyncRequestFactory(district=each, requested_by=UserFactory(district=each), keys={1: "synced"})
            ReportFactory(district=each, requested_by=UserFactory(district=each))
            DistrictGroupFactory(district=each, group__name=f"{each.pk}/{number}")
        VerificationDifferenceFactory(result=result, key=100 + number)


def pages_of(client: Client, addresses: dict[str, str]) -> dict[str, int]:
    """The queries of every page that shows a list. Visited twice: the first visit fills caches."""
    found = {}
    for name, path in addresses.items():
        client.get(path)
        with CaptureQueriesContext(connection) as told:
            response = client.get(path)
        if name in QUERIES or b"<table" in b"".join(response):
            found[name] = len(told)
    return found


def test_every_page_with_a_table_makes_as_many_queries_with_more_rows(client: Client, theirs: Batch) -> None:
    client.force_login(PEOPLE[STATE_WRITER](theirs))
    addresses = {name: address(name, theirs) for name in sorted(ROUTES.keys() - {"sign_out"})}
    ErrorLogEntryFactory(district=theirs.district)
    before = pages_of(client, addresses)
    grow(theirs.district)
    after = pages_of(client, addresses)
    assert after == QUERIES
    assert before == QUERIES
