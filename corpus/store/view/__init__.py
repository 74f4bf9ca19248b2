"""One state of the catalogue, to read from while others write."""

from __future__ import annotations

from corpus.store.view.listings import DocumentQueries
from corpus.store.view.passages import PassageQueries
from corpus.store.view.vectors import VectorQueries


class View(DocumentQueries, PassageQueries, VectorQueries):
    """All that can be read of one state of the catalogue."""

    def problems(self) -> list[str]:
        """Return what is wrong with the catalogue; empty if it is sound."""
        return self._state.problems()
