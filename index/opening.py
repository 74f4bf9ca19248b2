"""Which index goes with which store. Nothing else asks what a store is."""

from __future__ import annotations

from corpus.store.store import SqliteStore, Store
from index import snapshot_builder
from index.encoders.protocol import Encoder
from index.live import LiveIndex
from index.reader import IndexReader


def open_index(store: Store, encoder: Encoder) -> LiveIndex:
    """Return what searches a collection with ``encoder``'s vectors.

    Raises:
        CatalogueError: there is no catalogue, or it cannot be read.
        ModelMismatch: its vectors are another model's.
    """
    if isinstance(store, SqliteStore):
        return IndexReader(store.folder, encoder)
    from corpus.store.postgres.store import PostgresStore
    from index.pgvector.live import PgLive

    assert isinstance(store, PostgresStore)
    return PgLive(store, encoder)


def persist_index(store: Store) -> None:
    """Keep on disk what can be found, if much of it is not, so that the next start is quick.

    Raises:
        CatalogueError: there is no catalogue, or it cannot be read.
    """
    if isinstance(store, SqliteStore):
        snapshot_builder.persist_index(store.folder)
