import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dis_objects.exceptions import HierarchyError, UnknownObject
from dis_objects.hierarchy import Hierarchy


@st.composite
def families(draw):
    """Objects without a cycle, each with its immediate parents, and their ranks. Ranks may be equal."""
    count = draw(st.integers(1, 12))
    names = draw(st.permutations([f"Object{number}" for number in range(count)]))
    parents = {
        name: draw(st.lists(st.sampled_from(names[:place]), unique=True)) if place else []
        for place, name in enumerate(names)
    }
    ranks = {name: (draw(st.integers(0, 3)), name.casefold()) for name in names}
    return parents, ranks


def naive_closure(parents, name):
    above = set(parents[name])
    while True:
        wider = above | {far for near in above for far in parents[near]}
        if wider == above:
            return above
        above = wider


def naive_order(parents, ranks):
    placed = []
    while len(placed) < len(parents):
        free = [name for name in parents if name not in placed and set(parents[name]) <= set(placed)]
        placed.append(min(free, key=ranks.__getitem__))
    return tuple(placed)


@given(families())
def test_parents_are_the_naive_closure(family):
    parents, ranks = family
    tree = Hierarchy(parents, ranks)
    for name in parents:
        assert set(tree.parents(name)) == naive_closure(parents, name)
        assert set(tree.immediate_parents(name)) == set(parents[name])


@given(families())
def test_children_are_parents_seen_from_above(family):
    parents, ranks = family
    tree = Hierarchy(parents, ranks)
    for name in parents:
        assert set(tree.children(name)) == {
            other for other in parents if name in naive_closure(parents, other)
        }


@given(families())
def test_order_takes_the_smallest_free_rank(family):
    parents, ranks = family
    assert Hierarchy(parents, ranks).order == naive_order(parents, ranks)


@given(families(), st.randoms(use_true_random=False))
def test_order_does_not_depend_on_declaration(family, chance: random.Random):
    parents, ranks = family
    shuffled = {
        name: chance.sample(parents[name], len(parents[name]))
        for name in chance.sample([*parents], len(parents))
    }
    one, other = Hierarchy(parents, ranks), Hierarchy(shuffled, ranks)
    assert one.order == other.order
    for name in parents:
        assert one.parents(name) == other.parents(name)
        assert one.immediate_parents(name) == other.immediate_parents(name)
        assert one.children(name) == other.children(name)


@given(families(), st.data())
def test_with_parents_adds_what_is_needed_and_nothing_else(family, data):
    parents, ranks = family
    tree = Hierarchy(parents, ranks)
    chosen = data.draw(st.lists(st.sampled_from([*parents])))
    needed = set(chosen).union(*(naive_closure(parents, name) for name in chosen))
    assert tree.with_parents(chosen) == tuple(name for name in tree.order if name in needed)


@given(families(), st.data())
def test_adding_parents_twice_changes_nothing(family, data):
    parents, ranks = family
    tree = Hierarchy(parents, ranks)
    once = tree.with_parents(data.draw(st.lists(st.sampled_from([*parents]))))
    assert tree.with_parents(once) == once


@given(families(), st.data())
def test_any_cycle_is_refused(family, data):
    parents, ranks = family
    below = data.draw(st.sampled_from([*parents]))
    above = data.draw(st.sampled_from([below, *sorted(naive_closure(parents, below))]))
    closed = parents | {above: [*parents[above], below]}
    with pytest.raises(HierarchyError):
        _ = Hierarchy(closed, ranks).order


def test_cycle_is_named():
    tree = Hierarchy({"Hen": ["Egg"], "Egg": ["Hen"]}, {"Hen": (1, "hen"), "Egg": (2, "egg")})
    with pytest.raises(HierarchyError, match=r"parents of each other: .*Egg.*Hen|.*Hen.*Egg"):
        _ = tree.order


def test_unknown_parents_are_named_in_order():
    with pytest.raises(HierarchyError, match="not objects: Moon, Sun"):
        Hierarchy({"Earth": ["Sun", "Moon"]}, {"Earth": (1, "earth")})


@pytest.mark.parametrize("question", ["parents", "immediate_parents", "children"])
def test_question_about_an_unknown_object(question):
    tree = Hierarchy({"Earth": []}, {"Earth": (1, "earth")})
    with pytest.raises(UnknownObject, match="Sun"):
        getattr(tree, question)("Sun")


@pytest.mark.parametrize("question", ["sorted", "with_parents"])
def test_question_about_unknown_objects(question):
    tree = Hierarchy({"Earth": []}, {"Earth": (1, "earth")})
    with pytest.raises(UnknownObject, match="Moon, Sun"):
        getattr(tree, question)(["Sun", "Earth", "Moon"])


def test_no_objects():
    tree = Hierarchy({}, {})
    assert tree.order == ()
    assert tree.with_parents([]) == ()
