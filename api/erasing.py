"""Erasing documents: out of every file of the data folder, and what copies still hold them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api import feedback
from corpus.errors import CatalogueError
from corpus.store import copies, erasure
from corpus.store.catalogue import Catalogue
from corpus.store.copies import Held
from corpus.store.view import View
from corpus.store.view.listings import DocumentSummary
from index import persistence

INSTEAD: Final = (
    "Remove the document. PostgreSQL's files keep its bytes until they are vacuumed, and backups "
    "until they are replaced."
)
"""What can be done where not every file that holds documents is known here."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, and what still holds it."""

    folder: Path
    documents: list[str]
    unknown: list[str]
    """Documents that were not there. What was left of them is erased all the same."""
    is_overwritten: bool
    """Whether no file of the data folder has a byte of them."""
    twins: dict[str, tuple[DocumentSummary, ...]]
    """Other documents that were read from the same bytes. They stay."""
    held: list[Held]
    """Files of copies that name them."""
    missing: list[Path]
    """Copies that are not where they were written."""
    unreadable: list[Path]


def erase(
    folder: Path, documents: Sequence[str], note: Callable[[str], None] = lambda _: None
) -> Erased:
    """Remove documents so that no byte of the data folder is of them; look which copies are.

    Before, ``note`` is called for each, and raises what forbids it.

    Raises:
        CatalogueError: there is no catalogue, or it cannot be written.
        CannotKeep: the kept index cannot be deleted.
    """
    with View.open(folder) as view:
        documents = [view.meant(document) for document in documents]
        twins = view.copies(documents)
    for document in documents:
        note(document)
    with erasure.under_way(folder):
        with Catalogue.existing(folder) as catalogue:
            unknown = [document for document in documents if not catalogue.erase(document)]
        feedback.erase(folder, documents)
        is_overwritten = erasure.overwrite_deleted(folder)
        # Not before nobody reads an older state any more: a server could keep that index again.
        persistence.discard(folder)
    erased = [document for document in documents if document not in unknown]
    looked = [_look(copy, documents) for copy in copies.known(folder)]
    return Erased(
        folder,
        erased,
        unknown,
        is_overwritten,
        {document: found for document, found in twins.items() if found},
        held=[held for found in looked if isinstance(found, list) for held in found],
        missing=[found for found in looked if isinstance(found, Path) and not found.exists()],
        unreadable=[found for found in looked if isinstance(found, Path) and found.exists()],
    )


def _look(copy: Path, documents: Sequence[str]) -> list[Held] | Path:
    """Return what a copy holds of documents, or its path if it cannot be read."""
    try:
        return list(copies.holding(copy, documents))
    except (OSError, zipfile.BadZipFile, CatalogueError):
        return copy
