from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from index.encoders.background_texts import BackgroundVectors
from index.faiss_snapshot import FaissSnapshot
from index.snapshot_builder import load_snapshot
from index.writer import encode_waiting
from qa.config import RankingConfig
from qa.search.score_norm import MIN_SPREAD, score_norm
from tests.encoders import WordEncoder

TEXTS = {
    "fr.txt": "Le pont sur la rivière est fermé aux camions depuis lundi matin.",
    "nl.txt": "De brug over de rivier is sinds maandagochtend gesloten voor vrachtwagens.",
}


@pytest.fixture
def snapshot(tmp_path: Path) -> FaissSnapshot:
    for file, text in TEXTS.items():
        (tmp_path / file).write_text(text, "utf-8")
    with Catalogue(tmp_path / "data") as catalogue:
        list(ingest(catalogue, find_sources([tmp_path / file for file in TEXTS]), "press"))
        encode_waiting(catalogue, WordEncoder())
    return load_snapshot(tmp_path / "data", WordEncoder().identity)


def neutral(*rows: list[float]) -> BackgroundVectors:
    passages = np.zeros((len(rows), 64), np.float32)
    for at, row in enumerate(rows):
        passages[at, : len(row)] = row
    return BackgroundVectors(np.zeros(64, np.float32), passages)


QUESTION = np.eye(1, 64, dtype=np.float32)[0]


def test_an_advantage_is_drawn_towards_none(snapshot: FaissSnapshot) -> None:
    ordinary = neutral([0.5], [0.7])
    means = {
        language: float(partition.mean @ QUESTION)
        for language, partition in snapshot.partitions.items()
    }
    everywhere = sum(means.values()) / 2
    free = score_norm(snapshot, QUESTION, ordinary, RankingConfig(level_prior=0))
    assert free.advantages == pytest.approx(
        {language: mean - everywhere for language, mean in means.items()}
    )
    drawn = score_norm(snapshot, QUESTION, ordinary, RankingConfig(level_prior=3))
    assert drawn.advantages == pytest.approx(
        {language: (mean - everywhere) / 4 for language, mean in means.items()}
    )
    assert free.ordinary == pytest.approx(0.6)
    assert free.spread == pytest.approx(0.1)
    assert free.nearest == pytest.approx((0.1, -0.1))


def test_equal_scores_still_give_a_spread(snapshot: FaissSnapshot) -> None:
    scale = score_norm(snapshot, QUESTION, neutral([0.5], [0.5]), RankingConfig())
    assert scale.spread == MIN_SPREAD
    assert all(map(math.isfinite, scale.advantages.values()))


def test_an_empty_collection_has_a_scale(tmp_path: Path) -> None:
    Catalogue(tmp_path).close()
    empty = load_snapshot(tmp_path, WordEncoder().identity)
    scale = score_norm(empty, QUESTION, neutral([0.4], [0.6]), RankingConfig())
    assert scale.advantages == {}
    assert scale.ordinary == pytest.approx(0.5)
