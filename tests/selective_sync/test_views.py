"""The page of the tool: what may be entered, what is sent, who may."""

import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from districts.choices import Tool
from districts.models import District, SchoolYear, User, Zone
from resync.choices import Origin
from selective_sync.choices import KeyOutcome
from selective_sync.forms import MOST_BYTES
from selective_sync.models import SyncRequest
from selective_sync.queries import keys_with
from tests.audit.entries import deeds
from tests.conftest import DistrictDatabase
from tests.factories.district import DistrictFactory
from tests.factories.user import GroupFactory, UserFactory
from tests.pages import page_text
from tests.selective_sync.conftest import at_state, run

pytestmark = pytest.mark.django_db


def person(district: District | None, rights: str) -> User:
    user: User = UserFactory(district=district, rights="")
    user.groups.add(GroupFactory(name=f"Selective {rights}", tool=Tool.SELECTIVE_SYNC, rights=rights))
    return user


@pytest.fixture
def admin(district: District, client: Client) -> User:
    user = person(district, "RWD")
    client.force_login(user)
    return user


def path(name: str, district: District, *parts: Any) -> str:
    return reverse(name, args=[district.number, *parts])


def send(client: Client, district: District, **form: Any) -> HttpResponse:
    posted = {"object": "PersonIdentity", "with_children": "on"} | form
    return client.post(path("selective_sync_send", district), posted)


def ids_of(asked: SyncRequest) -> list[int]:
    return [each.key for each in keys_with(asked, *KeyOutcome)]


def markup(response: HttpResponse) -> str:
    return response.content.decode()


# ---- Sending ------------------------------------------------------------------------------------------------------


def test_ids_from_the_page_to_the_state(
    district: District, people: DistrictDatabase, admin: User, client: Client
) -> None:
    page = client.get("/selective-sync/")
    assert page.status_code == 200
    assert "No sync requested yet." in page_text(page)
    token = re.search(r'name="token" value="([^"]+)"', markup(page))
    assert token
    answer = send(client, district, ids="3, 1\n2 2", token=token[1])
    assert answer.status_code == 302
    asked = SyncRequest.objects.get()
    assert (asked.object, asked.requested_by, asked.origin) == ("PersonIdentity", admin, Origin.DISTRICT)
    assert asked.with_children
    assert ids_of(asked) == [1, 2, 3]
    page = client.get(answer["Location"])
    assert "The sync of 3 records of PersonIdentity is on its way." in page_text(page)
    assert re.search(r"Requested \d+:\d\d:\d\d [AP]M by " + admin.username, page_text(page))
    assert 'hx-trigger="every 2s"' in markup(page)
    run(asked)
    page = client.get("/selective-sync/")
    assert re.search(r"Last Completed .* by .*, 3 of 3 at the state", page_text(page))
    assert 'hx-trigger="every 2s"' not in markup(page)
    assert at_state(district, "PersonIdentity") == {1, 2, 3}


def test_a_double_click_asks_once(district: District, admin: User, client: Client) -> None:
    token = str(uuid.uuid4())
    for _ in range(2):
        assert send(client, district, ids="1", token=token).status_code == 302
    assert SyncRequest.objects.count() == 1


def test_without_the_mark_only_the_object_goes(district: District, admin: User, client: Client) -> None:
    send(client, district, object="Enrollment", ids="1", with_children="")
    asked = SyncRequest.objects.get()
    assert (asked.object, asked.with_children) == ("Enrollment", False)
    assert [each.object for each in asked.objects_in_order.all()] == ["Enrollment"]


def test_what_goes_along_is_named_before(district: District, admin: User, client: Client) -> None:
    text = page_text(client.get("/selective-sync/"))
    assert re.search(r"\d+ objects under PersonIdentity", text)
    assert re.search(r"\d+ objects under Enrollment", text)
    assert "ContactLog" in text
    assert 'name="with_children" type="checkbox" aria-describedby="under-hint" checked' in markup(
        client.get("/selective-sync/")
    )


@pytest.mark.parametrize(
    ("ids", "sentence"),
    [
        ("", "No ID is entered."),
        (" , \n", "No ID is entered."),
        ("10 -5", "1 entry is no"),
        ("36x7 1_0 ٣", "3 entries are no"),
        ("9223372036854775808", "1 entry is no"),
        (" ".join(map(str, range(100_001))), "100,001 different IDs are entered"),
    ],
)
def test_what_cannot_be_sent_comes_back_with_the_reason_and_the_text(
    district: District, admin: User, client: Client, ids: str, sentence: str
) -> None:
    answer = send(client, district, ids=ids, object="Enrollment")
    assert answer.status_code == 422
    assert sentence in page_text(answer)
    assert f">\n{ids.rstrip()}</textarea>" in markup(answer)
    assert 'value="Enrollment" data-ids="EnrollmentIDs" checked' in markup(answer)
    assert not SyncRequest.objects.exists()


def test_what_is_no_number_is_left_out_only_after_a_person_agreed(
    district: District, admin: User, client: Client
) -> None:
    asked = send(client, district, ids="7 36x7 7 8")
    text = page_text(asked)
    assert "2 ready" in text
    assert "1 repeated, sent once" in text
    assert "1 is not a number" in text
    assert "36x7 not a number" in text
    assert "Sync the 2 that are numbers" in text
    mark = re.search(r'name="leave_out" value="(\w+)"', markup(asked))
    assert mark
    assert send(client, district, ids="7 36x7 7 8 zz", leave_out=mark[1]).status_code == 422, "another text"
    assert not SyncRequest.objects.exists()
    assert send(client, district, ids="7 36x7 7 8", leave_out=mark[1]).status_code == 302
    assert ids_of(SyncRequest.objects.get()) == [7, 8]


def test_a_mark_does_not_make_much_of_nothing(district: District, admin: User, client: Client) -> None:
    asked = send(client, district, ids="abc")
    assert "that are numbers" not in page_text(asked)
    assert 'name="leave_out"' not in markup(asked)


def test_what_was_typed_is_shown_as_text(district: District, admin: User, client: Client) -> None:
    answer = markup(send(client, district, ids="</textarea><script>x"))
    assert "<script>x" not in answer
    assert "&lt;/textarea&gt;&lt;script&gt;x" in answer


def test_a_form_that_is_not_of_the_page_is_told(district: District, admin: User, client: Client) -> None:
    answer = send(client, district, object="District", ids="1")
    assert answer.status_code == 422
    assert "The form could not be read." in page_text(answer)
    assert send(client, district, ids="1\0").status_code == 422
    assert not SyncRequest.objects.exists()


# ---- Files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        (b"1,2\r\n3", [1, 2, 3]),
        (b"\xef\xbb\xbf12\n", [12]),
        ("5\r\n6".encode("utf-16"), [5, 6]),
        (b"", [9]),
    ],
)
def test_ids_come_from_a_file_too(
    district: District, admin: User, client: Client, content: bytes, ids: list[int]
) -> None:
    file = SimpleUploadedFile("ids.csv", content, "text/csv")
    assert send(client, district, ids="9", id_file=file).status_code == 302
    assert ids_of(SyncRequest.objects.get()) == sorted({9, *ids})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04 a workbook", "not a text file"),
        (b"1\x002", "not a text file"),
        (b"1 " * (MOST_BYTES // 2 + 1), "larger than 3 MB"),
        (b"personID\n5", "1 entry is no"),
        (b"\xff5", "1 entry is no"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_loses_nothing(
    district: District, admin: User, client: Client, content: bytes, sentence: str
) -> None:
    answer = send(client, district, ids="9", id_file=SimpleUploadedFile("ids.csv", content))
    assert answer.status_code == 422
    assert sentence in page_text(answer)
    assert ">\n9" in markup(answer)
    assert not SyncRequest.objects.exists()


def test_the_largest_request_fits_into_a_form(district: District, admin: User, client: Client) -> None:
    ids = "\r\n".join(str(10**18 + each) for each in range(100_000))
    assert send(client, district, ids=ids).status_code == 302
    assert SyncRequest.objects.get().objects_in_order.get(role="chosen").keys_total == 100_000


# ---- Who may ------------------------------------------------------------------------------------------------------


def test_who_may_only_read_sees_the_history_and_is_told_what_lacks(
    district: District, client: Client
) -> None:
    client.force_login(person(district, "R"))
    page = client.get("/selective-sync/")
    assert "that takes the right Write on this tool" in page_text(page)
    assert "Sync History" in page_text(page)
    assert 'name="ids"' not in markup(page)
    assert "Clear History" not in page_text(page)
    for name in ("selective_sync_send", "selective_sync_find", "sync_history_clear"):
        assert client.post(path(name, district), {"object": "PersonIdentity", "ids": "1"}).status_code == 403


def test_without_a_right_nothing_is_seen(district: District, client: Client) -> None:
    client.force_login(UserFactory(district=district))
    for name in ("selective_sync_of_district", "selective_sync_live"):
        assert client.get(path(name, district)).status_code == 403
    client.force_login(person(district, "WD"))
    assert client.get("/selective-sync/").status_code == 403
    assert send(client, district, ids="1").status_code == 403


def test_another_districts_pages_are_not_there(district: District, client: Client) -> None:
    client.force_login(person(DistrictFactory(number="77"), "RWD"))
    assert client.get(path("selective_sync_of_district", district)).status_code == 404
    assert send(client, district, ids="1").status_code == 404


def test_a_district_without_a_zone_has_nothing_to_sync(client: Client) -> None:
    client.force_login(person(DistrictFactory(number="03", zone=None), "RW"))
    assert client.get("/selective-sync/").status_code == 404


# ---- The state ----------------------------------------------------------------------------------------------------


def test_the_state_chooses_a_district_first(district: District, client: Client) -> None:
    client.force_login(person(None, "RW"))
    answer = client.get("/selective-sync/")
    assert "The IDs are those of one district: choose it first." in page_text(answer)
    assert f'value="{district.number}"' in markup(answer)
    assert "All districts</button>" not in markup(answer)
    chosen = client.post("/districts/choose/", {"number": district.number, "next": "/selective-sync/"})
    assert chosen["Location"] == path("selective_sync_of_district", district)
    assert client.get("/selective-sync/")["Location"] == path("selective_sync_of_district", district)
    assert district.name in page_text(client.get(path("selective_sync_of_district", district)))
    assert send(client, district, ids="1").status_code == 302
    assert SyncRequest.objects.get().origin == Origin.STATE


# ---- School years -------------------------------------------------------------------------------------------------


def test_the_year_of_the_page_counts_and_a_closed_one_is_refused(
    district: District, admin: User, client: Client
) -> None:
    SchoolYear.objects.create(end_year=2023)
    answer = send(client, district, object="Enrollment", ids="1", school_year=2023)
    assert answer.status_code == 422
    assert "does not sync that school year any more" in page_text(answer)
    assert not SyncRequest.objects.exists()


def test_an_object_of_no_year_cannot_be_chosen_in_another_year(
    district: District, admin: User, client: Client
) -> None:
    SchoolYear.objects.create(end_year=2023)
    Zone.objects.update(syncs_previous_year=True)
    client.post("/years/choose/", {"end_year": "2023", "next": "/"})
    text = page_text(client.get("/selective-sync/"))
    assert "Not synced for 2022-2023" in text


def test_the_last_verification_offers_ids_to_who_may_see_it(
    district: District, admin: User, client: Client
) -> None:
    offered = "From the last Verification Summary"
    page = client.get("/selective-sync/")
    assert offered not in page_text(page)
    assert "/verification/" not in markup(page)
    admin.groups.add(GroupFactory(name="Verification R", tool=Tool.VERIFICATION, rights="R"))
    page = client.get("/selective-sync/")
    assert page_text(page).count(offered) == 2, "one for each object; the chosen one's is shown"
    assert f'href="/verification/{district.number}/"' in markup(page)


# ---- Finding IDs --------------------------------------------------------------------------------------------------


def search(client: Client, district: District, words: str, **form: Any) -> HttpResponse:
    return client.post(
        path("selective_sync_find", district),
        {"words": words, "object": "PersonIdentity"} | form,
        headers={"HX-Request": "true"},
    )


def test_people_are_found_with_the_ids_to_tick(
    district: District, people: DistrictDatabase, admin: User, client: Client
) -> None:
    people.execute(
        "UPDATE person_identity SET last_name = 'Sato', birthdate = '2009-03-14' WHERE person_id = 7"
    )
    answer = search(client, district, "sat")
    text = page_text(answer)
    assert "Sato, F7 03/14/2009" in text
    assert "North, 09 08/14/2023" in text
    assert "1 found." in text
    assert 'name="add_PersonIdentity" value="7"' in markup(answer)
    assert 'name="add_Enrollment" value="6"' in markup(answer)
    assert "<html" not in markup(answer)
    entry = deeds().get()
    assert (entry.action, entry.by, entry.count) == ("ids_found", admin, 1)
    assert "sat" not in repr(entry.facts).lower()


def test_ids_of_four_digits_and_more_are_not_grouped(
    district: District, people: DistrictDatabase, admin: User, client: Client
) -> None:
    people.execute("INSERT INTO person_identity (person_id, last_name) VALUES (1234567, 'Long')")
    answer = search(client, district, "long")
    assert 'value="1234567"' in markup(answer)
    assert "1,234,567" not in markup(answer)


def test_too_many_people_are_counted(
    district: District, people: DistrictDatabase, admin: User, client: Client
) -> None:
    people.execute(
        "INSERT INTO person_identity (person_id, last_name) SELECT i, 'Same' FROM generate_series(100, 169) i"
    )
    assert "50 of 70 found. Narrow the search." in page_text(search(client, district, "same"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "Nothing is entered."),
        ("13/45/2010", "There is no such date."),
        ("zebra", "Nobody was found."),
    ],
)
def test_a_search_that_finds_nothing_says_why(
    district: District, people: DistrictDatabase, admin: User, client: Client, words: str, sentence: str
) -> None:
    assert sentence in page_text(search(client, district, words))


def test_a_database_that_does_not_answer_is_told(district: District, admin: User, client: Client) -> None:
    District.objects.update(database_host="127.0.0.1", database_port=1)
    assert "does not answer" in page_text(search(client, district, "a"))


def test_without_a_script_what_is_ticked_comes_into_the_box(
    district: District, people: DistrictDatabase, admin: User, client: Client
) -> None:
    people.execute("UPDATE person_identity SET last_name = 'Sato' WHERE person_id = 7")
    form = {
        "words": "F7 Sato",
        "object": "Enrollment",
        "ids": "5, 6",
        "add_Enrollment": ["6", "46", "x"],
        "add_PersonIdentity": ["7"],
    }
    answer = client.post(path("selective_sync_find", district), form)
    assert answer.status_code == 200
    assert "<html" in markup(answer)
    assert ">\n5, 6</textarea>" in markup(answer), "a tick that is no number spoils all of them"
    form["add_Enrollment"] = ["6", "46"]
    answer = client.post(path("selective_sync_find", district), form)
    assert ">\n5, 6\n46</textarea>" in markup(answer)
    assert "Sato, F7" in page_text(answer)
    assert "3 ready" in page_text(answer)
    assert not SyncRequest.objects.exists()


def test_what_is_ticked_is_sent_without_a_script(district: District, admin: User, client: Client) -> None:
    send(client, district, ids="1", add_PersonIdentity=["2", "1"], add_Enrollment=["3"])
    assert ids_of(SyncRequest.objects.get()) == [1, 2]


def test_a_search_is_never_in_an_address(district: District, admin: User, client: Client) -> None:
    assert client.get(path("selective_sync_find", district), {"words": "a"}).status_code == 405
    assert client.get(path("selective_sync_send", district), {"ids": "1"}).status_code == 405
