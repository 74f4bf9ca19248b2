"""From schema 8 to 9: texts and bytes that collections shared are each collection's own then.

``tests/assets/shared-8`` was written by a release of schema 8. Three collections share files, and
one that waits has the bytes of a document elsewhere.
"""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from corpus.ingest import find_sources, ingest
from corpus.store import sqlite
from corpus.store.catalogue import Catalogue
from corpus.store.view import View
from corpus.types import SHORT_ID_CHARACTERS, Outcome, document_id
from corpus.uploads import take_in_next
from index.snapshot_builder import load_snapshot
from index.writer import encode_waiting
from tests.content import content_of
from tests.encoders import WordEncoder

ROOT = Path(__file__).parents[1]
OLD = ROOT / "tests" / "assets" / "shared-8"
DOCUMENTS = {
    ("archive", "de.txt"): "d-3baec6d8f7a119f0",
    ("archive", "fr.txt"): "d-d4d77be3474bc194",
    ("press", "fr.txt"): "d-78ea82c42d225c8a",
    ("press", "nl.md"): "d-a1ff34464197e70f",
    ("uploads", "nl.md"): "d-62681ba9857c53fc",
}
SHARED = """
    SELECT t.id FROM texts t JOIN (
        SELECT text_id, document_key FROM passages UNION
        SELECT bare_text_id, document_key FROM passages UNION
        SELECT s.text_id, p.document_key FROM sentences s JOIN passages p ON p.id = s.passage_id
    ) u ON u.text_id = t.id JOIN documents d ON d.key = u.document_key
    GROUP BY t.id HAVING count(DISTINCT d.collection) > 1
"""
KILLED = """
import os, signal, sys
from itertools import count
from pathlib import Path
from corpus.store import sqlite

last, calls = int(sys.argv[2]), count(1)

def look():
    if next(calls) == last:
        os.kill(os.getpid(), signal.SIGKILL)

class Watched(sqlite.Connection):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.set_progress_handler(look, 20)

sqlite.Connection = Watched
sqlite.connect(Path(sys.argv[1])).close()
print(next(calls))
"""
"""Opens a catalogue, which updates it, until SQLite has done so many times 20 steps."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLD, tmp_path / "data"))


@pytest.fixture
def catalogue(data: Path) -> Iterator[Catalogue]:
    with Catalogue(data) as opened:
        yield opened


def ids(folder: Path) -> dict[tuple[str, str], str]:
    with View.open(folder) as view:
        return {
            (document.collection, document.file): document.id
            for facts in view.documents_by_key().values()
            if (document := view.document(facts.id))
        }


def test_they_were_shared_and_are_not_any_more(data: Path) -> None:
    with closing(sqlite3.connect(data / sqlite.FILE_NAME)) as old:
        assert old.execute(SHARED).fetchall()
        assert old.execute("SELECT count(*) FROM originals").fetchone() == (3,)
    with Catalogue(data) as catalogue, catalogue.view() as view:
        assert view.problems() == []
        assert list(catalogue._rows(SHARED)) == []
        assert set(catalogue._rows("SELECT collection, sha256 FROM originals")) == {
            *catalogue._rows("SELECT collection, sha256 FROM documents"),
            *catalogue._rows(
                "SELECT collection, sha256 FROM job_files JOIN jobs ON number = job"
                " WHERE outcome IS NULL"
            ),
        }
        for document in ids(data).values():
            original = view.original(document)
            assert original
            with original:
                assert original.read()


def test_no_vector_is_made_again_and_the_same_is_found(data: Path) -> None:
    encoder = WordEncoder(dimension=16)
    with Catalogue(data) as catalogue:
        encode_waiting(catalogue, encoder)
        assert encoder.encoded == []
        snapshot = load_snapshot(data, encoder.identity)
        assert len(snapshot) == len(DOCUMENTS)
        for word, files in (("Bruxelles", 2), ("verdrag", 2), ("Wallendorf", 1)):
            (question,) = encoder.questions([word])
            nearest = snapshot.search(question, files).found.ids.tolist()
            texts = [each.text for each in snapshot.view.passages(nearest).values()]
            assert sum(word in text for text in texts) == files


def test_what_one_collection_removes_stays_whole_in_another(catalogue: Catalogue) -> None:
    assert catalogue.remove(DOCUMENTS["press", "fr.txt"])
    assert catalogue.remove(DOCUMENTS["uploads", "nl.md"])
    with catalogue.view() as view:
        assert view.problems() == []
        for place in (("archive", "fr.txt"), ("press", "nl.md")):
            assert view.passages_of(DOCUMENTS[place])
            assert view.original(DOCUMENTS[place])


def test_documents_keep_their_ids_and_a_file_that_waited_gets_a_long_one(
    catalogue: Catalogue,
) -> None:
    assert ids(catalogue.folder) == DOCUMENTS
    (job,) = catalogue.jobs.to_do()
    report = take_in_next(catalogue, job)
    assert report
    assert report.document == document_id("uploads", "wait.txt")
    assert catalogue.collection_of(report.document) == "uploads"
    (file,) = catalogue.jobs.files(job)
    assert (file.document, file.outcome) == (report.document, Outcome.ADDED)


def test_a_file_removed_and_added_again_is_reached_by_its_old_id(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    old = DOCUMENTS["press", "fr.txt"]
    (tmp_path / "fr.txt").write_text("Le traité est en vigueur depuis mai.", "utf-8")
    assert catalogue.remove(old)
    (report,) = ingest(catalogue, find_sources([tmp_path / "fr.txt"]), "press")
    encode_waiting(catalogue, WordEncoder(dimension=16))
    assert report.document == document_id("press", "fr.txt")
    assert report.document[:SHORT_ID_CHARACTERS] == old
    assert catalogue.meant(old) == report.document
    with catalogue.view() as view:
        assert view.meant(old) == report.document
        assert view.within(frozenset({"archive"})).meant(old) == old


def test_an_update_that_is_killed_anywhere_is_done_by_the_next_start(
    data: Path, tmp_path: Path
) -> None:
    steps = int(_open(data, 0).stdout)
    expected = content_of(data)
    assert expected
    for part in range(10):
        killed = Path(shutil.copytree(OLD, tmp_path / f"killed {part}"))
        done = _open(killed, max(1, steps * part // 10))
        assert done.returncode == -signal.SIGKILL
        with closing(sqlite3.connect(killed / sqlite.FILE_NAME)) as before:
            (version,) = before.execute("PRAGMA user_version").fetchone()
            assert version in range(8, sqlite.migrations()[-1][0])  # each script all or not
        with Catalogue(killed) as catalogue:
            assert list(catalogue._rows("PRAGMA user_version")) == [(sqlite.migrations()[-1][0],)]
        with View.open(killed) as view:
            assert view.problems() == []
        assert ids(killed) == DOCUMENTS
        assert content_of(killed) == expected


def _open(folder: Path, last: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), str(last)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
