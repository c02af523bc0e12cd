"""The page Users, and My account."""

import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from districts.actions import add_group
from districts.choices import Tool
from districts.models import District, User
from tests.factories.user import GroupFactory, UserFactory
from tests.pages import page_text

pytestmark = pytest.mark.django_db


def choose_district(client: Client, number: str) -> None:
    session = client.session
    session["toolbar_district"] = number
    session.save()


def listed(client: Client, query: str = "") -> set[str]:
    page = client.get(f"/users/{query}").content.decode()
    return set(re.findall(r'href="/users/\d+/">([^<]+)<', page))


def pressed(client: Client, user: User) -> list[str]:
    """The buttons of a user's page that do something."""
    page = client.get(reverse("user", args=[user.pk])).content.decode()
    main = page[page.index("<main") :]
    buttons = re.findall(r'class="usa-button[^>]*>([^<]+)</(?:button|a)>', main)
    return [each for each in buttons if each != "Cancel"]


def entered(**changed: object) -> dict[str, object]:
    form: dict[str, object] = {
        "username": "new.person",
        "first_name": "New",
        "last_name": "Person",
        "email": "",
    }
    return form | changed


def test_a_district_lists_its_own_users_only(
    client: Client, admin: User, teacher: User, abbott: District, state_admin: User
) -> None:
    UserFactory(username="abbott.clerk", district=abbott)
    client.force_login(admin)
    assert listed(client, "?state=all") == {"campus.admin", "campus.teacher"}
    assert listed(client, "?state=all&home=state") == {"campus.admin", "campus.teacher"}


def test_the_state_lists_everybody_or_the_chosen_district(
    client: Client, state_admin: User, admin: User, abbott: District
) -> None:
    UserFactory(username="abbott.clerk", district=abbott)
    client.force_login(state_admin)
    assert listed(client) == {"state.admin", "campus.admin", "abbott.clerk"}
    assert listed(client, "?home=state") == {"state.admin"}
    assert listed(client, "?home=districts") == {"campus.admin", "abbott.clerk"}
    choose_district(client, "01")
    assert listed(client) == {"abbott.clerk"}


def test_the_list_filters_by_account_and_group(client: Client, admin: User, teacher: User) -> None:
    UserFactory(username="gone", district=admin.district, rights="", is_active=False)
    client.force_login(admin)
    assert listed(client) == {"campus.admin", "campus.teacher"}
    assert listed(client, "?state=disabled") == {"gone"}
    assert listed(client, f"?group={teacher.groups.get().pk}") == {"campus.teacher"}
    assert listed(client, "?state=nonsense&group=x&page=99&sort=nothing") == {
        "campus.admin",
        "campus.teacher",
    }


def test_every_cell_of_the_list_says_on_a_phone_what_it_is(client: Client, admin: User) -> None:
    client.force_login(admin)
    labels = set(re.findall(r'data-label="([^"]*)"', client.get("/users/").content.decode()))
    assert labels == {"Name", "Groups", "Last Sign-In", "Status"}


@pytest.mark.parametrize(
    ("find", "found"),
    [
        ("lee", {"a"}),
        ("PAT lee", {"a"}),
        ("lee max", set()),
        ("ma", {"b"}),
        ("@example", {"b"}),
        ("%", set()),
        ("", {"a", "b", "campus.admin"}),
    ],
)
def test_people_are_found_by_any_word_and_no_address_holds_it(
    client: Client, admin: User, find: str, found: set[str]
) -> None:
    UserFactory(username="a", first_name="Pat", last_name="Lee", district=admin.district)
    UserFactory(username="b", first_name="Max", last_name="O", email="b@example.org", district=admin.district)
    client.force_login(admin)
    response = client.post("/users/?state=all&page=3", {"find": find})
    assert response["Location"] == "/users/?state=all"
    assert listed(client) == found


@pytest.mark.parametrize("sort", ["username", "-name", "last_login", "-last_login", "district"])
def test_the_list_sorts_and_pages(client: Client, state_admin: User, sort: str) -> None:
    User.objects.bulk_create(User(username=f"many.{n:03}") for n in range(120))
    client.force_login(state_admin)
    pages = [listed(client, f"?sort={sort}&page={page}") for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 21]
    assert len(set().union(*pages)) == 121


def test_the_list_takes_as_many_queries_for_many_as_for_few(
    client: Client, admin: User, django_assert_max_num_queries: object
) -> None:
    group = GroupFactory(rights="R")
    for _ in range(30):
        UserFactory(district=admin.district, rights="").groups.add(group)
    client.force_login(admin)
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        client.get("/users/")


def test_a_foreign_user_answers_as_an_unknown_one(
    client: Client, admin: User, abbott: District, state_admin: User
) -> None:
    client.force_login(admin)
    foreign = UserFactory(district=abbott)
    for name in ("user", "user_disable", "user_enable", "user_sign_in_link"):
        for method in (client.get, client.post):
            answers = [method(reverse(name, args=[pk])) for pk in (foreign.pk, state_admin.pk, 987_654)]
            assert {answer.status_code for answer in answers} <= {404, 405}
            assert len({page_text(answer) for answer in answers}) == 1
    foreign.refresh_from_db()
    assert foreign.is_active


def test_adding_shows_a_link_once_that_leads_to_a_password(client: Client, admin: User) -> None:
    group = GroupFactory(rights="R")
    client.force_login(admin)
    response = client.post("/users/add/", entered(groups=[group.pk]))
    [link] = re.findall(r'value="http://testserver(/sign-in/link/[^"]+)"', response.content.decode())
    added = User.objects.get(username="new.person")
    assert added.district == admin.district
    assert list(added.groups.all()) == [group]
    assert "Choose a password" in page_text(Client().get(link, follow=True))
    assert "/sign-in/link/" not in client.get(reverse("user", args=[added.pk])).content.decode()


def test_a_district_cannot_add_to_another_place(client: Client, admin: User, abbott: District) -> None:
    client.force_login(admin)
    client.post("/users/add/", entered(district=abbott.pk))
    assert User.objects.get(username="new.person").district == admin.district


def test_a_taken_name_is_refused_beside_its_field(client: Client, admin: User) -> None:
    UserFactory(username="New.Person")
    client.force_login(admin)
    for name in ("new.person", "New.Person"):
        response = client.post("/users/add/", entered(username=name))
        assert response.status_code == 422
        assert "This user name cannot be given. Choose another one." in page_text(response)


def test_the_state_is_offered_the_groups_of_the_district_that_it_chooses(
    client: Client, state_admin: User, campus: District, abbott: District
) -> None:
    ours, theirs = (add_group(name="Own", district=each, by=state_admin) for each in (campus, abbott))
    client.force_login(state_admin)
    page = client.get("/users/add/", {"district": campus.pk, "groups": [ours.pk]}).content.decode()
    assert f'value="{ours.pk}" id="group-{ours.pk}" checked' in page
    assert f'id="group-{theirs.pk}"' not in page
    assert f'id="group-{ours.pk}"' not in client.get("/users/add/").content.decode()


def test_a_move_leaves_the_former_districts_groups_behind(
    client: Client, state_admin: User, teacher: User, abbott: District
) -> None:
    former = add_group(name="Own", district=teacher.district, by=state_admin)
    teacher.groups.add(former)
    ticked = list(teacher.groups.values_list("pk", flat=True))
    client.force_login(state_admin)
    form = entered(username=teacher.username, district=abbott.pk, groups=ticked)
    assert client.post(reverse("user", args=[teacher.pk]), form).status_code == 302
    teacher.refresh_from_db()
    assert teacher.district == abbott
    assert [group.name for group in teacher.groups.all()] == ["Batch R"]


def test_changing_a_user(client: Client, admin: User, teacher: User) -> None:
    group = GroupFactory(rights="RW")
    client.force_login(admin)
    address = reverse("user", args=[teacher.pk])
    form = entered(username="campus.lee", last_name="Lee", groups=[group.pk])
    response = client.post(address, form, follow=True)
    assert "The user is saved" in page_text(response)
    teacher.refresh_from_db()
    assert (teacher.username, teacher.last_name) == ("campus.lee", "Lee")
    assert list(teacher.groups.all()) == [group]
    stray = client.post(address, form | {"groups": [987_654]})
    assert stray.status_code == 422
    assert list(teacher.groups.all()) == [group]


@pytest.mark.parametrize(
    ("letters", "offered"),
    [
        ("R", set()),
        ("RW", {"Save", "New sign-in link"}),
        ("RD", {"Disable user"}),
        ("RWAD", {"Save", "New sign-in link", "Disable user"}),
    ],
)
def test_only_what_one_may_do_is_offered(
    client: Client, campus: District, teacher: User, letters: str, offered: set[str]
) -> None:
    person = UserFactory(district=campus, rights="R")
    person.groups.add(GroupFactory(tool=Tool.USERS, rights=letters))
    client.force_login(person)
    assert set(pressed(client, teacher)) == offered
    assert ("Add user" in page_text(client.get("/users/"))) is ("A" in letters)
    refused = {
        "W": [client.post(reverse("user", args=[teacher.pk]), entered())],
        "D": [client.get(reverse("user_disable", args=[teacher.pk]))],
        "A": [client.get("/users/add/"), client.post("/users/add/", entered())],
    }
    for letter, answers in refused.items():
        assert all((answer.status_code == 403) is (letter not in letters) for answer in answers)


def test_a_stronger_user_is_shown_without_anything_to_press(
    client: Client, campus: District, admin: User
) -> None:
    person = UserFactory(district=campus, rights="R")
    person.groups.add(GroupFactory(tool=Tool.USERS, rights="RWAD"))
    client.force_login(person)
    text = page_text(client.get(reverse("user", args=[admin.pk])))
    assert "holds rights that you do not hold" in text
    assert pressed(client, admin) == []
    refused = client.post(reverse("user_sign_in_link", args=[admin.pk]), follow=True)
    assert "/sign-in/link/" not in refused.content.decode()
    assert client.post(reverse("user", args=[admin.pk]), entered(username="campus.admin")).status_code == 422


def test_disabling_asks_first_and_enabling_brings_the_account_back(
    client: Client, admin: User, teacher: User
) -> None:
    client.force_login(admin)
    address = reverse("user_disable", args=[teacher.pk])
    assert "signed out everywhere at once" in page_text(client.get(address))
    teacher.refresh_from_db()
    assert teacher.is_active
    assert "The user is disabled" in page_text(client.post(address, follow=True))
    teacher.refresh_from_db()
    assert not teacher.is_active
    client.post(reverse("user_enable", args=[teacher.pk]))
    teacher.refresh_from_db()
    assert teacher.is_active


def test_one_does_not_disable_oneself(client: Client, admin: User) -> None:
    client.force_login(admin)
    assert pressed(client, admin) == ["Save"]
    response = client.post(reverse("user_disable", args=[admin.pk]), follow=True)
    assert "You cannot disable yourself" in page_text(response)


def test_my_account_says_what_i_may_do(client: Client, teacher: User) -> None:
    Group.objects.get(name="Batch R")
    client.force_login(teacher)
    text = page_text(client.get("/account/"))
    assert "Batch R" in text
    assert "See the status table" in text
    assert "Send, request and cancel resyncs" not in text
    assert reverse("password_change") in client.get("/account/").content.decode()


def test_the_side_menu_has_the_tools_of_who_may_see_them(client: Client, admin: User, teacher: User) -> None:
    addresses = [f'href="{address}"' for address in ("/tool-rights/", "/users/")]
    client.force_login(admin)
    assert all(address in client.get("/account/").content.decode() for address in addresses)
    client.force_login(teacher)
    assert not any(address in client.get("/account/").content.decode() for address in addresses)
    assert client.get("/users/").status_code == client.get("/tool-rights/").status_code == 403


def test_the_start_page_is_the_first_tool_that_one_may_open(client: Client, campus: District) -> None:
    person = UserFactory(district=campus, rights="")
    client.force_login(person)
    first = client.get("/", follow=True)
    assert first.status_code == 200
