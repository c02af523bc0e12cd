"""From the request to the results, over generated districts and states, against a comparison in plain Python."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from districts.models import District
from interchange.choices import DifferenceKind
from tests.conftest import DistrictDatabase
from tests.verification.conftest import at_state, counts, found, result_of, work
from verification import actions, runs
from verification.models import VerificationSettings

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

KEYS = st.one_of(st.integers(1, 12), st.sampled_from([-(2**63), -1, 0, 2**63 - 1]))
NAMES = st.sampled_from(["Doe", "doe", "Doe ", "D\u00f6", "Do\u0308", "X"])
MIDDLE = st.sampled_from([None, "", "A"])
Side = dict[int, tuple[str, str | None]]
SIDES = st.dictionaries(KEYS, st.tuples(NAMES, MIDDLE), max_size=10)


@pytest.fixture(autouse=True)
def no_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (actions, runs):
        monkeypatch.setattr(module, "wake_results", lambda ids: None)


def expected(district_side: Side, state_side: Side) -> dict[str, list[int]]:
    """The slow and obvious way."""
    both = district_side.keys() & state_side.keys()
    kinds = {
        DifferenceKind.NOT_AT_STATE: district_side.keys() - state_side.keys(),
        DifferenceKind.NOT_AT_DISTRICT: state_side.keys() - district_side.keys(),
        DifferenceKind.DIFFERENCE: {key for key in both if district_side[key] != state_side[key]},
    }
    return {kind.value: sorted(keys) for kind, keys in kinds.items() if keys}


def fill(writer: DistrictDatabase, district: District, district_side: Side, state_side: Side) -> None:
    writer.execute("TRUNCATE person_identity")
    with writer.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO person_identity (person_id, first_name, last_name, middle_name) VALUES (%s, 'F', %s, %s)",
            [(key, last, middle) for key, (last, middle) in district_side.items()],
        )
    model = at_state("PersonIdentity").model
    model.objects.bulk_create(
        model(district_id=district.pk, person_id=key, first_name="F", last_name=last, middle_name=middle)
        for key, (last, middle) in state_side.items()
    )


@given(district_side=SIDES, state_side=SIDES, chunk=st.integers(1, 8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_request_worker_and_result_agree_with_a_comparison_in_plain_python(
    writer: DistrictDatabase,
    district: District,
    monkeypatch: pytest.MonkeyPatch,
    district_side: Side,
    state_side: Side,
    chunk: int,
) -> None:
    small = VerificationSettings(chunk_records=chunk)
    monkeypatch.setattr(runs, "current_settings", lambda: small)
    sid = transaction.savepoint()
    try:
        fill(writer, district, district_side, state_side)
        [run] = actions.request_verification(
            districts=[district],
            school_year=district.zone.school_year,
            objects=["PersonIdentity"],
            by=None,
        )
        result = result_of(work(run), "PersonIdentity")
        kinds = expected(district_side, state_side)
        assert found(result) == kinds
        assert counts(result) == (
            len(district_side),
            len(state_side),
            *(len(kinds.get(kind.value, [])) for kind in list(DifferenceKind)[:3]),
        )
        for difference in result.found.filter(kind=DifferenceKind.DIFFERENCE):
            assert difference.fields == _fields(district_side[difference.key], state_side[difference.key])
    finally:
        transaction.savepoint_rollback(sid)


def _fields(here: tuple[Any, Any], there: tuple[Any, Any]) -> list[str]:
    names = ("last_name", "middle_name")
    return [name for name, left, right in zip(names, here, there, strict=True) if left != right]
