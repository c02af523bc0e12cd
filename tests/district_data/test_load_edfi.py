"""The command: what it prints, and how it ends."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from district_data.exceptions import DatabaseNotOurs
from districts.models import District

SMALL = Path(__file__).parent / "edfi" / "small"


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(make_district: Callable[..., District]) -> Callable[..., str]:
    make_district("EDFI1", end_year=2022)

    def run_command(
        *arguments: str, folder: Path = SMALL, output: StringIO | None = None, **options: Any
    ) -> str:
        output = output or StringIO()
        call_command("load_edfi", "EDFI1", str(folder), *arguments, stdout=output, **options)
        return output.getvalue()

    return run_command


def test_it_prints_every_element_kind_and_object(run: Callable[..., str]) -> None:
    lines = [" ".join(line.split()) for line in run().splitlines()]
    assert "Student 2.0 1 0 PersonIdentity" in lines
    assert "CourseOffering 5.2 1 0 adds to Section, CourseSection" in lines
    assert "AccountabilityRating 5.2 1 0 not used" in lines
    assert "PersonIdentity 5 0" in lines
    assert "Student PersonIdentity.birthdate 1 Student.xml, line 18" in lines
    assert "ClassPeriod a second meeting time: a period has one 1" in lines
    assert lines[-1].startswith("District EDFI1, school year 2021-2022: ")
    assert lines[-1].endswith("Not read: README.txt.")


def test_it_prints_json(run: Callable[..., str]) -> None:
    summary = json.loads(run("--json"))
    assert summary["school_year"] == 2022
    assert summary["objects"]["Enrollment"] == 3
    assert summary["records"] == sum(summary["objects"].values())
    assert summary["elements"] == sum(each["elements"] for each in summary["kinds"])
    assert {"kind": "Section", "dialect": "5.2", "elements": 1, "of_other_year": 0,
            "becomes": ["Section", "CourseSection"], "adds_to": []} in summary["kinds"]  # fmt: skip


def test_on_a_terminal_it_draws_tables(run: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    run(output=Terminal())
    drawn = capsys.readouterr().out
    assert "Elements in the files" in drawn
    assert "━" in drawn


def test_no_value_is_printed(run: Callable[..., str]) -> None:
    printed = run() + run("--json")
    for value in ("13 November", "Neil", "987-65", "Tanner", "Elm"):
        assert value not in printed


def test_another_school_year_is_refused(run: Callable[..., str]) -> None:
    with pytest.raises(CommandError, match="The files are of 2021-2022, not of 2022-2023") as raised:
        run("--school-year", "2023")
    assert raised.value.returncode == 1


def test_a_wrong_folder_is_an_error_in_one_sentence(run: Callable[..., str], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^The folder .* holds no XML file") as raised:
        run(folder=tmp_path)
    assert raised.value.returncode == 1


def test_a_database_that_upstate_did_not_make_is_never_written_to(run: Callable[..., str]) -> None:
    District.objects.update(database_name="campus", database_host="sis.example.org")
    with pytest.raises(CommandError, match="so it only reads it") as raised:
        run()
    assert isinstance(raised.value.__cause__, DatabaseNotOurs)


def test_a_relative_folder_begins_where_the_person_is(
    run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPSTATE_CALLED_FROM", str(SMALL.parent))
    assert "elements in 15 files became" in run(folder=Path(SMALL.name))
