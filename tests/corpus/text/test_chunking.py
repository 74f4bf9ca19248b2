from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.chunking import MAX_LENGTH, TARGET_LENGTH, segment
from corpus.text.cleaning import clean
from corpus.text.sentences import MAX_SENTENCE_LENGTH
from corpus.types import Block, BlockKind, CleanedDocument, Passage, RawDocument

PARAGRAPH, HEADING, ITEM = BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.LIST_ITEM
FRENCH = "Le ministre de la Sécurité intérieure a participé à la réunion du Conseil européen. "
DUTCH = "De ministers hebben beslist om een werkgroep op te richten tegen het terrorisme. "

texts = (
    st.text()
    | st.text("ab. :?\n\u00ad\ud800é", max_size=60)
    | st.builds(lambda text, times: text * times, st.sampled_from([FRENCH, DUTCH, "x"]),
                st.integers(1, 40))
)  # fmt: skip
documents = st.lists(st.builds(Block, st.sampled_from(BlockKind), texts), max_size=12).map(
    lambda blocks: clean(RawDocument(tuple(blocks)))
)


def document(*blocks: tuple[BlockKind, str]) -> CleanedDocument:
    return clean(RawDocument(tuple(Block(*block) for block in blocks)))


def slices(document: CleanedDocument, passage: Passage) -> list[str]:
    return [document.text[start:end] for start, end in passage.sentences]


@given(documents)
def test_passages_are_slices_of_the_text(document: CleanedDocument) -> None:
    for passage in segment(document):
        assert document.text[passage.span.start : passage.span.end] == passage.text
        assert passage.text == passage.text.strip() != ""


@given(documents)
def test_every_visible_character_is_in_one_passage(document: CleanedDocument) -> None:
    passages = segment(document)
    assert "".join("".join(passage.text.split()) for passage in passages) == "".join(
        document.text.split()
    )
    assert all(one.span.end <= next_.span.start for one, next_ in pairwise(passages))


@given(documents)
def test_sentences_tile_what_is_not_heading(document: CleanedDocument) -> None:
    headings = [block.span for block in document.blocks if block.kind is HEADING]
    for passage in segment(document):
        assert passage.sentences
        spans = passage.sentences
        assert all(one.end <= next_.start for one, next_ in pairwise(spans))
        assert passage.span.start <= spans[0].start <= spans[-1].end <= passage.span.end
        uncovered = set(range(*passage.span)) - {at for span in spans for at in range(*span)}
        in_headings = {at for span in headings for at in range(*span)}
        assert all(at in in_headings or document.text[at].isspace() for at in uncovered)


@given(documents)
def test_no_passage_is_unbounded(document: CleanedDocument) -> None:
    limit = MAX_LENGTH + MAX_SENTENCE_LENGTH + 2
    assert all(len(passage.text) <= limit for passage in segment(document))


@given(documents)
def test_no_passage_crosses_a_section(document: CleanedDocument) -> None:
    blocks = document.blocks
    starts = [
        block.span.start
        for before, block in pairwise(blocks)
        if block.kind is HEADING and before.kind is not HEADING
    ]
    for passage in segment(document):
        assert not any(passage.span.start < start < passage.span.end for start in starts)


def test_a_heading_is_in_the_first_passage_of_its_section_only() -> None:
    made = document((HEADING, "Contexte"), (PARAGRAPH, FRENCH * 20), (HEADING, "Suite"),
                    (PARAGRAPH, FRENCH))  # fmt: skip
    passages = segment(made)
    assert [passage.text.startswith("Contexte") for passage in passages] == [
        True, *[False] * (len(passages) - 1),
    ]  # fmt: skip
    assert passages[-1].text.startswith("Suite")
    assert FRENCH.strip() in slices(made, passages[0])
    assert "Contexte" not in slices(made, passages[0])


def test_passages_of_a_section_are_about_as_long_as_each_other() -> None:
    passages = segment(document((PARAGRAPH, FRENCH * 43)))
    lengths = [len(passage.text) for passage in passages]
    assert max(lengths) - min(lengths) <= 2 * len(FRENCH)
    assert abs(sum(lengths) / len(lengths) - TARGET_LENGTH) < 2 * len(FRENCH)


def test_a_passage_ends_with_a_paragraph_rather_than_inside_one() -> None:
    blocks = [(PARAGRAPH, FRENCH * 7), (PARAGRAPH, FRENCH * 9), (PARAGRAPH, FRENCH * 8)]
    made = document(*blocks)
    ends = {block.span.end for block in made.blocks}
    assert len(segment(made)) == 3
    assert {passage.span.end for passage in segment(made)} == ends


@pytest.mark.parametrize("before", range(1, 14))
def test_headings_and_list_introductions_stay_with_what_follows(before: int) -> None:
    made = document(
        (PARAGRAPH, FRENCH * before + "Les mesures sont :"), (ITEM, "- " + FRENCH * 3),
        (ITEM, "- " + FRENCH * 4), (HEADING, "Un titre"), (HEADING, "Un sous-titre"),
        (PARAGRAPH, FRENCH * 5),
    )  # fmt: skip
    passages = segment(made)
    assert not any(passage.text.endswith((":", "titre")) for passage in passages)
    assert passages[-1].text.startswith("Un titre\n\nUn sous-titre\n\nLe ministre")


def test_a_heading_with_nothing_below_is_its_own_passage_and_sentence() -> None:
    made = document((PARAGRAPH, FRENCH), (HEADING, "Contact"))
    assert slices(made, segment(made)[-1]) == ["Contact"]


def test_passages_do_not_mix_languages() -> None:
    made = document((HEADING, "Contexte"), (PARAGRAPH, FRENCH), (PARAGRAPH, DUTCH),
                    (PARAGRAPH, FRENCH))  # fmt: skip
    assert [passage.language for passage in segment(made)] == ["fr", "nl", "fr"]


def test_fragments_are_joined_to_their_neighbours() -> None:
    made = document((PARAGRAPH, f"1. {FRENCH}Et après ? {FRENCH}Rien."))
    assert slices(made, segment(made)[0]) == [
        f"1. {FRENCH}".strip(),
        f"Et après ? {FRENCH}Rien.",
    ]


def test_many_short_sentences_do_not_become_one() -> None:
    made = document((PARAGRAPH, "Il est parti hier soir. " * 10))
    assert len(slices(made, segment(made)[0])) == 5


def test_a_passage_is_on_the_page_of_its_first_block() -> None:
    raw = RawDocument((Block(PARAGRAPH, FRENCH * 8, 2), Block(PARAGRAPH, FRENCH * 9, 3)))
    assert [passage.page for passage in segment(clean(raw))] == [2, 3]


def test_an_empty_document_has_no_passages() -> None:
    assert segment(document()) == ()


def test_the_target_length_can_be_chosen() -> None:
    made = document((PARAGRAPH, FRENCH * 20))
    assert len(segment(made, target_length=300)) > len(segment(made, target_length=900))
