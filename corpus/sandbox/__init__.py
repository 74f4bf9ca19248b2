"""Reads strangers' files in a process of its own, which may hang, run out of memory or crash.

``client`` is the service's side. It starts a fork server (``server``), which loads what the
readers need once and forks a child whenever one is needed. A child reads files one after the
other, within limits (``limits``), and is replaced as soon as a file makes it misbehave.
``protocol`` is what the two sides say to each other. It has no pickles, so nothing that a
taken-over child sends is ever run. Large files have a process of their own, which starts with the
first, so that small ones do not wait for them.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from corpus.readers.tables import Row
from corpus.readers.web_links import Link
from corpus.sandbox.client import ReadingProcess
from corpus.sandbox.extract import Extract

SMALL_BYTES: Final = 2**20
"""Size up to which a file is small: it is read in some 2 s, and given up after 70 s of processor
time (``limits``)."""


def prepare() -> None:
    """Start the process for small files, without waiting until it is ready."""
    _process(is_large=False).prepare()


def extract(content: bytes, file: str) -> Extract:
    """Return what the bytes of ``file`` say, read by the process that all of its kind share.

    Raises:
        Refused: they cannot be read, hold no text, or reading them went over a limit.
        ReadingUnavailable: there is no process to read them.
    """
    return _process(is_large=len(content) > SMALL_BYTES).extract(content, file)


def members(content: bytes, file: str) -> tuple[Row, ...]:
    """Return the rows of a table or the attachments of a message, read by the same process.

    Raises:
        Refused: it is no such file, or reading it went over a limit.
        ReadingUnavailable: there is no process to read it.
    """
    return _process(is_large=len(content) > SMALL_BYTES).members(content, file)


def links(content: bytes, *, is_list: bool) -> tuple[Link, ...]:
    """Return the addresses that a sitemap or feed lists, or that a page says of itself.

    Raises:
        Refused: they cannot be read, or reading them went over a limit.
        ReadingUnavailable: there is no process to read them.
    """
    return _process(is_large=len(content) > SMALL_BYTES).links(content, is_list=is_list)


@cache
def _process(*, is_large: bool) -> ReadingProcess:
    del is_large  # what it is kept by
    return ReadingProcess()
