"""Passages by their words: look-ups in the catalogue's inverted index, SQLite's FTS5."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.store.view import View

_LIVE = (
    " FROM passage_words JOIN passages p ON p.id = passage_words.rowid"
    " JOIN {documents} d ON d.key = p.document_key AND d.live = 1"
    " WHERE passage_words MATCH ? LIMIT ?"
)


def passages_with(view: View, phrases: Sequence[str], limit: int) -> dict[int, str]:
    """Return the languages of live passages that hold one of these phrases, by passage id.

    There are ``limit`` at most. A phrase is its words in their order, whatever else stands
    between them; neither case nor accents matter.

    Raises:
        CatalogueError: the catalogue cannot be read.
    """
    return dict(view.query(f"SELECT p.id, p.language{_LIVE}", (_any_of(phrases), limit)))


def documents_with(view: View, word: str, limit: int) -> dict[int, frozenset[str]]:
    """Return the languages of the live passages that hold a word, by their documents' keys.

    Nothing if there are ``limit`` passages or more.

    Raises:
        CatalogueError: the catalogue cannot be read.
    """
    rows = view.query(f"SELECT p.document_key, p.language{_LIVE}", (_any_of([word]), limit))
    if len(rows) == limit:
        return {}
    languages: dict[int, set[str]] = {}
    for document, language in rows:
        languages.setdefault(document, set()).add(language)
    return {document: frozenset(found) for document, found in languages.items()}


def _any_of(phrases: Sequence[str]) -> str:
    return " OR ".join(_quoted(phrase) for phrase in phrases)


def _quoted(phrase: str) -> str:
    """Return ``phrase`` as a string of FTS5's query language, where nothing in it is syntax."""
    return '"' + phrase.replace('"', '""') + '"'
