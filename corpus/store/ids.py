"""What an id of an older release stands for.

Those had 64 bits, and documents that were there before keep theirs. A file that is removed and
added again gets an id of 128 bits, which begins with the old one. So the old one still leads there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from corpus.types import SHORT_ID_CHARACTERS

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
