"""The store in PostgreSQL, one for each address, with what keeps its passages searchable."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path

from corpus.errors import CatalogueError
from corpus.store.store import Store


@cache
def postgres_store(address: str, folder: Path) -> Store:
    """Return the store of a database and a data folder. Nothing is connected to yet.

    Raises:
        CatalogueError: what speaks to PostgreSQL is not installed.
    """
    try:
        from corpus.store.postgres.store import PostgresStore
    except ImportError as error:
        raise CatalogueError(
            f"PASSERELLE_DATABASE is set, and {error.name} is not installed. Run pip install "
            "'passerelle[postgres]'."
        ) from error
    from index.pgvector.searched import follow

    store = PostgresStore(address, folder, follow)
    atexit.register(store.close)
    return store
