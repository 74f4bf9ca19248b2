"""A server like any other, whose readers misbehave on the files whose names say so.

``python -m tests.robustness.misbehaving serve …`` takes what ``passerelle serve`` takes.
"""

from __future__ import annotations

from typing import Final

from api.cli.main import main
from corpus import sandbox
from corpus.sandbox.client import ReadingProcess
from corpus.sandbox.limits import Limits, limits_for

SLOW: Final = b"\n\n\n"
"""What a file ends with that is to meet its time limit soon."""

SOON_SECONDS: Final = 0.5


def limits(content: bytes) -> Limits:
    """Return the usual limits, but a short time for files that end with ``SLOW``."""
    usual = limits_for(content)
    if content.endswith(SLOW):
        return usual._replace(seconds=SOON_SECONDS, recognition_seconds=0.01)
    return usual


if __name__ == "__main__":
    process = ReadingProcess(limits, "tests.corpus.sandbox.faults")
    sandbox.prepare = process.prepare
    sandbox.extract = process.extract
    sandbox.members = process.members
    main()
