from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from corpus.store.store import SqliteStore
from index.background_writer import BackgroundWriter
from index.encoders.protocol import ByToken, Encoder
from index.errors import ModelNotFound
from index.writer import Progress
from tests.encoders import WordEncoder


def _put(folder: Path, catalogue: Catalogue, name: str) -> None:
    path = folder / f"{name}.txt"
    path.write_text(f"Ce document parle de {name}. Il en parle longuement, avec plaisir.", "utf-8")
    assert list(ingest(catalogue, find_sources([path])))


def test_documents_are_encoded_while_more_come_and_all_can_be_found_at_the_end(
    tmp_path: Path,
) -> None:
    encoder = WordEncoder()
    with (
        Catalogue(tmp_path / "data") as catalogue,
        BackgroundWriter(SqliteStore(tmp_path / "data"), lambda: encoder) as encoding,
    ):
        _put(tmp_path, catalogue, "ponts")
        encoding.wake()
        while catalogue.waiting():
            threading.Event().wait(0.01)
        for name in ("trains", "rivières", "forêts"):
            _put(tmp_path, catalogue, name)
            encoding.wake()
        told: list[Progress] = []
        encoding.finish(told.append)
        assert catalogue.waiting() == 0
    assert len(encoder.encoded) == len(set(encoder.encoded))


def test_where_nothing_waits_the_model_is_not_loaded(tmp_path: Path) -> None:
    def load() -> Encoder:
        raise AssertionError

    Catalogue(tmp_path).close()
    with BackgroundWriter(SqliteStore(tmp_path), load) as encoding:
        encoding.wake()
        encoding.finish()


def test_what_goes_wrong_is_raised_at_the_end(tmp_path: Path) -> None:
    def load() -> Encoder:
        raise ModelNotFound("There is no such model.")

    with (
        Catalogue(tmp_path / "data") as catalogue,
        BackgroundWriter(SqliteStore(tmp_path / "data"), load) as encoding,
    ):
        _put(tmp_path, catalogue, "ponts")
        encoding.wake()
        with pytest.raises(ModelNotFound):
            encoding.finish()


def test_an_exception_stops_it_and_leaves_what_is_missing_for_the_next_run(
    tmp_path: Path,
) -> None:
    class Slow(WordEncoder):
        begun, let = threading.Event(), threading.Event()

        def passages_by_token(self, texts: Sequence[str]) -> ByToken:
            self.begun.set()
            self.let.wait()
            return super().passages_by_token(texts)

    slow = Slow()

    def interrupted() -> None:
        with BackgroundWriter(SqliteStore(tmp_path / "data"), lambda: slow) as encoding:
            for name in ("ponts", "trains"):
                _put(tmp_path, catalogue, name)
                encoding.wake()
                slow.begun.wait()
            threading.Thread(target=_when_stopped, args=(encoding, slow.let.set)).start()
            raise KeyboardInterrupt

    with Catalogue(tmp_path / "data") as catalogue:
        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert catalogue.waiting() == 1
        with BackgroundWriter(SqliteStore(tmp_path / "data"), lambda: slow) as encoding:
            encoding.finish()
        assert catalogue.waiting() == 0


def _when_stopped(encoding: BackgroundWriter, then: Callable[[], None]) -> None:
    while not encoding._is_stopped:
        threading.Event().wait(0.001)
    then()
