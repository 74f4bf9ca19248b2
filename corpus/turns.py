"""Whose turn it is: fair queueing by the work that was done for each.

Start-time fair queueing (Goyal, Vin and Cheng 1996): everybody has a tag, which grows with the work
done for them, and the least comes next. Who comes anew begins where the one in turn is, so nobody
saves turns up by waiting, and nobody loses the debt of a large turn by a short pause.
"""

from __future__ import annotations

from collections.abc import Iterable


class Turns:
    """Shares one resource among owners that have something to do now and then."""

    def __init__(self) -> None:
        self._tags: dict[str, int] = {}
        self._now = 0
        """The tag of who was served last."""
        self._served: dict[str, int] = {}
        self._turn = 0

    def next(self, waiting: Iterable[str]) -> str | None:
        """Return who of those that wait is served now; None if nobody waits.

        Of several with equal tags it is the one whose last turn is longest ago.
        """
        owner = min(waiting, key=self._place, default=None)
        if owner is not None:
            self._now, self._turn = self._tag(owner), self._turn + 1
            self._served[owner] = self._turn
            self._forget()
        return owner

    def charge(self, owner: str, work: int) -> None:
        """Note that work was done for an owner; it counts as 1 at least."""
        self._tags[owner] = self._tag(owner) + max(work, 1)

    def _forget(self) -> None:
        """Forget those with no debt: they are as if they came anew."""
        for owner in [owner for owner, tag in self._tags.items() if tag < self._now]:
            del self._tags[owner]
            self._served.pop(owner, None)

    def _place(self, owner: str) -> tuple[int, int, str]:
        return self._tag(owner), self._served.get(owner, 0), owner

    def _tag(self, owner: str) -> int:
        return max(self._tags.get(owner, 0), self._now)
