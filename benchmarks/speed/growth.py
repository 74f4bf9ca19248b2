"""The same questions to collections of 10,000, 100,000 and 1,000,000 passages.

Their vectors are drawn from those of a real collection: each is a real passage's, moved by half
of the difference of two others', at its own length. So they lie as real ones do, some near to one
another and most not. The texts say nothing, as how long a search takes does not depend on it; each
is a passage and its only sentence.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.speed import material
from corpus.store.catalogue import Catalogue
from corpus.store.models import EncodedText
from corpus.types import Document, Passage, Span, document_id
from index.encoders.background_texts import load_background
from index.encoders.loading import load_encoder
from index.encoders.protocol import Encoder, Vectors
from index.encoders.query_batcher import QueryBatcher
from index.encoders.variants import DEFAULT_MODEL
from index.faiss_snapshot import FaissSnapshot
from index.reader import IndexReader
from index.settings import ModelSettings
from index.snapshot_builder import load_snapshot
from index.vectors.columns import DTYPE
from index.vectors.partition import Partition
from index.writer import encode_waiting
from qa.answering import understand
from qa.config import RankingConfig, TranslationConfig
from qa.search.searcher import Search
from qa.search.translation_groups import group_translations
from qa.types import Question

SHARES = {"de": 0.4, "en": 0.3, "fr": 0.2, "nl": 0.1}
"""Of the passages, so that at a million each kind of index is there."""

PASSAGES_OF_A_DOCUMENT = 50
ASKED = 200
WARM_UP = 20
NEAREST = 10

COLLECTION = "drawn"


def fill(real: Path, folder: Path, passages: int) -> None:
    """Make the collection in ``folder``, or go on with it."""
    encoder = load_encoder(DEFAULT_MODEL, ModelSettings().cache)
    base = _real_vectors(load_snapshot(real, encoder.identity))
    chance = np.random.default_rng()
    with Catalogue(folder) as catalogue:
        model = catalogue.register_model(
            encoder.identity.name, encoder.identity.revision, encoder.identity.sha256
        )
        catalogue.adopt_model(model)
        with catalogue.view() as view:
            there = {facts.id for facts in view.documents_by_key().values()}
        for number, document, passages_of_it in _documents(passages):
            if document.id not in there:
                catalogue.put(document, passages_of_it, text_version=1)
            if number % 200 == 199:
                _publish(catalogue, base, chance)
        _publish(catalogue, base, chance)


def grow(folder: Path) -> bool:
    """Give one partition the index that it ought to have, keep it, and tell if that was the last.

    Each takes minutes at a million.
    """
    encoder = load_encoder(DEFAULT_MODEL, ModelSettings().cache)
    live = IndexReader(folder, encoder)
    live.grow()
    live.keep()
    return live.newest().is_grown


def measure(folder: Path) -> Mapping[str, Any]:
    """Ask what ``fill`` and ``grow`` have made, then add a document and wait until it is found."""
    started = perf_counter()
    encoder = QueryBatcher(load_encoder(DEFAULT_MODEL, ModelSettings().cache))
    live = IndexReader(folder, encoder)
    opened = perf_counter() - started
    search = Search(encoder, load_background(encoder, ModelSettings().cache))
    texts = material.read_questions(folder)[: WARM_UP + ASKED]
    took = [_ask(search, live.newest(), text) for text in texts]
    encoded = search.encode(
        [understand(Question(text), search.follow_ups) for text in texts[WARM_UP:]]
    )
    vectors = np.array([each.vector for each in encoded])
    memory = _memory_mb()  # before every vector is read to compare with
    partitions = {
        language: _beside_exact(partition, vectors)
        for language, partition in live.newest().partitions.items()
    }
    figures = {
        "passages": len(live.newest()),
        "partitions": partitions,
        "open_seconds": opened,
        "p50_ms": statistics.median(took[WARM_UP:]) * 1000,
        "p95_ms": float(np.percentile(took[WARM_UP:], 95)) * 1000,
        "recall_at_10": statistics.fmean(each["recall_at_10"] for each in partitions.values()),
        "memory_mb": memory,
        "visible_seconds": statistics.median(_visible(folder, encoder, live) for _ in range(5)),
        "memory_after_mb": _memory_mb(),
    }
    live.close()
    return figures


def _ask(search: Search, snapshot: FaissSnapshot, text: str) -> float:
    """Return the seconds of search and ranking, without encoding and without reading texts."""
    question = Question(text)
    asked = understand(question, search.follow_ups)
    ((vector, _),) = search.encode([asked])
    started = perf_counter()
    signals = search.signals(snapshot, asked, vector)
    best = search.best(snapshot, question, asked, signals)
    group_translations(snapshot, best, asked.language, TranslationConfig())
    return perf_counter() - started


def _beside_exact(partition: Partition, questions: Vectors) -> Mapping[str, Any]:
    """Return what a search costs beside one of every vector, and what it finds of the nearest."""
    ids = np.concatenate([segment.rows.ids for segment in partition.segments])
    took, exact, shares = [], [], []
    for question in questions:
        started = perf_counter()
        found = partition.search(question, RankingConfig().candidates, None)
        searched = perf_counter()
        scores = np.concatenate([segment.rows.vectors @ question for segment in partition.segments])
        nearest = ids[np.argpartition(-scores, NEAREST)[:NEAREST]]
        exact.append(perf_counter() - searched)
        took.append(searched - started)
        shares.append(np.isin(nearest, found.ids).mean())
    return {
        "passages": len(partition),
        "indexes": [segment.nearest.kind for segment in partition.segments],
        "p50_ms": statistics.median(took) * 1000,
        "exact_p50_ms": statistics.median(exact) * 1000,
        "recall_at_10": statistics.fmean(shares),
    }


def _visible(folder: Path, encoder: Encoder, live: IndexReader) -> float:
    """Put a new document in, and return the seconds until it can be found."""
    name = f"new-{perf_counter()}"
    with Catalogue(folder) as catalogue:
        started = perf_counter()
        catalogue.put(*_document(name, "de", 5), text_version=1)
        encode_waiting(catalogue, encoder)
    live.refresh()
    took = perf_counter() - started
    facts = live.newest().documents.values()
    assert any(each.id == document_id(COLLECTION, f"{name}.txt") for each in facts)
    return took


def _documents(passages: int) -> Iterator[tuple[int, Document, tuple[Passage, ...]]]:
    number = 0
    for language, share in SHARES.items():
        for _ in range(int(passages * share) // PASSAGES_OF_A_DOCUMENT):
            document = _document(f"{language}-{number}", language, PASSAGES_OF_A_DOCUMENT)
            yield number, *document
            number += 1


def _document(name: str, language: str, passages: int) -> tuple[Document, tuple[Passage, ...]]:
    texts = [f"{name} {place}.\n" for place in range(passages)]
    ends = np.cumsum([len(text) for text in texts]).tolist()
    document = Document(
        id=document_id(COLLECTION, f"{name}.txt"),
        collection=COLLECTION,
        file=f"{name}.txt",
        root="",
        media_type="text/plain",
        sha256=name.encode().hex(),
        language=language,
        title=name,
        publisher=None,
        published=None,
        url=None,
        text="".join(texts),
    )
    spans = [Span(end - len(text), end - 1) for text, end in zip(texts, ends, strict=True)]
    return document, tuple(
        Passage(span, document.text[slice(*span)], language, None, (span,)) for span in spans
    )


def _publish(catalogue: Catalogue, base: Vectors, chance: np.random.Generator) -> None:
    model = catalogue.active_model()
    assert model is not None
    while texts := catalogue.texts_without_vectors(model, 10_000):
        one, two, three = (base[chance.integers(0, len(base), len(texts))] for _ in range(3))
        drawn = one + 0.5 * (two - three)
        drawn *= (np.linalg.norm(one, axis=1) / np.linalg.norm(drawn, axis=1))[:, None]
        rows = zip(texts, drawn.astype(DTYPE), strict=True)
        catalogue.put_vectors(model, [EncodedText(text.id, row.tobytes()) for text, row in rows])
    catalogue.publish()


def _real_vectors(snapshot: FaissSnapshot) -> Vectors:
    every: Vectors = np.concatenate([part.rows.vectors for part in snapshot.partitions.values()])
    return every


def _memory_mb() -> float:
    """Return the resident memory now, files that are mapped included."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20
