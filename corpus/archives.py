"""ZIP archives from strangers, whether they are sent as such or are documents."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from corpus.errors import DamagedFile, EncryptedFile, Refused, too_large

MAX_DIRECTORY_BYTES = 4 * 2**20
"""Largest table of contents: some 40,000 files. Python takes ten times as much memory for it."""

BAD = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError,
    ValueError, IndexError, KeyError, OverflowError, MemoryError,
)  # fmt: skip
"""What zipfile raises on what is broken, or compressed in a way it does not know."""


def opened(stream: BinaryIO) -> zipfile.ZipFile:
    """Open an archive.

    Raises DamagedFile if it is none, or has too large a table of contents.
    """
    try:
        return zipfile.ZipFile(_BoundedReads(stream))
    except BAD as error:
        raise _damaged() from error


def files_in(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """Yield the entries that are files, in order; hidden ones are passed over, as in folders."""
    for entry in archive.infolist():
        parts = entry.filename.replace("\\", "/").split("/")
        hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
        if not entry.is_dir() and not hidden and parts[0] != "__MACOSX":
            yield entry


def read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, max_bytes: int) -> bytes:
    """Return an entry's bytes. No more than it says to hold are ever unpacked.

    Raises FileTooLarge, EncryptedFile or DamagedFile.
    """
    if entry.file_size > max_bytes:
        raise too_large(max_bytes)
    if entry.flag_bits & 1:
        raise EncryptedFile("It is behind a password. Save it without one and try again.")
    try:
        return archive.read(entry)
    except BAD as error:
        raise _damaged() from error


def _damaged() -> Refused:
    return DamagedFile("The archive is broken or cut short. Make or send it again.")


class _BoundedReads:
    """A file that is not read whole because its table of contents is said to be that large."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seek = stream.seek
        self.tell = stream.tell
        self.seekable = stream.seekable

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes, or the rest; refuse if that is too much."""
        limit = MAX_DIRECTORY_BYTES + 1
        content = self._stream.read(limit if size < 0 else min(size, limit))
        if len(content) > MAX_DIRECTORY_BYTES:
            raise zipfile.BadZipFile("Its table of contents is too large")
        return content
