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


class Limits(NamedTuple):
    """What reading a file may take at most."""

    seconds: float
    """Of the processor. Of the clock, WAITING times as much."""
    memory_bytes: int
    """Address space beyond what the process has before it reads the file."""
    answer_bytes: int
    """What the process may say of the file: its text, passages and metadata."""


WAITING: Final = 4
"""A busy machine may let a process wait for three quarters of the time."""


def limits_for(content: bytes) -> Limits:
    """Return the limits of a file."""
    size = len(content)
    # A Word document's text is packed, and takes ten times its size as a tree of XML.
    memory_factor = 256 if content.startswith(_ARCHIVE) else 24
    return Limits(
        seconds=(60 if content.startswith(_PACKED) else 10) + 60 * size // MIB,
        memory_bytes=40 * MIB + memory_factor * size,
        answer_bytes=16 * MIB + 32 * size,
    )


def page_limits(content: bytes) -> Limits:
    """Return the limits of drawing a page of a PDF, or of finding its words.

    Measured: the slowest page of 60 files takes 2 s, and 100 MiB with its picture.
    """
    return Limits(seconds=15, memory_bytes=512 * MIB + 4 * len(content), answer_bytes=64 * MIB)
