"""Answers to open pages are shared by who asks the same and may see the same, and by nobody else."""

import re
from collections.abc import Callable, Iterator
from itertools import permutations

import pytest
from django.test import Client
from pytest_django import Settings

from districts.models import User
from resync.choices import BatchStatus, Origin
from resync.models import Batch, BatchObject
from resync.page import live
from resync.queries import batch_attempts, version_of
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.district import DistrictFactory
from tests.factories.user import UserFactory

pytestmark = pytest.mark.django_db

WHOLE_TEST = 600.0

PEOPLE: dict[str, Callable[[Batch], User]] = {
    "viewer": lambda batch: UserFactory(district=batch.district, rights="R"),
    "admin": lambda batch: UserFactory(district=batch.district),
    "state": lambda batch: UserFactory(district=None),
    "state viewer": lambda batch: UserFactory(district=None, rights="R"),
}
QUERIES = ("", "&find=school", "&find=&status=open", "&status=green")


@pytest.fixture
def batch() -> Batch:
    """One of the district's own. What the state asked for last is in its table too, for the state alone."""
    district = DistrictFactory(number="02")
    asked = BatchFactory(district=district, origin=Origin.STATE, status=BatchStatus.COMPLETED)
    BatchObjectFactory(batch=asked, object="Day", status="completed", processed=7, errors=7)
    batch = BatchFactory(district=district, status=BatchStatus.RUNNING)
    BatchObjectFactory(batch=batch, object="School", place=0, status="running", total=10, processed=5)
    BatchObjectFactory(batch=batch, object="Calendar", place=1, status="queued", parents=["School"])
    return batch


@pytest.fixture
def draws(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[list[str]]:
    """Who something was drawn for, while it is kept for the whole test."""
    settings.LIVE_SECONDS = WHOLE_TEST
    drawn: list[str] = []
    draw = live._draw

    def counted(request: live.SignedInRequest, shown: live._Shown) -> live._Drawn:
        drawn.append(request.user.username)
        return draw(request, shown)

    monkeypatch.setattr(live, "_draw", counted)
    live._kept.clear()
    yield drawn
    live._kept.clear()


def asking(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def told(user: User, batch: Batch, query: str) -> tuple[int, str]:
    """Without the time of day, and without what moves with it."""
    response = asking(user).get(f"/batch/02/live/{batch.pk}/?seen={query}")
    text = re.sub(r"\d\d:\d\d:\d\d", "", response.content.decode())
    return response.status_code, re.sub(
        r"<div><dt>(Speed|Time left)</dt>.*?</div>|about \d+ h \d+ min left", "", text
    )


def test_people_of_the_same_kind_share_what_is_drawn(batch: Batch, draws: list[str]) -> None:
    first, second = (UserFactory(district=batch.district) for _ in range(2))
    assert told(first, batch, "") == told(second, batch, "")
    assert draws == [first.username]


def test_what_a_page_has_seen_decides_which_rows_it_gets(batch: Batch, draws: list[str]) -> None:
    user = UserFactory(district=batch.district)
    before = version_of(batch_attempts(user, batch.district, batch.pk))
    BatchObject.objects.filter(batch=batch, object="School").update(processed=6)
    assert 'id="row-Calendar"' in told(user, batch, "")[1]
    assert 'id="row-Calendar"' not in told(user, batch, before)[1]
    assert 'id="row-School"' in told(user, batch, before)[1]
    assert draws == [user.username]


@pytest.mark.parametrize("order", [*permutations(PEOPLE)][::5], ids="-".join)
def test_whoever_asks_first_everybody_gets_what_they_would_get_alone(
    batch: Batch, draws: list[str], settings: Settings, order: tuple[str, ...]
) -> None:
    people = {kind: PEOPLE[kind](batch) for kind in order}
    shared = {(kind, query): told(people[kind], batch, query) for kind in order for query in QUERIES}
    assert len(draws) == len(people) * len(QUERIES)
    settings.LIVE_SECONDS = 0
    assert {asked: told(people[asked[0]], batch, asked[1]) for asked in shared} == shared


def test_who_may_see_more_is_told_more(batch: Batch, draws: list[str]) -> None:
    """The order of permutations proves nothing if all are told the same."""
    answers = {told(make(batch), batch, "")[1] for make in PEOPLE.values()}
    assert len(answers) >= 3


def test_what_was_drawn_for_the_state_is_no_answer_for_a_district(batch: Batch, draws: list[str]) -> None:
    asked = BatchFactory(district=batch.district, origin=Origin.STATE, status=BatchStatus.QUEUED)
    BatchObjectFactory(batch=asked, object="School", status="queued")
    assert told(UserFactory(district=None), asked, "")[0] == 200
    assert told(UserFactory(district=batch.district), asked, "")[0] == 404
    assert told(UserFactory(), asked, "")[0] == 404


def test_who_has_lost_the_right_is_told_nothing(batch: Batch, draws: list[str]) -> None:
    user = UserFactory(district=batch.district)
    assert told(user, batch, "")[0] == 200
    user.groups.clear()
    assert told(user, batch, "")[0] == 403


def test_news_waits_no_longer_than_answers_are_kept(
    batch: Batch, draws: list[str], settings: Settings
) -> None:
    user = UserFactory(district=batch.district)
    version = version_of(batch_attempts(user, batch.district, batch.pk))
    assert told(user, batch, version)[0] == 204
    BatchObject.objects.filter(batch=batch, object="School").update(processed=6)
    assert told(user, batch, version)[0] == 204
    settings.LIVE_SECONDS = 0
    assert told(user, batch, version)[0] == 200


def test_what_is_stale_is_not_kept(batch: Batch, draws: list[str], settings: Settings) -> None:
    other = BatchFactory(district=batch.district, status=BatchStatus.QUEUED)
    BatchObjectFactory(batch=other, object="Day", status="queued")
    user = UserFactory(district=batch.district)
    told(user, batch, "")
    settings.LIVE_SECONDS = 0
    told(user, other, "")
    assert {batch_id for _, batch_id, _ in live._kept} == {other.pk}


def test_pages_of_several_ended_batches_share_what_is_drawn_of_the_next(
    batch: Batch, draws: list[str]
) -> None:
    user = UserFactory(district=batch.district)
    ended = [BatchFactory(district=batch.district, status=BatchStatus.COMPLETED) for _ in range(2)]
    for each in ended:
        BatchObjectFactory(batch=each, object="School", status="completed")
    answers = [told(user, each, "") for each in ended]
    assert all('id="row-Calendar"' in text for _, text in answers)
    assert draws == [user.username]
