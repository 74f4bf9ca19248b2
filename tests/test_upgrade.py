"""Data folders of every format there was open for ever after.

``tests/assets/schema-N`` was written by the release whose newest migration was N, and is never
changed.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from corpus.ingest import find_sources, ingest
from corpus.store import checksums, integrity, sqlite
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Kind, Offered, State
from corpus.store.view import View
from corpus.store.view.filters import DocumentFilter
from corpus.types import SHORT_ID_CHARACTERS, FileReport, document_id
from corpus.uploads import take_in_next
from index.lexical import passages_with
from index.snapshot import Scope
from index.snapshot_builder import load_snapshot
from index.writer import encode_waiting
from tests.encoders import WordEncoder

ASSETS = Path(__file__).parent / "assets"


def short_id(collection: str, file: str) -> str:
    """Return the id that releases up to schema 8 gave a file."""
    return document_id(collection, file)[:SHORT_ID_CHARACTERS]


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
        text = view.document(view.meant(short_id("press", "fr.txt")))
        assert text
        assert text.text.startswith("Le traité a été signé lundi à Bruxelles.")
        original = view.original(view.meant(short_id("uploads", "de.txt")))
        assert original
        with original:
            sentence = "Die Brücke bei Wallendorf bleibt bis Freitag gesperrt."
            assert original.read().decode() == sentence
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


@pytest.mark.parametrize("data", [f"schema-{number}" for number in (4, 5, 6, 7)], indirect=True)
def test_a_collection_whose_name_was_stored_decomposed_is_the_one_of_the_composed_name(
    data: Path, tmp_path: Path
) -> None:
    typed, composed = "e\u0301crit", "\u00e9crit"
    with closing(sqlite3.connect(data / sqlite.FILE_NAME, isolation_level=None)) as old:
        checksums.add_functions(old)
        # Two collections that became one, both with a file of that name, and one that waits.
        old.execute("UPDATE documents SET collection = ?1", (typed,))
        old.execute("UPDATE documents SET collection = ?2, file = 'fr.txt' WHERE id = ?1",
            (short_id("uploads", "de.txt"), composed))  # fmt: skip
        old.execute(f"UPDATE documents SET crc = {dict(integrity.ROWS)['documents']}")
        old.execute("UPDATE jobs SET collection = ?", (typed,))
        (waiting,) = old.execute("SELECT file FROM job_files WHERE outcome IS NULL").fetchone()
    with Catalogue(data) as catalogue:
        assert {row[0] for row in catalogue._rows("SELECT collection FROM documents")} == {composed}
        first, second = short_id("uploads", "de.txt"), short_id("press", "fr.txt")
        assert catalogue.place_of(first) == (composed, "fr.txt")
        assert catalogue.place_of(second) == (composed, "(2) fr.txt")
        (job,) = catalogue.jobs.to_do()
        assert job.collection == composed
        (file,) = (each for each in catalogue.jobs.files(job) if each.outcome is None)
        report = take_in_next(catalogue, job)
        assert report
        assert report.document == document_id(composed, waiting)
        assert (file.file, catalogue.collection_of(report.document)) == (waiting, composed)
        # A document keeps its id when its file changes, as addresses name it.
        (tmp_path / "fr.txt").write_text("La note a été reprise par une autre, plus longue.")
        (changed,) = _as_upload(catalogue, composed, tmp_path / "fr.txt")
        assert changed
        assert changed.document == first
        with View.open(data) as view:
            assert view.problems() == []
            wanted = DocumentFilter(collections=frozenset({composed}))
            assert view.list_documents(wanted, 0, 10)[0] >= 2


def _as_upload(catalogue: Catalogue, collection: str, path: Path) -> list[FileReport | None]:
    job = catalogue.jobs.accept(Kind.REPLACE, collection, [Offered(path.name, path.read_bytes())])
    return list(iter(lambda: take_in_next(catalogue, job), None))


def test_there_is_a_data_folder_of_the_newest_format() -> None:
    newest = sqlite.migrations()[-1][0]
    assert (ASSETS / f"schema-{newest}" / sqlite.FILE_NAME).exists()
