import pytest

from district_data.edfi import dialects
from district_data.edfi.elements import Element
from district_data.edfi.mapping import MAPPERS


def element(name: str, content: str = "", *children: Element) -> Element:
    made = Element(name, {}, 1)
    made.content = content
    made.children = list(children)
    return made


@pytest.mark.parametrize(
    "sex",
    [
        element("Sex", "uri://ed-fi.org/SexDescriptor#Male"),
        element("Sex", "Male"),
        element("Sex", "\n  ", element("CodeValue", "Male")),
    ],
)
def test_a_code_reads_the_same_in_every_dialect(sex: Element) -> None:
    assert dialects.code(element("Student", "", sex), "Sex") == "Male"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("uri://gbisd.edu/BusRouteDescriptor#101", "101"),
        ("uri://ed-fi.org/VisaDescriptor#F1 - Foreign #1", "F1 - Foreign #1"),
        ("uri://ed-fi.org/XDescriptor#", ""),
        ("https://ed-fi.org/#top", "https://ed-fi.org/#top"),
        ("Room #5", "Room #5"),
        (None, None),
    ],
)
def test_code_value(written: str | None, value: str | None) -> None:
    assert dialects.code_value(written) == value


def test_a_code_of_the_district_is_not_shared() -> None:
    assert dialects.is_shared("uri://ed-fi.org/BehaviorDescriptor#Other")
    assert dialects.is_shared("Other")
    assert not dialects.is_shared("uri://gbisd.edu/BehaviorDescriptor#Other")


@pytest.mark.parametrize(
    ("written", "year"),
    [("2021-2022", 2022), ("2022", 2022), (" 2021-2022 ", 2022), ("21-22", None), ("", None), (None, None)],
)
def test_school_year(written: str | None, year: int | None) -> None:
    assert dialects.school_year(written) == year


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("http://ed-fi.org/5.2.0", "5.2"),
        ("http://ed-fi.org/5.0.1", "5.2"),
        ("http://ed-fi.org/0200", "2.0"),
        ("http://ed-fi.org/0220", "2.0"),
        ("http://ed-fi.org/4.0.0", None),
        ("http://ed-fi.org/5.2.0/more", None),
    ],
)
def test_dialect_of(namespace: str, name: str | None) -> None:
    dialect = dialects.dialect_of(namespace)
    assert (dialect.name if dialect else None) == name


def test_every_kind_of_a_dialect_is_mapped() -> None:
    named = {kind for dialect in dialects.DIALECTS for kind in dialect.kinds or ()}
    assert named <= MAPPERS.keys()
