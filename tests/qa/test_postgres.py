"""PostgreSQL with pgvector answers as SQLite with FAISS does, from the same collection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from corpus.store.postgres.store import PostgresStore
from index.encoders.background_texts import load_background
from index.encoders.protocol import Encoder
from index.faiss_snapshot import FaissSnapshot
from index.pgvector.live import PgLive
from index.pgvector.searched import follow
from index.snapshot import Scope
from qa.advice.advising import advise
from qa.answering import Answerer
from qa.reading.reader import load_reader
from qa.search.searcher import Search
from qa.types import Abstention, Answer, CitedPassage, Question
from tests.conftest import ROOT

QUESTIONS = [
    json.loads(line)["question"]
    for line in (ROOT / "corpus/sample/questions.jsonl").read_text("utf-8").splitlines()
    if "question" in line and "turns" not in json.loads(line)
]

SCOPES = (
    Scope(),
    Scope(languages=frozenset({"de", "lb"})),
    Scope(published_from=date(2019, 1, 1), published_to=date(2022, 12, 31)),
)


@pytest.fixture(scope="module")
def live(
    sample_address: str, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PgLive]:
    store = PostgresStore(sample_address, tmp_path_factory.mktemp("data"), follow)
    yield PgLive(store, encoder)
    store.close()


def shown(outcome: Answer | Abstention) -> list[tuple[str, int]]:
    passages: tuple[CitedPassage, ...] = (
        outcome.passages if isinstance(outcome, Answer) else outcome.nearest
    )
    return [(each.citation.document.id, each.citation.span.start) for each in passages]


@pytest.mark.parametrize("scope", SCOPES, ids=["all", "languages", "dates"])
def test_the_same_passages_come_first_with_the_same_confidence(
    sample: FaissSnapshot, live: PgLive, encoder: Encoder, cache: Path, scope: Scope
) -> None:
    search = Search(encoder, load_background(encoder, cache))
    reader = load_reader(encoder.identity)
    ways = Answerer(search, lambda: sample, reader), Answerer(search, live.newest, reader)
    first = five = total = 0
    for text in QUESTIONS:
        question = replace(Question(text), scope=scope)
        here, there = (way.answer(question) for way in ways)
        assert there.confidence == pytest.approx(here.confidence, abs=0.01)
        first += shown(here)[:1] == shown(there)[:1]
        five += len({*shown(here)} & {*shown(there)})
        total += len(shown(here))
        advice = advise(sample, question, here), advise(live.newest(), question, there)
        assert advice[0].missing == advice[1].missing
        assert advice[0].corrected == advice[1].corrected
        assert len(advice[0].containing) == len(advice[1].containing)
    assert first >= 0.99 * len(QUESTIONS)
    assert five >= 0.97 * total
