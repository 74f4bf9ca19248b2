"""From an address that is listed to the page that it leads to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from corpus import sandbox
from corpus.errors import Refused
from corpus.readers.web_links import Link, LinkKind
from corpus.web.addresses import normalized
from corpus.web.crawling import Crawler
from corpus.web.errors import BadAddress, NotFetched, SiteBusy
from corpus.web.fetching import Failed, Fetched, Gone, Moved, NotModified, Validators
from corpus.web.sources import WebSource

MAX_REDIRECTS: Final = 5

_PAGES: Final = frozenset({"text/html", "application/xhtml+xml", ""})


class Page(NamedTuple):
    """A file of the web, with what it says of itself."""

    fetched: Fetched
    alternates: tuple[str, ...] = ()
    """Its translations' addresses."""
    wants_no_index: bool = False
    """It asks search engines to leave it out."""


class Seen(NamedTuple):
    """A page that was dealt with already in this visit, by another address."""

    address: str


Arrival = Page | NotModified | Gone | Seen


class Asker(NamedTuple):
    """How pages are asked for."""

    source: WebSource
    crawler: Crawler
    max_bytes: int
    known: Callable[[str], Validators]
    """Of the version of an address whose documents are there."""
    is_seen: Callable[[str], bool]

    def arrive(self, address: str) -> Arrival:
        """Follow redirects, and the address that a page says is its own.

        Raises:
            NotFetched: nothing is there to be had; the subclass says why.
            Refused: what is there cannot be read.
            Stopped: the work is to end.
        """
        arrival = self._at(address, address)
        if not isinstance(arrival, Page):
            return arrival
        page, canonical = self._read(arrival.fetched)
        if canonical in ("", arrival.fetched.address):
            return page
        return self._canonical(canonical, address) or page

    def _canonical(self, canonical: str, start: str) -> Arrival | None:
        """Return the page that another says is its own; None if it leads nowhere."""
        try:
            arrival = self._at(canonical, start)
            if isinstance(arrival, Page):
                return self._read(arrival.fetched)[0]
        except SiteBusy:
            raise
        except Refused:
            return None
        return None if isinstance(arrival, Gone) else arrival

    def _at(self, address: str, start: str) -> Arrival:
        """Follow redirects."""
        passed: set[str] = set()
        for _ in range(MAX_REDIRECTS + 1):
            self.source.check(address)
            if address != start and self.is_seen(address):
                return Seen(address)
            if address in passed:
                raise NotFetched(f"It redirects in a circle, by {address}.")
            passed.add(address)
            answer = self.crawler.get(address, self.max_bytes, self.known(address))
            match answer:
                case Moved(to=to):
                    address = to
                case Failed(status=status):
                    raise NotFetched(f"The site answers with the status {status}.")
                case Fetched():
                    return Page(answer)
                case NotModified() | Gone():
                    return answer
        raise NotFetched(f"It redirects more than {MAX_REDIRECTS} times.")

    def _read(self, fetched: Fetched) -> tuple[Page, str]:
        """Return a page with what it says of itself, and its own address as it has it."""
        links: tuple[Link, ...] = ()
        if fetched.media_type in _PAGES and fetched.content.strip():
            links = sandbox.links(fetched.content, is_list=False)
        named: dict[LinkKind, list[str]] = {kind: [] for kind in LinkKind}
        for kind, address in links:
            try:
                named[kind].append(normalized(address, fetched.address))
            except BadAddress:
                continue  # it is the page's loss
        page = Page(
            fetched,
            tuple(named[LinkKind.ALTERNATE]),
            fetched.wants_no_index or bool(named[LinkKind.NO_INDEX]),
        )
        return page, next(iter(named[LinkKind.CANONICAL]), "")
