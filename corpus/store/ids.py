"""What an id stands for, and which one a file gets.

Ids of an older release had 64 bits, and documents that were there before keep theirs. A file that
is removed and added again gets an id of 128 bits, which begins with the old one. So the old one
still leads there. A document that is moved to another collection keeps its id, so that every link
to it still leads there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from corpus.types import SHORT_ID_CHARACTERS, document_id, id_forms

_BEGINNING_SO = (
    "SELECT DISTINCT id FROM {documents} WHERE id >= ?1 AND id < ?1 || 'g' AND live NOTNULL"
    " ORDER BY id LIMIT 2"
)


def meant(document: str, query: Callable[[str, tuple[str]], Iterable[tuple[Any, ...]]]) -> str:
    """Return the id that is meant by one: the same if there is such a document, or it is a long
    one; otherwise the only one that begins so.

    ``query`` runs SQL that reads ``FROM {documents}``.
    """
    if len(document) != SHORT_ID_CHARACTERS:
        return document
    found: list[str] = [row[0] for row in query(_BEGINNING_SO, (document,))]
    return found[0] if document in found or len(found) == 1 else document


def of_file(
    collection: str, file: str, query: Callable[[str, tuple[str, ...]], Iterable[tuple[Any, ...]]]
) -> str:
    """Return the id of the document that a file is, or will be.

    ``query`` runs SQL that reads the catalogue's documents.
    """
    place = (collection, file)
    for (found,) in query(
        "SELECT id FROM documents WHERE collection = ? AND file = ? AND live NOTNULL", place
    ):
        return str(found)
    free = (document_id(*place, again) for again in count())
    return next(id_ for id_ in free if not _has_moved_away(id_, file, query))


def _has_moved_away(
    document: str, file: str, query: Callable[[str, tuple[str, ...]], Iterable[tuple[Any, ...]]]
) -> bool:
    """Tell whether a document of this id, and of that name, is in some collection."""
    sql = "SELECT 1 FROM documents WHERE id = ? AND file = ? AND live NOTNULL"
    return any(True for _ in query(sql, (document, file)))


def moved_from(collection: str, file: str) -> tuple[str, ...]:
    """Return the ids that a document of this name can have that was moved from a collection."""
    return id_forms(document_id(collection, file))
