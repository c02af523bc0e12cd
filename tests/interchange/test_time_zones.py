"""What a time without a zone means: the district's own time, whatever the type of its column."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from dis_objects.catalogue import definition
from districts.models import District
from interchange.push import push_chunk
from interchange.selections import KeyRange
from tests.conftest import DistrictDatabase

EIGHT_IN_LOS_ANGELES = datetime(2024, 1, 9, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["text", "timestamp", "timestamptz"])
def test_a_time_without_a_zone_is_the_districts_own(
    district: District, writer: DistrictDatabase, kind: str
) -> None:
    District.objects.filter(pk=district.pk).update(time_zone="America/Los_Angeles")
    district.refresh_from_db()
    value = "2024-01-09 08:00:00" + ("-08" if kind == "timestamptz" else "")
    change = "ALTER TABLE contact_log ALTER contacted_on TYPE {0} USING contacted_on::{0}"
    writer.execute(change.format(kind))
    try:
        writer.execute("INSERT INTO person_identity (person_id, last_name) VALUES (1, 'One')")
        writer.execute(
            f"INSERT INTO contact_log (contact_log_id, person_id, contacted_on) VALUES (1, 1, '{value}'::{kind})"
        )
        with transaction.atomic():
            push_chunk(definition("PersonIdentity").model, district, KeyRange(10))
            outcome = push_chunk(definition("ContactLog").model, district, KeyRange(10))
            again = push_chunk(definition("ContactLog").model, district, KeyRange(10))
    finally:
        writer.execute("TRUNCATE contact_log")
        writer.execute(change.format("timestamptz"))
    assert (outcome.errors, outcome.written, again.written) == (0, 1, 0)
    assert definition("ContactLog").model.objects.get().contacted_on == EIGHT_IN_LOS_ANGELES
    with connection.cursor() as cursor:
        cursor.execute("SHOW timezone")
        assert cursor.fetchone() == ("UTC",)


def test_an_object_of_a_school_year_is_not_pushed_without_one(district: District) -> None:
    with pytest.raises(ValueError, match="Enrollment is bound to a school year"), transaction.atomic():
        push_chunk(definition("Enrollment").model, district, KeyRange(10))
