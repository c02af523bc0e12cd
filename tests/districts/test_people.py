"""Who adds, changes and disables whom."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404

from districts.actions import (
    Details,
    add_group,
    add_user,
    change_user,
    disable_user,
    enable_user,
    renew_sign_in_link,
)
from districts.choices import Right, Tool
from districts.exceptions import ChangeRefused
from districts.guard import changing_people
from districts.models import District, User
from districts.queries import has_right
from tests.factories.user import GroupFactory, UserFactory

pytestmark = pytest.mark.django_db


def details(user: User | None = None, **changed: object) -> Details:
    entered: dict[str, object] = {
        "username": user.username if user else "new.person",
        "first_name": "New",
        "last_name": "Person",
        "email": "",
        "district": user.district if user else None,
    }
    return Details(**entered | changed)  # type: ignore[arg-type]


def group_ids(user: User) -> list[int]:
    return list(user.groups.values_list("pk", flat=True))


CHANGES: dict[str, Callable[[User, User], object]] = {
    "change": lambda user, by: change_user(user_id=user.pk, details=details(user), group_ids=[], by=by),
    "disable": lambda user, by: disable_user(user_id=user.pk, by=by),
    "enable": lambda user, by: enable_user(user_id=user.pk, by=by),
    "link": lambda user, by: renew_sign_in_link(user_id=user.pk, by=by),
}


@pytest.fixture(params=CHANGES)
def change(request: pytest.FixtureRequest) -> Callable[[User, User], object]:
    return CHANGES[request.param]


def test_a_new_user_has_groups_and_no_password(admin: User) -> None:
    group = GroupFactory(rights="R")
    added = add_user(details=details(district=admin.district), group_ids=[group.pk], by=admin)
    assert has_right(added, Tool.BATCH, Right.READ)
    assert not added.has_usable_password()


def test_a_district_adds_users_for_itself_only(admin: User, abbott: District) -> None:
    for district in (abbott, None):
        with pytest.raises(PermissionDenied):
            add_user(details=details(district=district), group_ids=[], by=admin)
    assert not User.objects.filter(username="new.person").exists()


def test_the_state_adds_users_anywhere(state_admin: User, abbott: District) -> None:
    assert add_user(details=details(district=abbott), group_ids=[], by=state_admin).district == abbott
    theirs = add_user(details=details(username="second"), group_ids=[], by=state_admin)
    assert theirs.is_state_user


def test_a_name_that_differs_by_capital_letters_only_is_taken_and_nothing_tells_by_whom(admin: User) -> None:
    UserFactory(username="Abbott.Clerk")
    wanted = details(username="abbott.clerk", district=admin.district)
    with pytest.raises(ChangeRefused, match="^This user name cannot be given. Choose another one.$"):
        add_user(details=wanted, group_ids=[], by=admin)


def test_nobody_puts_a_user_into_a_group_beyond_their_own_rights(campus: District) -> None:
    manager = UserFactory(district=campus, rights="R")
    manager.groups.add(GroupFactory(tool=Tool.USERS, rights="RWA"))
    stronger = GroupFactory(rights="RW")
    with pytest.raises(ChangeRefused, match="cannot be given"):
        add_user(details=details(district=campus), group_ids=[stronger.pk], by=manager)
    with pytest.raises(ChangeRefused, match="cannot be given"):
        change_user(user_id=manager.pk, details=details(manager), group_ids=[stronger.pk], by=manager)
    assert not User.objects.filter(username="new.person").exists()


def test_nobody_puts_a_user_into_another_districts_group(
    admin: User, abbott: District, state_admin: User
) -> None:
    foreign = add_group(name="Registrars", district=abbott, by=state_admin)
    for by in (admin, state_admin):
        with pytest.raises(ChangeRefused, match="belongs to another district"):
            add_user(details=details(district=admin.district), group_ids=[foreign.pk], by=by)


def test_a_foreign_user_answers_as_an_unknown_one(
    admin: User, state_admin: User, abbott: District, change: Callable[[User, User], object]
) -> None:
    foreigner, unknown = UserFactory(district=abbott), User(pk=987_654, username="x", district=admin.district)
    answers = set()
    for user in (foreigner, state_admin, unknown):
        with pytest.raises(Http404) as answer:
            change(user, admin)
        answers.add(str(answer.value))
    assert answers == {"There is no such user."}


def test_each_change_asks_for_its_right(
    campus: District, teacher: User, change: Callable[[User, User], object]
) -> None:
    reader = UserFactory(district=campus, rights="R")
    reader.groups.add(GroupFactory(tool=Tool.USERS, rights="RA"))
    with pytest.raises(PermissionDenied):
        change(teacher, reader)


def test_who_has_more_rights_is_left_alone(campus: District, change: Callable[[User, User], object]) -> None:
    """A sign-in link for somebody is the way into all that they may do."""
    manager = UserFactory(district=campus, rights="R")
    manager.groups.add(GroupFactory(tool=Tool.USERS, rights="RWAD"))
    stronger = UserFactory(district=campus, rights="RW")
    with pytest.raises(ChangeRefused, match="holds rights that you do not hold"):
        change(stronger, manager)
    stronger.refresh_from_db()
    assert stronger.is_active
    assert (stronger.sign_ins_ended, stronger.groups.count()) == (0, 1)


def test_the_first_account_is_left_alone_by_all_but_its_like(
    state_admin: User, change: Callable[[User, User], object]
) -> None:
    first = User.objects.create_superuser("operator")
    with pytest.raises(ChangeRefused, match="holds rights that you do not hold"):
        change(first, state_admin)
    change(state_admin, first)


def test_a_move_takes_the_former_districts_groups_and_ends_the_sign_ins(
    state_admin: User, campus: District, abbott: District, teacher: User
) -> None:
    teacher.groups.add(add_group(name="Ours", district=campus, by=state_admin))
    kept = Group.objects.get(name="Batch R")
    change_user(
        user_id=teacher.pk, details=details(teacher, district=abbott), group_ids=[kept.pk], by=state_admin
    )
    moved = User.objects.get(pk=teacher.pk)
    assert moved.district == abbott
    assert list(moved.groups.all()) == [kept]
    assert moved.sign_ins_ended == 1


def test_a_change_within_the_district_keeps_the_sign_ins(admin: User, teacher: User) -> None:
    change_user(user_id=teacher.pk, details=details(teacher, last_name="Lee"), group_ids=[], by=admin)
    teacher.refresh_from_db()
    assert (teacher.last_name, teacher.sign_ins_ended, teacher.groups.count()) == ("Lee", 0, 0)


def test_nobody_moves_or_disables_themself(state_admin: User, abbott: District) -> None:
    UserFactory(district=None, rights="", everywhere="RWAD")
    with pytest.raises(ChangeRefused, match="move yourself"):
        change_user(
            user_id=state_admin.pk,
            details=details(state_admin, district=abbott),
            group_ids=group_ids(state_admin),
            by=state_admin,
        )
    with pytest.raises(ChangeRefused, match="disable yourself"):
        disable_user(user_id=state_admin.pk, by=state_admin)


def test_nobody_leaves_their_last_group_that_lets_them_administer(state_admin: User) -> None:
    UserFactory(district=None, rights="", everywhere="RWAD")
    with pytest.raises(ChangeRefused, match="from yourself"):
        change_user(user_id=state_admin.pk, details=details(state_admin), group_ids=[], by=state_admin)
    assert state_admin.groups.count() == 1


def test_the_last_person_of_the_state_who_changes_users_stays(admin: User, state_admin: User) -> None:
    """The other rules keep `by` in place and so this one too; it stands for itself in case one of them goes."""
    with pytest.raises(ChangeRefused, match="Nobody at the state could change users"), changing_people(admin):
        User.objects.filter(pk=state_admin.pk).update(is_active=False)
    state_admin.refresh_from_db()
    assert state_admin.is_active


def test_where_nobody_administers_the_state_districts_still_change_their_users(
    admin: User, teacher: User
) -> None:
    disable_user(user_id=teacher.pk, by=admin)
    teacher.refresh_from_db()
    assert not teacher.is_active


@pytest.mark.django_db(transaction=True)
def test_two_who_disable_each_other_at_once_do_not_both_succeed(state_admin: User) -> None:
    other = UserFactory(district=None, rights="", everywhere="RWAD")
    both_are_read = threading.Barrier(2)

    def disable(user: User, by: User) -> bool:
        try:
            both_are_read.wait(10)
            disable_user(user_id=user.pk, by=by)
        except PermissionDenied:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as threads:
        ended = list(threads.map(disable, (state_admin, other), (other, state_admin)))
    assert sorted(ended) == [False, True]
    assert User.objects.filter(is_active=True).count() == 1


def test_a_page_of_a_disabled_administrator_changes_nothing_more(state_admin: User) -> None:
    """Two administrators disable each other: the second click finds its own account disabled."""
    other = UserFactory(district=None, rights="", everywhere="RWAD")
    assert has_right(other, Tool.USERS, Right.DELETE)
    disable_user(user_id=other.pk, by=state_admin)
    with pytest.raises(PermissionDenied):
        disable_user(user_id=state_admin.pk, by=other)
    state_admin.refresh_from_db()
    assert state_admin.is_active


def test_disabling_twice_counts_once(admin: User, teacher: User) -> None:
    disable_user(user_id=teacher.pk, by=admin)
    disable_user(user_id=teacher.pk, by=admin)
    teacher.refresh_from_db()
    assert (teacher.is_active, teacher.sign_ins_ended) == (False, 1)


def test_no_link_for_who_has_a_published_password_is_disabled_or_asks(admin: User, campus: District) -> None:
    cases = {
        UserFactory(district=campus, rights="", is_demo=True): "published",
        UserFactory(district=campus, rights="", is_active=False): "Enable it first",
        admin: "My account",
    }
    for user, sentence in cases.items():
        with pytest.raises(ChangeRefused, match=sentence):
            renew_sign_in_link(user_id=user.pk, by=admin)
