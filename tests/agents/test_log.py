"""Agents - Log: what is shown to whom, how it is grouped, paged and carried on."""

import csv
import io
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.html import escape

from agents.queries import PAGE, LogFilter, Place, cause, causes, records_of_cause
from districts.choices import Tool
from districts.models import District, User
from interchange.models import RecordError
from tests.factories.batch import BatchFactory
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.errors import RecordErrorFactory
from tests.factories.user import GroupFactory, UserFactory
from tests.pages import page_text, read

pytestmark = pytest.mark.django_db

TOO_LONG = {"object": "PersonIdentity", "code": "TOO_LONG", "field": "last_name", "parent_key": None}
EXCLUDED = {"code": "ENROLLMENT_EXCLUDED", "field": "", "parent_key": None}


@pytest.fixture
def home() -> District:
    return DistrictFactory(number="H2", name="Campus", time_zone="America/Chicago")


@pytest.fixture
def reader(home: District) -> User:
    return UserFactory(district=home, rights="", everywhere="R")


@pytest.fixture
def state_reader() -> User:
    return UserFactory(district=None, rights="", everywhere="R")


@pytest.fixture
def site(client: Client, reader: User) -> Client:
    client.force_login(reader)
    return client


def downloaded(response: HttpResponse) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def open_cause(client: Client, **asked: object) -> HttpResponse:
    return client.get("/agents/log/cause/", asked)


# ---- causes


def test_errors_are_grouped_by_cause_over_all_objects_most_frequent_first(
    home: District, reader: User
) -> None:
    RecordErrorFactory.create_batch(2, district=home)
    RecordErrorFactory(district=home, object="Roster", field="person_id")
    RecordErrorFactory.create_batch(2, district=home, **TOO_LONG)
    RecordErrorFactory(district=home, **EXCLUDED)

    found = [(each.title, each.objects, each.kind.value, each.records) for each in causes(LogFilter(reader))]

    missing = "Parent record missing at the state: PersonIdentity"
    assert found == [
        (missing, ("Enrollment", "Roster"), "failed", 3),
        ("Value too long: lastName", ("PersonIdentity",), "failed", 2),
        ("Enrollment excluded", ("Enrollment",), "excluded", 1),
    ]


def test_missing_parents_of_two_objects_are_two_causes(home: District, reader: User) -> None:
    RecordErrorFactory(district=home)
    RecordErrorFactory(district=home, field="calendar_id")

    assert [each.about for each in causes(LogFilter(reader))] == ["Calendar", "PersonIdentity"]


@pytest.mark.parametrize(
    ("error", "field"),
    [({"object": "Gone"}, "person_id"), ({"object": "Enrollment"}, "gone_id"), ({"code": "GONE_RULE"}, "")],
)
def test_an_error_older_than_the_catalogue_is_still_shown(
    site: Client, home: District, error: dict, field: str
) -> None:
    RecordErrorFactory(district=home, **({"parent_key": None} | error), field=field)
    [found] = causes(LogFilter(site_user(site)))

    assert site.get("/agents/log/").status_code == 200
    if found.objects != ("Gone",):
        assert open_cause(site, code=found.code, about=found.about).status_code == 200


def site_user(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ({}, 4),
        ({"object": "PersonIdentity"}, 1),
        ({"code": "MISSING_PARENT"}, 2),
        ({"kind": "excluded"}, 1),
        ({"kind": "failed"}, 3),
        ({"kind": "nonsense"}, 4),
        ({"school_year": "2023"}, 1),
        ({"key": "8"}, 2),
        ({"key": "8", "object": "Enrollment"}, 1),
        ({"key": "-1"}, 0),
        ({"key": "eight"}, 4),
    ],
)
def test_filters(site: Client, home: District, asked: dict, total: int) -> None:
    RecordErrorFactory(district=home, key=7, school_year=SchoolYearFactory(end_year=2023))
    RecordErrorFactory(district=home, key=8)
    RecordErrorFactory(district=home, key=8, **TOO_LONG)
    RecordErrorFactory(district=home, key=9, **EXCLUDED)

    text = page_text(site.get("/agents/log/", asked))

    assert f"{total} record error" in text
    assert ("A key is a whole number" in text) is (asked.get("key") == "eight")
    assert len(downloaded(site.post(f"/agents/log/csv/?{urlencode(asked)}"))) == total


# ---- who sees what


def test_a_district_sees_neither_what_the_state_met_nor_what_it_marked(site: Client, home: District) -> None:
    RecordErrorFactory(district=home, key=1, superseded=True)
    RecordErrorFactory(district=home, key=2, confidential=True, **TOO_LONG)
    RecordErrorFactory(key=3)

    text = page_text(site.get("/agents/log/"))

    assert "1 record error, 1 cause" in text
    assert "lastName" not in text
    assert open_cause(site, code="TOO_LONG", about="lastName").status_code == 404
    assert [row["Key"] for row in downloaded(site.post("/agents/log/csv/"))] == ["1"]
    assert "0 record errors of key 2" in page_text(site.get("/agents/log/?key=2"))


def test_the_state_sees_the_latest_truth_of_all_districts(
    client: Client, home: District, state_reader: User
) -> None:
    client.force_login(state_reader)
    RecordErrorFactory(district=home, key=1, superseded=True)
    RecordErrorFactory(district=home, key=1, confidential=True, **(TOO_LONG | {"object": "Enrollment"}))
    RecordErrorFactory(key=3)

    assert "2 record errors, 2 causes" in page_text(client.get("/agents/log/"))
    assert [row["Key"] for row in downloaded(client.post("/agents/log/csv/?district=H2"))] == ["1"]


def test_another_district_in_the_address_answers_as_one_that_does_not_exist(site: Client) -> None:
    DistrictFactory(number="77")
    for path in ("log/", "log/csv/", "log/cause/", "queue/", "errors/"):
        foreign, unknown = (read(site, f"/agents/{path}?district={number}") for number in ("77", "nowhere"))
        assert (foreign.status_code, unknown.status_code) == (404, 404)


def test_who_has_no_right_on_agents_sees_no_log(client: Client, home: District) -> None:
    client.force_login(UserFactory(district=home))
    for path in ("log/", "log/csv/", "log/cause/", "queue/", "check/"):
        assert read(client, f"/agents/{path}").status_code == 403


def test_the_state_opens_a_cause_by_district_first(
    client: Client, home: District, state_reader: User
) -> None:
    client.force_login(state_reader)
    RecordErrorFactory.create_batch(3, district=home)
    RecordErrorFactory(district=DistrictFactory(number="77", name="Elsewhere"))

    asked = {"code": "MISSING_PARENT", "about": "PersonIdentity"}
    text = page_text(open_cause(client, **asked))
    assert "Campus (H2) 3 Elsewhere (77) 1" in text
    assert "PersonIdentity 211" not in text
    assert "PersonIdentity 211" in page_text(open_cause(client, **asked, district="H2"))


# ---- records of a cause


def test_pages_of_a_cause_meet_every_record_once_in_order(home: District, reader: User) -> None:
    years = [SchoolYearFactory(end_year=2023), SchoolYearFactory(end_year=2024)]
    for name in ("Roster", "Enrollment"):
        for key in range(1, PAGE):
            RecordErrorFactory(district=home, object=name, key=key, school_year=years[key % 2])
    RecordErrorFactory(district=home, key=1, school_year=years[0])
    asked = LogFilter(reader)
    found = cause(asked, "MISSING_PARENT", "PersonIdentity")

    met, after, sizes = [], None, []
    while True:
        page = records_of_cause(asked, found, after)
        met += [(each.object, each.key, each.pk) for each in page.errors]
        sizes.append(len(page.errors))
        if page.next_place is None:
            break
        after = Place.read(str(page.next_place))

    assert sizes == [PAGE, PAGE - 1]
    assert met == sorted(met)
    assert {pk for *_, pk in met} == set(RecordError.objects.values_list("pk", flat=True))


def test_questions_do_not_grow_with_the_records(
    site: Client, home: District, django_assert_max_num_queries: object
) -> None:
    RecordErrorFactory.create_batch(PAGE, district=home)
    with django_assert_max_num_queries(10):
        site.get(
            "/agents/log/cause/?code=MISSING_PARENT&about=PersonIdentity", headers={"HX-Request": "true"}
        )


@pytest.mark.parametrize("after", ["", "nonsense", "a.b.c.d", "Enrollment.person_id.1", "\x00"])
def test_a_place_that_makes_no_sense_begins_at_the_beginning(
    site: Client, home: District, after: str
) -> None:
    RecordErrorFactory(district=home, key=418802)
    response = open_cause(site, code="MISSING_PARENT", about="PersonIdentity", after=after)
    assert "418802" in page_text(response)


def test_records_without_a_key_are_one_error(site: Client, home: District) -> None:
    RecordErrorFactory(
        district=home, key=None, code="MISSING_KEY", field="enrollment_id", parent_key=None, occurrences=12
    )
    text = page_text(open_cause(site, code="MISSING_KEY", about="enrollmentID"))
    assert "The record has no enrollmentID" in text
    assert "(12 records)" in text


def test_htmx_gets_the_opened_part_alone(site: Client, home: District) -> None:
    RecordErrorFactory(district=home)
    asked = {"code": "MISSING_PARENT", "about": "PersonIdentity"}
    part = site.get("/agents/log/cause/", asked, headers={"HX-Request": "true"}).content.decode()
    whole = open_cause(site, **asked).content.decode()
    assert "<html" not in part
    assert "<html" in whole


def test_the_resync_of_an_error_is_a_link_for_who_sees_resyncs(
    client: Client, home: District, reader: User
) -> None:
    batch = BatchFactory(district=home)
    RecordErrorFactory(district=home, batch_id=batch.pk)
    only_agents = UserFactory(district=home, rights="")
    only_agents.groups.add(GroupFactory(tool=Tool.AGENTS, rights="R"))
    for person, is_link in ((reader, True), (only_agents, False)):
        client.force_login(person)
        content = open_cause(client, code="MISSING_PARENT", about="PersonIdentity").content.decode()
        assert (f'href="/batch/history/{batch.pk}/"' in content) is is_link


# ---- from an error to the parent that is missing


def resync_link(response: HttpResponse) -> str:
    content = response.content.decode()
    before = content.partition(">Resync PersonIdentity with its dependencies</a>")[0]
    return before.rpartition('href="')[2].rstrip('"').replace("&amp;", "&") if before != content else ""


def test_one_click_leads_to_the_resync_of_parent_and_children(client: Client, home: District) -> None:
    RecordErrorFactory(district=home)
    RecordErrorFactory(district=home, object="Roster")
    client.force_login(UserFactory(district=home, rights="", everywhere="RW"))

    link = resync_link(open_cause(client, code="MISSING_PARENT", about="PersonIdentity"))

    assert urlsplit(link).path == "/batch/H2/"
    assert parse_qs(urlsplit(link).query) == {
        "objects": ["PersonIdentity", "Enrollment", "Roster"],
        "check_dependencies": ["on"],
    }
    page = client.get(link).content.decode()
    for name in ("PersonIdentity", "Enrollment", "Roster"):
        assert f'value="{name}" id="tick-{name}" checked' in page


def test_the_state_is_led_to_its_request(client: Client, home: District) -> None:
    RecordErrorFactory(district=home)
    client.force_login(UserFactory(district=None, rights="", everywhere="RW"))

    asked = {"code": "MISSING_PARENT", "about": "PersonIdentity", "district": "H2"}
    link = resync_link(open_cause(client, **asked))

    assert urlsplit(link).path == "/batch/"
    assert parse_qs(urlsplit(link).query)["districts"] == ["H2"]


def test_who_may_not_send_is_offered_no_resync(site: Client, home: District) -> None:
    RecordErrorFactory(district=home)
    assert resync_link(open_cause(site, code="MISSING_PARENT", about="PersonIdentity")) == ""


def test_a_missing_parent_leads_to_its_own_error(site: Client, home: District) -> None:
    RecordErrorFactory(district=home, parent_key=211)
    content = open_cause(site, code="MISSING_PARENT", about="PersonIdentity").content.decode()
    way = "/agents/log/?district=H2&object=PersonIdentity&key=211"
    assert escape(way) in content

    assert "No error of PersonIdentity with this key is open" in page_text(site.get(way))
    RecordErrorFactory(district=home, key=211, **TOO_LONG)
    assert "lastName is longer than" in page_text(site.get(way))


# ---- the file


def test_the_file_has_every_error_with_its_sentence(site: Client, home: District) -> None:
    RecordErrorFactory(district=home, key=5, batch_id=77)
    response = site.post("/agents/log/csv/")
    [row] = downloaded(response)

    assert response["Content-Disposition"].startswith('attachment; filename="agent-log-H2-')
    expected = {
        "District": "H2",
        "Object": "Enrollment",
        "Key": "5",
        "Code": "MISSING_PARENT",
        "Missing parent": "PersonIdentity",
        "Key of the parent": "211",
        "School year": "2024",
        "Resync": "77",
    }
    assert {name: row[name] for name in expected} == expected
    assert row["What happened"].startswith("PersonIdentity 211 is not at the state.")


def test_the_file_of_a_cause_has_its_records_alone(site: Client, home: District) -> None:
    RecordErrorFactory(district=home, key=1)
    RecordErrorFactory(district=home, key=2, field="calendar_id")
    asked = {"code": "MISSING_PARENT", "about": "Calendar"}
    assert [row["Key"] for row in downloaded(site.post(f"/agents/log/csv/?{urlencode(asked)}"))] == ["2"]
