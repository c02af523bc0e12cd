import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from dis_objects.catalogue import definitions

DOCUMENT = Path(__file__).parents[2] / "docs" / "hierarchy.md"


def run(*arguments):
    out = io.StringIO()
    call_command("hierarchy", *arguments, stdout=out)
    return out.getvalue()


def test_json_is_parent_first():
    names = [entry["name"] for entry in json.loads(run("--json"))]
    assert names == list(definitions())


def test_json_of_an_object():
    roster = next(entry for entry in json.loads(run("--json")) if entry["name"] == "Roster")
    assert roster == {
        "name": "Roster",
        "parents": [
            *("District", "School", "Calendar", "ScheduleStructure", "StructureGradeLevel"),
            *("PersonIdentity", "Enrollment"),
        ],
        "immediate_parents": ["StructureGradeLevel", "Enrollment"],
        "children": [],
        "school_year_bound": True,
        "states": [],
    }


def test_json_lists_all_children():
    entries = {entry["name"]: entry for entry in json.loads(run("--json"))}
    for name, entry in entries.items():
        assert entry["children"] == [other for other in entries if name in entries[other]["parents"]]


def test_listing_has_a_line_for_every_object():
    heading, *lines = run().splitlines()
    assert heading.split()[0] == "Object"
    assert [line.split()[0] for line in lines] == list(definitions())


def test_listing_is_aligned():
    heading, *lines = run().splitlines()
    places = [heading.index(title) for title in ("School year", "States", "Children", "Parents")]
    for line in lines:
        assert all(line[place - 1] == " " and line[place] != " " for place in places)


def test_listing_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    call_command("hierarchy")
    shown = capsys.readouterr().out
    assert all(name in shown for name in definitions())


def test_json_and_markdown_exclude_each_other():
    with pytest.raises(CommandError):
        call_command("hierarchy", "--json", "--markdown")


def test_the_document_holds_the_table():
    assert run("--markdown").strip() in DOCUMENT.read_text(), (
        "docs/hierarchy.md is out of date: replace its table with what manage.py hierarchy --markdown prints"
    )
