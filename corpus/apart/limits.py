"""How much the reading of one file may cost, by the file's size, so that a small one stays cheap.

What real files need was measured over the sample corpus and the development sets; see
docs/security.md.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MIB: Final = 2**20


class Limits(NamedTuple):
    """What reading a file may take at most."""

    seconds: float
    memory_bytes: int
    """Address space beyond what the process has before it reads the file."""
    answer_bytes: int
    """What the process may say of the file: its text, passages and metadata."""


def limits_for(size: int) -> Limits:
    """Return the limits of a file of ``size`` bytes."""
    return Limits(
        seconds=30 + 20 * size / MIB,
        memory_bytes=48 * MIB + 64 * size,
        answer_bytes=16 * MIB + 32 * size,
    )
