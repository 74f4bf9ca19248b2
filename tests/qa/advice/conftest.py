from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from index.snapshot import Snapshot
from index.snapshot_builder import load_snapshot
from index.writer import encode_waiting
from tests.encoders import WordEncoder

Collections = dict[str, dict[str, str]]
"""Texts by file name by collection."""

TEXTS: Collections = {
    "press": {
        "de.txt": "Hochwasser an der Sauer\n\nEchternach, 5. Februar 2020 – Das Hochwasser an der "
        "Sauer ging zurück, meldet der Dienst für Hochwasser. Die Brücke bleibt gesperrt.",
        "fr.txt": "Le traité\n\nBruxelles, le 23 juillet 2018 – Le traité de coopération policière "
        "entre la Belgique et les Pays-Bas a été signé lundi. Le hochwasser menace encore.",
        "nl.txt": "Fietsen\n\nAntwerpen, 12 maart 2021 – Wie zijn gestolen fiets zoekt, kan "
        "voortaan terecht in een gezamenlijk register van de politie.",
    },
    "notes": {
        "en.txt": "Night train\n\nThe night train leaves Luxembourg at ten in the evening and "
        "reaches Amsterdam at seven in the morning."
    },
}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Collections], Snapshot]:
    """Returns a snapshot of collections."""

    def make(collections: Collections) -> Snapshot:
        folder, encoder = tmp_path_factory.mktemp("data"), WordEncoder()
        with Catalogue(folder) as catalogue:
            for collection, texts in collections.items():
                files = tmp_path_factory.mktemp("files")
                for name, text in texts.items():
                    Path(files / name).write_text(text, "utf-8")
                assert list(ingest(catalogue, find_sources([files]), collection))
            encode_waiting(catalogue, encoder)
        return load_snapshot(folder, encoder.identity)

    return make


@pytest.fixture(scope="session")
def snapshot(made: Callable[[Collections], Snapshot]) -> Snapshot:
    return made(TEXTS)
