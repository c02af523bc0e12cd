"""The counts that the agent log shows are those of the record errors, whatever is done to them."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from districts.models import District
from interchange.models import RecordError, RecordErrorCount
from tests.factories.district import DistrictFactory, SchoolYearFactory

KIND = ("district_id", "object", "school_year_id", "code", "field", "confidential", "superseded")

Step = Callable[[list[District]], None]


def counted() -> Counter:
    return Counter(
        {tuple(kind): n for *kind, n in RecordErrorCount.objects.values_list(*KIND, "records") if n}
    )


def there() -> Counter:
    """How many records of the districts the errors stand for: a duplicate's error stands for all that share the key."""
    records: Counter = Counter()
    for *kind, occurrences in RecordError.objects.values_list(*KIND, "occurrences"):
        records[tuple(kind)] += occurrences
    return records


def put(
    district: District,
    name: str,
    keys: range,
    code: str = "TOO_LONG",
    year: int | None = 2024,
    occurrences: int = 1,
) -> None:
    """As the engine does: one statement for all, which takes over what is there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO interchange_recorderror (district_id, object, school_year_id, key, code, field, occurrences)"
            " SELECT %s, %s, %s, key, %s, 'name', %s FROM generate_series(%s::bigint, %s::bigint) key"
            " ON CONFLICT ON CONSTRAINT one_open_error_per_record DO UPDATE SET code = excluded.code,"
            " occurrences = excluded.occurrences",
            [district.pk, name, year, code, occurrences, keys.start, keys.stop],
        )


spans = st.tuples(st.integers(1, 6), st.integers(0, 4)).map(lambda each: range(each[0], each[0] + each[1]))
opened = st.builds(
    lambda which, name, keys, code, year, occurrences: (
        lambda made: put(made[which], name, keys, code, year, occurrences)
    ),
    st.integers(0, 1),
    st.sampled_from(["School", "Course"]),
    spans,
    st.sampled_from(["TOO_LONG", "INVALID_VALUE"]),
    st.sampled_from([2024, 2023, None]),
    st.integers(1, 3),
)
closed = st.builds(
    lambda keys: lambda made: RecordError.objects.filter(key__range=(keys.start, keys.stop)).delete(),
    spans,
)
superseded = st.builds(
    lambda keys: lambda made: RecordError.objects.filter(key__in=[*keys]).update(superseded=True), spans
)
moved = st.just(lambda made: RecordError.objects.filter(code="TOO_LONG").update(code="INVALID_VALUE"))


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(opened, closed, superseded, moved), max_size=8))
def test_counts_are_exact_after_every_statement(steps: list[Step]) -> None:
    with transaction.atomic():
        SchoolYearFactory(end_year=2023), SchoolYearFactory(end_year=2024)
        made = [DistrictFactory(), DistrictFactory()]
        for step in steps:
            step(made)
            assert counted() == there()
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_kind_that_has_gone_counts_zero() -> None:
    district = DistrictFactory()
    put(district, "School", range(1, 5))
    RecordError.objects.all().delete()

    assert [each.records for each in RecordErrorCount.objects.all()] == [0]


@pytest.mark.django_db
def test_a_statement_that_is_rolled_back_counts_nothing() -> None:
    district = DistrictFactory()
    put(district, "School", range(1, 5))
    with transaction.atomic():
        put(district, "School", range(6, 9))
        transaction.set_rollback(True)

    assert counted() == there()


@pytest.mark.django_db
def test_a_count_below_zero_is_refused() -> None:
    put(DistrictFactory(), "School", range(1, 2))
    with pytest.raises(IntegrityError, match="errors_are_counted_from_zero"):
        RecordErrorCount.objects.update(records=-1)


@pytest.mark.django_db
def test_a_district_that_goes_takes_its_counts_along(client: Client) -> None:
    district = DistrictFactory(zone=None)
    put(district, "School", range(1, 5))
    district.delete()

    assert not RecordErrorCount.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_emptying_the_table_empties_the_counts() -> None:
    put(DistrictFactory(), "School", range(1, 5))
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE interchange_recorderror")

    assert not RecordErrorCount.objects.exists()
