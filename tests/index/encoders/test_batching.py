from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.encoders.batching import FULL_TOKENS, MAX_PADDING, batches

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
def test_a_batch_that_is_full_enough_takes_in_no_more_padding(lengths: list[int]) -> None:
    for batch in batches(lengths):
        tokens = sum(lengths[place] for place in batch)
        padded = lengths[batch[0]] * len(batch)
        without_last = lengths[batch[0]] * (len(batch) - 1)
        assert without_last < FULL_TOKENS or tokens >= (1 - MAX_PADDING) * padded - 1e-6


def test_texts_of_all_lengths_are_encoded_with_little_padding() -> None:
    """Lengths as in the sample corpus: many short sentences, some passages."""
    lengths = [*range(8, 60)] * 8 + [*range(60, 220, 2)]
    made = list(batches(lengths))
    padded = sum(max(lengths[place] for place in batch) * len(batch) for batch in made)
    assert 1 - sum(lengths) / padded < 0.05


@given(LENGTHS)
def test_the_longest_texts_come_first(lengths: list[int]) -> None:
    order = [lengths[place] for batch in batches(lengths) for place in batch]
    assert order == sorted(filter(None, lengths), reverse=True)
