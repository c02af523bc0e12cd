"""manage.py verify: its exit status, and what it prints."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from districts.models import District, Zone
from resync.choices import Origin
from tests.conftest import DistrictDatabase
from tests.verification.conftest import at_state
from verification import actions, runs
from verification.choices import RunStatus
from verification.models import VerificationRun, VerificationSettings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (actions, runs):
        monkeypatch.setattr(module, "wake_results", lambda ids: None)


def verify(*arguments: str) -> tuple[int, str]:
    """The exit status and what was printed."""
    out = StringIO()
    try:
        call_command("verify", *arguments, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def refused(*arguments: str) -> CommandError:
    with pytest.raises(CommandError) as error:
        verify(*arguments)
    return error.value


def test_status_0_when_all_agrees(resynced: DistrictDatabase) -> None:
    status, printed = verify("T1", "--objects", "PersonIdentity, School", "--wait", "--json")
    told = json.loads(printed)
    assert (status, told["accuracy"], told["district"], told["school_year"]) == (0, "100.00", "T1", 2024)
    assert told["objects"][1] == {
        "object": "PersonIdentity",
        "status": "completed",
        "accuracy": "100.00",
        "distinct": 40,
        "at_district": 40,
        "at_state": 40,
        "not_at_state": 0,
        "not_at_district": 0,
        "differences": 0,
        "errors": 0,
        "duplicates": 0,
        "keyless": 0,
    }


def test_status_1_when_something_does_not_agree(resynced: DistrictDatabase) -> None:
    status, printed = verify("T1", "--wait", "--json")
    told = json.loads(printed)
    [enrollment] = [each for each in told["objects"] if each["object"] == "Enrollment"]
    assert (status, enrollment["errors"], enrollment["accuracy"]) == (1, 7, "88.33")
    assert (told["accuracy"], len(told["objects"])) == ("93.00", 8)  # 7 of 60 and 40 pooled


def test_status_2_when_an_object_could_not_be_compared(resynced: DistrictDatabase) -> None:
    resynced.execute("ALTER TABLE person_identity RENAME TO elsewhere")
    try:
        status, printed = verify("T1", "--objects", "PersonIdentity,School", "--wait", "--json")
    finally:
        resynced.execute("ALTER TABLE elsewhere RENAME TO person_identity")
    school, person = json.loads(printed)["objects"]
    assert (status, school["status"], person["status"]) == (2, "completed", "failed")
    assert "person_identity" in person["reason"]
    assert "accuracy" not in person


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["T9"], "There is no district T9"),
        (["T1", "--year", "1999"], "no school year that ends in 1999"),
        (["T1", "--objects", "NoSuchObject"], "NoSuchObject"),
    ],
)
def test_status_2_when_nothing_could_be_requested(
    district: District, arguments: list[str], sentence: str
) -> None:
    error = refused(*arguments)
    assert error.returncode == 2
    assert sentence in str(error)
    assert VerificationRun.objects.count() == 0


def test_status_2_when_the_settings_say_no(district: District) -> None:
    VerificationSettings.objects.create(state_may_verify=False)
    error = refused("T1")
    assert (error.returncode, "turned off" in str(error)) == (2, True)


def test_status_2_without_a_zone(district: District) -> None:
    Zone.objects.filter(district=district).delete()
    error = refused("T1")
    assert (error.returncode, "no Zone" in str(error)) == (2, True)


def test_without_wait_it_is_left_to_the_workers(people: DistrictDatabase) -> None:
    status, printed = verify("T1")
    run = VerificationRun.objects.get()
    assert (status, run.status, run.origin, run.requested_by) == (0, RunStatus.RUNNING, Origin.STATE, None)
    assert f"Verification {run.pk}" in printed
    assert "is requested: 8 objects" in printed


def test_a_person_reads_a_table(resynced: DistrictDatabase) -> None:
    status, printed = verify("T1", "--objects", "Enrollment", "--wait")
    [line] = [line for line in printed.splitlines() if "Enrollment" in line]
    assert (status, line.split()) == (
        1,
        ["Enrollment", "60", "7", "0", "0", "7", "88.33%", "Complete"],
    )


def test_a_person_reads_why_an_object_could_not_be_compared(resynced: DistrictDatabase) -> None:
    resynced.execute("ALTER TABLE person_identity RENAME TO elsewhere")
    try:
        status, printed = verify("T1", "--objects", "PersonIdentity", "--wait")
    finally:
        resynced.execute("ALTER TABLE elsewhere RENAME TO person_identity")
    assert (status, "no table or view person_identity" in " ".join(printed.split())) == (2, True)


def test_no_name_of_an_object_is_cut_at_80_columns(district: District) -> None:
    _, printed = verify("T1", "--wait")
    assert "EmploymentAssignment" in printed
    assert max(len(line) for line in printed.splitlines()) <= 80


def test_it_works_through_what_is_before_it(resynced: DistrictDatabase, district: District) -> None:
    """There is no worker: the verification that the district asked for before has to end first."""
    [earlier] = actions.request_verification(
        districts=[district], school_year=district.zone.school_year, by=None
    )
    assert verify("T1", "--objects", "School", "--wait")[0] == 0
    earlier.refresh_from_db()
    assert earlier.status == RunStatus.COMPLETED


def test_another_years_records_are_on_neither_side(resynced: DistrictDatabase) -> None:
    resynced.execute("UPDATE enrollment SET end_year = 2023")
    at_state("Enrollment").update(end_year=2023)
    status, printed = verify("T1", "--objects", "Enrollment", "--wait", "--json")
    assert (status, json.loads(printed)["objects"][0]["distinct"]) == (0, 0)
