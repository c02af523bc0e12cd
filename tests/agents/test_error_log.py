"""Error Log: R sees, D clears, and nobody what is not theirs."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError
from django.test import Client

from agents.actions import clear_error_log
from agents.queries import EntryFilter
from districts.models import District, User
from interchange.models import ErrorLogEntry
from tests.factories.district import DistrictFactory
from tests.factories.errors import ErrorLogEntryFactory
from tests.factories.user import UserFactory
from tests.pages import page_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> District:
    return DistrictFactory(number="H2", name="Campus", time_zone="America/Chicago")


@pytest.fixture
def cleaner(home: District) -> User:
    return UserFactory(district=home, rights="", everywhere="RD")


@pytest.fixture
def site(client: Client, cleaner: User) -> Client:
    client.force_login(cleaner)
    return client


def uncleared() -> set[str]:
    return set(ErrorLogEntry.objects.filter(cleared_at=None).values_list("code", flat=True))


def up_to_now() -> int:
    return ErrorLogEntry.objects.latest("pk").pk


def test_a_district_sees_its_own_entries_but_none_of_a_state_request(site: Client, home: District) -> None:
    ErrorLogEntryFactory(district=home, code="OWN")
    ErrorLogEntryFactory(district=home, code="OF_STATE", confidential=True)
    ErrorLogEntryFactory(code="ELSEWHERE")

    text = page_text(site.get("/agents/errors/?cleared=on"))

    assert "OWN" in text
    assert "OF_STATE" not in text
    assert "ELSEWHERE" not in text


def test_clearing_marks_what_the_district_sees_and_keeps_it(
    site: Client, home: District, cleaner: User
) -> None:
    ErrorLogEntryFactory(district=home, code="OWN")
    ErrorLogEntryFactory(district=home, code="OF_STATE", confidential=True)
    ErrorLogEntryFactory(code="ELSEWHERE")

    response = site.post("/agents/errors/clear/", {"up_to": up_to_now()}, follow=True)

    assert "1 entry was cleared." in page_text(response)
    assert uncleared() == {"OF_STATE", "ELSEWHERE"}
    cleared = ErrorLogEntry.objects.get(code="OWN")
    assert cleared.cleared_by == cleaner
    assert "Nothing has gone wrong" in page_text(site.get("/agents/errors/?cleared=on"))


def test_the_filter_decides_what_is_cleared(site: Client, home: District) -> None:
    ErrorLogEntryFactory(district=home, code="OBJECT_FAILED", object="School")
    ErrorLogEntryFactory(district=home, code="DATABASE_WAITING", object="Calendar")

    assert "Clear 1 entry of Campus (H2)?" in page_text(site.get("/agents/errors/clear/?object=School"))
    site.post("/agents/errors/clear/?object=School", {"up_to": up_to_now()})

    assert uncleared() == {"DATABASE_WAITING"}


def test_what_came_after_the_question_stays(site: Client, home: District) -> None:
    ErrorLogEntryFactory(district=home, code="SEEN")
    seen = up_to_now()
    ErrorLogEntryFactory(district=home, code="NEW")

    site.post("/agents/errors/clear/", {"up_to": seen})

    assert uncleared() == {"NEW"}


@pytest.mark.parametrize("posted", [{}, {"up_to": "x"}, {"up_to": "9" * 30}])
def test_without_a_question_nothing_is_cleared(site: Client, home: District, posted: dict) -> None:
    ErrorLogEntryFactory(district=home, code="OWN")
    site.post("/agents/errors/clear/", posted)
    assert uncleared() == {"OWN"}


def test_a_cleared_entry_keeps_who_cleared_it_first(home: District, cleaner: User) -> None:
    ErrorLogEntryFactory(district=home)
    second = UserFactory(district=None, rights="", everywhere="RD")
    for person in (cleaner, second):
        asked = EntryFilter(person, with_cleared=True)
        clear_error_log(asked=asked, up_to=up_to_now(), by=person)
    assert ErrorLogEntry.objects.get().cleared_by == cleaner


def test_the_state_can_look_at_what_was_cleared(client: Client, home: District, cleaner: User) -> None:
    ErrorLogEntryFactory(district=home, code="OWN")
    clear_error_log(asked=EntryFilter(cleaner), up_to=up_to_now(), by=cleaner)
    client.force_login(UserFactory(district=None, rights="", everywhere="R"))

    assert "OWN" not in page_text(client.get("/agents/errors/"))
    assert f"by {cleaner.username}" in page_text(client.get("/agents/errors/?cleared=on"))


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_only_see_clears_nothing(client: Client, home: District, method: str) -> None:
    ErrorLogEntryFactory(district=home, code="OWN")
    client.force_login(UserFactory(district=home, rights="", everywhere="R"))
    assert "Clear what is shown" not in page_text(client.get("/agents/errors/"))
    assert getattr(client, method)("/agents/errors/clear/", {"up_to": up_to_now()}).status_code == 403
    assert uncleared() == {"OWN"}


@pytest.mark.parametrize(("day", "codes"), [("2024-01-08", {"EVENING"}), ("2024-01-09", {"MORNING"})])
def test_days_are_those_of_the_district(site: Client, home: District, day: str, codes: set[str]) -> None:
    """An hour before and after midnight in Chicago, which is six hours behind UTC."""
    ErrorLogEntryFactory(district=home, code="EVENING", happened_at=datetime(2024, 1, 9, 5, tzinfo=UTC))
    ErrorLogEntryFactory(district=home, code="MORNING", happened_at=datetime(2024, 1, 9, 7, tzinfo=UTC))

    rows = page_text(site.get(f"/agents/errors/?first={day}&last={day}")).partition("Cleared")[0]
    table = rows.partition("What happened")[2]

    assert {code for code in ("EVENING", "MORNING") if code in table} == codes


def test_an_entry_that_was_cleared_knows_when() -> None:
    entry = ErrorLogEntryFactory()
    entry.cleared_by = UserFactory()
    with pytest.raises(IntegrityError, match="cleared_entry_knows_when"):
        entry.save()
