"""What people corrected of documents: kept by the document's id, whatever is read of it later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from corpus.errors import ChangedMeanwhile
from corpus.store import integrity
from corpus.store.engine import Part
from corpus.types import UNKNOWN_LANGUAGE, Fact, Origins

Corrected = Mapping[Fact, str | None]
"""What each fact is to be; None: the document has none. Days are written YYYY-MM-DD."""

NO_CHANGES: Final[Corrected] = MappingProxyType({})

_CRCS = dict(integrity.ROWS)

OF_A_VERSION = ("passages", "left_out", "origins", "recognised_pages")
"""Tables whose rows name a version by its key."""


class Corrections(Part):
    """The corrections of a catalogue. Its transactions are the catalogue's."""

    def of(self, document: str) -> dict[Fact, str | None]:
        """Return what was corrected of a document."""
        rows = self._rows("SELECT fact, value FROM corrections WHERE document = ?", (document,))
        return {Fact(fact): value for fact, value in rows}

    def correct(self, document: str, changes: Corrected, expected: str | None) -> bool:
        """Correct a document's facts in all versions, those to come too; tell whether there is one.

        Raises:
            ChangedMeanwhile: its facts no longer have the tag that is ``expected``.
        """
        if not self.has(document, expected):
            return False
        self._connection.executemany(
            "INSERT INTO corrections (document, fact, value, crc)"
            " VALUES (?1, ?2, ?3, checksum(?1, ?2, ?3)) ON CONFLICT (document, fact)"
            " DO UPDATE SET value = excluded.value, crc = excluded.crc",
            [(document, fact, value) for fact, value in changes.items()],
        )
        versions = self._rows(
            "SELECT key, live, language FROM documents WHERE id = ? AND live NOTNULL", (document,)
        )
        for key, live, language in list(versions):
            self.apply(key, changes)
            if live and changes.get(Fact.LANGUAGE, language) != language:
                self._renew(key)
        return True

    def has(self, document: str, expected: str | None) -> bool:
        """Tell whether there is a document whose facts have the tag that is ``expected``, if any.

        Raises:
            ChangedMeanwhile: its facts have another one.
        """
        facts = self._one(
            "SELECT title, publisher, published, language, url, collection FROM documents"
            " WHERE id = ? AND live NOTNULL ORDER BY live DESC LIMIT 1",
            (document,),
        )
        if facts is not None and expected not in (None, tag_of(facts)):
            raise ChangedMeanwhile
        return facts is not None

    def apply(self, key: int, changes: Corrected) -> None:
        """Have a version show what was corrected of its document."""
        if not changes:
            return
        if language := changes.get(Fact.LANGUAGE):
            self._speak(key, language)
        columns = ", ".join(f"{fact} = ?" for fact in changes)
        self._execute(
            f"UPDATE documents SET {columns} WHERE key = ?",  # noqa: S608, names of facts
            (*changes.values(), key),
        )
        self.seal_document(key)

    def seal_document(self, key: int) -> None:
        """Make the checksum of a version's own row anew."""
        self._execute(f"UPDATE documents SET crc = {_CRCS['documents']} WHERE key = ?", (key,))  # noqa: S608

    def note_origins(self, key: int, origins: Origins) -> None:
        """Note where each fact about a version was found."""
        self._connection.executemany(
            "INSERT INTO origins (document_key, fact, origin, crc)"
            " VALUES (?1, ?2, ?3, checksum(?1, ?2, ?3))",
            [(key, fact, origin) for fact, origin in origins.items()],
        )

    def forget(self, document: str) -> None:
        """Forget what was corrected of a document that is removed."""
        self._execute("DELETE FROM corrections WHERE document = ?", (document,))

    def _speak(self, key: int, language: str) -> None:
        """Have a version's passages be in a language, but for those in another one than it."""
        self._execute(
            "UPDATE passages SET language = ?1 WHERE document_key = ?2 AND language IN"
            " (?3, (SELECT language FROM documents WHERE key = ?2))",
            (language, key, UNKNOWN_LANGUAGE),
        )
        self._seal("passages", key)

    def _renew(self, key: int) -> None:
        """Give a version another key, so that whoever holds its passages reads them again."""
        new = self._connection.new_document_key()
        self._connection.defer_references()
        for table in OF_A_VERSION:
            self._execute(
                f"UPDATE {table} SET document_key = ? WHERE document_key = ?",  # noqa: S608
                (new, key),
            )
            self._seal(table, new)
        self._execute("UPDATE documents SET key = ? WHERE key = ?", (new, key))

    def _seal(self, table: str, key: int) -> None:
        """Make the checksums of a version's rows anew."""
        self._execute(
            f"UPDATE {table} SET crc = {_CRCS[table]} WHERE document_key = ?",  # noqa: S608
            (key,),
        )


def tag_of(facts: Iterable[str | date | None]) -> str:
    """Return a word that is another one as soon as one of a document's facts is: its ETag."""
    written = json.dumps([None if fact is None else str(fact) for fact in facts])
    return hashlib.sha256(written.encode()).hexdigest()[:16]
