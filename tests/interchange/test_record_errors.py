"""Open errors: what the database does not let in, and what a person reads."""

import pytest
from django.db import IntegrityError

from dis_objects.catalogue import ObjectDefinition, definitions
from dis_objects.fields import ParentKey
from districts.models import District
from interchange.faults import Code, Fault, sentence
from interchange.models import RecordError

OF_FIELDS = (Code.MISSING_REQUIRED, Code.INVALID_VALUE, Code.OUT_OF_RANGE, Code.TOO_LONG)


def open_error(district: District, **changed: object) -> RecordError:
    values = {"object": "Calendar", "school_year_id": 2024, "key": 1, "code": "TOO_LONG", "field": "name"}
    return RecordError.objects.create(district=district, **values | changed)


@pytest.mark.parametrize(
    "changed",
    [{}, {"code": "DUPLICATE_KEY", "field": ""}, {"key": None}, {"school_year_id": None}],
    ids=str,
)
def test_record_has_one_open_error(district: District, changed: dict[str, object]) -> None:
    open_error(district)
    if "code" not in changed and changed:
        open_error(district, **changed)
    with pytest.raises(IntegrityError, match="one_open_error_per_record"):
        open_error(district, **changed)


@pytest.mark.parametrize(
    "changed", [{"key": 2}, {"key": None}, {"object": "School"}, {"school_year_id": None}], ids=str
)
def test_other_record_has_its_own(district: District, changed: dict[str, object]) -> None:
    open_error(district)
    open_error(district, **changed)
    assert RecordError.objects.count() == 2


def test_error_occurs_at_least_once(district: District) -> None:
    with pytest.raises(IntegrityError, match="an_error_occurs"):
        open_error(district, occurrences=0)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (
            Fault("MISSING_KEY", "calendar_id"),
            "The record has no calendarID. Give it one in the district's database.",
        ),
        (
            Fault("DUPLICATE_KEY"),
            "More than one record has this calendarID. Leave one of them in the district's database.",
        ),
        (
            Fault("MISSING_REQUIRED", "start_date"),
            "startDate is empty, but the state requires it. Fill it in at the district.",
        ),
        (
            Fault("INVALID_VALUE", "start_date"),
            "startDate cannot be read as a date. Correct it at the district.",
        ),
        (
            Fault("INVALID_VALUE", "student_day"),
            "studentDay cannot be read as a whole number. Correct it at the district.",
        ),
        (
            Fault("OUT_OF_RANGE", "end_date"),
            "endDate is outside the range that the state can store. Correct it at the district.",
        ),
        (
            Fault("TOO_LONG", "name"),
            "name is longer than the 30 characters that the state can store. Shorten it.",
        ),
        (
            Fault("MISSING_PARENT", "school_id", -7),
            "School -7 is not at the state. Resync School with its dependencies first.",
        ),
        (
            Fault("CALENDAR_EXCLUDED"),
            "The calendar is marked exclude from state reporting."
            " Clear the mark if the state should have it.",
        ),
    ],
    ids=lambda each: getattr(each, "code", ""),
)
def test_sentence(fault: Fault, expected: str) -> None:
    assert sentence("Calendar", fault) == expected


@pytest.mark.parametrize("known", definitions().values(), ids=lambda known: known.name)
def test_every_fault_of_an_object_reads_as_a_sentence(known: ObjectDefinition) -> None:
    for fault in every_fault(known):
        said = sentence(known.name, fault)
        assert said.endswith(".")
        assert said[0].isupper() or fault.field
        assert not {"{", "}", "None", "_"} & {*said, *said.split()}


def every_fault(known: ObjectDefinition) -> list[Fault]:
    of_record = [Fault(Code.MISSING_KEY, known.key), Fault(Code.DUPLICATE_KEY)]
    of_rules = [Fault(rule.code) for rule in known.exclusions]
    of_fields = [
        Fault(code, field.name)
        for field in known.fields
        for code in OF_FIELDS
        if code != Code.TOO_LONG or field.get_internal_type() == "CharField"
    ]
    of_parents = [
        Fault(Code.MISSING_PARENT, field.name, 5) for field in known.fields if isinstance(field, ParentKey)
    ]
    return [*of_record, *of_rules, *of_fields, *of_parents]


def test_error_tells_its_own_sentence(district: District) -> None:
    error = open_error(district, code="MISSING_PARENT", field="school_id", parent_key=5)
    assert error.sentence == "School 5 is not at the state. Resync School with its dependencies first."
    assert str(error) == "Calendar 1: MISSING_PARENT"


@pytest.mark.parametrize(
    "fault", [Fault("A_RULE_OF_LAST_YEAR"), Fault(Code.TOO_LONG, "a_column_of_last_year")]
)
def test_an_error_older_than_the_catalogue_still_has_a_sentence(fault: Fault) -> None:
    assert sentence("School", fault).endswith(f"({fault.code}). Resync School.")
