"""Files on disk: opened once, looked at, and read, or refused."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

from corpus.errors import BadFileName, FileTooLarge, Refused, UnreadableFile

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""Largest file that is read: some 10,000 pages of text, which is a collection, not a
document; cleaning takes about 15 times as much memory."""


def read(path: Path, below: Path | None, max_bytes: int) -> bytes:
    """Return what is in a file that ``opened`` opens, if that is ``max_bytes`` at most.

    Raises:
        Refused: it is larger, or cannot be read.
    """
    with opened(path, below) as file:
        size = os.fstat(file.fileno()).st_size
        if size > max_bytes:
            raise FileTooLarge(
                f"The file has {size / 2**20:,.0f} MiB; the limit is "
                f"{max_bytes / 2**20:,.0f} MiB. Split it, or raise PASSERELLE_MAX_FILE_MB."
            )
        try:
            return file.read(max_bytes)
        except OSError as error:
            raise _unreadable(error) from error


def opened(path: Path, below: Path | None) -> BinaryIO:
    """Return a file, open; it must lie ``below`` a folder, if one is given, all links followed.

    Raises:
        Refused: there is no such file, it cannot be opened, or it lies elsewhere.
    """
    _check_name(path)
    try:
        if not path.exists():
            raise UnreadableFile("There is no such file. Check the path.")
        if path.is_dir():
            raise UnreadableFile("The folder cannot be listed. Check its permissions.")
        # Without waiting for a pipe's other end; and what is looked at is what is read then.
        file = open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb")  # noqa: PTH123, SIM115
    except OSError as error:
        raise _unreadable(error) from error
    try:
        _check_place(file, below)
    except BaseException:
        file.close()
        raise
    return file


def _check_name(path: Path) -> None:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise BadFileName(
            "The name of the file or of its folder is not valid UTF-8. Rename it and ingest it "
            "again."
        ) from None


def _check_place(file: BinaryIO, below: Path | None) -> None:
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise UnreadableFile("This is a device or a pipe, not a file. Leave it out.")
    if below is not None and not _place_of(file).is_relative_to(below):
        raise UnreadableFile(
            "This is a link that leads out of the folder. Replace it with the file itself."
        )


def _unreadable(error: OSError) -> Refused:
    return UnreadableFile(f"The file cannot be read ({error.strerror}). Check its permissions.")


def _place_of(file: BinaryIO) -> Path:
    """Return where an open file lies, all links followed as they were when it was opened."""
    return Path(os.readlink(f"/proc/self/fd/{file.fileno()}"))  # noqa: PTH115
