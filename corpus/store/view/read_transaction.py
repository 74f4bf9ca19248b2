"""A read transaction of the catalogue: one state, to read from while others write."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from corpus.store import model_change
from corpus.store.engine import Closing, Reading
from corpus.store.model_change import ModelChange
from corpus.store.sqlite_reading import SqliteReading
from corpus.types import StoredModel

KEYS_PER_QUERY = 500
"""Parameters of one query; SQLite's own limit was 999 until 3.32."""


class ReadTransaction(Closing):
    """One state of the catalogue. Safe to use from several threads, until it is closed.

    Every query reads documents ``FROM {documents}``, which are those of the collections that
    the transaction is of: ``within`` makes one that knows of no others.
    """

    def __init__(self, state: Reading, documents: str = "documents") -> None:
        self._state = state
        self._documents = documents
        self._within: dict[frozenset[str], Self] = {}
        self._narrowing = threading.Lock()
        self.folder = state.folder

    @classmethod
    def open(cls, folder: Path, model: StoredModel | None = None) -> Self:
        """Return the present state of the SQLite file in ``folder``, as it would be if it were
        searched with ``model``, if that is given.

        Raises:
            CatalogueError: there is none, or it cannot be read.
        """
        return cls(SqliteReading(folder, model))

    def within(self, collections: frozenset[str]) -> Self:
        """Return this state as it would look if there were only these collections.

        The same object for the same collections; it is closed with this one.
        """
        with self._narrowing:
            if collections not in self._within:
                documents = self._state.within(self._documents, collections)
                self._within[collections] = type(self)(self._state, documents)
            return self._within[collections]

    def without(self, keys: Collection[int]) -> Self:
        """Return this state as it would look without these document versions."""
        return type(self)(self._state, self._state.without(self._documents, keys))

    @cached_property
    def notes(self) -> dict[str, object]:
        """What others worked out of these documents, to be added to."""
        return self._state.notes(self._documents)

    def close(self) -> None:
        """Let go of the state, so that the space of what was replaced can be used again."""
        self._state.close()

    def generation(self) -> int:
        """Return the number of times that what can be found had changed."""
        row = self._row("SELECT value FROM settings WHERE name = 'generation'")
        return int(row[0]) if row else 0

    def active_model(self) -> StoredModel | None:
        """Return the model whose vectors are searched; None before the first one."""
        if self._state.model is not None:
            return self._state.model
        row = self._row(
            "SELECT id, name, revision, sha256 FROM models"
            " WHERE id = (SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'active_model')"
        )
        return StoredModel(*row) if row else None

    def model_change(self) -> ModelChange | None:
        """Return the change of model that is under way; None if there is none."""
        return model_change.under_way(self.query)

    def successor(self, former: str) -> str | None:
        """Return by what the model is loaded that is searched now, where ``former`` was searched
        before a change: its hash, or what it was loaded by. None where there was no such change."""
        return model_change.successor(self.query, former)

    def _for_each_key(
        self, sql: str, first: int, keys: Sequence[int] | Sequence[str]
    ) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(keys), KEYS_PER_QUERY):
            some = keys[start : start + KEYS_PER_QUERY]
            marks = ",".join("?" * len(some))
            yield from self.query(
                sql.format(first="?", keys=marks, documents="{documents}"), (first, *some)
            )

    def _row(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        rows = self.query(sql, parameters)
        return rows[0] if rows else None

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query that reads documents ``FROM {documents}``.

        Raises:
            CatalogueError: the catalogue cannot be read.
        """
        return self._state.rows(sql.format(documents=self._documents), parameters)


def as_date(value: str | None) -> date | None:
    """Return a day as the catalogue keeps it, ``YYYY-MM-DD``."""
    return date.fromisoformat(value) if value else None
