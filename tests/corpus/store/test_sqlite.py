from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from corpus.errors import CatalogueError
from corpus.store import sqlite
from corpus.store.catalogue import Catalogue
from corpus.store.view import View


def test_a_new_catalogue_is_its_owners_alone_and_write_ahead_logged(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    with closing(sqlite.connect(folder)) as connection:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = [number for number, _ in sqlite.migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    def schema() -> list[tuple[str]]:
        with closing(sqlite.connect(tmp_path)) as connection:
            assert connection.execute("PRAGMA user_version").fetchone()[0] == len(
                sqlite.migrations()
            )
            return connection.execute("SELECT sql FROM sqlite_schema").fetchall()

    assert schema() == schema()


def test_reading_where_there_is_nothing_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="passerelle ingest"):
        sqlite.connect(tmp_path / "nothing", write=False)
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("write", [True, False])
def test_a_catalogue_that_is_empty_was_lost_and_is_not_made_anew(
    tmp_path: Path, write: bool
) -> None:
    path = tmp_path / sqlite.FILE_NAME
    path.touch()
    with pytest.raises(CatalogueError, match="Restore a backup"):
        sqlite.connect(tmp_path, write=write)
    assert path.stat().st_size == 0


def test_a_catalogue_of_which_the_making_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / f".{sqlite.FILE_NAME}.unfinished").write_bytes(b"SQLite form")
    with pytest.raises(CatalogueError, match="no collection"):
        sqlite.connect(tmp_path, write=False)
    sqlite.connect(tmp_path).close()
    assert [path.name for path in tmp_path.iterdir()] == [sqlite.FILE_NAME]


def test_a_catalogue_is_made_once_however_many_begin_with_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        connections = list(pool.map(sqlite.connect, [tmp_path] * 8))
    connections[0].execute("INSERT INTO settings VALUES ('generation', '7')")
    for connection in connections:
        assert connection.execute("SELECT value FROM settings").fetchall() == [("7",)]
        connection.close()


def test_a_catalogue_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    with closing(sqlite.connect(tmp_path)) as connection:
        connection.execute("PRAGMA user_version = 999")
    for write in (True, False):
        with pytest.raises(CatalogueError, match="newer release"):
            sqlite.connect(tmp_path, write=write)


@pytest.mark.parametrize(
    "content", [b"no database at all " * 300, b"SQLite format 3\0" + b"x" * 5000]
)
def test_a_file_that_is_no_catalogue_is_refused_and_left_alone(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / sqlite.FILE_NAME
    path.write_bytes(content)
    with pytest.raises(CatalogueError, match="damaged or is not a catalogue"):
        sqlite.connect(tmp_path)
    assert path.read_bytes() == content


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(CatalogueError, match="--data"):
        sqlite.connect(tmp_path / "data")
    with pytest.raises(CatalogueError, match="--data"):
        sqlite.connect(tmp_path / "data" / "below")


TRY_AS_NOBODY = """
import os, sys
from pathlib import Path
from corpus.store import sqlite
from corpus.store.catalogue import Catalogue
from corpus.store.view import View
from corpus.errors import CatalogueError
if os.getuid() == 0:
    os.setuid(65534)
try:
    sqlite.connect(Path(sys.argv[1]))
except CatalogueError as error:
    print(error)
"""


@pytest.fixture
def locked() -> Iterator[Path]:
    """A folder that anyone may see and nobody may write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


@pytest.mark.parametrize("below", [".", "data"])
def test_a_data_folder_that_cannot_be_written_is_refused(locked: Path, below: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TRY_AS_NOBODY, str(locked / below)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "cannot be written" in done.stdout
    assert "--data" in done.stdout


def test_two_servers_do_not_share_a_folder(tmp_path: Path) -> None:
    with sqlite.only_server(tmp_path):
        with (
            pytest.raises(CatalogueError, match="Another server"),
            sqlite.only_server(tmp_path),
        ):
            pass
        sqlite.connect(tmp_path).close()  # commands do go on
    with sqlite.only_server(tmp_path):
        pass


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def half_a_change(connection: sqlite3.Connection) -> None:
        with sqlite.transaction(connection):
            connection.execute("INSERT INTO settings VALUES ('a', 'b')")
            raise ZeroDivisionError

    with closing(sqlite.connect(tmp_path)) as connection:
        with pytest.raises(ZeroDivisionError):
            half_a_change(connection)
        assert connection.execute("SELECT count(*) FROM settings").fetchone() == (0,)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_FULL, "is full"),
        (sqlite3.SQLITE_BUSY, "Another program"),
        (sqlite3.SQLITE_READONLY, "cannot be written"),
        (sqlite3.SQLITE_IOERR, "passerelle doctor"),
    ],
)
def test_what_sqlite_raises_is_said_in_plain_words(tmp_path: Path, code: int, words: str) -> None:
    error = sqlite3.OperationalError("it failed")
    error.sqlite_errorcode = code
    with pytest.raises(CatalogueError, match=words), sqlite.plain_errors(tmp_path):
        raise error


def test_a_data_folder_that_others_could_read_is_made_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    sqlite.connect(folder).close()
    keys = folder / "keys.sqlite"
    keys.touch()
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)
    sqlite.connect(folder).close()
    assert keys in set(folder.iterdir())
    assert {path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())} == {0}


def test_a_new_catalogue_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        sqlite.connect(tmp_path / "data").close()
    finally:
        os.umask(before)
    paths = [tmp_path / "data", *(tmp_path / "data").iterdir()]
    assert len(paths) > 1
    assert {path.stat().st_mode & 0o077 for path in paths} == {0}


def test_what_a_process_left_that_ended_before_write_ahead_logging_is_rolled_back_to_be_read(
    tmp_path: Path,
) -> None:
    whole, cut_off = tmp_path / "whole", tmp_path / "cut off"
    Catalogue(whole).close()
    cut_off.mkdir(mode=0o700)
    path = whole / sqlite.FILE_NAME
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA cache_size = 1")  # so that it writes amid the transaction
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE unfinished (content BLOB)")
        connection.executemany(
            "INSERT INTO unfinished VALUES (?)", [(bytes(10_000),) for _ in range(50)]
        )
        for file in (path, path.with_name(f"{path.name}-journal")):
            shutil.copyfile(file, cut_off / file.name)
    (cut_off / path.name).chmod(0o600)
    with (
        closing(sqlite3.connect(sqlite.read_only(cut_off / path.name), uri=True)) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("PRAGMA user_version")
    with View.open(cut_off) as view:
        assert view.documents_by_key() == {}
        assert view.problems() == []
