"""The command line takes an archive file by file, as the web does."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from corpus import unpacking
from corpus.ingest import find_sources, ingest, prune
from corpus.store.catalogue import Catalogue

NOTE = b"Patrouilles mixtes\n\nLes deux polices patrouillent ensemble le long de la Moselle.\n"


def archive(**files: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return stream.getvalue()


def reports(catalogue: Catalogue, folder: Path) -> dict[str, str]:
    return {each.file: each.outcome for each in ingest(catalogue, find_sources([folder]))}


def test_the_files_of_an_archive_are_documents_below_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    rows = b"text\nEine Zeile.\n"
    files = {
        "fr/note.txt": NOTE,
        "b.csv": rows,
        "../out.txt": NOTE,
        "x.bin": b"\0\1",
        ".h/a.txt": NOTE,
    }
    (folder / "alles.zip").write_bytes(archive(**files, **{"in.zip": archive(a=NOTE)}))
    with Catalogue(tmp_path / "data") as catalogue:
        assert reports(catalogue, folder) == {
            "alles.zip/fr/note.txt": "added",
            "alles.zip/b.csv/1.json": "added",
            "alles.zip/../out.txt": "refused",
            "alles.zip/x.bin": "refused",
            "alles.zip/in.zip": "refused",
        }
        assert list(prune(catalogue, [folder], "default")) == []
        (folder / "alles.zip").write_bytes(archive(**{"fr/note.txt": NOTE}))
        assert [each.file for each in prune(catalogue, [folder], "default")] == [
            "alles.zip/b.csv/1.json"
        ]


def test_an_archive_that_is_broken_or_holds_too_much_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MAX_ENTRIES", 2)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.zip").write_bytes(archive(**{f"{n}.txt": NOTE for n in range(3)}))
    (folder / "b.zip").write_bytes(archive(a=NOTE)[:40])
    with Catalogue(tmp_path / "data") as catalogue:
        found = list(ingest(catalogue, find_sources([folder])))
        assert [(each.file, each.outcome) for each in found] == [
            ("a.zip/0.txt", "added"),
            ("a.zip/1.txt", "added"),
            ("a.zip", "refused"),
            ("b.zip", "refused"),
        ]
        assert [each.refusal for each in found[2:]] == ["FileTooLarge", "DamagedFile"]
        assert list(prune(catalogue, [folder], "default")) == []


def test_a_table_without_texts_is_one_document(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "officers.csv").write_bytes(b"Country;Officers\nBelgium;12\nLuxembourg;7\n")
    with Catalogue(tmp_path / "data") as catalogue:
        assert reports(catalogue, folder) == {"officers.csv": "added"}
        assert list(prune(catalogue, [folder], "default")) == []
