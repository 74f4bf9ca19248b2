"""Which pages a source has: itself, or what its sitemap or feed lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from corpus import sandbox
from corpus.errors import Refused
from corpus.readers.web_links import Link, LinkKind
from corpus.web.addresses import normalized
from corpus.web.crawling import Crawler
from corpus.web.errors import BadAddress, NotFetched, OutsideSource, SiteBusy
from corpus.web.fetching import Fetched, Gone, Moved, unpacked
from corpus.web.sources import Kind, WebSource

MAX_LIST_BYTES: Final = 50 * 2**20
"""Of a sitemap or feed, unpacked (https://www.sitemaps.org/protocol.html)."""

MAX_SITEMAPS: Final = 100
"""Of one source: an index may name 50,000, each with as many pages."""

MAX_REDIRECTS: Final = 5

_GZIP: Final = b"\x1f\x8b"


class Listing(NamedTuple):
    """The pages of a source, in its order, each once."""

    pages: tuple[str, ...]
    alternates: Mapping[str, Sequence[str]] = MappingProxyType({})
    """Of some pages, the addresses of their translations."""
    is_whole: bool = False
    """What is not in it is gone from the source."""
    notes: tuple[str, ...] = ()
    """What is missing, and why."""


def pages_of(source: WebSource, crawler: Crawler) -> Listing:
    """Return the pages of a source; few more than it may have.

    Raises:
        Refused: its sitemap or feed cannot be had or read.
        Stopped: the work is to end.
    """
    if source.kind is Kind.PAGE:
        return Listing((source.address,))
    return _Lists(source, crawler).read()


class _Lists:
    """Reads a source's feed, or its sitemap and those that it names."""

    def __init__(self, source: WebSource, crawler: Crawler) -> None:
        self._source = source
        self._crawler = crawler
        self._pages: dict[str, list[str]] = {}
        self._waiting = [source.address]
        self._seen: set[str] = set()
        self._notes: dict[str, None] = {}
        self._is_whole = source.kind is Kind.SITEMAP

    def read(self) -> Listing:
        while self._waiting and not self._has_enough:
            address = self._waiting.pop(0)
            if address in self._seen:
                continue
            if len(self._seen) == MAX_SITEMAPS:
                self._miss(f"There are more than {MAX_SITEMAPS} sitemaps; the rest is left out.")
                break
            self._seen.add(address)
            self._read_one(address)
        return self._listing()

    @property
    def _has_enough(self) -> bool:
        return len(self._pages) > self._source.max_pages

    def _read_one(self, address: str) -> None:
        try:
            links = sandbox.links(self._content(address), is_list=True)
        except SiteBusy:
            raise
        except OutsideSource as refusal:
            self._note(f"{address}: {refusal}")
            return
        except Refused as refusal:
            if address == self._source.address:
                raise
            self._miss(f"{address}: {refusal}")
            return
        if links and links[-1].kind is LinkKind.MORE:
            self._miss(f"{address} lists more than can be read; the rest is left out.")
        page: list[str] | None = None
        for link in links:
            if self._has_enough:
                return
            page = self._take(link, address, page)

    def _take(self, link: Link, base: str, page: list[str] | None) -> list[str] | None:
        """Take in one address; return the alternates of the page that it is, or belongs to."""
        if link.kind is LinkKind.MORE:
            return page
        try:
            address = normalized(link.address, base)
        except BadAddress as refusal:
            self._note(f"{base} lists an address that cannot be fetched: {refusal}")
            return None if link.kind is LinkKind.PAGE else page
        if link.kind is LinkKind.SITEMAP:
            self._waiting.append(address)
        elif link.kind is LinkKind.ALTERNATE and page is not None:
            page.append(address)
        elif link.kind is LinkKind.PAGE:
            if self._source.leaves_out(address):
                return None
            return self._pages.setdefault(address, [])
        return page

    def _content(self, address: str) -> bytes:
        """Return a list's bytes, unpacked.

        Raises:
            Refused: it cannot be had.
        """
        for _ in range(MAX_REDIRECTS + 1):
            self._source.check(address)
            match self._crawler.get(address, MAX_LIST_BYTES):
                case Fetched(content=content):
                    is_packed = content.startswith(_GZIP)
                    return unpacked([content], MAX_LIST_BYTES) if is_packed else content
                case Moved(to=to):
                    address = to
                case Gone(status=status):
                    raise NotFetched(f"There is nothing at the address ({status}). Check it.")
                case other:
                    raise NotFetched(f"The site answers with the status {_status(other)}.")
        raise NotFetched(f"It redirects more than {MAX_REDIRECTS} times.")

    def _note(self, note: str) -> None:
        self._notes[note] = None

    def _miss(self, note: str) -> None:
        """Note that pages may be missing, so that none is held to be gone."""
        self._note(note)
        self._is_whole = False

    def _listing(self) -> Listing:
        most = self._source.max_pages
        if self._has_enough:
            self._miss(f"It lists more than {most:,} pages; the rest is left out.")
        if not self._pages:
            self._miss("It lists no page, so nothing is removed.")
        return Listing(
            pages=tuple(self._pages)[:most],
            alternates={page: found for page, found in self._pages.items() if found},
            is_whole=self._is_whole,
            notes=tuple(self._notes),
        )


def _status(answer: object) -> int:
    return int(getattr(answer, "status", 304))
