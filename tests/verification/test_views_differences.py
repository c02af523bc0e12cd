"""The differences of one object, the values of one record, and what is done about them: resync and removal."""

import re
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from audit.choices import Action
from audit.models import AuditEntry
from dis_objects.catalogue import definition
from districts.choices import Tool
from districts.models import District, User
from interchange.choices import DifferenceKind
from selective_sync.models import SyncKey, SyncRequest
from tests.audit.entries import deeds
from tests.conftest import DistrictDatabase
from tests.factories.district import DistrictFactory
from tests.factories.errors import RecordErrorFactory
from tests.factories.user import UserFactory
from tests.factories.verification import (
    RemovalFactory,
    VerificationDifferenceFactory,
    VerificationResultFactory,
)
from tests.pages import page_text
from tests.verification.conftest import Verify, at_state, result_of
from tests.verification.test_views import person
from verification import removals
from verification.models import Removal, VerificationResult

pytestmark = pytest.mark.django_db


@pytest.fixture
def campus() -> District:
    return DistrictFactory(number="02", name="Campus")


def sign_in(client: Client, district: District | None, everywhere: str = "RWAD") -> User:
    user: User = UserFactory(district=district, rights="", everywhere=everywhere)
    client.force_login(user)
    return user


def differing(district: District, kind: DifferenceKind, *keys: int) -> VerificationResult:
    counts = {DifferenceKind.DIFFERENCE: "differences", DifferenceKind.DUPLICATE: "duplicates"}
    result: VerificationResult = VerificationResultFactory(
        run__district=district, **{counts.get(kind, kind.value): len(keys)}
    )
    for key in keys:
        VerificationDifferenceFactory(result=result, key=key, kind=kind)
    return result


def shown_keys(page: HttpResponse) -> list[int]:
    return [int(key) for key in re.findall(r'name="keys" value="(-?\d+)"', page.content.decode())]


# ---- The list ------------------------------------------------------------------------------------------------


def test_the_list_begins_with_the_first_kind_that_has_any(client: Client, campus: District) -> None:
    sign_in(client, campus)
    differing(campus, DifferenceKind.DIFFERENCE, 5, 3)
    page = client.get("/verification/02/Enrollment/")
    assert shown_keys(page) == [3, 5]
    text = page_text(page)
    assert re.search(r"Not at State 0 ?Not at District 0 ?Differences 2 ?Duplicates 0", text)
    assert re.search(r"3: show its values Differences grade", text)


def test_keys_at_both_ends_of_a_bigint_are_listed_and_chosen(client: Client, campus: District) -> None:
    sign_in(client, campus)
    ends = [-(2**63), 2**63 - 1]
    result = differing(campus, DifferenceKind.NOT_AT_STATE, *ends)
    assert shown_keys(client.get("/verification/02/Enrollment/")) == ends
    form = {"result": result.pk, "kind": "not_at_state", "keys": ends}
    assert "Resync 2 records of Enrollment?" in page_text(
        client.post("/verification/02/Enrollment/resync/", form)
    )


@pytest.mark.parametrize("key", ["9223372036854775808", "1e3", "٣", "+1", "1_000", "", "--1"])
def test_what_is_no_key_is_refused(client: Client, campus: District, key: str) -> None:
    sign_in(client, campus)
    result = differing(campus, DifferenceKind.NOT_AT_STATE, 1)
    form = {"result": result.pk, "kind": "not_at_state", "keys": [key]}
    answer = client.post("/verification/02/Enrollment/resync/", form, follow=True)
    assert answer.status_code == 404 or "No record is chosen." in page_text(answer)
    assert not SyncRequest.objects.exists()


def test_pages_are_by_key(client: Client, campus: District) -> None:
    sign_in(client, campus)
    differing(campus, DifferenceKind.NOT_AT_STATE, *range(1, 252))
    first = client.get("/verification/02/Enrollment/")
    assert shown_keys(first) == list(range(1, 101))
    assert "First 100" not in page_text(first)
    following = re.search(r'href="(\?[^"]*after=100[^"]*)"', first.content.decode())
    assert following
    second = client.get("/verification/02/Enrollment/" + following[1].replace("&amp;", "&"))
    assert shown_keys(second) == list(range(101, 201))
    assert "First 100" in page_text(second)
    assert shown_keys(client.get("/verification/02/Enrollment/?after=200")) == list(range(201, 252))


def test_expected_differences_tell_the_reason_and_can_be_left_out(client: Client, campus: District) -> None:
    sign_in(client, campus)
    differing(campus, DifferenceKind.NOT_AT_STATE, 1, 2, 3)
    RecordErrorFactory(district=campus, key=2)
    page = client.get("/verification/02/Enrollment/")
    assert "PersonIdentity 211 is not at the state." in page_text(page)
    assert re.search("All 3 ?Not expected 2 ?Expected 1", page_text(page))
    assert shown_keys(client.get("/verification/02/Enrollment/?expected=no")) == [1, 3]
    only = client.get("/verification/02/Enrollment/?expected=yes")
    assert shown_keys(only) == [2]
    assert "Resync all 1" in page_text(only)


@pytest.mark.parametrize(("of_state", "is_told"), [(False, False), (True, True)])
def test_what_only_a_state_request_met_explains_nothing_to_a_district(
    client: Client, campus: District, of_state: bool, is_told: bool
) -> None:
    sign_in(client, None if of_state else campus)
    differing(campus, DifferenceKind.NOT_AT_STATE, 2)
    RecordErrorFactory(district=campus, key=2, confidential=True)
    text = page_text(client.get("/verification/02/Enrollment/"))
    assert ("PersonIdentity 211 is not at the state." in text) == is_told
    assert ("Of these expected" in text) == is_told


@pytest.mark.parametrize(
    ("given", "kind", "offered"),
    [
        ([(Tool.VERIFICATION, "R")], DifferenceKind.NOT_AT_STATE, set()),
        (
            [(Tool.VERIFICATION, "R"), (Tool.SELECTIVE_SYNC, "W")],
            DifferenceKind.NOT_AT_STATE,
            {"Resync these records"},
        ),
        ([(Tool.VERIFICATION, "RW")], DifferenceKind.NOT_AT_STATE, {"show its values"}),
        ([(Tool.VERIFICATION, "RD")], DifferenceKind.NOT_AT_STATE, set()),
        ([(Tool.VERIFICATION, "RD")], DifferenceKind.NOT_AT_DISTRICT, {"Remove from state"}),
        ([(Tool.VERIFICATION, "RWA")], DifferenceKind.NOT_AT_DISTRICT, {"show its values", "Re-Verify"}),
        ([(Tool.VERIFICATION, "RD"), (Tool.SELECTIVE_SYNC, "W")], DifferenceKind.DUPLICATE, set()),
    ],
)
def test_only_what_the_rights_allow_is_offered(
    client: Client, campus: District, given: list[tuple[Tool, str]], kind: DifferenceKind, offered: set[str]
) -> None:
    client.force_login(person(campus, *given))
    differing(campus, kind, 1)
    text = page_text(client.get(f"/verification/02/Enrollment/?kind={kind.value}"))
    acts = {"Resync these records", "Remove from state", "show its values", "Re-Verify"}
    assert {each for each in acts if each in text} == offered


def test_an_object_that_was_never_verified_says_so(client: Client, campus: District) -> None:
    sign_in(client, campus)
    assert "was never verified in 2023-2024" in page_text(client.get("/verification/02/Enrollment/"))
    assert client.get("/verification/02/Nonsense/").status_code == 404


def test_all_keys_of_a_kind_are_given_as_lines(client: Client, campus: District) -> None:
    sign_in(client, campus, "R")
    differing(campus, DifferenceKind.NOT_AT_STATE, 2, 1)
    answer = client.get("/verification/02/Enrollment/keys/?kind=not_at_state")
    assert (answer.content, answer["Content-Type"]) == (b"1\n2\n", "text/plain; charset=utf-8")


# ---- Values --------------------------------------------------------------------------------------------------


def see(client: Client, district: District, result: VerificationResult, key: int) -> HttpResponse:
    form = {"result": result.pk, "kind": "difference", "key": key}
    return client.post(f"/verification/{district.number}/Enrollment/values/", form, follow=True)


def test_the_values_are_read_live_and_each_look_is_recorded(
    client: Client, district: District, resynced: DistrictDatabase, verify: Verify, asker: User
) -> None:
    resynced.execute("UPDATE enrollment SET grade = '11' WHERE enrollment_id = 2")
    result = result_of(verify("Enrollment"), "Enrollment")
    resynced.execute("UPDATE enrollment SET grade = '12' WHERE enrollment_id = 2")
    client.force_login(asker)
    page = see(client, district, result, 2)
    text = page_text(page)
    assert "The marked fields differ." in text
    assert "grade 12 09 Differs" in text
    assert "personID 3 3" in text
    back = (
        f'href="/verification/{district.number}/Enrollment/?year=2024&amp;kind=difference">Back to the list'
    )
    assert back in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    entry = AuditEntry.objects.get(action=Action.VALUES_SEEN)
    assert (entry.by, entry.district, entry.object, entry.key) == (asker, district, "Enrollment", 2)
    assert entry.address == "127.0.0.1"
    assert "grade" in entry.facts["fields"]
    assert "12" not in str(entry.facts)


def test_a_side_without_the_record_is_told_in_words(
    client: Client, district: District, resynced: DistrictDatabase, verify: Verify, asker: User
) -> None:
    resynced.execute("DELETE FROM enrollment WHERE enrollment_id = 5")
    result = result_of(verify("Enrollment"), "Enrollment")
    client.force_login(asker)
    gone = page_text(see(client, district, result, 5))
    assert "The district does not have this record." in gone
    assert "grade no such record 09" in gone
    assert "Differs" not in gone
    excluded = page_text(see(client, district, result, 1))
    assert "The state does not have this record." in excluded
    assert "grade 09 no such record" in excluded


def test_blanks_and_empty_texts_are_told_apart(
    client: Client, district: District, resynced: DistrictDatabase, verify: Verify, asker: User
) -> None:
    resynced.execute("UPDATE enrollment SET grade = '09 ', end_status = '' WHERE enrollment_id = 2")
    result = result_of(verify("Enrollment"), "Enrollment")
    client.force_login(asker)
    text = page_text(see(client, district, result, 2))
    assert "in blanks, or in how accents are composed" in text
    assert "endStatus text without a letter empty Differs" in text


def test_values_are_seen_by_post_and_with_the_right_write_only(
    client: Client, district: District, resynced: DistrictDatabase, verify: Verify
) -> None:
    resynced.execute("UPDATE enrollment SET grade = '11' WHERE enrollment_id = 2")
    result = result_of(verify("Enrollment"), "Enrollment")
    client.force_login(person(district, (Tool.VERIFICATION, "RAD")))
    assert see(client, district, result, 2).status_code == 403
    client.force_login(person(district, (Tool.VERIFICATION, "RW")))
    assert client.get(f"/verification/{district.number}/Enrollment/values/").status_code == 405
    assert not AuditEntry.objects.filter(action=Action.VALUES_SEEN).exists()
    assert see(client, district, result, 2).status_code == 200


def test_only_a_listed_record_is_looked_at(
    client: Client, district: District, resynced: DistrictDatabase, verify: Verify, asker: User
) -> None:
    result = result_of(verify("Enrollment"), "Enrollment")
    client.force_login(asker)
    assert "does not list this record any more" in page_text(see(client, district, result, 2))
    assert not AuditEntry.objects.filter(action=Action.VALUES_SEEN).exists()


def test_a_database_that_does_not_answer_is_told(client: Client, campus: District) -> None:
    sign_in(client, campus)
    result = differing(campus, DifferenceKind.DIFFERENCE, 2)
    answer = see(client, campus, result, 2)
    assert "No database is entered for" in page_text(answer) or "database" in page_text(answer)
    assert answer.redirect_chain == [("/verification/02/Enrollment/?year=2024&kind=difference", 302)]
    assert not deeds().exists()


@pytest.mark.parametrize("route", ["values", "resync", "resync/send", "remove", "remove/start"])
def test_a_result_of_another_district_or_object_is_none(client: Client, campus: District, route: str) -> None:
    sign_in(client, campus)
    theirs = differing(DistrictFactory(number="77"), DifferenceKind.NOT_AT_DISTRICT, 1)
    other = VerificationResultFactory(run__district=campus, object="Graduation")
    for result in (theirs.pk, other.pk, 2_000_000_000):
        form = {"result": result, "kind": "not_at_district", "keys": ["1"], "key": "1"}
        assert client.post(f"/verification/02/Enrollment/{route}/", form).status_code == 404


# ---- Resync these records ------------------------------------------------------------------------------------


def test_chosen_records_are_resynced_with_missing_parents_first(client: Client, campus: District) -> None:
    user = sign_in(client, campus)
    result = differing(campus, DifferenceKind.NOT_AT_STATE, 1, 2, 3)
    form = {"result": result.pk, "kind": "not_at_state", "keys": ["1", "3"]}
    asked = client.post("/verification/02/Enrollment/resync/", form)
    text = page_text(asked)
    assert "Resync 2 records of Enrollment?" in text
    assert 'href="/verification/02/Enrollment/?year=2024">Cancel' in asked.content.decode()
    assert "Parent records that the state is missing go first." in text
    assert not SyncRequest.objects.exists()
    for _ in range(2):
        sent = client.post(
            "/verification/02/Enrollment/resync/send/",
            form | {"keys": "1,3", "token": str(asked.context["token"])},
        )
    request = SyncRequest.objects.get()
    assert sent["Location"] == f"/selective-sync/02/requests/{request.pk}/"
    assert (request.requested_by, request.object, request.with_missing_parents, request.with_children) == (
        *(user, "Enrollment", True),
        False,
    )
    assert set(SyncKey.objects.values_list("key", flat=True)) == {1, 3}


def test_the_link_of_the_summary_asks_about_all_but_the_rejected(client: Client, campus: District) -> None:
    sign_in(client, campus)
    differing(campus, DifferenceKind.NOT_AT_STATE, 1, 2, 3)
    RecordErrorFactory(district=campus, key=2)
    page = client.get("/verification/02/Enrollment/resync/")
    assert "Resync 2 records of Enrollment?" in page_text(page)
    assert "1 that was rejected when last sent is left out." in page_text(page)
    form = {
        name: re.search(rf'name="{name}" value="([^"]*)"', page.content.decode())[1]  # type: ignore[index]
        for name in ("result", "kind", "expected", "every", "token")
    }
    client.post("/verification/02/Enrollment/resync/send/", form)
    assert set(SyncKey.objects.values_list("key", flat=True)) == {1, 3}


def test_where_all_were_rejected_they_are_sent_with_a_warning(client: Client, campus: District) -> None:
    sign_in(client, campus)
    differing(campus, DifferenceKind.NOT_AT_STATE, 2)
    RecordErrorFactory(district=campus, key=2)
    assert "Resync these records" not in page_text(client.get("/verification/02/"))
    page = page_text(client.get("/verification/02/Enrollment/resync/"))
    assert "Resync 1 record of Enrollment?" in page
    assert "1 of them was rejected when last sent." in page


def test_resyncing_takes_the_right_write_on_selective_sync(client: Client, campus: District) -> None:
    client.force_login(person(campus, (Tool.VERIFICATION, "RWAD"), (Tool.SELECTIVE_SYNC, "R")))
    result = differing(campus, DifferenceKind.NOT_AT_STATE, 1)
    form = {"result": result.pk, "kind": "not_at_state", "keys": ["1"]}
    for route in ("resync", "resync/send"):
        assert client.post(f"/verification/02/Enrollment/{route}/", form).status_code == 403
    assert not SyncRequest.objects.exists()


def test_what_only_the_state_has_is_not_resynced(client: Client, campus: District) -> None:
    sign_in(client, campus)
    result = differing(campus, DifferenceKind.NOT_AT_DISTRICT, 1)
    form = {"result": result.pk, "kind": "not_at_district", "keys": ["1"]}
    answer = client.post("/verification/02/Enrollment/resync/send/", form, follow=True)
    assert "A resync mends only" in page_text(answer)
    assert not SyncRequest.objects.exists()


# ---- Remove from state ---------------------------------------------------------------------------------------


def test_a_removal_from_question_to_end(
    client: Client, district: District, resynced: DistrictDatabase, verify: Verify, asker: User
) -> None:
    resynced.execute("DELETE FROM enrollment WHERE enrollment_id IN (5, 6)")
    result = result_of(verify("Enrollment"), "Enrollment")
    client.force_login(asker)
    base = f"/verification/{district.number}/Enrollment"
    form = {"result": result.pk, "kind": "not_at_district", "every": "on"}
    question = client.post(f"{base}/remove/", form)
    assert "Remove 2 records of Enrollment from the state?" in page_text(question)
    assert "This cannot be undone." in page_text(question)
    assert question.context["phrase"] == "remove 2 from T1"

    form["token"] = str(question.context["token"])
    again = client.post(f"{base}/remove/start/", form | {"confirmation": "remove 2 from t1"})
    assert again.status_code == 422
    assert "type exactly: remove 2 from T1" in page_text(again)
    assert again.context["token"] == form["token"]
    assert not Removal.objects.exists()

    page = client.post(f"{base}/remove/start/", form | {"confirmation": "remove 2 from T1"}, follow=True)
    removal = Removal.objects.get()
    assert removal.token == UUID(form["token"])
    live = re.search(r'id="removals"[^>]* hx-get="([^"]+)"', page.content.decode())
    assert live
    address = live[1].replace("&amp;", "&")
    assert client.get(address).status_code == 204
    removals.remove_from_state(removal.pk)
    assert client.get(address)["HX-Refresh"] == "true"
    ended = client.get(f"{base}/?kind=not_at_district")
    assert "2 2 Enrollment Green: Complete" in page_text(ended)
    assert "All 2 that were found are gone since." in page_text(ended)
    assert set(at_state("Enrollment").filter(enrollment_id__in=[5, 6])) == set()


@pytest.mark.parametrize("rights", ["R", "RWA"])
def test_removing_takes_the_right_delete(client: Client, campus: District, rights: str) -> None:
    client.force_login(person(campus, (Tool.VERIFICATION, rights)))
    result = differing(campus, DifferenceKind.NOT_AT_DISTRICT, 1)
    form = {"result": result.pk, "kind": "not_at_district", "keys": ["1"], "confirmation": "remove 1 from 02"}
    for route in ("remove", "remove/start"):
        assert client.post(f"/verification/02/Enrollment/{route}/", form).status_code == 403
    assert not Removal.objects.exists()


def test_what_the_district_has_is_not_removed(client: Client, campus: District) -> None:
    sign_in(client, campus)
    result = differing(campus, DifferenceKind.NOT_AT_STATE, 1)
    form = {"result": result.pk, "kind": "not_at_district", "keys": ["1"], "confirmation": "remove 1 from 02"}
    answer = client.post("/verification/02/Enrollment/remove/start/", form)
    assert answer.status_code == 422
    assert "Only records that" in page_text(answer) or "Not all of the chosen records" in page_text(answer)
    assert not Removal.objects.exists()


def test_nothing_chosen_is_told(client: Client, campus: District) -> None:
    sign_in(client, campus)
    result = differing(campus, DifferenceKind.NOT_AT_DISTRICT, 1)
    form = {"result": result.pk, "kind": "not_at_district"}
    answer = client.post("/verification/02/Enrollment/remove/", form, follow=True)
    assert "No record is chosen." in page_text(answer)


def test_a_removal_tells_why_records_stayed_and_not_who_at_the_state(
    client: Client, campus: District
) -> None:
    sign_in(client, campus)
    result = differing(campus, DifferenceKind.NOT_AT_DISTRICT, 1)
    boss = UserFactory(username="jane.of.the.state", district=None)
    RemovalFactory(
        result=result, keys=[1, 2], done=2, stayed={"2": "The district has this record."}, requested_by=boss
    )
    text = page_text(client.get("/verification/02/Enrollment/"))
    assert "The state 2 2 Enrollment Green: Complete 1 record stayed at the state." in text
    assert "2: The district has this record." in text
    assert "jane" not in text


def test_every_object_has_a_page_of_differences(client: Client, campus: District) -> None:
    """Keys and fields of every kind of object can be shown."""
    sign_in(client, campus)
    for name in ("PersonIdentity", "TestScore", "LEP", "School"):
        VerificationResultFactory(run__district=campus, object=name)
        page = page_text(client.get(f"/verification/02/{name}/"))
        assert definition(name).key.split("_")[0] in page.lower()
