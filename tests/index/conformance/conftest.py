from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from corpus.store.postgres.store import PostgresStore
from corpus.store.store import SqliteStore, Store
from index.live import LiveIndex
from index.opening import open_index
from index.pgvector.searched import follow
from index.writer import encode_waiting
from tests.encoders import WordEncoder
from tests.index.conformance.collections import Made, collection, put
from tests.postgres import new_database


class Opened(NamedTuple):
    """A store with the suite's collection in it, and what searches it."""

    store: Store
    live: LiveIndex
    encoder: WordEncoder

    def add(self, documents: list[Made]) -> None:
        """Bring documents in, and have them found."""
        with self.store.existing() as catalogue:
            put(catalogue, documents)
            encode_waiting(catalogue, self.encoder)
        self.live.refresh()


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """An empty store of each kind."""
    folder = tmp_path_factory.mktemp("conformance")
    if request.param == "sqlite":
        yield SqliteStore(folder)
        return
    server = request.getfixturevalue("postgres_server")
    store = PostgresStore(new_database(server), folder, follow)
    yield store
    store.close()


@pytest.fixture(scope="session")
def opened(store: Store) -> Iterator[Opened]:
    """The same with the suite's collection. Tests that change it put it back."""
    encoder = WordEncoder()
    with store.catalogue() as catalogue:
        put(catalogue, collection())
        encode_waiting(catalogue, encoder)
    live = open_index(store, encoder)
    yield Opened(store, live, encoder)
    live.close()
