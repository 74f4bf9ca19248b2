"""Which index goes with which store. Nothing else asks what a store is."""

from __future__ import annotations

from corpus.store.store import Store
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
    return IndexReader(store.folder, encoder)


def persist_index(store: Store) -> None:
    """Keep on disk what can be found, if much of it is not, so that the next start is quick.

    Raises:
        CatalogueError: there is no catalogue, or it cannot be read.
    """
    snapshot_builder.persist_index(store.folder)
