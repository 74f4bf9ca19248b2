"""Bytes put aside until a transaction keeps them, so that none is open while strangers are read."""

from __future__ import annotations

from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Final, NamedTuple

from corpus.store.engine import Closing
from corpus.store.sqlite import plain_errors

MEMORY_BYTES: Final = 2**20
"""What is kept in memory; with more, all of it goes to a file in the data folder."""

PREFIX: Final = ".upload-"


class Place(NamedTuple):
    """Where bytes lie."""

    start: int
    size: int


class Spool(Closing):
    """Bytes that are forgotten when it is closed, or the process ends.

    Every method raises CatalogueError where the data folder has no room for them. Their file has
    no name where the system knows files without (O_TMPFILE); elsewhere it has one for a moment.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._end = 0
        self._file = SpooledTemporaryFile(  # noqa: SIM115, closed by ``close``
            MEMORY_BYTES, dir=str(folder), prefix=PREFIX
        )

    def close(self) -> None:
        """Forget the bytes."""
        self._file.close()

    def put(self, content: bytes) -> Place:
        """Put bytes aside and return where."""
        with plain_errors(self._folder):
            self._file.seek(self._end)
            self._file.write(content)
        place = Place(self._end, len(content))
        self._end += len(content)
        return place

    def content(self, place: Place) -> bytes:
        """Return the bytes at a place."""
        with plain_errors(self._folder):
            self._file.seek(place.start)
            return self._file.read(place.size)


def sweep(folder: Path) -> None:
    """Remove what a process left that was ended within the moment in which its file had a name.

    For the only process that accepts files, before it accepts the first.
    """
    with plain_errors(folder):
        for path in folder.glob(f"{PREFIX}*"):
            path.unlink(missing_ok=True)
