"""Reads strangers' files in a process of its own, which may hang, run out of memory or crash.

``client`` is the service's side. It starts a fork server (``server``), which loads what the
readers need once and forks a child whenever one is needed. A child reads files one after the
other, within limits (``limits``), and is replaced as soon as a file makes it misbehave.
``protocol`` is what the two sides say to each other. It has no pickles, so nothing that a
taken-over child sends is ever run.
"""

from __future__ import annotations

from functools import cache

from corpus.readers.tables import Row
from corpus.sandbox.client import ReadingProcess
from corpus.sandbox.extract import Extract


def prepare() -> None:
    """Start the process, without waiting until it is ready."""
    _shared().prepare()


def extract(content: bytes, file: str) -> Extract:
    """Return what the bytes of ``file`` say, read by the process that all share.

    Raises:
        Refused: they cannot be read, hold no text, or reading them went over a limit.
        ReadingUnavailable: there is no process to read them.
    """
    return _shared().extract(content, file)


def members(content: bytes, file: str) -> tuple[Row, ...]:
    """Return the rows of a table or the attachments of a message, read by the same process.

    Raises:
        Refused: it is no such file, or reading it went over a limit.
        ReadingUnavailable: there is no process to read it.
    """
    return _shared().members(content, file)


@cache
def _shared() -> ReadingProcess:
    return ReadingProcess()
