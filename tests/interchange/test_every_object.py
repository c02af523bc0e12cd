"""What holds for each object of the catalogue."""

import pytest

from dis_objects.catalogue import definition, definitions
from tests.interchange.pair import Pair
from tests.interchange.records import full_record, record
from tests.interchange.reference import Counts
from tests.interchange.rules import RULES

NAMES = [*definitions()]


def test_reference_engine_knows_every_exclusion_in_its_order() -> None:
    catalogue = {known.name: [rule.code for rule in known.exclusions] for known in definitions().values()}
    reference = {name: [code for code, _ in rules] for name, rules in RULES.items()}
    assert reference == {name: codes for name, codes in catalogue.items() if codes}


@pytest.mark.parametrize("name", NAMES)
def test_record_arrives_with_all_its_values_and_then_stays_as_it_is(pair: Pair, name: str) -> None:
    pair.put_at_state(*{field.parent for field in definition(name).parent_keys})
    pair.fill({"Enrollment": [record("Enrollment")], "Test": [full_record("Test")]})
    pair.fill({name: [full_record(name), record(name, 2)]})
    assert pair.push(name) == Counts(processed=2, written=2)
    assert pair.push(name) == Counts(processed=2)
