from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from corpus.ingest import find_sources, ingest
from corpus.store import erasure, sqlite
from corpus.store.catalogue import Catalogue
from corpus.types import document_id
from index import reader as live_module
from index.lexical import passages_with
from index.reader import IndexReader
from index.vectors import faiss_index
from index.writer import encode_waiting, reindex
from tests.encoders import WordEncoder

PATIENCE_SECONDS = 60


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder()


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def live(catalogue: Catalogue, encoder: WordEncoder) -> Iterator[IndexReader]:
    held = IndexReader(catalogue.folder, encoder)
    yield held
    held.close()


def put(catalogue: Catalogue, folder: Path, name: str) -> None:
    path = folder / name
    path.write_text(f"Une note sur la police, du nom de {name}, écrite pour être trouvée.")
    list(ingest(catalogue, find_sources([path]), "press"))


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


def test_what_another_process_publishes_is_taken_over(
    catalogue: Catalogue, live: IndexReader, encoder: WordEncoder, tmp_path: Path
) -> None:
    live.follow()
    assert len(live.newest()) == 0
    put(catalogue, tmp_path, "a.txt")
    encode_waiting(catalogue, encoder)
    wait_until(lambda: len(live.newest()) == 1)
    catalogue.remove(document_id("press", "a.txt"))
    wait_until(lambda: len(live.newest()) == 0)


def test_a_snapshot_that_cannot_be_renewed_stays_and_says_why(
    catalogue: Catalogue, live: IndexReader, encoder: WordEncoder, tmp_path: Path
) -> None:
    put(catalogue, tmp_path, "a.txt")
    encode_waiting(catalogue, encoder)
    live.refresh()
    held = live.newest()
    reindex(catalogue, WordEncoder(revision="2"))
    live.refresh()
    live.refresh()
    assert live.newest() is held
    assert live.problem is not None
    assert "passerelle reindex" in live.problem
    reindex(catalogue, encoder)
    live.refresh()
    assert live.problem is None


def test_what_is_deleted_is_gone_although_the_snapshot_cannot_be_renewed(
    catalogue: Catalogue, live: IndexReader, encoder: WordEncoder, tmp_path: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        put(catalogue, tmp_path, name)
    encode_waiting(catalogue, encoder)
    live.refresh()
    ids = {facts.id for facts in live.newest().documents.values()}
    reindex(catalogue, WordEncoder(revision="2"))
    gone = ids.pop()
    catalogue.remove(gone)
    live.refresh()
    assert live.problem is not None
    snapshot = live.newest()
    assert {facts.id for facts in snapshot.documents.values()} == ids
    assert len(snapshot) == 1
    assert snapshot.view.document(gone) is None
    assert snapshot.view.passages_of(gone) == []
    assert len(passages_with(snapshot.view, ["police"], 10)) == 1
    within = snapshot.within(frozenset({"press"}))
    assert [facts.id for facts in within.documents.values()] == list(ids)
    assert within.view.document(gone) is None


def test_what_is_erased_after_another_process_reindexed_is_overwritten(
    catalogue: Catalogue, live: IndexReader, encoder: WordEncoder, tmp_path: Path
) -> None:
    """The server has to be restarted with the new model, and answers until then."""
    for name in ("a.txt", "b.txt"):
        put(catalogue, tmp_path, name)
    encode_waiting(catalogue, encoder)
    live.refresh()
    reindex(catalogue, WordEncoder(revision="2"))
    live.refresh()
    with erasure.under_way(catalogue.folder), ThreadPoolExecutor() as other:
        catalogue.erase(document_id("press", "a.txt"))
        overwritten = other.submit(erasure.overwrite_deleted, catalogue.folder)
        while not overwritten.done():
            live.refresh()
            time.sleep(0.02)
        assert overwritten.result()
    assert live.problem is not None
    assert "passerelle reindex" in live.problem
    left = [facts.id for facts in live.newest().documents.values()]
    assert left == [document_id("press", "b.txt")]
    assert len(passages_with(live.newest().view, ["police"], 10)) == 1
    put(catalogue, tmp_path, "c.txt")
    live.refresh()
    assert len(live.newest()) == 1


def test_a_forgotten_document_is_gone_without_a_look_at_the_catalogue(
    catalogue: Catalogue, live: IndexReader, encoder: WordEncoder, tmp_path: Path
) -> None:
    put(catalogue, tmp_path, "a.txt")
    encode_waiting(catalogue, encoder)
    live.refresh()
    (facts,) = live.newest().documents.values()
    gone_in = live.newest().generation + 1
    live.forget([facts.id], gone_in)
    assert len(live.newest()) == 0
    assert live.newest().view.summary(facts.id) is None
    live.forget(["d-unknown"], gone_in)


def test_what_has_come_in_the_place_of_a_removed_document_is_not_forgotten_with_it(
    catalogue: Catalogue, live: IndexReader, encoder: WordEncoder, tmp_path: Path
) -> None:
    put(catalogue, tmp_path, "a.txt")
    encode_waiting(catalogue, encoder)
    live.refresh()
    (old,) = live.newest().documents.values()
    assert catalogue.remove(old.id)
    gone_in = catalogue.generation()
    put(catalogue, tmp_path, "a.txt")  # while whoever removed it waits for the refresh
    encode_waiting(catalogue, encoder)
    live.refresh()
    live.forget([old.id], gone_in)
    live.refresh()
    assert [facts.id for facts in live.newest().documents.values()] == [old.id]


def test_the_log_is_folded_while_a_snapshot_is_held(
    catalogue: Catalogue,
    live: IndexReader,
    encoder: WordEncoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_module, "MAX_LOG_BYTES", 200_000)
    sizes = []
    for number in range(30):
        put(catalogue, tmp_path, f"{number}.txt")
        encode_waiting(catalogue, encoder)
        live.refresh()
        sizes.append(sqlite.log_size(catalogue.folder))
    assert len(live.newest()) == 30
    assert max(sizes) < 600_000
    assert max(sizes[15:]) <= max(sizes[:15]) * 1.5


def test_large_partitions_grow_an_index_while_they_are_followed(
    catalogue: Catalogue,
    live: IndexReader,
    encoder: WordEncoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(faiss_index, "HNSW_FROM", 2)
    for name in ("a.txt", "b.txt", "c.txt"):
        put(catalogue, tmp_path, name)
    encode_waiting(catalogue, encoder)
    live.refresh()
    assert not live.newest().is_grown
    before = live.newest()
    live.follow()
    wait_until(lambda: live.newest().is_grown)
    assert (len(live.newest()), live.newest().generation) == (3, before.generation)
    put(catalogue, tmp_path, "d.txt")
    encode_waiting(catalogue, encoder)
    wait_until(lambda: len(live.newest()) == 4)
    assert live.problem is None


def test_an_older_state_that_only_garbage_holds_does_not_keep_what_is_erased(
    catalogue: Catalogue, live: IndexReader, encoder: WordEncoder, tmp_path: Path
) -> None:
    """A server at rest may not look for garbage in the minute for which readers are waited for."""
    put(catalogue, tmp_path, "a.txt")
    encode_waiting(catalogue, encoder)
    gc.disable()
    try:
        live.refresh()
        garbage: list[object] = [live.newest()]
        garbage.append(garbage)
        del garbage
        put(catalogue, tmp_path, "b.txt")
        encode_waiting(catalogue, encoder)
        live.refresh()
        with ThreadPoolExecutor(1) as other, erasure.under_way(catalogue.folder):
            catalogue.erase(document_id("press", "a.txt"))
            overwritten = other.submit(erasure.overwrite_deleted, catalogue.folder)
            while not overwritten.done():
                live.refresh()
                time.sleep(0.02)
        assert overwritten.result()
    finally:
        gc.enable()
