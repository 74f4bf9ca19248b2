from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.batches import batches

LENGTHS = st.lists(st.integers(0, 600), max_size=300)


@given(LENGTHS, st.integers(1, 2000))
def test_every_text_with_tokens_is_in_one_batch_and_no_batch_is_over_the_budget(
    lengths: list[int], budget: int
) -> None:
    made = list(batches(lengths, budget))
    assert sorted(place for batch in made for place in batch) == [
        place for place, length in enumerate(lengths) if length
    ]
    for batch in made:
        longest = max(lengths[place] for place in batch)
        assert len(batch) == 1 or longest * len(batch) <= budget


@given(LENGTHS)
def test_the_longest_texts_come_first(lengths: list[int]) -> None:
    order = [lengths[place] for batch in batches(lengths) for place in batch]
    assert order == sorted(filter(None, lengths), reverse=True)
