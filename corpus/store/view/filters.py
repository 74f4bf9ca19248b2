"""Which documents a listing is narrowed to, and the condition in SQL that says so."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class DocumentFilter(NamedTuple):
    """Which documents are wanted; what is None or empty does not narrow."""

    languages: frozenset[str] = frozenset()
    collections: frozenset[str] = frozenset()
    published_from: date | None = None
    published_to: date | None = None
    """The last day that counts."""
    file: str | None = None
    """The file's whole name."""
    text: str | None = None
    """Part of the title or the file's name, in any case."""

    def condition(self) -> tuple[str, list[object]]:
        """Return an SQL condition for live documents ``d``, made of constants, and its parameters.

        The connection must know the function ``casefold``.
        """
        clauses: list[str] = ["d.live = 1"]
        parameters: list[object] = []
        for column, values in (
            ("language", sorted(self.languages)),
            ("collection", sorted(self.collections)),
        ):
            if values:
                clauses.append(f"d.{column} IN ({','.join('?' * len(values))})")
                parameters += values
        if self.published_from:
            clauses.append("d.published >= ?")
            parameters.append(self.published_from.isoformat())
        if self.published_to:
            clauses.append("d.published <= ?")
            parameters.append(self.published_to.isoformat())
        if self.file is not None:
            clauses.append("d.file = ?")
            parameters.append(self.file)
        if self.text:
            clauses.append("instr(casefold(d.title || '\n' || d.file), casefold(?)) > 0")
            parameters.append(self.text)
        return " AND ".join(clauses), parameters
