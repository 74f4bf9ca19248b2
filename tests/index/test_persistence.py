"""Partitions kept on disk: the same answers after a start, whatever happened to them meanwhile."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from corpus.ingest import find_sources, ingest
from corpus.store import reserve
from corpus.store.catalogue import Catalogue
from corpus.types import document_id
from index import persistence
from index.faiss_snapshot import FaissSnapshot
from index.reader import IndexReader
from index.snapshot import Hits
from index.snapshot_builder import load_snapshot, persist_index
from index.vectors import faiss_index, partition
from index.vectors.segment import Segment
from index.writer import encode_waiting, reindex
from tests import small_disk
from tests.encoders import WordEncoder

NAMES = ("ponts", "trains", "ports", "gares", "canaux", "routes")


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder()


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few passages are new, they are worth keeping."""
    monkeypatch.setattr(persistence, "MIN_PASSAGES", 1)


@pytest.fixture
def catalogue(tmp_path: Path, encoder: WordEncoder) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "data") as opened:
        put(opened, encoder, *NAMES)
        persist_index(opened.folder)
        yield opened


def put(catalogue: Catalogue, encoder: WordEncoder, *names: str, text: str = "") -> None:
    folder = catalogue.folder.parent / "files"
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.txt").write_text(text or f"Une note sur les {name}. Elle est courte.")
        list(ingest(catalogue, find_sources([folder / f"{name}.txt"]), "press"))
    encode_waiting(catalogue, encoder)


def found(snapshot: FaissSnapshot, encoder: WordEncoder) -> list[list[tuple[object, ...]]]:
    """Return what is found for each name, with everything that ranking is told of it."""
    return [told(snapshot.search(encoder.questions([f"les {name}"])[0], 4)) for name in NAMES]


def told(hits: Hits) -> list[tuple[object, ...]]:
    found = hits.found
    cosines = map(rounded, found.sentences())
    languages = [hits.languages[number] for number in hits.language_numbers]
    return sorted(
        zip(languages, found.document_keys.tolist(), found.ids.tolist(), cosines, strict=True)
    )


def rounded(numbers: tuple[float, ...]) -> list[float]:
    return [round(number, 4) for number in numbers]


def segments(snapshot: FaissSnapshot) -> list[Segment]:
    return [each for part in snapshot.partitions.values() for each in part.segments]


def anew(folder: Path, encoder: WordEncoder) -> FaissSnapshot:
    """Return the snapshot as it is made where nothing was kept."""
    shutil.move(folder / persistence.FOLDER, folder / "aside")
    try:
        return load_snapshot(folder, encoder.identity)
    finally:
        shutil.move(folder / "aside", folder / persistence.FOLDER)


def assert_as_made_anew(folder: Path, encoder: WordEncoder) -> FaissSnapshot:
    snapshot, other = load_snapshot(folder, encoder.identity), anew(folder, encoder)
    assert found(snapshot, encoder) == found(other, encoder)
    assert snapshot.partitions.keys() == other.partitions.keys()
    for language, part in snapshot.partitions.items():
        np.testing.assert_allclose(part.mean, other.partitions[language].mean, atol=1e-6)
    return snapshot


def test_a_start_finds_the_same_without_reading_a_vector_from_the_catalogue(
    catalogue: Catalogue, encoder: WordEncoder
) -> None:
    snapshot = assert_as_made_anew(catalogue.folder, encoder)
    assert len(snapshot) == len(NAMES)
    assert all(segment.name for segment in segments(snapshot))


def test_what_came_and_went_since_is_taken_over(catalogue: Catalogue, encoder: WordEncoder) -> None:
    catalogue.remove(document_id("press", "ponts.txt"))
    put(catalogue, encoder, "trains", text="Les trains roulent encore. Une autre note.")
    put(catalogue, encoder, "barques")
    snapshot = assert_as_made_anew(catalogue.folder, encoder)
    assert len(snapshot) == len(NAMES)
    persist_index(catalogue.folder)
    assert all(each.name for each in segments(assert_as_made_anew(catalogue.folder, encoder)))


def test_what_is_gone_stays_gone_when_its_segment_is_kept_again(
    catalogue: Catalogue, encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partition, "STALE", 2.0)  # so that no segment is made anew for it
    catalogue.remove(document_id("press", "ponts.txt"))
    put(catalogue, encoder, "barques")
    persist_index(catalogue.folder)
    assert len(assert_as_made_anew(catalogue.folder, encoder)) == len(NAMES)


@pytest.mark.parametrize("kind", ["HNSWFlat", "IVFScalarQuantizer"])
def test_an_index_that_was_grown_is_there_again(
    catalogue: Catalogue, encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    put(catalogue, encoder, *(f"barques {number}" for number in range(30)))
    monkeypatch.setattr(faiss_index, "HNSW_FROM", 2)
    monkeypatch.setattr(faiss_index, "IVF_FROM", 2 if kind.startswith("IVF") else 1000)
    live = IndexReader(catalogue.folder, encoder)
    while live.grow():
        live.keep()
    for snapshot in (live.newest(), load_snapshot(catalogue.folder, encoder.identity)):
        assert {segment.nearest.kind for segment in segments(snapshot)} == {kind}
        assert all(segment.name for segment in segments(snapshot))
    assert_as_made_anew(catalogue.folder, encoder)


def test_a_server_goes_on_from_what_it_kept(catalogue: Catalogue, encoder: WordEncoder) -> None:
    shutil.rmtree(catalogue.folder / persistence.FOLDER)
    live = IndexReader(catalogue.folder, encoder)
    before = found(live.newest(), encoder)
    assert not any(segment.name for segment in segments(live.newest()))
    live.keep()
    assert all(segment.name for segment in segments(live.newest()))
    assert found(live.newest(), encoder) == before
    put(catalogue, encoder, "barques")
    live.refresh()
    assert len(live.newest()) == len(NAMES) + 1


def every_file(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / persistence.FOLDER).rglob("*") if path.stat().st_size)


def test_damage_anywhere_is_found_before_anything_is_answered_from_it(
    catalogue: Catalogue, encoder: WordEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    files = [path for path in every_file(catalogue.folder) if path.is_file()]
    assert len(files) > 10
    for file in files:
        whole = file.read_bytes()
        for damaged in (whole[:-1], bytes([whole[0] ^ 1]) + whole[1:], b""):
            file.write_bytes(damaged)
            snapshot = assert_as_made_anew(catalogue.folder, encoder)
            # The last byte of a manifest says nothing.
            if damaged != whole[:-1] or file.suffix != ".json":
                assert not any(segment.name for segment in segments(snapshot))
        file.unlink()
        assert_as_made_anew(catalogue.folder, encoder)
        file.write_bytes(whole)
    assert "will be rebuilt" in caplog.text
    assert all(each.name for each in segments(assert_as_made_anew(catalogue.folder, encoder)))


def test_what_is_damaged_is_replaced(catalogue: Catalogue, encoder: WordEncoder) -> None:
    (catalogue.folder / persistence.FOLDER / "state-1" / "keys.npy").write_bytes(b"")
    live = IndexReader(catalogue.folder, encoder)
    live.keep()
    snapshot = assert_as_made_anew(catalogue.folder, encoder)
    assert all(segment.name for segment in segments(snapshot))
    states = [path.name for path in (catalogue.folder / persistence.FOLDER).glob("state-*")]
    assert states == ["state-2"]


def test_the_index_of_another_history_is_not_used(
    catalogue: Catalogue, encoder: WordEncoder, tmp_path: Path
) -> None:
    """A backup was put back, and other documents got the numbers of those that it lacks."""
    with Catalogue(tmp_path / "backup") as other:
        put(other, encoder, "ports", "canaux", "routes", "barques")
        shutil.copytree(catalogue.folder / persistence.FOLDER, other.folder / persistence.FOLDER)
    snapshot = assert_as_made_anew(other.folder, encoder)
    assert len(snapshot) == 4


def test_another_models_index_is_not_used(catalogue: Catalogue) -> None:
    other = WordEncoder(revision="2")
    reindex(catalogue, other)
    snapshot = assert_as_made_anew(catalogue.folder, other)
    assert not any(segment.name for segment in segments(snapshot))


def test_one_made_with_another_share_of_context_is_not_used(
    catalogue: Catalogue, encoder: WordEncoder
) -> None:
    snapshot = load_snapshot(catalogue.folder, encoder.identity, context=0.5)
    assert not any(segment.name for segment in segments(snapshot))


def test_what_a_killed_process_left_is_passed_over_and_removed(
    catalogue: Catalogue, encoder: WordEncoder
) -> None:
    root = catalogue.folder / persistence.FOLDER
    for name in ("state-2.unfinished-x", "segment-1.unfinished-x", "segment-of-nobody"):
        (root / name).mkdir()
    assert all(each.name for each in segments(assert_as_made_anew(catalogue.folder, encoder)))
    put(catalogue, encoder, "barques")
    persist_index(catalogue.folder)
    names = {path.name for path in root.iterdir()}
    assert not [name for name in names if name.endswith(("-x", "nobody"))]


def test_a_disk_that_is_full_keeps_nothing_and_hinders_nothing(
    catalogue: Catalogue, encoder: WordEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    put(catalogue, encoder, "barques")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, before[1]))
    try:
        live = IndexReader(catalogue.folder, encoder)
        live.keep()
        live.keep()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(live.newest()) == len(NAMES) + 1
    assert live.problem is None
    assert caplog.text.count("cannot be stored") == 1
    assert len(assert_as_made_anew(catalogue.folder, encoder)) == len(NAMES) + 1


def test_the_room_that_is_kept_for_deletions_is_left_alone(
    tmp_path: Path, encoder: WordEncoder
) -> None:
    with small_disk.mounted("tmpfs", 16, tmp_path) as disk, Catalogue(disk / "data") as catalogue:
        put(catalogue, encoder, *NAMES)
        filler = small_disk.fill(disk)
        os.truncate(filler, filler.stat().st_size - reserve.room(disk) + 2**16)
        live = IndexReader(catalogue.folder, encoder)
        live.keep()
        assert live.problem is None
        assert not list((disk / "data").glob(f"{persistence.FOLDER}/*"))


def test_only_one_process_at_a_time_keeps_anything(
    catalogue: Catalogue, encoder: WordEncoder
) -> None:
    put(catalogue, encoder, "barques")
    snapshot = load_snapshot(catalogue.folder, encoder.identity)
    with persistence._alone(catalogue.folder / persistence.FOLDER) as first:
        assert first
        assert persistence.keep(snapshot) == {}
    assert persistence.keep(snapshot) != {}
