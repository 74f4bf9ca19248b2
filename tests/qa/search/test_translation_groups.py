from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encoders.protocol import Vectors
from index.faiss_snapshot import FaissSnapshot
from qa.config import TranslationConfig
from qa.search import translation_groups
from qa.search.translation_groups import Numbers, about, group_translations, numbers_in
from qa.types import RankedPassage

DIMENSION = 16
CONFIG = TranslationConfig()

STORIES = (
    ("gemischte-streifen", "gemengde-patrouilles", "gemescht-patrullen", "patrouilles-mixtes"),
    ("hochwasserwarnung", "heichwaasserwarnung", "alerte-crues"),
    ("nachtzug", "night-train"),
    ("victims-helpline", "hulplijn-slachtoffers"),
    ("ambulances-sans-frontiere", "ambulances-zonder-grens"),
)
"""Parts of the file names that each story of the sample corpus has in its languages."""


def passage(place: int, language: str, document: int) -> RankedPassage:
    return RankedPassage(
        place, document, language, score=-float(place), nearness=0.0, sentences=(0.5,)
    )


def groups(
    ranked: list[RankedPassage],
    vectors: Vectors,
    config: TranslationConfig,
    texts: Sequence[str] = (),
) -> list[list[int]]:
    """Return the groups of passages with these texts; without any they hold no number."""

    def numbers(places: Sequence[int]) -> dict[int, Numbers]:
        return {place: numbers_in(texts[place] if texts else "") for place in places}

    return translation_groups.groups(ranked, vectors, config, numbers)


def topics(numbers: list[int], seed: int = 0) -> Vectors:
    """Return a vector for each number, near that of the same number, far from the others."""
    draw = np.random.default_rng(seed)
    centres = draw.standard_normal((max(numbers) + 1, 384))
    vectors = centres[numbers] + 0.3 * draw.standard_normal((len(numbers), 384))
    return about(np.zeros(384, np.float32), vectors.astype(np.float32))


@st.composite
def rankings(draw: st.DrawFn) -> tuple[list[RankedPassage], Vectors]:
    sources = draw(
        st.lists(
            st.tuples(st.sampled_from(["fr", "nl", "de", "lb"]), st.integers(1, 6)), max_size=30
        )
    )
    ranked = [passage(place, *source) for place, source in enumerate(sources)]
    numbers = [draw(st.integers(0, 3)) for _ in sources]
    return ranked, topics(numbers, draw(st.integers(0, 99))) if numbers else np.empty(
        (0, 1), np.float32
    )


@given(rankings(), st.floats(-1, 1))
def test_every_passage_is_in_one_group(
    ranking: tuple[list[RankedPassage], Vectors], similarity: float
) -> None:
    found = groups(*ranking, TranslationConfig(min_similarity=similarity))
    assert sorted(place for group in found for place in group) == list(range(len(ranking[0])))


@given(rankings(), st.floats(-1, 1))
def test_groups_and_their_passages_keep_the_order(
    ranking: tuple[list[RankedPassage], Vectors], similarity: float
) -> None:
    found = groups(*ranking, TranslationConfig(min_similarity=similarity))
    assert [group[0] for group in found] == sorted(group[0] for group in found)
    assert all(group == sorted(group) for group in found)


@given(rankings(), st.floats(-1, 1))
def test_no_language_and_no_document_is_twice_in_a_group(
    ranking: tuple[list[RankedPassage], Vectors], similarity: float
) -> None:
    ranked, _ = ranking
    for group in groups(*ranking, TranslationConfig(min_similarity=similarity)):
        assert len({ranked[place].language for place in group}) == len(group)
        assert len({ranked[place].document_key for place in group}) == len(group)


def test_what_says_the_same_in_other_languages_comes_together() -> None:
    ranked = [passage(0, "fr", 1), passage(1, "nl", 2), passage(2, "nl", 3), passage(3, "de", 4)]
    assert groups(ranked, topics([0, 1, 0, 0]), CONFIG) == [[0, 2, 3], [1]]


def test_near_copies_in_one_language_stay_apart() -> None:
    ranked = [passage(place, "fr", place) for place in range(4)]
    assert groups(ranked, topics([0, 0, 0, 0]), CONFIG) == [[0], [1], [2], [3]]


def test_of_two_copies_one_gets_the_translation() -> None:
    ranked = [passage(0, "fr", 1), passage(1, "fr", 2), passage(2, "nl", 3)]
    vectors = topics([0, 0])[[0, 0, 1]]
    assert sorted(map(len, groups(ranked, vectors, CONFIG))) == [1, 2]


def test_two_passages_of_one_document_stay_apart() -> None:
    ranked = [passage(0, "fr", 1), passage(1, "nl", 1)]
    assert groups(ranked, topics([0, 0]), CONFIG) == [[0], [1]]


def test_a_vector_that_is_the_mean_is_like_no_other() -> None:
    seen = about(np.ones(3, np.float32), np.ones((2, 3), np.float32))
    assert not seen.any()


def alike(cosine: float) -> Vectors:
    """Return two vectors with this cosine."""
    return np.array([[1, 0], [cosine, (1 - cosine**2) ** 0.5]], np.float32)


@pytest.mark.parametrize(
    ("cosine", "one", "other", "are_one"),
    [
        (0.75, "Keng Zuel.", "Kein Wort davon: 12.", True),
        (0.65, "De Bus 14 fiert um 7.30 Auer.", "Le bus 14 part à 7 h 30.", True),
        (0.65, "De Bus 14 fiert um 7.30 Auer.", "Le bus part à sept heures trente.", False),
        (0.65, "Op d'mannst 1.250 Euro.", "Au moins 1 250 euros.", True),
        (0.65, "١٤ حافلة", "Le bus 14.", True),
        (0.65, "8 Euro de Mount, 15 fir 200 Minutten.", "14,90 euros, 20 gigaoctets.", False),
        (0.65, "Keng Zuel.", "Aucun nombre.", False),
        (0.55, "De Bus 14 fiert um 7.30 Auer.", "Le bus 14 part à 7 h 30.", False),
    ],
)
def test_what_is_less_alike_comes_together_if_it_holds_the_same_numbers(
    cosine: float, one: str, other: str, are_one: bool
) -> None:
    ranked = [passage(0, "lb", 1), passage(1, "fr", 2)]
    found = groups(ranked, alike(cosine), CONFIG, [one, other])
    assert found == ([[0, 1]] if are_one else [[0], [1]])


@pytest.fixture(scope="module")
def everything(sample: FaissSnapshot) -> list[RankedPassage]:
    """All of the sample corpus's passages, in the order of their ids."""
    rows = sorted(
        (int(id_), int(key), language)
        for language, partition in sample.partitions.items()
        for id_, key in zip(partition.rows.ids, partition.rows.document_keys, strict=True)
    )
    return [
        RankedPassage(id_, key, language, -float(id_), 0.0, (0.5,)) for id_, key, language in rows
    ]


def test_only_versions_of_one_story_are_grouped(
    sample: FaissSnapshot, everything: list[RankedPassage]
) -> None:
    documents = sample.view.summaries([found.document_key for found in everything])
    hits = [hit for hit in group_translations(sample, everything, "und", CONFIG) if hit.also_in]
    assert len(hits) >= 5
    for hit in hits:
        files = [documents[found.document_key].file for found in (hit, *hit.also_in)]
        assert any(all(any(part in file for part in story) for file in files) for story in STORIES)


@pytest.mark.parametrize("language", ["fr", "de", "nl", "und"])
def test_the_version_in_the_questions_language_is_shown_in_the_place_of_the_best(
    sample: FaissSnapshot, everything: list[RankedPassage], language: str
) -> None:
    hits = group_translations(sample, everything, language, CONFIG)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        others = {other.language for other in hit.also_in}
        assert hit.language not in others
        assert language not in others


def test_what_ranks_below_those_compared_stands_by_itself(
    sample: FaissSnapshot, everything: list[RankedPassage]
) -> None:
    config = TranslationConfig(compared=10)
    assert (
        group_translations(sample, everything, "und", config)[-len(everything) + 10 :]
        == everything[10:]
    )


def test_nothing_found_stays_nothing(sample: FaissSnapshot) -> None:
    assert group_translations(sample, [], "fr", CONFIG) == []
