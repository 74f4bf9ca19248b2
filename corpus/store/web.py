"""What is known of the pages that are followed on the web, between one visit and the next."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from typing import Any, Final, NamedTuple

from corpus.store import ids
from corpus.store.engine import Part

AT_ONCE: Final = -1
"""In place of a moment: somebody wants the source to be visited now."""

FROM_THE_WEB: Final = "https:"
"""In place of a folder, where documents from the web are from."""


class SourceKey(NamedTuple):
    """What tells one source from another."""

    kind: str
    address: str
    collection: str


class Visit(NamedTuple):
    """A visit to a source that has begun."""

    source: int
    number: int


class SourceState(NamedTuple):
    """How it went with a source so far."""

    key: SourceKey
    begun: int
    """Seconds since 1970; 0: it has never been visited."""
    ended: int | None
    """None if the last visit was cut off or is under way."""
    not_before: int
    """The same; 0: whenever its time has come, or AT_ONCE."""
    note: str
    pages: int
    refused: int
    """Of the pages, how many gave no document."""


class PageState(NamedTuple):
    """What is known of one address."""

    url: str
    visit: int
    etag: str = ""
    modified: str = ""
    reason: str = ""


class WebPages(Part):
    """The sources, their pages and what those were made into."""

    def begin(self, key: SourceKey, now: int) -> Visit:
        """Begin a visit, or take up one that was cut off."""
        with self.transaction():
            self._connection.execute(
                "INSERT INTO web_sources (kind, address, collection) VALUES (?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                key,
            )
            self._connection.execute(
                "UPDATE web_sources SET visit = visit + 1, begun = ?4, ended = NULL"
                " WHERE kind = ?1 AND address = ?2 AND collection = ?3 AND ended NOTNULL",
                (*key, now),
            )
            row = self._one(
                "SELECT id, visit FROM web_sources"
                " WHERE kind = ? AND address = ? AND collection = ?",
                tuple(key),
            )
            assert row is not None
            return Visit(*row)

    def end(self, visit: Visit, now: int, note: str) -> None:
        """Note that a visit came to its end."""
        self._execute(
            "UPDATE web_sources SET ended = ?2, not_before = 0, note = ?3 WHERE id = ?1",
            (visit.source, now, note),
        )

    def hurry(self, key: SourceKey) -> None:
        """Note that a source is to be visited now, if its last visit came to its end."""
        self._execute(
            "UPDATE web_sources SET not_before = ?4"
            " WHERE kind = ?1 AND address = ?2 AND collection = ?3 AND ended NOTNULL",
            (*key, AT_ONCE),
        )

    def put_off(self, visit: Visit, not_before: int, note: str) -> None:
        """Note that a visit is to go on later."""
        self._execute(
            "UPDATE web_sources SET not_before = ?2, note = ?3 WHERE id = ?1",
            (visit.source, not_before, note),
        )

    def states(self) -> list[SourceState]:
        """Return every source that was ever visited."""
        rows = self._rows(
            "SELECT kind, address, collection, begun, ended, not_before, note, count(url),"
            " count(nullif(reason, '')) FROM web_sources LEFT JOIN web_pages ON source = id"
            " GROUP BY id ORDER BY collection, address, kind"
        )
        return [SourceState(SourceKey(*row[:3]), *row[3:]) for row in rows]

    def refused(self, key: SourceKey, most: int = sys.maxsize) -> list[tuple[str, str]]:
        """Return addresses of a source that gave no document, and why: the first by name."""
        return [
            (url, reason)
            for url, reason in self._rows(
                "SELECT url, reason FROM web_pages JOIN web_sources ON id = source"
                " WHERE kind = ? AND address = ? AND collection = ? AND reason <> '' ORDER BY url"
                " LIMIT ?",
                (*key, most),
            )
        ]

    def page(self, visit: Visit, url: str) -> PageState | None:
        """Return what is known of an address."""
        row = self._one(
            "SELECT url, visit, etag, modified, reason FROM web_pages WHERE source = ? AND url = ?",
            (visit.source, url),
        )
        return PageState(*row) if row else None

    def note_page(
        self,
        visit: Visit,
        page: PageState,
        documents: Collection[str],
        alternates: Iterable[str] | None = None,
    ) -> None:
        """Note what an address gave; None: its ``alternates`` are as they were."""
        place = (visit.source, page.url)
        with self.transaction():
            self._connection.execute(
                "INSERT INTO web_pages (source, url, visit, etag, modified, reason)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (source, url)"
                " DO UPDATE SET visit = excluded.visit, etag = excluded.etag,"
                " modified = excluded.modified, reason = excluded.reason",
                (visit.source, *page),
            )
            self._replace("web_documents", place, documents)
            if alternates is not None:
                self._replace("web_alternates", place, alternates)

    def touch(self, visit: Visit, url: str) -> None:
        """Note that a visit came by an address, of which all is as it was."""
        self._execute(
            "UPDATE web_pages SET visit = ?3 WHERE source = ?1 AND url = ?2",
            (visit.source, url, visit.number),
        )

    def documents(self, visit: Visit, url: str) -> list[str]:
        """Return the documents that an address's bytes were made into."""
        rows = self._rows(
            "SELECT document FROM web_documents WHERE source = ? AND url = ? ORDER BY document",
            (visit.source, url),
        )
        return [row[0] for row in rows]

    def is_whole(self, visit: Visit, url: str, text_version: int) -> bool:
        """Tell whether all documents of an address are there, read as they are read today."""
        row = self._one(
            "SELECT count(*), count(d.id) FROM web_documents w LEFT JOIN documents d"
            " ON d.id = w.document AND d.text_version = ?3 AND d.live NOTNULL"
            " WHERE w.source = ?1 AND w.url = ?2",
            (visit.source, url, text_version),
        )
        return bool(row and row[0] and row[0] <= row[1])

    def not_seen(self, visit: Visit) -> list[str]:
        """Return the known addresses that a visit has not come by, those longest ago first."""
        rows = self._rows(
            "SELECT url FROM web_pages WHERE source = ? AND visit < ? ORDER BY visit, url", visit
        )
        return [row[0] for row in rows]

    def forget(self, visit: Visit, url: str) -> list[str]:
        """Forget an address; return the documents that come from no other one."""
        with self.transaction():
            documents = self.documents(visit, url)
            self._connection.execute(
                "DELETE FROM web_pages WHERE source = ? AND url = ?", (visit.source, url)
            )
            return self.unclaimed(documents)

    def unclaimed(self, documents: Collection[str]) -> list[str]:
        """Return those documents from the web that no page is known to give."""
        return [
            document
            for document in documents
            if self._one(
                "SELECT 1 FROM documents WHERE id = ?1 AND root = ?2 AND live NOTNULL"
                " AND NOT EXISTS (SELECT 1 FROM web_documents WHERE document = ?1)",
                (document, FROM_THE_WEB),
            )
        ]

    def address_of(self, document: str) -> str:
        """Return where on the web a document is from, or its id where it says nothing of that."""
        row = self._one("SELECT url FROM documents WHERE id = ? AND url NOTNULL", (document,))
        return row[0] if row else document

    def is_taken(self, file: str, collection: str, url: str) -> bool:
        """Tell whether a document of that name, moved or not, comes from another address."""
        row = self._one(
            "SELECT 1 FROM documents d JOIN web_documents w ON w.document = d.id"
            " WHERE (d.collection = ?1 OR d.id IN (?4, ?5)) AND d.file = ?2 AND d.live NOTNULL"
            " AND d.url IS NOT ?3 AND NOT EXISTS (SELECT 1 FROM web_documents o"
            " WHERE o.document = d.id AND o.url = ?3)",
            (collection, file, url, *ids.moved_from(collection, file)),
        )
        return row is not None

    def _replace(self, table: str, place: tuple[Any, ...], values: Iterable[str]) -> None:
        self._connection.execute(f"DELETE FROM {table} WHERE source = ? AND url = ?", place)  # noqa: S608
        self._connection.executemany(
            f"INSERT INTO {table} VALUES (?, ?, ?) ON CONFLICT DO NOTHING",  # noqa: S608
            [(*place, value) for value in values],
        )
