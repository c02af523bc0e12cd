"""Synchronization Field Settings and Fields Which Sync, as pages."""

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dis_objects import wording
from dis_objects.actions import FieldChange, FieldSetting
from dis_objects.catalogue import definition, definitions, label
from dis_objects.choices import FieldOwner
from dis_objects.models import SyncField
from dis_objects.queries import settings_of
from tests.factories.user import UserFactory

pytestmark = pytest.mark.django_db

SETTINGS = "/field-settings/School/"
LOCKED, OF_STATE, OF_DISTRICT = (
    FieldSetting(FieldOwner.STATE, locked=True),
    FieldSetting(FieldOwner.STATE),
    FieldSetting(FieldOwner.DISTRICT),
)


@pytest.fixture
def state(client: Client) -> Client:
    client.force_login(UserFactory(district=None, rights="", everywhere="RW"))
    return client


@pytest.fixture
def district(client: Client) -> Client:
    client.force_login(UserFactory(rights="", everywhere="RWAD"))
    return client


def text(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).split())


def entered(object_name: str = "School", **changed: str) -> dict[str, str]:
    """The form as the page shows it, with some of it changed."""
    current = settings_of(definition(object_name))
    form = {"seen": current.version}
    for row in current.rows:
        form[f"owner-{row.setting.name}"] = row.setting.owner
        if row.setting.locked:
            form[f"locked-{row.setting.name}"] = "on"
    return form | {name.replace("__", "-", 1): value for name, value in changed.items()}


def lock(*names: str) -> None:
    SyncField.objects.filter(object="School", name__in=names).update(owner=FieldOwner.STATE, locked=True)


class TestFieldSettings:
    def test_lists_every_object_with_its_locks(self, state: Client) -> None:
        lock("zip", "name")
        page = state.get("/field-settings/")
        assert [row.record.name for row in page.context["table"].rows] == [*definitions()]
        assert "2 fields locked in all" in text(page)

    @pytest.mark.parametrize(
        ("find", "found"), [("rollm", ["Enrollment"]), (" ALPSS ", ["ALPSS"]), ("zz", [])]
    )
    def test_filter_finds_by_a_part_of_the_name(self, state: Client, find: str, found: list[str]) -> None:
        page = state.get("/field-settings/", {"find": find})
        assert [row.record.name for row in page.context["table"].rows] == found
        assert ("No object matches the filter." in text(page)) == (not found)

    def test_shows_every_field_with_its_type_and_when_it_syncs(self, state: Client) -> None:
        page = state.get(SETTINGS)
        rows = [[cell for _, cell in row.items()] for row in page.context["table"].rows]
        assert [row[0] for row in rows] == [label(field.name) for field in definition("School").fields]
        assert all('name="owner-' in row[4] for row in rows)
        assert "Key of District" in text(page)

    def test_offers_no_lock_where_there_can_be_none(self, state: Client) -> None:
        page = text(state.get(SETTINGS))
        assert 'name="locked-zip"' in page
        assert 'name="locked-school_id"' not in page
        assert page.count(">Never<") == 2

    def test_saves_and_says_what_it_does_to_the_next_push(self, state: Client) -> None:
        page = state.post(f"{SETTINGS}save/", entered(owner__zip="state", locked__zip="on"), follow=True)
        assert page.redirect_chain == [(SETTINGS, 302)]
        assert "From now on a push of School leaves zip at the state as it is." in text(page)
        assert 'id="locked-zip" name="locked-zip" checked data-was' in text(page)
        assert SyncField.objects.filter(locked=True).count() == 1

    def test_unticking_unlocks(self, state: Client) -> None:
        lock("zip", "name")
        form = entered()
        del form["locked-zip"]
        page = state.post(f"{SETTINGS}save/", form, follow=True)
        assert "The next push of School takes zip from the district again" in text(page)
        assert [*SyncField.objects.filter(locked=True).values_list("name", flat=True)] == ["name"]

    def test_refused_change_shows_why_and_keeps_what_was_chosen(self, state: Client) -> None:
        form = entered(owner__name="state", locked__zip="on")
        page = state.post(f"{SETTINGS}save/", form)
        assert page.status_code == 422
        assert "zip is the district's, so it cannot be locked there." in text(page)
        assert 'name="locked-zip" checked>' in text(page)
        assert not SyncField.objects.filter(owner=FieldOwner.STATE).exists()

    def test_lock_on_a_key_is_refused_though_no_box_offers_it(self, state: Client) -> None:
        form = entered(owner__school_id="state", locked__school_id="on")
        page = state.post(f"{SETTINGS}save/", form)
        assert page.status_code == 422
        assert "schoolID cannot be locked" in text(page)

    @pytest.mark.parametrize("changed", [{"owner__zip": "nobody"}, {"seen": ""}, {"seen": "x" * 17}])
    def test_form_that_cannot_be_read_changes_nothing(self, state: Client, changed: dict[str, str]) -> None:
        page = state.post(f"{SETTINGS}save/", entered(owner__name="state") | entered(**changed))
        assert page.status_code == 422
        assert "nothing was changed" in text(page)

    def test_outdated_form_is_refused(self, state: Client) -> None:
        form = entered(owner__name="state")
        lock("zip")
        page = state.post(f"{SETTINGS}save/", form)
        assert "Somebody else has changed the settings of School" in text(page)
        assert not SyncField.objects.filter(name="name", owner=FieldOwner.STATE).exists()

    def test_district_sees_the_settings_and_no_control(self, district: Client) -> None:
        lock("zip")
        page = text(district.get(SETTINGS))
        assert "Locked at District" in page
        assert "1 locked" in page
        assert "<select" not in page
        assert 'name="locked-' not in page
        assert ">Save<" not in page
        assert "The state sets this." in page

    def test_district_that_posts_is_refused(self, district: Client) -> None:
        assert district.post(f"{SETTINGS}save/", entered(owner__zip="state")).status_code == 403
        assert not SyncField.objects.filter(owner=FieldOwner.STATE).exists()

    def test_state_reader_sees_no_control_and_is_refused(self, client: Client) -> None:
        client.force_login(UserFactory(district=None, rights="", everywhere="R"))
        page = text(client.get(SETTINGS))
        assert "<select" not in page
        assert "takes the right Write" in page
        assert client.post(f"{SETTINGS}save/", entered(owner__zip="state")).status_code == 403


PAGES = ("/field-settings/", SETTINGS, "/fields-which-sync/", "/fields-which-sync/School/")


@pytest.mark.parametrize("path", PAGES)
def test_pages_take_read_on_synchronization_field_settings(client: Client, path: str) -> None:
    client.force_login(UserFactory(district=None, rights="RW"))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", ["/field-settings/Wizard/", "/fields-which-sync/Wizard/"])
def test_object_that_is_not_there_is_not_found(state: Client, path: str) -> None:
    assert state.get(path).status_code == 404
    assert state.post("/field-settings/Wizard/save/", {}).status_code == 404


class TestFieldsWhichSync:
    def test_objects_of_single_states_stand_apart(self, district: Client) -> None:
        context = district.get("/fields-which-sync/").context
        general = [row.record.name for row in context["general"].rows]
        assert general == [known.name for known in definitions().values() if not known.states]
        of_states = {code: [row.record.name for row in table.rows] for code, _, table in context["of_states"]}
        assert of_states.keys() == {code for known in definitions().values() for code in known.states}
        assert {code for code, names in of_states.items() if "AttDayAggregation" in names} == {"BIE", "NV"}
        assert {code for code, names in of_states.items() if "LepKY" in names} == {"KY"}

    @pytest.mark.parametrize(
        ("find", "general", "of_states"),
        [("rollm", ["Enrollment"], []), ("SchoolMonth", [], ["NV"]), ("zz", [], [])],
    )
    def test_filter(self, district: Client, find: str, general: list[str], of_states: list[str]) -> None:
        context = district.get("/fields-which-sync/", {"find": find}).context
        assert (
            [row.record.name for row in context["general"].rows if context["general"]] == general
            if (general)
            else context["general"] is None
        )
        assert [code for code, _, _ in context["of_states"]] == of_states

    @pytest.mark.parametrize("name", [*definitions()])
    def test_page_of_every_object(self, district: Client, name: str) -> None:
        known = definition(name)
        page = district.get(reverse("fields_of", args=[name]))
        said = text(page)
        assert wording.about(known) in said
        assert all(reverse("fields_of", args=[parent]) in said for parent in known.parents)
        assert all(rule.code in said and rule.sentence in said for rule in known.exclusions)
        assert all(label(field.name) in said for field in known.fields)
        assert ("Bound to one, by" in said) == (known.school_year is not None)
        assert ("Not offered in Resync State Data - Batch" in said) == (not known.in_batch)

    def test_names_parents_and_children(self, district: Client) -> None:
        context = district.get("/fields-which-sync/Enrollment/").context
        assert context["known"].parents == ("PersonIdentity",)
        assert "Calendar" in context["needed"]
        assert "PersonIdentity" not in context["needed"]
        assert context["children"] == [
            known.name for known in definitions().values() if "Enrollment" in known.parents
        ]

    def test_tells_what_is_locked(self, district: Client) -> None:
        lock("zip")
        assert "State, locked" in text(district.get("/fields-which-sync/School/"))

    def test_other_name_of_an_object_leads_to_it(self, district: Client) -> None:
        for known in definitions().values():
            for alias in (each for each in known.aliases if "/" not in each):
                assert district.get(reverse("fields_of", args=[alias])).context["known"] == known


@pytest.mark.parametrize(
    ("name", "column", "said"),
    [
        ("Enrollment", "enrollment_id", "Key"),
        ("Enrollment", "person_id", "Key of PersonIdentity"),
        ("Enrollment", "service_type", "Text, up to 1 character"),
        ("Enrollment", "grade", "Text, up to 4 characters"),
        ("Enrollment", "percent_enrolled", "Number, up to 4 digits and 3 decimals"),
        ("Enrollment", "start_date", "Date"),
        ("Enrollment", "active", "Yes or no"),
        ("Enrollment", "end_year", "Whole number"),
        ("Enrollment", "enrollment_guid", "GUID"),
        ("ContactLog", "contacted_on", "Date and time"),
        ("ContactLog", "details", "Text"),
    ],
)
def test_type_as_a_person_reads_it(name: str, column: str, said: str) -> None:
    field = next(each for each in definition(name).fields if each.name == column)
    assert wording.type_of(field) == said


@pytest.mark.parametrize("known", definitions().values(), ids=lambda known: known.name)
def test_every_object_and_field_can_be_told(known: Any) -> None:
    about = wording.about(known)
    assert about.endswith(".")
    assert not about.endswith("..")
    assert not {"_", "`"} & {*about}
    assert all(wording.type_of(field) for field in known.fields)
    assert {*known.states} <= wording.STATE_NAMES.keys()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([], ["Nothing was changed: the fields of School are as they were."]),
        (
            [FieldChange("zip", OF_DISTRICT, LOCKED), FieldChange("state_number", OF_STATE, LOCKED)],
            [
                "From now on a push of School leaves zip and stateNumber at the state as it is. Only a record that"
                " is new at the state brings its first value from the district."
            ],
        ),
        (
            [FieldChange("zip", LOCKED, OF_DISTRICT)],
            [
                "The next push of School takes zip from the district again, and writes over the values that the"
                " state has kept."
            ],
        ),
        (
            [FieldChange("zip", OF_DISTRICT, OF_STATE), FieldChange("name", OF_STATE, OF_DISTRICT)],
            [
                "zip of School: the owner is the state now. A push takes the value from the district as before,"
                " because the field is not locked.",
                "name of School: the owner is the district now. A push takes the value from the district as before,"
                " because the field is not locked.",
            ],
        ),
    ],
)
def test_what_a_change_does_to_the_next_push(changes: list[FieldChange], said: list[str]) -> None:
    assert wording.saved("School", changes) == said
