"""A whole published district: what the sample is known to hold, and an independent count of its elements."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dis_objects.catalogue import definition, definitions, offered_in_batch
from district_data.databases import open_writer
from district_data.edfi.loading import OWNED_OBJECTS, load_folder
from district_data.edfi.summary import Summary
from districts.models import District, SchoolYear, State, User, Zone
from interchange.models import RecordError
from resync import actions, chunks
from resync.queries import runnable_objects
from tests.district_data.edfi.conftest import Select

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

RECORDS = {
    "AttDayAggregation": 1917,
    "AttendanceExcuse": 8,
    "Behavior": 21,
    "BehaviorEvent": 21,
    "BehaviorIncident": 21,
    "BehaviorResolution": 25,
    "BehaviorResolutionType": 2,
    "BehaviorRole": 47,
    "BehaviorType": 4,
    "BehaviorWeapon": 7,
    "Calendar": 3,
    "CareerTechnicalEducation": 64,
    "CensusContactSummary": 1872,
    "Course": 84,
    "CourseSection": 532,
    "Day": 2,
    "District": 1,
    "Employment": 68,
    "EmploymentAssignment": 69,
    "EmploymentCredential": 56,
    "Enrollment": 1400,
    "Homeless": 11,
    "ImmCertificate": 84,
    "LEP": 38,
    "Migrant": 275,
    "POSEligibility": 82,
    "PeriodSchedule": 21,
    "PersonIdentity": 4301,
    "Plan": 97,
    "ProgramParticipation": 136,
    "ScheduleStructure": 3,
    "School": 3,
    "Section": 532,
    "Section504": 3,
    "SpecialEdState": 97,
    "StructureGradeLevel": 12,
    "TermSchedule": 24,
    "Test": 12,
    "TestScore": 408,
    "Transportation": 30,
    "VaccineShot": 263,
}
# docs/load-edfi.md says why.
ERRORS = {
    ("EmploymentAssignment", "MISSING_REQUIRED"): 3,
    ("ImmCertificate", "MISSING_REQUIRED"): 4,
    ("TestScore", "SCORE_OF_OTHER_YEAR"): 39,
    ("TestScore", "STUDENT_NOT_ENROLLED"): 369,
}
_TAG = re.compile(r"<!--.*?-->|<\?.*?\?>|<(?P<end>/?)(?P<name>[\w.-]+)[^>]*?(?P<empty>/?)>", re.DOTALL)


@pytest.fixture(scope="module")
def bend(district_server: Callable[[str], dict[str, str]], django_db_blocker: Any) -> Iterator[District]:
    """One district for all tests here, because a load takes seconds."""
    with django_db_blocker.unblock():
        state, new_state = State.objects.get_or_create(code="NV", defaults={"name": "Nevada"})
        year, new_year = SchoolYear.objects.get_or_create(end_year=2022)
        district = District.objects.create(state=state, number="BEND1", **district_server("BEND1"))
        Zone.objects.create(district=district, school_year=year)
    yield district
    with django_db_blocker.unblock():
        Zone.objects.filter(district=district).delete()
        district.delete()
        for each, new in ((year, new_year), (state, new_state)):
            if new:
                each.delete()


@pytest.fixture(scope="module")
def loaded(bend: District, grand_bend: Path, django_db_blocker: Any) -> Summary:
    with django_db_blocker.unblock():
        return load_folder(bend.number, grand_bend)


def test_the_records_are_those_of_the_sample(loaded: Summary, select: Select) -> None:
    stored = {name: select(f"SELECT count(*) FROM {definition(name).table}")[0][0] for name in OWNED_OBJECTS}
    assert stored == RECORDS
    assert loaded.objects == RECORDS


def test_every_element_of_every_file_is_accounted_for(loaded: Summary, grand_bend: Path) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    for file in grand_bend.glob("*.xml"):
        counted += children_of_root(file.read_text(encoding="utf-8"))
    assert {(each.kind, each.dialect): each.elements for each in loaded.kinds} == counted
    assert loaded.elements == counted.total() == 12_582
    assert not loaded.not_understood
    assert not +loaded.repeated


def children_of_root(text: str) -> Counter[tuple[str, str]]:
    """By tags alone, without the parser under test."""
    dialect = "2.0" if "http://ed-fi.org/0200" in text[:1000] else "5.2"
    found: Counter[tuple[str, str]] = Counter()
    depth = 0
    for tag in _TAG.finditer(text):
        if not tag["name"]:
            continue
        if tag["end"]:
            depth -= 1
            continue
        found.update([(tag["name"], dialect)] if depth == 1 else [])
        depth += 0 if tag["empty"] else 1
    return found


def test_the_two_populations_are_different_people(loaded: Summary, select: Select) -> None:
    """The sample's own students and those of the generator of Ed-Fi 2.0; only these are enrolled."""
    assert select(
        "SELECT p.person_id < 10000, count(*), count(e.person_id) FROM person_identity p"
        " LEFT JOIN enrollment e USING (person_id) WHERE p.person_id < 1000000000000 GROUP BY 1 ORDER BY 1"
    ) == [(False, 960, 0), (True, 1400, 1400)]
    assert select(
        "SELECT person_id / 1000000000000, count(DISTINCT person_id) FROM person_identity GROUP BY 1"
        " ORDER BY 1"
    ) == [(0, 2360), (1, 68), (2, 1873)]


def test_every_parent_is_there(loaded: Summary, select: Select) -> None:
    """A parent key that is entered leads somewhere: the sample's references are sound."""
    known = definitions()
    for name in OWNED_OBJECTS:
        for column in known[name].parent_keys:
            parent = known[column.parent]
            if column.parent in OWNED_OBJECTS:
                query = (
                    f"SELECT count(*) FROM {known[name].table} c WHERE c.{column.name} IS NOT NULL"
                    f" AND NOT EXISTS (SELECT FROM {parent.table} p WHERE p.{parent.key} = c.{column.name})"
                )
                assert select(query) == [(0,)], (name, column.name)


def test_loading_again_gives_the_same_rows(loaded: Summary, bend: District, grand_bend: Path) -> None:
    before = everything(bend)
    load_folder(bend.number, grand_bend)
    assert everything(bend) == before


def everything(district: District) -> dict[str, list[tuple[Any, ...]]]:
    with open_writer(district) as database:
        return {
            name: database.execute(
                f"SELECT * FROM {definition(name).table} ORDER BY {definition(name).key}"
            ).fetchall()
            for name in OWNED_OBJECTS
        }


def test_a_full_resync_sends_whatever_is_sound(loaded: Summary, bend: District) -> None:
    batch = actions.send_resync(
        district=bend,
        school_year=bend.zone.school_year,
        objects=[each.name for each in offered_in_batch(bend.state.code)],
        check_dependencies=True,
        by=User.objects.create_user("sender", district=bend),
    )
    while waiting := list(runnable_objects().filter(batch=batch).values_list("id", flat=True)):
        for batch_object_id in waiting:
            chunks.push_next_chunk(batch_object_id)
    failed = Counter(RecordError.objects.filter(district=bend).values_list("object", "code"))
    assert failed == ERRORS
    sent = {each.object: each.processed for each in batch.objects_in_order.all() if each.processed}
    assert sent == {name: count for name, count in RECORDS.items() if name != "SpecialEdState"}
