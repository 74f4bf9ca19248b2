"""How much the reading of one file may cost, by the file's size, so that a small one stays cheap.

Measured: plain text takes 6 times its size in memory, Markdown 14, HTML 30; a text of a million
characters takes some 5 seconds, as a Word document, the slowest, ten times that.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MIB: Final = 2**20

_ARCHIVE = b"PK"
_PACKED = (_ARCHIVE, b"%PDF")
"""How files begin whose text may be many times as large."""

_PICTURES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
"""How files begin that may be pictures of pages."""

RECOGNITION_SECONDS: Final = 120
"""To recognise words in, and the same again for each MiB: a page takes some 2 s, and scans have
25 kB a page and more."""

MAX_RECOGNITION_SECONDS: Final = 1_800
"""However large the file is: some 600 pages full of words."""


WAITING: Final = 4
"""A busy machine may let a process wait for three quarters of the time."""


class Limits(NamedTuple):
    """What reading a file may take at most."""

    seconds: float
    """Of the processor."""
    memory_bytes: int
    """Address space beyond what the process has before it reads the file."""
    answer_bytes: int
    """What the process may say of the file: its text, passages and metadata."""
    recognition_seconds: float = 0.0
    """Of the processor, beside the others, to recognise the words of its pictures."""

    @property
    def waiting_seconds(self) -> float:
        """Of the clock."""
        return WAITING * (self.seconds + self.recognition_seconds)


def limits_for(content: bytes) -> Limits:
    """Return the limits of a file."""
    size = len(content)
    # A Word document's text is packed, and takes ten times its size as a tree of XML.
    memory_factor = 256 if content.startswith(_ARCHIVE) else 24
    return Limits(
        seconds=(60 if content.startswith(_PACKED) else 10) + 60 * size // MIB,
        memory_bytes=40 * MIB + memory_factor * size,
        answer_bytes=16 * MIB + 32 * size,
        recognition_seconds=_recognition_seconds(size) if content.startswith(_PICTURES) else 0,
    )


def page_limits(content: bytes) -> Limits:
    """Return the limits of drawing a page of a PDF, or of finding its words.

    Measured: the slowest page of 60 files takes 2 s, and 100 MiB with its picture.
    """
    return Limits(seconds=15, memory_bytes=512 * MIB + 4 * len(content), answer_bytes=64 * MIB)


def _recognition_seconds(size: int) -> float:
    return min(RECOGNITION_SECONDS * (1 + size / MIB), MAX_RECOGNITION_SECONDS)
