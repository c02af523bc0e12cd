import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from district_data.databases import open_writer
from districts.models import District, Zone
from process_alerts.models import ProcessAlert
from resync.models import Batch, ResyncRequest
from tests.conftest import DistrictDatabase
from tests.factories.district import SchoolYearFactory
from tests.resync.conftest import fill_people


def request_resync(*arguments: str) -> str:
    out = StringIO()
    call_command("request_resync", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def other(people: DistrictDatabase, make_district: Callable[..., District]) -> District:
    district = make_district("T2")
    with open_writer(district) as database:
        fill_people(database, persons=10, enrollments=5)
    return district


def test_json_tells_each_district(people: DistrictDatabase, other: District) -> None:
    result = json.loads(request_resync("--all", "--objects", "Enrollment", "--wait", "--json"))

    batches = list(Batch.objects.order_by("district__number").values_list("pk", flat=True))
    common = {"status": "completed", "objects": 6, "ended": 6}
    assert result == {
        "request": ResyncRequest.objects.get().pk,
        "districts": [
            {"district": "T1", "batch": batches[0], "processed": 104, "errors": 7} | common,
            {"district": "T2", "batch": batches[1], "processed": 19, "errors": 1} | common,
        ],
    }
    assert ProcessAlert.objects.filter(name="State Resync Requested", district=other).exists()


def test_named_districts_only_and_without_wait_left_to_the_workers(
    people: DistrictDatabase, other: District
) -> None:
    result = json.loads(request_resync("--districts", " T2 ", "--objects", "School", "--json"))
    assert [(row["district"], row["status"]) for row in result["districts"]] == [("T2", "running")]


def test_a_person_reads_a_table(people: DistrictDatabase, other: District) -> None:
    text = request_resync("--all", "--objects", "School", "--no-check-dependencies", "--wait")
    assert "school year 2023-2024" in text
    assert "District T2 (T2)" in text
    assert "1 of 1" in text
    assert "Completed" in text


def test_by_default_everything_that_all_of_them_are_offered(
    people: DistrictDatabase, other: District
) -> None:
    other.state = District.objects.create(
        state=other.state.__class__.objects.create(code="KY", name="Kentucky"), number="K1", name="K1"
    ).state
    other.save()
    result = json.loads(request_resync("--districts", "T1,T2", "--json"))
    names = set(ResyncRequest.objects.get().objects_chosen)
    assert {row["objects"] for row in result["districts"]} == {len(names)}
    assert "School" in names
    assert not {"AttDayAggregation", "LepKY"} & names


def test_exit_status_1_when_a_district_failed(people: DistrictDatabase, other: District) -> None:
    people.execute("ALTER TABLE school RENAME TO elsewhere")
    try:
        with pytest.raises(SystemExit) as exit_:
            request_resync("--all", "--objects", "School", "--wait", "--json")
    finally:
        people.execute("ALTER TABLE elsewhere RENAME TO school")
    assert exit_.value.code == 1
    assert sorted(Batch.objects.values_list("status", flat=True)) == ["completed", "failed"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--districts", "99"], "There is no district 99."),
        (["--districts", ","], "No district is chosen."),
        (["--all", "--year", "1999"], "There is no school year that ends in 1999."),
        (["--all", "--year", "2023"], "No district is chosen."),
        (["--districts", "T1", "--year", "2023"], "2022-2023 is not open for district T1"),
        (["--all", "--objects", "Nonsense"], "There is no DIS object named Nonsense"),
        (["--all", "--objects", "LepKY"], "LepKY cannot be resynced for district T1"),
        ([], "one of the arguments --districts --all is required"),
        (["--districts", "T1", "--all"], "not allowed with argument"),
    ],
)
def test_a_wrong_argument_is_a_sentence(district: District, arguments: list[str], sentence: str) -> None:
    SchoolYearFactory(end_year=2023)
    with pytest.raises(CommandError, match=sentence):
        request_resync(*arguments)
    assert not ResyncRequest.objects.exists()


@pytest.mark.django_db
def test_without_a_zone_there_is_nothing_to_request(district: District) -> None:
    Zone.objects.all().delete()
    with pytest.raises(CommandError, match="No district has a zone yet"):
        request_resync("--all")
