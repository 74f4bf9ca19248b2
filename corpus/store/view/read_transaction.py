"""A read transaction of the catalogue: one state, to read from while others write."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any, Self

from corpus.store import model_change, sqlite
from corpus.store.model_change import ModelChange
from corpus.types import StoredModel

KEYS_PER_QUERY = 500
"""Parameters of one query; SQLite's own limit was 999 until 3.32."""


class _State:
    """A connection in the middle of a transaction, for one thread at a time.

    It closes itself when the last one lets go of it.
    """

    def __init__(
        self, connection: sqlite3.Connection, folder: Path, model: StoredModel | None
    ) -> None:
        self.connection = connection
        self.lock = threading.Lock()
        self.folder = folder
        self.model = model
        # SQLite's own lower() knows ASCII only.
        connection.create_function("casefold", 1, str.casefold, deterministic=True)
        # Of what was read before the transaction began; gone with the connection.
        connection.execute("CREATE TEMP TABLE readable (scope INTEGER, collection TEXT)")
        connection.execute("CREATE TEMP TABLE masked (mask INTEGER, key INTEGER)")
        # Every word of passage_words and in how many passages it is: a view of the index's own.
        connection.execute(
            "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, passage_words, row)"
        )
        self.next_number = count().__next__
        self.close = weakref.finalize(self, connection.close)

    def rows(self, sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        with self.lock, sqlite.plain_errors(self.folder):
            return self.connection.execute(sql, parameters).fetchall()


class ReadTransaction(sqlite.Closing):
    """One state of the catalogue. Safe to use from several threads, until it is closed.

    Every query reads documents ``FROM {documents}``, which are those of the collections that
    the transaction is of: ``within`` makes one that knows of no others.
    """

    def __init__(self, state: _State, documents: str = "main.documents") -> None:
        self._state = state
        self._documents = documents
        self._within: dict[frozenset[str], Self] = {}
        self.folder = state.folder

    @classmethod
    def open(cls, folder: Path, model: StoredModel | None = None) -> Self:
        """Return the present state of the catalogue in ``folder``, as it would be if it were
        searched with ``model``, if that is given.

        Raises:
            CatalogueError: there is none, or it cannot be read.
        """
        view = cls(_State(sqlite.connect(folder, write=False), folder, model))
        # SQLite takes its snapshot at the first read, not at BEGIN.
        view.query("BEGIN")
        view.generation()
        return view

    def within(self, collections: frozenset[str]) -> Self:
        """Return this state as it would look if there were only these collections.

        The same object for the same collections; it is closed with this one.
        """
        with self._state.lock, sqlite.plain_errors(self.folder):
            if collections not in self._within:
                scope = self._state.next_number()
                self._state.connection.executemany(
                    "INSERT INTO temp.readable (scope, collection) VALUES (?, ?)",
                    [(scope, collection) for collection in sorted(collections)],
                )
                documents = (
                    f"(SELECT * FROM {self._documents} WHERE collection IN"  # noqa: S608, a number
                    f" (SELECT collection FROM temp.readable WHERE scope = {scope:d}))"
                )
                self._within[collections] = type(self)(self._state, documents)
            return self._within[collections]

    def without(self, keys: Collection[int]) -> Self:
        """Return this state as it would look without these document versions."""
        with self._state.lock, sqlite.plain_errors(self.folder):
            mask = self._state.next_number()
            self._state.connection.executemany(
                "INSERT INTO temp.masked (mask, key) VALUES (?, ?)", [(mask, key) for key in keys]
            )
        documents = (
            f"(SELECT * FROM {self._documents} WHERE key NOT IN"  # noqa: S608, a number
            f" (SELECT key FROM temp.masked WHERE mask = {mask:d}))"
        )
        return type(self)(self._state, documents)

    def close(self) -> None:
        """Let go of the state, so that SQLite can reuse the space of what was replaced."""
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
