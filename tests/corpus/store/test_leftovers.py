"""What a copy that is cut off leaves behind is found, and goes."""

from __future__ import annotations

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from corpus.store import leftovers
from corpus.store.backup import backup, export, import_archive
from corpus.store.catalogue import Catalogue
from corpus.store.leftovers import left_behind, sweep

ROOT = Path(__file__).parents[3]

KILLED = """
import os, signal, sys, threading
from pathlib import Path
from corpus.store import backup

what, source, target = sys.argv[1], *map(Path, sys.argv[2:])

def end_in_the_middle():
    while True:
        parts = target.parent.glob(".*.unfinished/**/feed*")
        if any(part.stat().st_size > 2**20 for part in parts):
            os.kill(os.getpid(), signal.SIGKILL)

threading.Thread(target=end_in_the_middle, daemon=True).start()
getattr(backup, what)(source, target)
"""
"""Copies, and is killed once a part is there."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    Catalogue(folder).close()
    with closing(sqlite3.connect(folder / "feedback.sqlite")) as beside:
        beside.execute("CREATE TABLE verdicts (it)")
        beside.execute("INSERT INTO verdicts VALUES (randomblob(100000000))")
        beside.commit()
    return folder


def kill(what: str, source: Path, target: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, what, source, target], cwd=ROOT, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert not target.exists()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("what", ["backup", "export"])
def test_what_a_killed_copy_leaves_anywhere_goes_at_the_next_start(
    data: Path, tmp_path: Path, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    kill(what, data, tmp_path / "far" / "away" / "copy")
    (left,) = left_behind(data)
    assert left.parent == tmp_path / "far" / "away"
    sweep(data)
    assert str(left) in caplog.text
    assert list((tmp_path / "far" / "away").iterdir()) == []
    assert left_behind(data) == []
    assert not any(name.startswith(leftovers.NOTE) for name in names(data))


def test_what_a_killed_import_leaves_goes_when_it_is_imported_again(
    data: Path, tmp_path: Path
) -> None:
    export(data, tmp_path / "all.zip")
    kill("import_archive", tmp_path / "all.zip", tmp_path / "new")
    assert len(left_behind(tmp_path / "new")) == 1
    import_archive(tmp_path / "all.zip", tmp_path / "new")
    assert names(tmp_path) == {"data", "all.zip", "new"}
    assert names(tmp_path / "new") == {"catalogue.sqlite", "copies.sqlite", "feedback.sqlite"}


def test_the_next_copy_to_the_same_place_removes_it_though_no_note_is_left(
    data: Path, tmp_path: Path
) -> None:
    kill("export", data, tmp_path / "all.zip")
    for note in data.glob(f"{leftovers.NOTE}*"):
        note.unlink()
    export(data, tmp_path / "all.zip")
    assert names(tmp_path) == {"data", "all.zip"}
    assert not list(data.glob(f"{leftovers.NOTE}*"))


def test_what_an_older_release_left_is_found(data: Path, tmp_path: Path) -> None:
    (tmp_path / ".all.zip.123.unfinished").write_bytes(b"PK")
    for name in ("..all.zip.copies.123.unfinished.123.unfinished", ".data.77.unfinished"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "catalogue.sqlite").write_bytes(b"SQLite")
    export(data, tmp_path / "all.zip")
    assert names(tmp_path) == {"data", "all.zip"}


def test_what_is_being_made_and_what_is_no_copy_stays(data: Path, tmp_path: Path) -> None:
    mine = [
        ".all.zip.unfinished",
        "all.zip.1.unfinished",
        ".data.x.unfinished",
        ".other.1.unfinished",
    ]
    for name in mine:
        (tmp_path / name).mkdir()
    (tmp_path / ".data.1.unfinished").symlink_to(data)
    (data / f"{leftovers.NOTE}1").write_bytes(os.fsencode(data))
    (data / f"{leftovers.NOTE}2").write_bytes(b"\0" + os.urandom(20))
    with leftovers.hidden_folder(tmp_path / "all.zip", data) as made:
        assert left_behind(data, tmp_path / "all.zip") == []
        backup(data, tmp_path / "kept")
        assert made.is_dir()
    sweep(data, tmp_path / "all.zip")
    assert names(tmp_path) == {"data", "kept", ".data.1.unfinished", *mine}
    assert data.is_dir()


def test_what_somebody_looks_at_stays_until_the_next_time(data: Path, tmp_path: Path) -> None:
    left = tmp_path / ".data.1.unfinished"
    left.mkdir()
    lock = os.open(left, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        sweep(data)
        assert left.exists()
    finally:
        os.close(lock)
    sweep(data)
    assert not left.exists()


def test_the_command_that_removes_it_can_be_copied_into_a_shell() -> None:
    assert leftovers.command(Path("/a b")) == "rm -r '/a b'"
