"""The newest snapshot, whatever keeps it up to date while questions are answered from it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from index.snapshot import Snapshot


class LiveIndex(Protocol):
    """Gives the newest snapshot; another process may change the collection meanwhile.

    A question takes ``newest()`` once and works on what it got.
    """

    def newest(self) -> Snapshot:
        """Return the newest snapshot."""
        ...

    @property
    def problem(self) -> str | None:
        """Why the snapshot may be out of date, if it may."""
        ...

    @property
    def is_outdated(self) -> bool:
        """Whether another model has taken this one's place: nothing new is taken over any more."""
        ...

    def note(self, problem: str | None) -> None:
        """Say why the snapshot stays out of date, if it does."""
        ...

    def refresh(self) -> None:
        """Take over what changed. If that is impossible, ``problem`` says why."""
        ...

    def forget(self, gone: Collection[str], generation: int) -> None:
        """Have nothing show or find documents that the catalogue no longer has in a generation."""
        ...

    def follow(self, remedy: str = "") -> None:
        """Go on refreshing in the background, until ``close``.

        ``remedy`` is for the log, where nobody hands over to another model that is taken.
        """
        ...

    def close(self) -> None:
        """Stop following."""
        ...
