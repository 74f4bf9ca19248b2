"""A folder that is followed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.cli import ingest
from api.settings import Settings
from corpus.store.catalogue import Catalogue
from corpus.store.view import View
from tests.encoders import WordEncoder

PATIENCE_SECONDS = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "documents"
    path.mkdir()
    return path


@pytest.fixture
def found(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], dict[str, str]]]:
    """Watches the folder; returns what tells the documents that can be found."""
    monkeypatch.setattr(Settings, "load_encoder", lambda _: WordEncoder())
    settings = Settings(data=tmp_path / "data")
    Catalogue(settings.data).close()
    stop = threading.Event()
    watcher = threading.Thread(
        target=ingest.watch,
        args=(settings, [folder], "press"),
        kwargs={"prune_missing": True, "stop": stop},
    )
    watcher.start()

    def documents() -> dict[str, str]:
        with View.open(settings.data) as view:
            live = (view.document(facts.id) for facts in view.documents_by_key().values())
            return {document.file: document.text for document in live if document}

    yield documents
    stop.set()
    watcher.join()


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)


@pytest.mark.slow
def test_files_that_come_change_and_go_are_followed(
    folder: Path, found: Callable[[], dict[str, str]]
) -> None:
    (folder / "a.txt").write_text("La police patrouille le long de la Moselle.")
    (folder / "deep").mkdir()
    (folder / "deep" / "b.txt").write_text("De politie patrouilleert langs de Moezel.")
    wait_until(lambda: found().keys() == {"a.txt", "deep/b.txt"})
    (folder / "a.txt").write_text("La police patrouille le long de la Meuse.")
    wait_until(lambda: "Meuse" in found()["a.txt"])
    (folder / "a.txt").unlink()
    wait_until(lambda: found().keys() == {"deep/b.txt"})


@pytest.mark.slow
def test_a_folder_that_fills_faster_than_it_is_read_is_taken_in_whole(
    folder: Path, found: Callable[[], dict[str, str]]
) -> None:
    for number in range(200):
        (folder / f"{number}.txt").write_text(f"La police patrouille pour la {number}e fois.")
        (folder / "same.txt").write_text(f"La police a patrouillé {number} fois.")
    wait_until(lambda: len(found()) == 201 and "199 fois" in found()["same.txt"])
