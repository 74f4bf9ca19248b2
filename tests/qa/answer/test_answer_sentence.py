from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qa.answer.answer_sentence import answering
from qa.config import SentenceConfig
from qa.types import AnswerType

CONFIG = SentenceConfig()

sentences = st.lists(
    st.tuples(st.text(max_size=30), st.floats(-1, 1, width=32)), min_size=1, max_size=9
)


def test_a_sentence_with_what_is_asked_for_goes_before_one_that_is_a_little_nearer() -> None:
    passage = ["The camp is open.", "Parents may come on Sunday, 21 July.", "There is food."]
    cosines = [0.83, 0.82, 0.78]
    assert answering(passage, cosines, "en", {AnswerType.DATE}, CONFIG) == 1
    assert answering(passage, cosines, "en", set(), CONFIG) == 0


def test_one_that_is_much_nearer_stays() -> None:
    passage = ["It is closed at night."] + ["Nothing."] * 8 + ["It began in 1931."]
    assert answering(passage, [0.95] + [0.7] * 9, "en", {AnswerType.DATE}, CONFIG) == 0


def test_a_heading_an_address_and_a_quotation_give_way() -> None:
    for other in (
        "Press release: Bicycle Register",
        "+31 555 04 75, a@example.org",
        "“Fine,” he says.",
    ):
        passage = [other, "The data are kept and then erased.", "No."]
        assert answering(passage, [0.84, 0.838, 0.8], "en", set(), CONFIG) == 1


@given(sentences, st.sampled_from(["fr", "de", "und"]), st.sets(st.sampled_from(AnswerType)))
def test_it_is_the_best_by_cosine_and_marks(
    passage: list[tuple[str, float]], language: str, wanted: set[AnswerType]
) -> None:
    texts, cosines = [text for text, _ in passage], [cosine for _, cosine in passage]
    found = answering(texts, cosines, language, wanted, CONFIG)
    assert 0 <= found < len(passage)
    nearest = answering(texts, cosines, language, wanted, SentenceConfig(0, 0, 0))
    assert nearest == cosines.index(max(cosines))
