"""Waiting for what another thread or process does."""

from __future__ import annotations

from collections.abc import Callable
from time import sleep

PATIENCE_SECONDS = 20


def until(is_so: Callable[[], bool]) -> None:
    """Return as soon as something is so; fail if it is not in PATIENCE_SECONDS."""
    for _ in range(PATIENCE_SECONDS * 100):
        if is_so():
            return
        sleep(0.01)
    raise AssertionError
