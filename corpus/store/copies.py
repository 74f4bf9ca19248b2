"""The backups and exports that were made of a data folder, and which documents they hold.

Paths are kept in a file beside the catalogue, which goes into the copies too: whoever restores one
knows of those before it.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection
from typing import IO, Final, NamedTuple

from corpus.errors import CatalogueError
from corpus.store import sqlite
from corpus.types import SHORT_ID_CHARACTERS

FILE_NAME: Final = "copies.sqlite"

CHUNK_BYTES: Final = 2**20

_TABLE = "CREATE TABLE IF NOT EXISTS copies (path BLOB PRIMARY KEY) STRICT, WITHOUT ROWID"


class Held(NamedTuple):
    """A document that a file of a copy names."""

    document: str
    place: str
    """The file, and in an archive the one in it."""
    copy: Path
    """The folder or the archive."""


@contextmanager
def noted(folder: Path, target: Path) -> Iterator[None]:
    """Have it on record that ``target`` becomes a copy of ``folder``, unless that fails.

    It is recorded first, so that the copy itself has it. In a folder that is only read nothing is.
    """
    path = (os.fsencode(target.absolute()),)
    is_new = False
    with suppress(CatalogueError), _opened(folder) as connection, sqlite.plain_errors(folder):
        is_new = bool(connection.execute("INSERT OR IGNORE INTO copies VALUES (?)", path).rowcount)
    try:
        yield
    except BaseException:
        if is_new:
            with (
                suppress(CatalogueError),
                _opened(folder) as connection,
                sqlite.plain_errors(folder),
            ):
                connection.execute("DELETE FROM copies WHERE path = ?", path)
        raise


def known(folder: Path) -> list[Path]:
    """Return where copies of a data folder were written, by path; some may be gone.

    Raises:
        CatalogueError: the record cannot be read.
    """
    if not (folder / FILE_NAME).is_file():
        return []
    with _opened(folder) as connection, sqlite.plain_errors(folder):
        rows = connection.execute("SELECT path FROM copies ORDER BY path").fetchall()
    return [Path(os.fsdecode(path)) for (path,) in rows]


def holding(copy: Path, documents: Sequence[str]) -> Iterator[Held]:
    """Yield which of these documents the files of a backup or an export name in their bytes.

    Raises:
        OSError: the copy cannot be read.
        zipfile.BadZipFile: it is a file, and no archive.
    """
    if copy.is_dir():
        for path in sorted(copy.rglob("*")):
            if path.is_file():
                with path.open("rb") as stream:
                    yield from _named(stream, documents, str(path), copy)
        return
    with zipfile.ZipFile(copy) as archive:
        for entry in archive.infolist():
            with archive.open(entry) as stream:
                yield from _named(stream, documents, f"{copy}: {entry.filename}", copy)


def _named(stream: IO[bytes], documents: Sequence[str], place: str, copy: Path) -> Iterator[Held]:
    """Yield those that a stream names, by this release's id or an older one's.

    An id is whole in its row and in the index of ids. So it is enough to look at the bytes.
    """
    wanted = {document: document[:SHORT_ID_CHARACTERS].encode() for document in documents}
    overlap = max(map(len, wanted.values()), default=0)
    end = b""
    while wanted and (chunk := stream.read(CHUNK_BYTES)):
        content = end + chunk
        for document in [each for each, sought in wanted.items() if sought in content]:
            del wanted[document]
            yield Held(document, place, copy)
        end = content[-overlap:]


@contextmanager
def _opened(folder: Path) -> Iterator[Connection]:
    with sqlite.plain_errors(folder):
        sqlite.refuse_if_open(folder, folder / FILE_NAME)
        (folder / FILE_NAME).touch(mode=0o600)
        connection = sqlite.opened(folder / FILE_NAME)
    with closing(connection):
        with sqlite.plain_errors(folder):
            connection.execute(_TABLE)
        yield connection
