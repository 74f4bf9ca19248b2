"""The newest state of the database, taken anew for each question."""

from __future__ import annotations

import logging
from collections.abc import Collection

from corpus.store.postgres.store import PostgresStore
from index.encoders.model_hash import check_searched
from index.encoders.protocol import Encoder
from index.pgvector.snapshot import PgSnapshot

log = logging.getLogger(__name__)


class PgLive:
    """Gives snapshots. Each is a transaction of its own, so nothing has to be kept up to date."""

    def __init__(self, store: PostgresStore, encoder: Encoder) -> None:
        """Look whether the encoder's vectors are searched.

        Raises:
            CatalogueError: there is no catalogue, or it cannot be read.
            ModelMismatch: its vectors are another model's.
        """
        self._store = store
        self._encoder = encoder
        self._problem: str | None = None
        store.existing().close()
        self.newest()

    def newest(self) -> PgSnapshot:
        """Begin to read the present state.

        Raises:
            CatalogueError: it cannot be read.
            ModelMismatch: it is searched with another model by now.
        """
        view = self._store.view()
        check_searched(view, self._encoder.identity)
        return PgSnapshot(view)

    @property
    def problem(self) -> str | None:
        """Why questions cannot be answered, if they cannot."""
        return self._problem

    @property
    def is_outdated(self) -> bool:
        """Whether another model has taken this one's place: with PostgreSQL none does meanwhile."""
        return False

    def note(self, problem: str | None) -> None:
        """Say why questions cannot be answered, if they cannot."""
        self._problem = problem

    def refresh(self) -> None:
        """Look whether the present state can be read."""
        try:
            self.newest()
            self._problem = None
        except Exception as error:
            self._problem = str(error)

    def forget(self, gone: Collection[str], generation: int) -> None:
        """Do nothing: what is deleted is in no snapshot that is taken from then on."""

    def follow(self, remedy: str = "") -> None:
        """Do nothing: each snapshot is the newest."""

    def close(self) -> None:
        """Do nothing: connections are the store's."""
