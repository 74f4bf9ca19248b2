"""Reading puts the first passages in order; where it cannot, they stay as they were ranked."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from corpus.store.catalogue import Catalogue
from index.encoders.background_texts import load_background
from index.encoders.protocol import Encoder
from index.encoders.variants import Variant
from index.errors import ReaderDamaged
from index.snapshot import Snapshot
from index.snapshot_builder import load_snapshot
from index.writer import encode_waiting
from qa.answering import Answerer, understand
from qa.config import ReadingConfig
from qa.reading import reader as reading
from qa.reading.reader import Reader, load_reader
from qa.search.searcher import Search
from qa.types import Abstention, Answer, Question, RankedPassage
from tests.corpus.store.test_catalogue import make

ASKED = "Wann wird die Brücke über den Chiers nachts gesperrt?"


@pytest.fixture(scope="module")
def search(encoder: Encoder, cache: Path) -> Search:
    return Search(encoder, load_background(encoder, cache))


@pytest.fixture(scope="module")
def reader(encoder: Encoder) -> Reader:
    found = load_reader(encoder.identity)
    assert found is not None
    return found


def ranked_for(search: Search, snapshot: Snapshot, text: str) -> list[RankedPassage]:
    question = Question(text)
    asked = understand(question, search.follow_ups)
    (encoded,) = search.encode([asked])
    return search.best(snapshot, question, asked, search.signals(snapshot, asked, encoded.vector))


def read(
    reader: Reader, search: Search, snapshot: Snapshot, text: str, ranked: list[RankedPassage]
) -> list[RankedPassage] | None:
    (encoded,) = search.encode([understand(Question(text), search.follow_ups)])
    return reader.read(snapshot.view, encoded.states, ranked)


def test_what_was_ranked_is_all_there_once_and_what_was_not_read_stays_behind(
    reader: Reader, search: Search, sample: Snapshot
) -> None:
    ranked = ranked_for(search, sample, ASKED)
    found = read(reader, search, sample, ASKED, ranked)
    assert found is not None
    many = ReadingConfig().passages
    before, after = ([each.passage_id for each in some] for some in (ranked, found))
    assert sorted(before) == sorted(after)
    assert set(after[:many]) == set(before[:many])
    assert after[many:] == before[many:]
    scores = [each.score for each in found]
    assert scores == sorted(scores, reverse=True)
    for passage in found[:many]:
        assert all(math.isfinite(logit) for logit in passage.sentences)


@pytest.mark.parametrize(
    "text",
    ["?!1", "x" * 1999, "woord " * 333, "ᚠᛇᚻ᛫ᛒᛦᚦ᛫ᚠᚱᚩᚠᚢᚱ", "橋は夜にいつ閉まりますか？", "\x0c1"],
)
def test_any_question_can_be_read(
    reader: Reader, search: Search, sample: Snapshot, text: str
) -> None:
    ranked = ranked_for(search, sample, text)
    found = read(reader, search, sample, text, ranked)
    assert found is None or len(found) == len(ranked)


def test_without_passages_there_is_nothing_to_read(
    reader: Reader, search: Search, sample: Snapshot
) -> None:
    assert read(reader, search, sample, ASKED, []) is None


def test_fifty_passages_can_be_asked_for(reader: Reader, search: Search, sample: Snapshot) -> None:
    answerer = Answerer(search, lambda: sample, reader)
    outcome = answerer.answer(Question(ASKED, limit=50))
    assert isinstance(outcome, Answer)
    assert [passage.rank for passage in outcome.passages] == list(
        range(1, len(outcome.passages) + 1)
    )
    assert len(outcome.passages) > ReadingConfig().passages


def test_quick_reads_nothing_and_thorough_does(
    reader: Reader, search: Search, sample: Snapshot
) -> None:
    answerer = Answerer(search, lambda: sample, reader)
    quick = answerer.answer(Question(ASKED, effort="quick"))
    thorough = answerer.answer(Question(ASKED, effort="thorough"))
    assert quick.timings.read == 0 < thorough.timings.read
    by_default = Answerer(search, lambda: sample, reader, "quick").answer(Question(ASKED))
    assert by_default.timings.read == 0


def test_confidence_is_the_same_however_translations_are_shown(
    reader: Reader, search: Search, sample: Snapshot
) -> None:
    answerer = Answerer(search, lambda: sample, reader)
    grouped = answerer.answer(Question(ASKED))
    apart = answerer.answer(Question(ASKED, translations="separate"))
    assert grouped.confidence == apart.confidence


def test_passages_of_before_there_was_a_reader_are_ranked_alone(
    search: Search, encoder: Encoder, reader: Reader, tmp_path: Path
) -> None:
    with Catalogue(tmp_path) as catalogue:
        catalogue.put(*make("a.txt", "The bridge closes at nine.", language="en"), 1)
        encode_waiting(catalogue, encoder)
        catalogue._execute("UPDATE vectors SET tokens = x'', crc = checksum(data)")
    snapshot = load_snapshot(tmp_path, encoder.identity)
    text = "When does the bridge close?"
    ranked = ranked_for(search, snapshot, text)
    assert read(reader, search, snapshot, text, ranked) is None
    outcome = Answerer(search, lambda: snapshot, reader).answer(Question(text))
    assert isinstance(outcome, Answer | Abstention)
    assert outcome.timings.read == 0
    snapshot.view.close()


def test_there_is_a_reader_for_the_default_model_only(tmp_path: Path) -> None:
    assert load_reader(Variant.ALIGNED.identity()) is not None
    assert load_reader(Variant.PLAIN.identity()) is None


def test_a_reader_that_was_altered_is_refused(tmp_path: Path) -> None:
    altered = tmp_path / "reader.safetensors"
    altered.write_bytes(reading.SHIPPED.read_bytes()[:-1] + b"\1")
    with pytest.raises(ReaderDamaged, match="Reinstall"):
        load_reader(Variant.ALIGNED.identity(), altered)


def test_the_same_question_is_read_the_same_twice(
    reader: Reader, search: Search, sample: Snapshot
) -> None:
    ranked = ranked_for(search, sample, ASKED)
    first, second = (read(reader, search, sample, ASKED, ranked) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first == second
