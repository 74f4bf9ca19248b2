"""Whatever the collection is like, its passages come in a sensible order."""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.store.catalogue import Catalogue
from index.encoders.background_texts import BackgroundVectors, fit
from index.encoders.protocol import Vectors
from index.snapshot_builder import load_snapshot
from index.writer import encode_waiting
from qa.answering import understand
from qa.config import AbstentionConfig, RankingConfig, TranslationConfig
from qa.reading.confidence import confidence
from qa.search.searcher import Search
from qa.search.translation_groups import group_translations
from qa.types import Question
from tests.corpus.store.test_catalogue import make
from tests.encoders import WordEncoder

LANGUAGES = [f"{first}{second}" for first in "abcdefgh" for second in "vwxyz"]
"""Forty codes."""

WORDS = ("pont", "police", "eau", "train", "pain", "loi")
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6)
collections = st.lists(
    st.tuples(words.map(" ".join), st.sampled_from(LANGUAGES)), min_size=1, max_size=45
)


class Indifferent(WordEncoder):
    """Finds everything alike."""

    def _vector(self, text: str) -> Vectors:
        alike: Vectors = np.eye(1, self.dimension, dtype=np.float32)[0]
        return alike


def check(
    encoder: WordEncoder, texts: list[tuple[str, str]], text: str, neutral: BackgroundVectors
) -> None:
    with TemporaryDirectory() as folder, Catalogue(Path(folder)) as catalogue:
        for number, (content, language) in enumerate(texts):
            catalogue.put(*make(f"{number}.txt", f"{content}.", language=language), 1)
        encode_waiting(catalogue, encoder)
        snapshot = load_snapshot(Path(folder), encoder.identity)
        search = Search(encoder, neutral, RankingConfig())
        question = Question(text)
        understood = understand(question, search.follow_ups)
        ((vector, _),) = search.encode([understood])
        signals = search.signals(snapshot, understood, vector)
        ranked = search.best(snapshot, question, understood, signals)
        hits = group_translations(snapshot, ranked, understood.language, TranslationConfig())
        snapshot.view.close()
    assert len(ranked) == len(texts)
    assert len(ranked) == sum(1 + len(hit.also_in) for hit in hits)
    assert all(math.isfinite(passage.score) for passage in ranked)
    assert all(math.isfinite(passage.nearness) for passage in ranked)
    assert 0 <= confidence(hits, None, signals.scale, AbstentionConfig()) <= 1


@pytest.mark.slow
@settings(max_examples=15)
@given(collections, words)
def test_any_collection_is_ranked(texts: list[tuple[str, str]], asked: list[str]) -> None:
    check(WordEncoder(), texts, " ".join(asked), fit(WordEncoder()))


@pytest.mark.parametrize("count", [1, 40])
def test_passages_that_are_all_alike_are_ranked(count: int) -> None:
    texts = [(f"Le pont {number}", LANGUAGES[number]) for number in range(count)]
    check(Indifferent(), texts, "Quel pont ?", fit(Indifferent()))


def test_equal_passages_come_in_the_order_they_were_taken_in(tmp_path: Path) -> None:
    encoder = Indifferent()
    with Catalogue(tmp_path) as catalogue:
        for number in range(5):
            catalogue.put(*make(f"{number}.txt", f"Le pont {number}.", language="fr"), 1)
        encode_waiting(catalogue, encoder)
    snapshot = load_snapshot(tmp_path, encoder.identity)
    search = Search(encoder, fit(encoder))
    question = Question("Quel pont ?")
    understood = understand(question, search.follow_ups)
    ((vector, _),) = search.encode([understood])
    signals = search.signals(snapshot, understood, vector)
    ranked = search.best(snapshot, question, understood, signals)
    ids = [passage.passage_id for passage in ranked]
    assert ids == sorted(ids)
