"""A collection in PostgreSQL: a pool of connections, the catalogue and views over it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import psycopg

from corpus.store.catalogue import Catalogue
from corpus.store.postgres import schema
from corpus.store.postgres.connection import Pool, PostgresConnection, plain_errors, prepare
from corpus.store.postgres.reading import Notes, PostgresReading
from corpus.store.view import View
from corpus.types import StoredModel

MAX_CONNECTIONS: Final = 24
"""Of one process. Questions that are answered at a time, jobs, pages; PostgreSQL allows 100 in all
as it comes."""

WAIT_SECONDS: Final = 10.0
"""How long is waited for a connection."""


class PostgresStore:
    """A collection in a database; the data folder has all that is not documents."""

    def __init__(
        self, address: str, folder: Path, on_change: Callable[[PostgresConnection], None]
    ) -> None:
        """``on_change`` keeps what is searched, in the transaction that changes what can be found.

        Nothing is connected to yet.
        """
        self.folder = folder
        self._address = address
        self._on_change = on_change
        self._opening = threading.Lock()
        self._opened_pool: Pool | None = None
        self._notes = Notes()

    def exists(self) -> bool:
        """Tell whether the database has a catalogue."""
        with plain_errors(), self._pool.connection() as raw:
            return schema.exists(raw)

    def catalogue(self) -> Catalogue:
        """Open the catalogue to write; its tables are made if there are none."""
        with plain_errors(), self._pool.connection() as raw:
            schema.migrate(raw)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._opened()

    def existing(self) -> Catalogue:
        """Open the catalogue to write."""
        with plain_errors(), self._pool.connection() as raw:
            schema.check(raw)
        return self._opened()

    def mend(self) -> None:
        """Do nothing: what is searched changes in the transactions that the catalogue does."""

    def view(self, model: StoredModel | None = None) -> View:
        """Begin to read one state of the database."""
        return View(self._reading(model))

    def close(self) -> None:
        """Let go of all connections. Another call opens them again."""
        with self._opening:
            pool, self._opened_pool = self._opened_pool, None
        if pool is not None:
            pool.close()

    def _opened(self) -> Catalogue:
        with plain_errors():
            connection = PostgresConnection(self._pool, self._pool.getconn(), self._on_change)
        return Catalogue(self.folder, connection, self._reading)

    def _reading(self, model: StoredModel | None) -> PostgresReading:
        with plain_errors():
            return PostgresReading(self._pool, self.folder, model, self._notes)

    @property
    def _pool(self) -> Pool:
        """The connections.

        Raises:
            psycopg.Error: the server cannot be reached, or refuses.
        """
        with self._opening:
            if self._opened_pool is None:
                self._opened_pool = self._open_pool()
            return self._opened_pool

    def _open_pool(self) -> Pool:
        # By itself first: a pool tries again for long, and says nothing of why.
        with psycopg.connect(self._address, connect_timeout=int(WAIT_SECONDS)):
            pass
        pool = Pool(
            self._address,
            min_size=1,
            max_size=MAX_CONNECTIONS,
            timeout=WAIT_SECONDS,
            kwargs={"autocommit": True, "cursor_factory": psycopg.RawCursor},
            configure=prepare,
            check=Pool.check_connection,  # the server may have been started anew
            open=True,
        )
        with suppress(psycopg.Error):
            pool.wait(WAIT_SECONDS)
        return pool
