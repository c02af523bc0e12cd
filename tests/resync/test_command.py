import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from dis_objects.models import DISObject
from districts.models import District, SchoolYear, Zone
from resync.models import Batch
from tests.conftest import DistrictDatabase


def resync(*arguments: str) -> str:
    out = StringIO()
    call_command("resync", *arguments, stdout=out)
    return out.getvalue()


def test_json_tells_total_processed_errors_and_status_per_object(people: DistrictDatabase) -> None:
    result = json.loads(resync("T1", "--objects", "Enrollment", "--wait", "--json"))
    assert result[-1] == {
        "object": "Enrollment",
        "total": 60,
        "processed": 60,
        "errors": 7,
        "status": "completed",
    }
    assert [row["object"] for row in result][:2] == ["District", "School"]


def test_without_wait_the_batch_is_left_to_the_workers(people: DistrictDatabase) -> None:
    assert json.loads(resync("T1", "--objects", "District", "--json"))[0]["status"] == "queued"
    assert Batch.objects.get().status == "running"


def test_no_check_dependencies_sends_the_named_objects_only(people: DistrictDatabase) -> None:
    result = json.loads(resync("T1", "--objects", "School, District", "--no-check-dependencies", "--json"))
    assert [row["object"] for row in result] == ["District", "School"]


def test_all_objects_of_the_district_by_default(people: DistrictDatabase) -> None:
    result = json.loads(resync("T1", "--wait", "--json"))
    assert len(result) > 60
    assert {row["status"] for row in result} == {"completed"}


def test_a_person_reads_a_table(people: DistrictDatabase) -> None:
    text = resync("T1", "--objects", "Enrollment", "--wait")
    assert "PersonIdentity" in text
    assert "Completed" in text


def test_exit_status_1_when_an_object_could_not_be_run(people: DistrictDatabase) -> None:
    people.execute("ALTER TABLE school RENAME TO elsewhere")
    try:
        with pytest.raises(SystemExit) as exit_:
            resync("T1", "--objects", "School", "--wait", "--json")
    finally:
        people.execute("ALTER TABLE elsewhere RENAME TO school")
    assert exit_.value.code == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["99"], "There is no district 99."),
        (["T1", "--year", "1999"], "There is no school year that ends in 1999."),
        (["T1", "--objects", "Nonsense"], "There is no DIS object named Nonsense"),
        (["T1", "--objects", "LepKY"], "LepKY cannot be resynced"),
    ],
)
def test_a_wrong_argument_is_a_sentence(district: District, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        resync(*arguments)


def test_another_year_sends_only_objects_of_a_school_year(
    people: DistrictDatabase, make_district: Callable[..., District]
) -> None:
    SchoolYear.objects.create(end_year=2023)
    Zone.objects.update(syncs_previous_year=True)
    DISObject.objects.filter(school_year_bound=True).update(syncs_previous_year=True)
    result = json.loads(resync("T1", "--year", "2023", "--objects", "Enrollment", "--wait", "--json"))
    assert [(row["object"], row["processed"]) for row in result] == [
        ("Calendar", 0),
        ("ScheduleStructure", 0),
        ("Enrollment", 0),
    ]
