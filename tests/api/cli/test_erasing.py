"""What is erased is in no byte of the data folder, and copies that have it are named."""

from __future__ import annotations

import re
import shutil
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from api import feedback
from api.audit import chain
from api.cli.main import main
from api.feedback import Verdict
from corpus.ingest import find_sources, ingest
from corpus.store import erasure, sqlite
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Kind, Offered, State
from corpus.store.view import View
from corpus.types import Span
from corpus.uploads import take_in_next
from index import persistence
from index.reader import IndexReader
from index.snapshot_builder import persist_index
from index.writer import encode_waiting
from tests.encoders import WordEncoder

WORDS = ("qxjvwkzalpha", "jzqwvxkbeta")
"""Of the text: none is a word of anybody's, and both are written in small letters, as the full-text
index has them. The second is a passage apart."""

IN_THE_FILE, IN_THE_NAME, IN_A_QUESTION = "vqzxjkwgamma", "kxqjzvwdelta", "zvkqxjwomega"
"""Of the file's bytes but not of its text, of its name, and of a question that it was rated for."""

EVERY_WORD = (*WORDS, IN_THE_FILE, IN_THE_NAME, IN_A_QUESTION)

PAGE = f"""<html><head><title>Une note</title><meta name="x" content="{IN_THE_FILE}"></head><body>
<p>Le bureau a reçu la lettre de {WORDS[0]} lundi.</p>{"<p>Il pleut sur la ville.</p>" * 400}
<p>La réponse va à {WORDS[1]} demain.</p></body></html>"""


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few passages are new, the index is kept."""
    monkeypatch.setattr(persistence, "MIN_PASSAGES", 1)


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder()


@pytest.fixture
def data(tmp_path: Path, encoder: WordEncoder) -> Path:
    """A data folder with three documents: one was sent, and is to be erased."""
    folder = tmp_path / "documents"
    folder.mkdir()
    for name in ("trains", "ponts"):
        (folder / f"{name}.txt").write_text(f"Une note sur les {name}. Elle est courte.", "utf-8")
    data = tmp_path / "data"
    with Catalogue(data) as catalogue:
        list(ingest(catalogue, find_sources([folder]), "press"))
        offered = [Offered(f"{IN_THE_NAME}.html", PAGE.encode())]
        job = catalogue.jobs.accept(Kind.UPLOAD, "press", offered)
        while take_in_next(catalogue, job):
            pass
        encode_waiting(catalogue, encoder)
        catalogue.jobs.note(job, State.DONE)
    question = f"Qui est {IN_A_QUESTION} ?"
    feedback.keep(data, Verdict(question, erased_in(data), Span(0, 9), helpful=True))
    feedback.keep(data, Verdict("Und die Züge?", other_in(data), Span(0, 9), helpful=True))
    persist_index(data)
    return data


WORDS_INDEX = "SELECT block FROM passage_words_data"


def erased_in(data: Path) -> str:
    return _id_of(data, f"{IN_THE_NAME}.html")


def other_in(data: Path) -> str:
    return _id_of(data, "trains.txt")


def _id_of(data: Path, file: str) -> str:
    with View.open(data) as view:
        found = [view.document(facts.id) for facts in view.documents_by_key().values()]
    (document,) = [each.id for each in found if each and each.file == file]
    return document


def vectors_of(data: Path, encoder: WordEncoder) -> tuple[bytes, bytes]:
    """Return a passage's vector as the model made it, and as the index has it: in its context."""
    snapshot = IndexReader(data, encoder).newest()
    passages = snapshot.view.passages_of(erased_in(data))
    (passage,) = [each for each in passages if WORDS[0] in each.text]
    (found,) = snapshot.partitions[passage.language].vectors(np.array([passage.id]))
    with Catalogue(data) as catalogue:
        sql = "SELECT data FROM vectors JOIN texts ON texts.id = text_id WHERE text = ?"
        ((made,),) = catalogue._rows(sql, (passage.text,))
    assert made != found.tobytes()
    return made, found.tobytes()


def remove(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["documents", "remove", *arguments, "--data", str(data)])


def files_with(folder: Path, *wanted: str | bytes) -> dict[str, set[str | bytes]]:
    """Return the files below a folder that have any of these in their bytes, with which.

    The audit log may have ids, since it says which document was erased.
    """
    found = {}
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        if path in chain.files_in(folder):
            content = re.sub(rb'"document":"d-[0-9a-f]+"', b"", content)
        has = {one for one in wanted if (one.encode() if isinstance(one, str) else one) in content}
        if has:
            found[path.relative_to(folder).as_posix()] = has
    return found


def test_no_byte_of_any_file_is_of_what_was_erased(data: Path, encoder: WordEncoder) -> None:
    document = erased_in(data)
    traces = (*EVERY_WORD, document, *vectors_of(data, encoder))
    with closing(sqlite3.connect(data / sqlite.FILE_NAME)) as connection:
        blocks = b"".join(each[0] for each in connection.execute(WORDS_INDEX))
        assert all(word.encode() in blocks for word in WORDS)
        # As a server leaves it: the newest state is in the write-ahead log only.
        connection.execute("UPDATE documents SET root = root || '/x' WHERE id = ?", (document,))
        connection.commit()
        found = files_with(data, *traces)
        assert set().union(*found.values()) == set(traces)
        assert f"{sqlite.FILE_NAME}-wal" in found
        assert any(name.startswith("index/") for name in found)
        done = remove(data, "--erase", document)
        assert done.exit_code == 0, done.output
        assert f"erased {document}" in done.output
        assert files_with(data, *traces) == {}
    assert files_with(data, *traces) == {}
    with View.open(data) as view:
        assert view.problems() == []
        assert len(view.documents_by_key()) == 2
    assert [verdict.document for _, verdict in feedback.kept(data)] == [other_in(data)]
    with Catalogue(data) as catalogue:
        (job,) = catalogue.jobs.newest(1)
        assert [(each.outcome, each.document) for each in catalogue.jobs.files(job)] == [
            ("added", None)
        ]


def test_beside_a_server_the_same_is_so_and_the_server_writes_nothing_of_it_later(
    data: Path,
    encoder: WordEncoder,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("index.vectors.partition.STALE", 2.0)  # so that deletes are only marked
    document = erased_in(data)
    traces = (*EVERY_WORD, document, *vectors_of(data, encoder))
    reader = IndexReader(data, encoder)
    reader.follow()
    try:
        assert document in {facts.id for facts in reader.newest().documents.values()}
        done = remove(data, "--erase", document)
        assert done.exit_code == 0, done.output
        assert files_with(data, *traces) == {}
        assert document not in {facts.id for facts in reader.newest().documents.values()}
        with Catalogue(data) as catalogue:
            note = data.parent / "ports.txt"
            note.write_text("Une note sur les ports. Elle est courte.", "utf-8")
            list(ingest(catalogue, find_sources([note]), "press"))
            encode_waiting(catalogue, encoder)
        reader.refresh()
        reader.keep()
        assert any(path.name.startswith("segment-") for path in (data / "index").iterdir())
        assert files_with(data, *traces) == {}
    finally:
        reader.close()
    assert files_with(data, *traces) == {}
    assert len(IndexReader(data, encoder).newest()) == 3
    assert "will be rebuilt" not in caplog.text


def test_what_came_a_moment_ago_and_is_not_kept_yet_is_not_kept_after_it_was_erased(
    data: Path, encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, vector = vectors_of(data, encoder)
    shutil.rmtree(data / "index")
    reader = IndexReader(data, encoder)
    parts = reader.newest().partitions.values()
    assert not any(segment.name for part in parts for segment in part.segments)
    with Catalogue(data) as catalogue:
        catalogue.erase(erased_in(data))
    monkeypatch.setattr("index.vectors.partition.STALE", 2.0)  # so that deletes are only marked
    reader.refresh()
    reader.keep()
    assert files_with(data / "index", vector) == {}
    assert any(path.name.startswith("segment-") for path in (data / "index").iterdir())


def test_who_reads_an_older_state_is_waited_for_and_then_said(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "PATIENCE_SECONDS", 0.2)
    document = erased_in(data)
    with View.open(data) as view:
        view.waiting()
        done = remove(data, "--erase", document)
        assert done.exit_code == 1
        assert "catalogue.sqlite-wal" in done.output
        assert f"passerelle documents remove --erase {document}" in done.output
        assert files_with(data, WORDS[0])
    # The document is gone by then; the same command does what was left to do.
    done = remove(data, "--erase", document)
    assert (done.exit_code, files_with(data, *EVERY_WORD)) == (1, {})
    assert f"There is no document {document}" in done.output


def test_what_was_removed_before_is_erased_by_its_id(data: Path) -> None:
    document = erased_in(data)
    assert remove(data, document).exit_code == 0
    assert files_with(data, *EVERY_WORD)
    remove(data, "--erase", document)
    assert files_with(data, *EVERY_WORD, document) == {}


def test_copies_that_still_hold_it_are_named_with_their_files(data: Path, tmp_path: Path) -> None:
    document, other = erased_in(data), other_in(data)
    monday, archive, usb = tmp_path / "monday", tmp_path / "all.zip", tmp_path / "usb"
    for command, target in (("backup", monday), ("export", archive), ("backup", usb)):
        done = CliRunner().invoke(main, [command, str(target), "--data", str(data)])
        assert done.exit_code == 0, done.output
    shutil.rmtree(usb)
    done = remove(data, "--erase", document)
    lines = done.output.splitlines()
    for name in (sqlite.FILE_NAME, feedback.FILE_NAME):
        assert f"  {document}  {monday / name}" in lines
        assert f"  {document}  {archive}: {name}" in lines
    assert any(str(usb) in line for line in lines if "not there" in line)
    assert not any(other in line for line in lines)
    # What is copied from now on has nothing of it.
    tuesday = tmp_path / "tuesday"
    CliRunner().invoke(main, ["backup", str(tuesday), "--data", str(data)])
    assert files_with(tuesday, *EVERY_WORD, document) == {}
    assert str(tuesday) not in remove(data, "--erase", other).output.replace(
        f"{other}  {tuesday}", ""
    )


def test_a_new_backup_has_no_word_of_what_was_removed_without_being_erased(
    data: Path, tmp_path: Path
) -> None:
    document = erased_in(data)
    assert remove(data, document).exit_code == 0
    for command, target in (("backup", "copy"), ("export", "copy.zip")):
        done = CliRunner().invoke(main, [command, str(tmp_path / target), "--data", str(data)])
        assert done.exit_code == 0, done.output
    unpacked = ["import", str(tmp_path / "copy.zip"), "--data", str(tmp_path / "new")]
    assert CliRunner().invoke(main, unpacked).exit_code == 0
    assert files_with(data, *WORDS)
    for folder in ("copy", "new"):
        assert (tmp_path / folder / sqlite.FILE_NAME).exists()
        assert files_with(tmp_path / folder, *WORDS, IN_THE_FILE) == {}


def test_documents_with_the_same_file_stay_and_are_named(data: Path, encoder: WordEncoder) -> None:
    document = erased_in(data)
    with Catalogue(data) as catalogue:
        job = catalogue.jobs.accept(Kind.UPLOAD, "archive", [Offered("copy.html", PAGE.encode())])
        while take_in_next(catalogue, job):
            pass
        encode_waiting(catalogue, encoder)
    copy = _id_of(data, "copy.html")
    done = remove(data, "--erase", document)
    assert done.exit_code == 0
    assert any(copy in line for line in done.output.splitlines() if "same file" in line)
    assert set().union(*files_with(data, *WORDS).values()) == set(WORDS)


def test_what_an_sqlite_without_that_setting_left_years_ago_is_erased(data: Path) -> None:
    document = erased_in(data)
    with closing(sqlite3.connect(data / sqlite.FILE_NAME, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM originals")
        connection.execute("DELETE FROM documents WHERE id = ?", (document,))
        connection.execute(
            "DELETE FROM texts WHERE id NOT IN (SELECT text_id FROM passages)"
            " AND id NOT IN (SELECT text_id FROM sentences)"
        )
    assert files_with(data, IN_THE_FILE, PAGE[-100:])
    remove(data, "--erase", document)
    assert files_with(data, *EVERY_WORD, PAGE[-100:], document) == {}


class _AsBuiltElsewhere(sqlite.Connection):
    """A connection of an SQLite that was built without SQLITE_SECURE_DELETE, unlike Debian's."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.execute("PRAGMA secure_delete = OFF")


@pytest.fixture
def built_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "Connection", _AsBuiltElsewhere)


@pytest.mark.usefixtures("built_elsewhere")
def test_whatever_sqlite_was_built_to_deleted_text_is_overwritten(data: Path) -> None:
    assert files_with(data, IN_THE_FILE)
    assert remove(data, erased_in(data)).exit_code == 0
    assert files_with(data, IN_THE_FILE) == {}


def test_temporary_files_of_the_rewriting_are_in_the_data_folder(data: Path) -> None:
    seen: set[str] = set()

    def look() -> None:
        for descriptor in Path("/proc/self/fd").iterdir():
            with suppress(OSError):  # it was that of the folder
                seen.add(str(descriptor.readlink()))

    with closing(sqlite.connect(data)) as connection:
        connection.execute("PRAGMA cache_size = 10")  # with more, it stays in memory
        connection.set_progress_handler(look, 100)
        erasure.rewrite(connection, data)
    temporary = [path for path in seen if "etilqs" in path]
    assert temporary
    assert all(path.startswith(f"{data}/") for path in temporary)


def test_two_erasures_at_once_take_turns(data: Path) -> None:
    begun = threading.Event()
    with erasure.under_way(data):
        assert erasure.is_under_way(data)

        def second() -> None:
            with erasure.under_way(data):
                begun.set()

        thread = threading.Thread(target=second)
        thread.start()
        assert not begun.wait(0.1)
    thread.join()
    assert begun.is_set()
    assert not erasure.is_under_way(data)
