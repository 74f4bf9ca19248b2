from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qa.answer.answer_sentence import answering
from qa.config import SentenceConfig

CONFIG = SentenceConfig()

sentences = st.lists(
    st.tuples(st.text(max_size=30), st.floats(-1, 1, width=32)), min_size=1, max_size=9
)


def test_a_heading_an_address_and_a_quotation_give_way() -> None:
    for other in (
        "Press release: Bicycle Register",
        "+31 555 04 75, a@example.org",
        "“Fine,” he says.",
    ):
        passage = [other, "The data are kept and then erased.", "No."]
        assert answering(passage, [0.84, 0.838, 0.8], CONFIG) == range(1, 2)


def test_a_contact_line_is_marked_where_it_is_asked_for() -> None:
    line = "Contact: Help desk, tel. +31 555 04 75, a@example.org"
    passage = [line, "The data are kept and then erased.", "No.", "Press release: Register"]
    assert answering(passage, [0.90, 0.80, 0.75, 0.80], CONFIG) == range(1)
    assert answering(passage, [0.80, 0.80, 0.60, 0.80], CONFIG) == range(1, 2)


def test_a_line_of_half_addresses_is_looked_at_once() -> None:
    """Tried from each place to each other, it would take half an hour."""
    passage = ["a@b" * 7_000, "The data are kept and then erased.", "No."]
    assert answering(passage, [0.80, 0.84, 0.60], CONFIG) == range(1, 2)


def test_a_row_of_a_table_is_as_good_as_a_sentence() -> None:
    passage = ["The fees hold from January.", "Lost card | 5 euros", "Card fees", "No."]
    assert answering(passage, [0.80, 0.84, 0.60, 0.60], CONFIG) == range(1, 2)


def test_an_address_that_stands_alone_gives_way_to_any_sentence() -> None:
    for address in ("https://example.org/nl/alarm", "a@example.org", "+31 555 04 75"):
        passage = ["The data are kept and then erased.", address, "No."]
        assert answering(passage, [0.80, 0.90, 0.60], CONFIG) == range(1)


def test_two_that_follow_one_another_are_marked_where_neither_is_much_better() -> None:
    passage = ["The lorries were weighed.", "Of these 61 were too heavy.", "It rained.", "He left."]
    assert answering(passage, [0.80, 0.81, 0.2, 0.1], CONFIG) == range(2)
    assert answering(passage, [0.80, 0.2, 0.81, 0.1], CONFIG) == range(2, 3)
    assert answering(passage, [0.1, 0.5, 0.81, 0.1], CONFIG) == range(2, 3)


@given(sentences)
def test_it_is_the_best_by_score_and_marks(passage: list[tuple[str, float]]) -> None:
    texts, scores = [text for text, _ in passage], [score for _, score in passage]
    marked = answering(texts, scores, CONFIG)
    assert 0 <= marked[0] <= marked[-1] < len(passage)
    assert len(marked) in (1, 2)
    best = scores.index(max(scores))
    assert answering(texts, scores, SentenceConfig(0, 0, 0, 0, 0)) == range(best, best + 1)
