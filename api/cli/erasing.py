"""Erasing documents: out of every file of the data folder, and what copies still hold them."""

from __future__ import annotations

import shlex
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from api import feedback
from api.cli.output import printable
from corpus.errors import CatalogueError
from corpus.store import copies, erasure
from corpus.store.catalogue import Catalogue
from corpus.store.copies import Held
from corpus.store.sqlite import log_size
from corpus.store.view import View
from corpus.store.view.listings import DocumentSummary
from index import persistence


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


def erase(folder: Path, documents: Sequence[str]) -> Erased:
    """Remove documents so that no byte of the data folder is of them; look which copies are.

    Raises:
        CatalogueError: there is no catalogue, or it cannot be written.
        CannotKeep: the kept index cannot be deleted.
    """
    with View.open(folder) as view:
        documents = [view.meant(document) for document in documents]
        twins = view.copies(documents)
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


def report(erased: Erased) -> str:
    """Return what was erased and what was not, line by line."""
    lines = [f"erased {document}" for document in erased.documents]
    for document, twins in erased.twins.items():
        named = ", ".join(f"{twin.collection}/{twin.file} ({twin.id})" for twin in twins)
        lines.append(f"Documents with the same file as {document} stay: {named}.")
    if not erased.is_overwritten:
        command = shlex.join(
            ["passerelle", "documents", "remove", "--erase", *erased.documents, *erased.unknown]
        )
        lines.append(
            f"Deleted text is still in {erased.folder / 'catalogue.sqlite-wal'} "
            f"({log_size(erased.folder) / 1e6:,.0f} MB), since another program has been reading an "
            f"older state for too long. Stop it, then run: {command}"
        )
    if erased.held:
        lines.append("These copies still hold it. Delete them, or make them anew:")
        lines += [f"  {held.document}  {held.place}" for held in erased.held]
    for title, paths in (
        ("These copies are not there now, so they may still hold it:", erased.missing),
        ("These copies cannot be read, so they may still hold it:", erased.unreadable),
    ):
        if paths:
            lines.append(f"{title} {', '.join(map(str, paths))}")
    lines.append(
        "Copies that were moved, or made without `passerelle backup` and `passerelle export`, are "
        "not known here. Neither are snapshots of the disk."
    )
    return "\n".join(map(printable, lines))
