"""What recognising may cost: time and memory of its own, beside what reading a file may take.

A page costs some 2 s of the processor and 200 MB, a hundred times what a page of text does. So a
page may take more than the process may, and a document has seconds for all of its pages.
"""

from __future__ import annotations

import math
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import process_time
from typing import Final

PAGE_SECONDS: Final = 60.0
"""Of the processor, that the words of a page may take; the densest page seen took 6."""

PAGE_MEMORY_BYTES: Final = 768 * 2**20
"""Address space for one page: its picture in four colours and in grey at most 400 MiB, Tesseract
and a language some 300."""

_RUNAWAY_SECONDS: Final = 180
"""Of the processor, after which a page ends the process: while Tesseract looks for the lines of a
page, it cannot be told to stop."""

DOCUMENT_SECONDS: Final = 1_800.0
"""Of the processor, for all pages of one document where nothing else is said: 600 dense pages."""


@dataclass
class _Allowance:
    seconds: float
    spent: float = 0.0


_present: ContextVar[_Allowance | None] = ContextVar("present", default=None)


@contextmanager
def allowed(seconds: float) -> Iterator[None]:
    """Give what is read meanwhile so many seconds of the processor to recognise pages in."""
    token = _present.set(_Allowance(seconds))
    try:
        yield
    finally:
        _present.reset(token)


def is_used_up() -> bool:
    """Tell whether there is no time for another page."""
    allowance = _present.get()
    return allowance is not None and allowance.spent >= allowance.seconds


@contextmanager
def one_page() -> Iterator[None]:
    """Let the process take what one page may, and note what that was."""
    allowance = _present.get() or _Allowance(DOCUMENT_SECONDS)
    begun, before = process_time(), math.ceil(allowance.spent)
    _raise_soft(resource.RLIMIT_CPU, _RUNAWAY_SECONDS)
    _raise_soft(resource.RLIMIT_AS, PAGE_MEMORY_BYTES)
    try:
        yield
    finally:
        allowance.spent += process_time() - begun
        spent_seconds = math.ceil(allowance.spent) - before
        _raise_soft(resource.RLIMIT_CPU, spent_seconds - _RUNAWAY_SECONDS)
        _raise_soft(resource.RLIMIT_AS, -PAGE_MEMORY_BYTES)


def _raise_soft(limit: int, more: int) -> None:
    soft, hard = resource.getrlimit(limit)
    if soft != resource.RLIM_INFINITY:
        resource.setrlimit(limit, (soft + more, hard))
