"""The page Tool Rights."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from districts.actions import DISTRICT_ADMINISTRATOR, add_group, ensure_ready_made_groups
from districts.choices import MEANINGS, Tool
from districts.models import District, DistrictGroup, ToolRight, User
from tests.factories.user import GroupFactory, UserFactory
from tests.pages import page_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def own_group(admin: User) -> Group:
    return add_group(name="Counselors", district=admin.district, by=admin)


def test_the_matrix_names_every_tool_letter_and_group(client: Client, state_admin: User) -> None:
    ensure_ready_made_groups()
    client.force_login(state_admin)
    page = client.get("/tool-rights/").content.decode()
    text = page_text(client.get("/tool-rights/"))
    for name in ("District Administrator", "District Viewer", "State Administrator", "State Viewer"):
        assert f'data-label="{name}"' in page
    for tool in Tool:
        assert tool.label in text
        assert all(meaning in text for meaning in MEANINGS[tool].values())


def test_a_district_may_look_at_the_states_groups_but_not_change_them(
    client: Client, admin: User, own_group: Group
) -> None:
    state_group = GroupFactory(name="Of the state", rights="R")
    client.force_login(admin)
    page = client.get("/tool-rights/").content.decode()
    assert reverse("group", args=[own_group.pk]) in page
    assert "Of the state" in page
    assert reverse("group", args=[state_group.pk]) not in page
    assert client.get(reverse("group", args=[state_group.pk])).status_code == 403
    assert client.post(reverse("group", args=[state_group.pk]), {"name": "x"}).status_code == 403


def test_who_may_only_look_is_offered_no_change(client: Client, campus: District, own_group: Group) -> None:
    client.force_login(UserFactory(district=campus, rights="", everywhere="R"))
    page = client.get("/tool-rights/").content.decode()
    for address in (reverse("group_add"), reverse("group", args=[own_group.pk])):
        assert address not in page
        assert client.get(address).status_code == 403


def test_a_foreign_group_answers_as_an_unknown_one(
    client: Client, admin: User, abbott: District, state_admin: User
) -> None:
    foreign = add_group(name="Registrars", district=abbott, by=state_admin)
    client.force_login(admin)
    for name in ("group", "group_delete"):
        for method in (client.get, client.post):
            answers = [method(reverse(name, args=[pk])) for pk in (foreign.pk, 987_654)]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert page_text(answers[0]) == page_text(answers[1])
    assert "Registrars" not in page_text(client.get("/tool-rights/"))


def test_saving_gives_what_is_ticked_and_takes_the_rest(
    client: Client, admin: User, own_group: Group
) -> None:
    ToolRight.objects.create(group=own_group, tool="zones", right="R")
    client.force_login(admin)
    page = client.get(reverse("group", args=[own_group.pk])).content.decode()
    assert 'value="zones:R" id="right-zones:R" checked' in page
    form = {"name": "Advisers", "rights": ["batch:R", "users:A"]}
    response = client.post(reverse("group", args=[own_group.pk]), form, follow=True)
    assert "The rights of Advisers are saved" in page_text(response)
    given = set(own_group.tool_rights.values_list("tool", "right"))
    assert given == {("batch", "R"), ("users", "A")}


def test_boxes_of_rights_that_one_does_not_hold_are_closed(client: Client, campus: District) -> None:
    manager = UserFactory(district=campus, rights="R")
    manager.groups.add(GroupFactory(tool=Tool.TOOL_RIGHTS, rights="RW"))
    group = add_group(name="Ours", district=campus, by=manager)
    client.force_login(manager)
    address = reverse("group", args=[group.pk])
    page = client.get(address).content.decode()
    assert 'id="right-batch:R">' in page
    assert 'id="right-batch:W" disabled' in page
    refused = client.post(address, {"name": "Ours", "rights": ["batch:R", "batch:W"]})
    assert refused.status_code == 422
    assert "You do not hold the right Write" in page_text(refused)
    assert 'id="right-batch:R" checked' in refused.content.decode()
    assert not group.tool_rights.exists()


@pytest.mark.parametrize("right", ["batch:D", "agents:W", "nothing", "batch:"])
def test_a_right_that_means_nothing_is_not_taken(
    client: Client, admin: User, own_group: Group, right: str
) -> None:
    client.force_login(admin)
    response = client.post(reverse("group", args=[own_group.pk]), {"name": "Counselors", "rights": [right]})
    assert response.status_code == 422
    assert not own_group.tool_rights.exists()


@pytest.mark.parametrize("name", ["", "a/b", "x" * 101])
def test_names_that_a_group_cannot_have(client: Client, admin: User, name: str) -> None:
    client.force_login(admin)
    before = Group.objects.count()
    assert client.post("/tool-rights/add/", {"name": name, "owner": "02"}).status_code == 422
    assert Group.objects.count() == before


def test_a_district_adds_groups_of_its_own(client: Client, admin: User, campus: District) -> None:
    client.force_login(admin)
    response = client.post("/tool-rights/add/", {"name": "Advisers", "owner": "02"})
    added = DistrictGroup.objects.get(district=campus).group
    assert response["Location"] == reverse("group", args=[added.pk])
    twice = client.post("/tool-rights/add/", {"name": "Advisers", "owner": "02"})
    assert "There is a group Advisers already" in page_text(twice)
    for owner in ("state", "01"):
        assert client.post("/tool-rights/add/", {"name": "More", "owner": owner}).status_code == 422


def test_the_state_adds_groups_for_itself_and_for_the_district_that_it_looks_at(
    client: Client, state_admin: User, campus: District
) -> None:
    client.force_login(state_admin)
    assert client.post("/tool-rights/add/", {"name": "All", "owner": "02"}).status_code == 422
    assert client.post("/tool-rights/add/", {"name": "All", "owner": "state"}).status_code == 302
    session = client.session
    session["toolbar_district"] = "02"
    session.save()
    assert client.post("/tool-rights/add/", {"name": "Theirs", "owner": "02"}).status_code == 302
    assert DistrictGroup.objects.get().district == campus
    assert "Theirs" in page_text(client.get("/tool-rights/"))


def test_deleting_says_how_many_lose_the_group(
    client: Client, admin: User, own_group: Group, teacher: User
) -> None:
    teacher.groups.add(own_group)
    client.force_login(admin)
    address = reverse("group_delete", args=[own_group.pk])
    assert "1 user is in this group, and loses every right" in page_text(client.get(address))
    assert Group.objects.filter(pk=own_group.pk).exists()
    client.post(address)
    assert not Group.objects.filter(pk=own_group.pk).exists()


def test_a_ready_made_group_is_not_offered_for_deletion(client: Client, state_admin: User) -> None:
    group = ensure_ready_made_groups()[DISTRICT_ADMINISTRATOR]
    client.force_login(state_admin)
    address = reverse("group_delete", args=[group.pk])
    assert address not in client.get(reverse("group", args=[group.pk])).content.decode()
    assert "come with Upstate" in page_text(client.post(address, follow=True))
    saved = client.post(reverse("group", args=[group.pk]), {"rights": ["batch:R"]})
    assert saved.status_code == 302
    assert set(group.tool_rights.values_list("tool", "right")) == {("batch", "R")}


def test_taking_ones_own_last_right_is_refused_with_a_sentence(client: Client, state_admin: User) -> None:
    client.force_login(state_admin)
    group = state_admin.groups.get()
    response = client.post(reverse("group", args=[group.pk]), {"name": group.name, "rights": ["batch:R"]})
    assert response.status_code == 422
    assert "from yourself. Ask another administrator" in page_text(response)
    assert group.tool_rights.count() > 1
