"""What the student reads is what the paragraphs say, paired with their English."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.batches import Batch, Pair, Shape, draw, languages, read
from training.errors import NoText
from training.types import Paragraph

OTHERS = ("de", "fr", "nl")


def write(path: Path, *texts: dict[str, str]) -> Path:
    lines = (
        json.dumps({"source": path.stem, "id": f"page#{number}", "texts": each})
        for number, each in enumerate(texts)
    )
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_english_that_came_before_is_left_out_in_whichever_file(tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", {"en": "Step 1."}, {"en": "step 2"}, {"en": "Water."})
    two = write(tmp_path / "two.jsonl", {"en": "Water!", "fr": "Eau"}, {"en": "Air.", "fr": "Air"})
    sources = read([one, two])
    assert [[each.texts["en"] for each in source] for source in sources] == [
        ["Step 1.", "Water."], ["Air."]
    ]  # fmt: skip
    assert languages(sources) == {"en": 3, "fr": 1}


def test_a_file_with_nothing_new_is_no_source(tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", {"en": "Water."})
    assert len(read([one, write(tmp_path / "two.jsonl", {"en": "Water"})])) == 1


def test_files_without_a_paragraph_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NoText, match="no parallel text"):
        read([write(tmp_path / "one.jsonl")])


Lengths = dict[str, int]
"""How many sentences a paragraph has in each language."""

LENGTHS: st.SearchStrategy[Lengths] = st.builds(
    lambda english, others: {"en": english, **others},
    st.integers(1, 3),
    st.dictionaries(st.sampled_from(OTHERS), st.integers(1, 3), min_size=1),
)
SOURCES = st.lists(
    st.lists(st.tuples(LENGTHS, st.integers(0, 1)), min_size=1, max_size=9), min_size=1, max_size=3
)
SHAPES = st.builds(
    Shape,
    places=st.integers(1, 4),
    neighbours=st.integers(1, 4),
    joined=st.sampled_from([0, 0.5, 1]),
    one_language=st.sampled_from([0, 0.5, 1]),
    rarity=st.sampled_from([0, 0.5, 1]),
)


def parts(source: int, number: int, language: str, count: int) -> list[str]:
    """Return sentences that tell where they are from."""
    return [f"Bridge {language} {source} {number} stands {at}." for at in range(count)]


def made(drawn: list[list[tuple[Lengths, int]]]) -> list[list[Paragraph]]:
    """Return a source for each list: a paragraph for its sentences, on one page or the other."""
    return [
        [
            Paragraph(
                str(source),
                f"page{page}#{number}",
                {each: " ".join(parts(source, number, each, lengths[each])) for each in lengths},
            )
            for number, (lengths, page) in enumerate(paragraphs)
        ]
        for source, paragraphs in enumerate(drawn)
    ]


def of(pair: Pair) -> tuple[str, int, int]:
    """Return the language, the source and the number of the paragraph a pair begins with."""
    _, language, source, number = pair.text.split()[:4]
    return language, int(source), int(number)


def page(paragraph: Paragraph) -> str:
    return paragraph.id.split("#")[0]


def joined(paragraphs: list[Paragraph], language: str) -> Pair:
    ours, theirs = (" ".join(each.texts[of] for each in paragraphs) for of in (language, "en"))
    return Pair(ours, theirs, language)


def all_of(sources: list[list[Paragraph]], shape: Shape, seed: int = 1) -> list[Batch]:
    return list(draw(sources, shape, steps=3, seed=seed))


@given(SOURCES, SHAPES, st.integers(0, 99))
def test_the_same_seed_draws_the_same(
    drawn: list[list[tuple[Lengths, int]]], shape: Shape, seed: int
) -> None:
    assert all_of(made(drawn), shape, seed) == all_of(made(drawn), shape, seed)


def test_another_seed_draws_others() -> None:
    sources = made([[({"en": 2, "fr": 2, "nl": 2}, 0)] * 20])
    assert all_of(sources, Shape(), 1) != all_of(sources, Shape(), 2)


@given(SOURCES, SHAPES)
def test_a_question_is_one_sentence_or_all_where_their_numbers_differ(
    drawn: list[list[tuple[Lengths, int]]], shape: Shape
) -> None:
    for batch in all_of(made(drawn), shape):
        for question in batch.questions:
            language, source, number = of(question)
            lengths, _ = drawn[source][number]
            ours = parts(source, number, language, lengths[language])
            theirs = parts(source, number, "en", lengths["en"])
            if len(ours) == len(theirs):
                pairs = zip(ours, theirs, strict=True)
                assert question in [Pair(*pair, language) for pair in pairs]
            else:
                assert question == Pair(" ".join(ours), " ".join(theirs), language)


@given(SOURCES, SHAPES)
def test_a_passage_is_a_paragraph_or_two_of_one_page_in_one_language(
    drawn: list[list[tuple[Lengths, int]]], shape: Shape
) -> None:
    sources = made(drawn)
    for batch in all_of(sources, shape):
        assert len(batch.passages) == len(batch.questions)
        for question, passage in zip(batch.questions, batch.passages, strict=True):
            language, source, number = of(passage)
            assert of(question)[1:] == (source, number)
            paragraph, *next_ = sources[source][number : number + 2]
            following = [
                each for each in next_ if language in each.texts and page(each) == page(paragraph)
            ]
            alone, both = joined([paragraph], language), joined([paragraph, *following], language)
            assert passage in {0.0: [alone], 1.0: [both]}.get(shape.joined, [alone, both])


@given(SOURCES, SHAPES)
def test_a_batch_has_no_more_than_its_places_and_neighbours(
    drawn: list[list[tuple[Lengths, int]]], shape: Shape
) -> None:
    for batch in all_of(made(drawn), shape):
        assert shape.places <= len(batch.questions) <= shape.places * shape.neighbours


def test_places_in_one_language_ask_and_answer_in_it() -> None:
    sources = made([[({"en": 1, "fr": 1, "nl": 1}, 0)] * 9])
    shape = Shape(places=1, one_language=1)
    for batch in draw(sources, shape, steps=20, seed=1):
        assert len({of(pair)[0] for pair in [*batch.questions, *batch.passages]}) == 1


@given(SOURCES, SHAPES)
def test_a_pair_says_what_language_it_is_in(
    drawn: list[list[tuple[Lengths, int]]], shape: Shape
) -> None:
    for batch in all_of(made(drawn), shape):
        for pair in [*batch.questions, *batch.passages]:
            assert pair.language == of(pair)[0]


def test_a_batch_speaks_few_languages_as_far_as_its_paragraphs_have_them() -> None:
    everywhere = dict.fromkeys(("en", *OTHERS), 1)
    sources = made([[(everywhere, 0)] * 9, [({"en": 1, "fr": 1}, 0)] * 9])
    shape = Shape(places=4, one_language=0, spoken=1)
    drawn = list(draw(sources, shape, steps=30, seed=1))
    by_source = [
        {(number, pair.language) for number, batch in enumerate(drawn)
         for pair in [*batch.questions, *batch.passages] if of(pair)[1] == source}
        for source in (0, 1)
    ]  # fmt: skip
    assert len(by_source[0]) == len({number for number, _ in by_source[0]})
    assert {language for _, language in by_source[1]} == {"en", "fr"}


def test_a_heading_is_the_question_for_the_share_of_paragraphs_under_one() -> None:
    [source] = made([[({"en": 1, "fr": 1}, 0)] * 9])
    under = [each._replace(headings={"en": "On bridges", "fr": "Ponts"}) for each in source]
    for share, wanted in ((0, 0), (1, 1)):
        shape = Shape(places=2, headings=share)
        questions = [pair for batch in draw([under], shape, steps=9, seed=1) for pair in batch[0]]
        asked = [pair.english == "On bridges" for pair in questions]
        assert sum(asked) == wanted * len(asked)
    assert {pair.text for pair in questions} == {"On bridges", "Ponts"}


def test_a_heading_that_is_not_translated_is_no_question() -> None:
    [source] = made([[({"en": 1, "fr": 1}, 0)] * 9])
    under = [each._replace(headings={"fr": "Ponts"}) for each in source]
    drawn = draw([under], Shape(headings=1), steps=9, seed=1)
    assert "Ponts" not in {pair.text for batch in drawn for pair in batch.questions}


def test_rarity_draws_a_rare_language_more_often() -> None:
    sources = made([[({"en": 1, "fr": 1, **({"nl": 1} if at == 0 else {})}, 0) for at in range(4)]])

    def share(rarity: float) -> float:
        shape = Shape(places=1, one_language=0, spoken=1, rarity=rarity)
        drawn = [
            of(pair)[0]
            for batch in draw(sources, shape, steps=300, seed=1)
            for pair in batch.questions
            if of(pair)[2] == 0
        ]
        return drawn.count("nl") / len(drawn)

    assert 0.25 < share(0) < 0.42 < 0.55 < share(1)
