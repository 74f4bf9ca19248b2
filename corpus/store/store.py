"""Where a collection is kept: what its catalogue is opened from, to read and to write.

``Store`` is all that the rest of the program knows of that. Keys, ratings, counts and the audit log
are files in the data folder, whatever keeps the documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from corpus.errors import NotInFiles
from corpus.store import integrity, sqlite
from corpus.store.catalogue import Catalogue
from corpus.store.view import View
from corpus.types import StoredModel


class Store(Protocol):
    """Documents, their texts and vectors, and the jobs that bring them. Safe to share."""

    @property
    def folder(self) -> Path:
        """The data folder."""
        ...

    def exists(self) -> bool:
        """Tell whether there is a collection."""
        ...

    def catalogue(self) -> Catalogue:
        """Open the catalogue to write, made and brought up to date if need be.

        Whoever opens it closes it, and uses it in one thread.

        Raises:
            CatalogueError: it cannot be read or written.
        """
        ...

    def existing(self) -> Catalogue:
        """Open the catalogue to write; it must be there already.

        Raises:
            CatalogueError: there is none, or it cannot be read.
        """
        ...

    def mend(self) -> None:
        """Make anew what holds nothing of its own and is not what it should be.

        Raises:
            CatalogueError: the catalogue cannot be written.
        """
        ...

    def view(self, model: StoredModel | None = None) -> View:
        """Return the present state to read from, whatever is written meanwhile.

        With ``model`` that is as it would be if it were searched with that one.

        Raises:
            CatalogueError: there is no catalogue, or it cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class SqliteStore:
    """A collection in the data folder's SQLite file: the default."""

    folder: Path

    def exists(self) -> bool:
        """Tell whether the file is there."""
        return (self.folder / sqlite.FILE_NAME).is_file()

    def catalogue(self) -> Catalogue:
        """Open the file to write; it is made if there is none."""
        return Catalogue(self.folder)

    def existing(self) -> Catalogue:
        """Open the file to write."""
        return Catalogue.existing(self.folder)

    def mend(self) -> None:
        """Rebuild the full-text index if it does not match the passages."""
        integrity.make_words_sound(self.folder)

    def view(self, model: StoredModel | None = None) -> View:
        """Begin to read one state of the file."""
        return View.open(self.folder, model)


def files_of(store: Store, what: str, instead: str) -> Path:
    """Return the data folder of a collection that is all in there.

    Raises:
        NotInFiles: it is not; ``what`` cannot be done, and ``instead`` says what can.
    """
    if isinstance(store, SqliteStore):
        return store.folder
    raise NotInFiles(
        f"{what} works on a collection in files, and this one is in PostgreSQL "
        f"(PASSERELLE_DATABASE). {instead}"
    )
