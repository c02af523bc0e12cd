from pathlib import Path

import pytest

from district_data.edfi.elements import Element
from district_data.edfi.reader import read_file

XML = """<InterchangeStudent xmlns="http://ed-fi.org/5.2.0">
  <Student id="S1"><Name><First> Al </First><First>Bo</First></Name>
    <Empty/><Deep><Year>2022</Year></Deep></Student>
</InterchangeStudent>"""


@pytest.fixture
def student(tmp_path: Path) -> Element:
    (tmp_path / "Student.xml").write_text(XML)
    (record,) = read_file(tmp_path / "Student.xml")
    return record.element


def test_text_is_not_trimmed(student: Element) -> None:
    assert student.text("Name/First") == " Al "


def test_identifiers_are(student: Element) -> None:
    assert student.identifier("Name/First") == "Al"


def test_what_is_empty_or_missing_has_no_text(student: Element) -> None:
    assert student.text("Empty") is None
    assert student.text("Name/Last") is None
    assert student.identifier("Empty") is None


def test_each_goes_through_every_branch(student: Element) -> None:
    assert [each.text() for each in student.each("Name/First")] == [" Al ", "Bo"]


def test_below_finds_at_any_depth(student: Element) -> None:
    found = student.below("Year")
    assert found is not None
    assert found.text() == "2022"
    assert student.below("Month") is None


def test_attributes_and_line(student: Element) -> None:
    assert student.attributes == {"id": "S1"}
    assert student.line == 2
