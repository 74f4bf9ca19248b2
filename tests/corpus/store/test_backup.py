"""What is copied away is the same, and what is not whole is not taken back."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import threading
import zipfile
from contextlib import closing, suppress
from pathlib import Path

import pytest

from corpus.errors import CatalogueError
from corpus.ingest import find_sources, ingest
from corpus.store.backup import BadArchive, backup, export, import_archive
from corpus.store.catalogue import Catalogue
from corpus.store.view import View
from index.snapshot_builder import load_snapshot
from index.writer import encode_waiting
from tests.content import content_of
from tests.encoders import WordEncoder


def fill(folder: Path, files: Path, names: list[str]) -> None:
    files.mkdir(exist_ok=True)
    for name in names:
        (files / name).write_text(f"Une note sur la police, du nom de {name}, écrite ici.", "utf-8")
    with Catalogue(folder) as catalogue:
        list(ingest(catalogue, find_sources([files]), "press"))
        encode_waiting(catalogue, WordEncoder())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    fill(tmp_path / "data", tmp_path / "files", ["a.txt", "b.txt"])
    return tmp_path / "data"


def answers(folder: Path) -> object:
    snapshot = load_snapshot(folder, WordEncoder().identity)
    (vector,) = WordEncoder().questions(["Une note sur la police"])
    found = snapshot.search(vector, 10).found
    ids = found.ids.tolist()
    texts = snapshot.view.passages(ids)
    return repr(found), [texts[id_].text for id_ in ids]


def test_a_backup_is_a_data_folder_with_the_same_answers(data: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(data / "feedback.sqlite")) as beside:
        beside.execute("CREATE TABLE verdicts (helpful)")
    with View.open(data):  # a server reads meanwhile
        backup(data, tmp_path / "kept")
    assert content_of(tmp_path / "kept") == content_of(data)
    assert answers(tmp_path / "kept") == answers(data)
    assert (tmp_path / "kept" / "feedback.sqlite").exists()
    shutil.rmtree(data)
    (tmp_path / "kept").rename(data)
    fill(data, tmp_path / "files", ["c.txt"])
    assert len(content_of(data)) == 3


def test_a_backup_made_while_documents_come_is_one_state(data: Path, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            fill(data, tmp_path / "files", [f"{number}.txt"])
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            backup(data, tmp_path / f"kept-{number}")
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        with View.open(tmp_path / f"kept-{number}") as view:
            assert view.problems() == []
        assert {"a.txt", "b.txt"} <= {
            each["document"].file for each in content_of(tmp_path / f"kept-{number}").values()
        }


def test_an_archive_brings_everything_back(data: Path, tmp_path: Path) -> None:
    export(data, tmp_path / "all.zip")
    import_archive(tmp_path / "all.zip", tmp_path / "new")
    assert content_of(tmp_path / "new") == content_of(data)
    with Catalogue(tmp_path / "new") as catalogue:
        assert catalogue.waiting() == 0
    assert {path.name for path in tmp_path.iterdir()} == {"data", "files", "all.zip", "new"}


def test_nothing_is_written_over(data: Path, tmp_path: Path) -> None:
    export(data, tmp_path / "all.zip")
    before = content_of(data)
    with pytest.raises(CatalogueError, match="already"):
        export(data, tmp_path / "all.zip")
    with pytest.raises(CatalogueError, match="not empty"):
        backup(data, data)
    with pytest.raises(CatalogueError, match="not empty"):
        import_archive(tmp_path / "all.zip", data)
    assert content_of(data) == before


def test_there_is_nothing_to_copy_where_there_is_no_collection(tmp_path: Path) -> None:
    for copy in (backup, export):
        with pytest.raises(CatalogueError, match="passerelle ingest"):
            copy(tmp_path / "none", tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_an_archive_that_is_cut_short_or_altered_changes_nothing(
    data: Path, tmp_path: Path
) -> None:
    export(data, tmp_path / "all.zip")
    whole = (tmp_path / "all.zip").read_bytes()
    bad, harmless = tmp_path / "bad.zip", 0
    for number in range(40):
        damaged = bytearray(whole)
        at = number * len(whole) // 40
        if number % 2:
            del damaged[at:]
        else:
            damaged[at] ^= 0xFF
        bad.write_bytes(damaged)
        with suppress(BadArchive):
            import_archive(bad, tmp_path / "new")
        if (tmp_path / "new").exists():  # a byte that says nothing, such as the time of a file
            assert content_of(tmp_path / "new") == content_of(data)
            shutil.rmtree(tmp_path / "new")
            harmless += 1
    assert harmless < 10


def test_an_archive_with_other_files_in_it_is_none(data: Path, tmp_path: Path) -> None:
    export(data, tmp_path / "all.zip")
    evil = tmp_path / "evil.zip"
    for name in ("../evil.sqlite", "/evil.sqlite", "evil.py"):
        with zipfile.ZipFile(evil, "w") as archive:
            files = {name: {"bytes": 1, "sha256": "0"}}
            archive.writestr("manifest.json", json.dumps({"format": 1, "files": files}))
            archive.writestr(name, "x")
        with pytest.raises(BadArchive):
            import_archive(evil, tmp_path / "new")
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr("manifest.json", json.dumps({"format": 2}))
    with pytest.raises(CatalogueError, match="newer release"):
        import_archive(evil, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_damaged_collection_is_not_copied_away_as_if_it_were_sound(
    data: Path, tmp_path: Path
) -> None:
    with Catalogue(data) as catalogue:
        catalogue._connection.execute("UPDATE passages SET language = 'xx'")
    with pytest.raises(CatalogueError, match="damaged"):
        backup(data, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_an_export_is_its_owners_alone_whatever_the_umask(data: Path, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        export(data, tmp_path / "all.zip")
    finally:
        os.umask(before)
    assert (tmp_path / "all.zip").stat().st_mode & 0o777 == 0o600
