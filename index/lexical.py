"""Passages by their words: look-ups in the catalogue's inverted index, SQLite's FTS5."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.store.view import View


def passages_with(view: View, phrases: Sequence[str], limit: int) -> dict[int, str]:
    """Return the languages of live passages that hold one of these phrases, by passage id.

    There are ``limit`` at most. A phrase is its words in their order, whatever else stands
    between them; neither case nor accents matter.

    Raises:
        CatalogueError: the catalogue cannot be read.
    """
    rows = view.query(
        "SELECT p.id, p.language FROM passage_words"
        " JOIN passages p ON p.id = passage_words.rowid"
        " JOIN {documents} d ON d.key = p.document_key AND d.live = 1"
        " WHERE passage_words MATCH ? LIMIT ?",
        (" OR ".join(_quoted(phrase) for phrase in phrases), limit),
    )
    return dict(rows)


def _quoted(phrase: str) -> str:
    """Return ``phrase`` as a string of FTS5's query language, where nothing in it is syntax."""
    return '"' + phrase.replace('"', '""') + '"'
