"""How far something long is, told to whoever asked to be, without those in between.

A reader notes it, the sandbox carries it over, and the command line or a job shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, NamedTuple, TypeVar

_Item = TypeVar("_Item")


class Progress(NamedTuple):
    """How many parts of a file are read: pages, slides, sheets or chapters."""

    done: int
    total: int


Tell = Callable[[Progress], None]
_tell: Final[ContextVar[Tell | None]] = ContextVar("tell", default=None)


@contextmanager
def told(tell: Tell) -> Iterator[None]:
    """Call ``tell`` with what is noted within, by this thread."""
    before = _tell.set(tell)
    try:
        yield
    finally:
        _tell.reset(before)


def note(done: int, total: int) -> None:
    """Tell how far it is, if anyone wants to know."""
    if tell := _tell.get():
        tell(Progress(done, total))


def counted(parts: Sequence[_Item]) -> Iterator[_Item]:
    """Yield the parts of a file, and note each one that is done."""
    for done, part in enumerate(parts, 1):
        yield part
        note(done, len(parts))
