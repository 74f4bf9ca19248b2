"""A message and what is attached to it, each of which is a document of its own."""

from __future__ import annotations

from pathlib import PurePosixPath

from corpus.readers.containers import is_message
from corpus.store.view import View
from corpus.store.view.filters import DocumentFilter
from corpus.store.view.listings import DocumentSummary
from corpus.types import Document


def attachments_of(view: View, document: Document) -> list[DocumentSummary]:
    """Return what is attached to a message itself, by name; nothing of any other document."""
    if not is_message(document.file):
        return []
    found = view.below(document.collection, document.file)
    return [each for each in found if str(PurePosixPath(each.file).parent) == document.file]


def message_with(view: View, document: Document) -> DocumentSummary | None:
    """Return the message that a document is attached to, if it is there too."""
    message = str(PurePosixPath(document.file).parent)
    if not is_message(message):
        return None
    here = DocumentFilter(collections=frozenset({document.collection}), file=message)
    _, found = view.list_documents(here, 0, 1)
    return next(iter(found), None)
