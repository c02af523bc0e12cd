import pytest
from django.core.management import CommandError, call_command

from district_data.databases import drop_district_database
from districts.models import District


def test_generate_district(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["T9", "--students", "20", "--name", "Tonopah", "--seed", "3"]
    call_command("generate_district", *arguments, verbosity=2)
    printed = capsys.readouterr().out
    assert "Tonopah (T9): 20 students" in printed
    assert "PersonIdentity" in printed
    drop_district_database(District.objects.get(number="T9"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["T9"],
        ["T9", "--students", "0"],
        ["T9", "--students", "many"],
        ["T9", "--students", "20", "--error-rate", "0.9"],
        ["T9", "--students", "20", "--error-rate", "-1"],
    ],
)
def test_generate_district_refuses(db: None, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("generate_district", *arguments)
    assert not District.objects.exists()


def test_generate_district_refuses_what_is_no_number(db: None) -> None:
    with pytest.raises(CommandError, match="at least one digit"):
        call_command("generate_district", "history", "--students", "20")
    assert not District.objects.exists()


def test_generate_district_spares_a_real_system(db: None, make_district) -> None:
    district = make_district()
    District.objects.filter(pk=district.pk).update(database_name="sis")
    with pytest.raises(CommandError, match="only reads it"):
        call_command("generate_district", district.number, "--students", "20")


def test_fill_demo_refuses_without_demo(db: None, settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="not a demo"):
        call_command("fill_demo")


def test_prepare_attendance(db: None, make_district, capsys: pytest.CaptureFixture[str]) -> None:
    district = make_district("ATT1")
    call_command("prepare_attendance", district.number)
    assert "is prepared" in capsys.readouterr().out
    district.refresh_from_db()
    assert district.aggregation_user
    District.objects.filter(pk=district.pk).update(database_name="sis")
    with pytest.raises(CommandError, match="only reads it"):
        call_command("prepare_attendance", district.number)
    with pytest.raises(CommandError, match="no district"):
        call_command("prepare_attendance", "nowhere")
