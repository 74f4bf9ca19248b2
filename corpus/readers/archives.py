"""ZIP archives from strangers, whether they are sent as such or are documents."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from corpus.errors import (
    DamagedFile,
    EncryptedFile,
    Refused,
    TooCostly,
    UnreadableFile,
    too_large,
)

MAX_DIRECTORY_BYTES = 4 * 2**20
"""Largest table of contents: some 40,000 files. Python takes ten times as much memory for it."""

MAX_RATIO = 150
"""Times an entry may become larger by unpacking. Text becomes some 3 to 30 times as large, tables
in XML up to 60; deflate's own limit, which bombs come near, is 1,032."""

FREE_RATIO_BYTES = 2**20
"""Size up to which an entry may be packed as tightly as it likes."""

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What office programs use. Of the others zipfile unpacks a block at once, however large."""

BAD = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError,
    ValueError, IndexError, KeyError, OverflowError, MemoryError,
)  # fmt: skip
"""What zipfile raises on what is broken, or compressed in a way it does not know, which it tells
by a kind of RuntimeError."""


def opened(stream: BinaryIO) -> zipfile.ZipFile:
    """Open an archive.

    Raises DamagedFile if it is none, has too large a table of contents, or says to hold more
    packed bytes than it has, as one does whose files lie in one another.
    """
    try:
        archive = zipfile.ZipFile(_BoundedReads(stream))
        packed = sum(entry.compress_size for entry in archive.infolist())
        if packed > stream.seek(0, io.SEEK_END):
            raise _damaged()
    except BAD as error:
        raise _damaged() from error
    return archive


def check(archive: zipfile.ZipFile, max_bytes: int) -> None:
    """Raise Refused unless each entry can be unpacked, and all of them to ``max_bytes`` at most."""
    if sum(entry.file_size for entry in archive.infolist()) > max_bytes:
        raise _packed_too_tightly()
    for entry in archive.infolist():
        _check_entry(entry, max_bytes)


def files_in(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """Yield the entries that are files, in order; hidden ones are passed over, as in folders."""
    for entry in archive.infolist():
        parts = entry.filename.replace("\\", "/").split("/")
        hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
        if not entry.is_dir() and not hidden and parts[0] != "__MACOSX":
            yield entry


def read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, max_bytes: int) -> bytes:
    """Return an entry's bytes. No more than it says to hold are ever unpacked.

    Raises FileTooLarge, EncryptedFile, TooCostly, UnreadableFile or DamagedFile.
    """
    _check_entry(entry, max_bytes)
    try:
        return archive.read(entry)
    except BAD as error:
        raise _damaged() from error


def _check_entry(entry: zipfile.ZipInfo, max_bytes: int) -> None:
    if entry.file_size > max_bytes:
        raise too_large(max_bytes)
    if entry.flag_bits & 1:
        raise EncryptedFile(
            "The file is protected by a password. Save it without one and try again."
        )
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UnreadableFile("This is a link or a device in an archive. Pack the file itself.")
    if entry.compress_type not in _METHODS:
        raise DamagedFile(
            "The archive uses a compression method that cannot be read. Pack it again with an "
            "ordinary ZIP program."
        )
    if entry.file_size > max(FREE_RATIO_BYTES, entry.compress_size * MAX_RATIO):
        raise _packed_too_tightly()


def _packed_too_tightly() -> Refused:
    return TooCostly(
        "The archive would unpack to far more than a document contains. Send the files in it one "
        "by one."
    )


def _damaged() -> Refused:
    return DamagedFile("The archive is damaged or incomplete. Make it or send it again.")


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
