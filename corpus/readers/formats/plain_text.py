"""Plain text."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.errors import EmptyFile
from corpus.readers.encoding import decode
from corpus.readers.line_blocks import Line, blocks_of
from corpus.types import RawDocument


def read_text(content: bytes) -> RawDocument:
    """Return the blocks of a plain text in any encoding; it has no metadata.

    Raises EmptyFile if there is nothing but white space in it.
    """
    text = decode(content)
    if not text.strip("\ufeff\x00 \t\r\n"):
        raise EmptyFile("The file contains only white space. Add the text, or leave the file out.")
    return RawDocument(tuple(blocks_of(_lines(text))))


def _lines(text: str) -> Iterator[Line]:
    after_gap = True
    for line in text.splitlines():
        if not line.strip():
            after_gap = True
            continue
        yield Line(line.expandtabs(4), after_gap)
        after_gap = "\f" in line
