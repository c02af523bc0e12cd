"""A million record errors stay usable: every page in half a second, the database's share where it has to seek in less.

What else runs on this machine is not the page's fault, hence the rounds; within each the slow requests count.
"""

import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dis_objects.catalogue import offered_in_batch
from districts.models import District, SchoolYear, State, User
from interchange.models import RecordError, RecordErrorCount
from resync.models import Batch, BatchObject
from tests.factories.user import UserFactory

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

RECORDS = 1_000_000
ROUNDS, REQUESTS = 3, 20


@pytest.fixture(scope="module")
def million(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[District]:
    """A district with a million open errors of 20 objects, four causes each, and a rare one in the middle."""
    with django_db_blocker.unblock():
        state, _ = State.objects.get_or_create(code="NV", defaults={"name": "Nevada"})
        SchoolYear.objects.get_or_create(end_year=2024)
        district = District.objects.create(state=state, number="M1", name="Million")
        names = [each.name for each in offered_in_batch("NV")[:20]]
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO interchange_recorderror"
                " (district_id, object, school_year_id, key, code, field, parent_key, occurrences)"
                " SELECT %s, object, 2024, key, CASE WHEN key = 25000 THEN 'OUT_OF_RANGE' ELSE codes[1 + key %% 4] END,"
                " fields[1 + key %% 4], key, 1"
                " FROM unnest(%s::text[]) WITH ORDINALITY names (object, place), generate_series(1, %s) key,"
                " (VALUES (ARRAY['MISSING_PARENT', 'TOO_LONG', 'INVALID_VALUE', 'ENROLLMENT_EXCLUDED'],"
                " ARRAY['person_id', 'last_name', 'birth_date', ''])) kinds (codes, fields) ORDER BY place, key",
                [district.pk, names, RECORDS // len(names)],
            )
            cursor.execute("ANALYZE interchange_recorderror")
        yield district
        RecordError.objects.filter(district=district)._raw_delete("default")
        RecordErrorCount.objects.all().delete()
        district.delete()


@pytest.fixture
def reader(million: District) -> User:
    return UserFactory(district=million, rights="", everywhere="R")


def slow_request(ask: Callable[[], object], limit: float) -> float:
    """The time that 95 of 100 requests stay under, in the first round within the limit, or else in the best."""
    return _best_round(_seconds, ask, limit)


def _seconds(ask: Callable[[], object]) -> float:
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started


def in_database(ask: Callable[[], object], limit: float) -> float:
    """The same of the time that the database takes, which does not grow with what Python renders."""
    return _best_round(_query_seconds, ask, limit)


def _best_round(
    measure: Callable[[Callable[[], object]], float], ask: Callable[[], object], limit: float
) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        best = min(best, sorted(measure(ask) for _ in range(REQUESTS))[-2])
        if best < limit:
            break
    return best


def _query_seconds(ask: Callable[[], object]) -> float:
    with CaptureQueriesContext(connection) as asked:
        ask()
    return sum(float(each["time"]) for each in asked.captured_queries)


CAUSE = "/agents/log/cause/?code=MISSING_PARENT&about=personID"


@pytest.mark.parametrize(
    ("path", "found", "limit"),
    [
        ("/agents/log/", b"1,000,000 record errors", 0.5),
        ("/agents/log/?object=School", b"50,000 record errors", 0.5),
        ("/agents/log/?key=31234", b"20 record errors", 0.1),
        ("/agents/log/?key=31234&object=School", b"1 record error", 0.1),
        (f"{CAUSE}&object=School", b"Next 50", 0.1),
        (f"{CAUSE}&object=School&after=School.person_id.49000.1", b"49004", 0.1),
        ("/agents/log/cause/?code=OUT_OF_RANGE&about=personID", b"25000", 0.5),
        ("/agents/log/cause/?code=OUT_OF_RANGE&about=personID&object=School", b"25000", 0.1),
    ],
)
def test_a_million_errors(client: Client, reader: User, path: str, found: bytes, limit: float) -> None:
    client.force_login(reader)
    htmx = {"HX-Request": "true"} if "cause" in path else {}
    assert found in client.get(path, headers=htmx).content

    page = slow_request(lambda: client.get(path, headers=htmx), 0.5)
    queries = in_database(lambda: client.get(path, headers=htmx), limit)

    print(f"\n{path}: {page * 1000:.0f} ms, {queries * 1000:.0f} ms of it in the database")
    assert page < 0.5
    assert queries < limit


def test_the_state_sees_the_same_million_in_time(client: Client, million: District) -> None:
    client.force_login(UserFactory(district=None, rights="", everywhere="R"))
    assert slow_request(lambda: client.get("/agents/log/"), 0.5) < 0.5


def test_the_file_of_a_million_comes_in_pieces(client: Client, reader: User) -> None:
    client.force_login(reader)
    started = time.perf_counter()
    response = client.post("/agents/log/csv/")
    pieces = iter(response.streaming_content)
    next(pieces)
    first = time.perf_counter() - started
    sizes = [len(next(pieces)) for _ in range(20)]
    response.close()

    print(f"\nfirst piece after {first * 1000:.0f} ms")
    assert first < 5
    assert max(sizes) < 200_000


def test_a_hundred_thousand_resyncs(client: Client, reader: User, million: District) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO resync_batch (district_id, school_year_id, origin, check_dependencies, is_full, status,"
            " started_at, ended_at, token, requested_at) SELECT %s, 2024, 'district', true, false, 'completed', now(),"
            " now(), gen_random_uuid(), now() FROM generate_series(1, 100000)",
            [million.pk],
        )
        cursor.execute(
            "INSERT INTO dis_batch_history (batch_id, district_id, school_year_id, origin, object, place, requested,"
            " parents, status, processed, errors, written, kept, ended_at, attempts, reason)"
            " SELECT id, district_id, 2024, 'district', name, place, true, '{}', 'completed', 10, 1, 5, 0, now(), 0, ''"
            " FROM resync_batch, (VALUES ('School', 0), ('Calendar', 1), ('Course', 2)) objects (name, place)"
        )
        cursor.execute("ANALYZE resync_batch, dis_batch_history")
    client.force_login(reader)
    for path in (
        "",
        "?page=2000",
        "?object=School",
        "?object=Enrollment",
        "?status=failed",
        "?who=nobody",
        "?page=2",
    ):
        assert b"Batch History" in client.get(f"/batch/history/{path}").content
        seconds = in_database(lambda path=path: client.get(f"/batch/history/{path}"), 0.5)
        print(f"\n/batch/history/{path}: {seconds * 1000:.0f} ms")
        assert seconds < 0.5
    assert Batch.objects.count() == BatchObject.objects.count() / 3
