from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from corpus.turns import Turns

WORK = st.integers(min_value=0, max_value=50)


def test_nobody_is_served_while_nobody_waits() -> None:
    assert Turns().next([]) is None


@given(st.lists(st.tuples(WORK, WORK, WORK), min_size=1, max_size=60))
def test_who_always_waits_gets_as_much_as_the_others_but_for_one_turn(
    works: list[tuple[int, int, int]],
) -> None:
    owners = ["a", "b", "c"]
    turns, done = Turns(), Counter[str]()
    for work in works:
        owner = turns.next(owners)
        assert owner is not None
        done[owner] += max(work[owners.index(owner)], 1)
        turns.charge(owner, work[owners.index(owner)])
        assert max(done[each] for each in owners) - min(done[each] for each in owners) <= 50


@given(st.lists(WORK, min_size=1, max_size=30))
def test_who_comes_anew_is_served_next_and_has_saved_nothing_up(works: list[int]) -> None:
    turns = Turns()
    for work in works:
        assert turns.next(["busy"]) == "busy"
        turns.charge("busy", work)
    assert turns.next(["busy", "new"]) == "new"
    turns.charge("new", 10)
    own = 10
    while turns.next(["busy", "new"]) == "new":
        turns.charge("new", 10)
        own += 10
    assert own <= max(works) + 11, "what is left of the last turn of the other"


def test_a_large_turn_is_not_forgotten_in_a_short_pause() -> None:
    turns = Turns()
    assert turns.next(["large", "small"]) == "large"
    turns.charge("large", 100)
    for _ in range(5):
        assert turns.next(["small"]) == "small"
        turns.charge("small", 10)
    assert turns.next(["large", "small"]) == "small"
