"""Data folders of every format there was open for ever after.

``tests/assets/schema-N`` was written by the release whose newest migration was N, and is never
changed.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from corpus.ingest import find_sources, ingest
from corpus.store import integrity, sqlite
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import State
from corpus.store.view import View
from corpus.types import document_id
from corpus.uploads import take_in_next
from index.lexical import passages_with
from index.snapshot import Scope
from index.snapshot_builder import load_snapshot
from index.writer import encode_waiting
from tests.encoders import WordEncoder

ASSETS = Path(__file__).parent / "assets"


@pytest.fixture(params=sorted(path.name for path in ASSETS.glob("schema-*")))
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(shutil.copytree(ASSETS / request.param, tmp_path / "data"))


def test_an_old_data_folder_opens_answers_and_goes_on(data: Path, tmp_path: Path) -> None:
    with Catalogue(data) as catalogue:
        integrity.make_words_sound(data)
        assert catalogue._connection.execute("PRAGMA user_version").fetchone()[0] == len(
            sqlite.migrations()
        )
    with View.open(data) as view:
        assert view.problems() == []
        text = view.document(document_id("press", "fr.txt"))
        assert text
        assert text.text.startswith("Le traité a été signé lundi à Bruxelles.")
        original = view.original(document_id("uploads", "de.txt"))
        assert original == "Die Brücke bei Wallendorf bleibt bis Freitag gesperrt.".encode()
        assert len(passages_with(view, ["Bruxelles"], 10)) == 1

    encoder = WordEncoder(dimension=16)
    snapshot = load_snapshot(data, encoder.identity)
    (vector,) = encoder.questions(["Die Brücke bei Wallendorf"])
    (nearest,) = snapshot.search(vector, 1, Scope(languages=frozenset({"de"}))).found.ids.tolist()
    assert "Wallendorf" in snapshot.view.passages([nearest])[nearest].text

    (tmp_path / "new.txt").write_text("Une note de plus, qui vient après la mise à jour.")
    with Catalogue(data) as catalogue:
        (job,) = catalogue.jobs.to_do()
        assert take_in_next(catalogue, job)
        list(ingest(catalogue, find_sources([tmp_path / "new.txt"]), "press"))
        encode_waiting(catalogue, encoder)
        catalogue.jobs.note(job, State.DONE)
    assert len(load_snapshot(data, encoder.identity)) == 5


def test_there_is_a_data_folder_of_the_newest_format() -> None:
    newest = sqlite.migrations()[-1][0]
    assert (ASSETS / f"schema-{newest}" / sqlite.FILE_NAME).exists()
