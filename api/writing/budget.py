"""How often a server may be asked in a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from threading import Lock


def _today() -> date:
    return datetime.now(UTC).date()


class Budget:
    """So many requests in a day of UTC. It is kept in memory: a restart begins it anew."""

    def __init__(self, per_day: int, today: Callable[[], date] = _today) -> None:
        self._per_day = per_day
        self._today = today
        self._day = today()
        self._taken = 0
        self._lock = Lock()

    def take(self) -> bool:
        """Take one request, if there is one left today."""
        with self._lock:
            today = self._today()
            if today != self._day:
                self._day, self._taken = today, 0
            if self._taken >= self._per_day:
                return False
            self._taken += 1
            return True
