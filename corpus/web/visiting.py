"""A visit to a source: its pages fetched, read by the ordinary door, and those that are gone
removed.

Each page is noted as soon as its documents are kept. So a visit that was cut off anywhere is taken
up where it stopped.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from corpus import sandbox
from corpus.disk import MAX_FILE_BYTES
from corpus.errors import Refused
from corpus.ingest import TEXT_VERSION, WEB, Source, keep, planned
from corpus.store.catalogue import Catalogue
from corpus.store.web import PageState
from corpus.types import FileReport, Outcome
from corpus.unpacking import Read, documents_in, documents_in_archive, is_archive
from corpus.web.crawling import Crawler, Pace
from corpus.web.errors import Disallowed, NotFetched, SiteBusy
from corpus.web.fetching import (
    NO_VALIDATORS,
    SECONDS_OF_ONE_REQUEST,
    Fetcher,
    Gone,
    NotModified,
    Validators,
)
from corpus.web.guard import Guard, Resolve, addresses_of, is_public
from corpus.web.listing import Listing, pages_of
from corpus.web.names import file_name, with_mark
from corpus.web.pages import Arrival, Asker, Page, Seen
from corpus.web.sources import Kind, WebSource

RETRY_SECONDS = 3600.0
"""When a sitemap or feed is asked for again that could not be had or read."""

SHOWN_NOTES = 5
"""Of what is missing from a list, how much is told."""


class Network(NamedTuple):
    """How hosts are found, and which of their addresses may be connected to."""

    resolve: Resolve = addresses_of
    is_permitted: Callable[[str], bool] = is_public
    seconds: float = SECONDS_OF_ONE_REQUEST
    """That one request may take."""


def visit(
    catalogue: Catalogue,
    source: WebSource,
    pace: Pace,
    max_file_bytes: int = MAX_FILE_BYTES,
    network: Network = Network(),
) -> Iterator[FileReport]:
    """Bring the pages of a source into the catalogue, and yield each one's outcome.

    Pages that are gone, by what their address says or because a sitemap no longer lists them, are
    removed.

    Raises:
        CatalogueError: the catalogue cannot be used; what was reported before is kept.
        ReadingUnavailable: there is no process to read files.
        Stopped: the pace was told to stop; the next visit goes on from there.
    """
    sandbox.prepare()
    guard = Guard(source.allow_private, network.resolve, network.is_permitted)
    with Fetcher(guard, network.seconds) as fetcher:
        crawler = Crawler(fetcher, pace, source.delay_seconds)
        yield from _Visit(catalogue, source, crawler, max_file_bytes).reports()


class _Visit:
    """One visit."""

    def __init__(
        self, catalogue: Catalogue, source: WebSource, crawler: Crawler, max_file_bytes: int
    ) -> None:
        self._catalogue = catalogue
        self._web = catalogue.web
        self._source = source
        self._crawler = crawler
        self._max_file_bytes = max_file_bytes
        self._visit = self._web.begin(source.key, _now())
        self._asker = Asker(source, crawler, max_file_bytes, self._known, self._is_seen)

    def reports(self) -> Iterator[FileReport]:
        try:
            notes = yield from self._pages()
        except SiteBusy as busy:
            self._web.put_off(self._visit, _now() + round(busy.seconds), str(busy))
            yield _refused(self._source.address, busy)
        except Refused as refusal:  # of the list itself
            seconds = round(min(RETRY_SECONDS, self._source.seconds_between_visits))
            self._web.put_off(self._visit, _now() + seconds, str(refusal))
            yield _refused(self._source.address, refusal)
        else:
            self._web.end(self._visit, _now(), " ".join(notes[:SHOWN_NOTES]))
            for note in notes:
                yield _refused(self._source.address, NotFetched(note))

    def _pages(self) -> Generator[FileReport, None, tuple[str, ...]]:
        listing = pages_of(self._source, self._crawler)
        for address in self._chosen(listing):
            if not self._is_seen(address):
                yield from self._page(address, listing.alternates.get(address, ()))
        if listing.is_whole:
            for address in self._web.not_seen(self._visit):
                yield from self._forgotten(address)
        return listing.notes

    def _chosen(self, listing: Listing) -> list[str]:
        """Return what is asked for: what is listed; and after a feed, which lists the newest only,
        what it listed before."""
        earlier = self._web.not_seen(self._visit) if self._source.kind is Kind.FEED else []
        return list(dict.fromkeys([*listing.pages, *earlier]))[: self._source.max_pages]

    def _page(self, address: str, listed: Collection[str]) -> Iterator[FileReport]:
        """Ask for a page, and do with its documents what it gives cause to."""
        try:
            yield from self._followed(address, self._asker.arrive(address), listed)
        except SiteBusy:
            raise
        except Refused as refusal:
            yield self._refused(address, refusal)

    def _followed(
        self, start: str, arrival: Arrival, listed: Collection[str]
    ) -> Iterator[FileReport]:
        match arrival:
            case Page(wants_no_index=True):
                unwanted = Disallowed("The page asks search engines to leave it out (noindex).")
                yield from self._emptied(start, arrival.fetched.address, unwanted)
            case Page():
                yield from self._kept(start, arrival, listed)
            case Gone(final, status):
                missing = NotFetched(f"There is nothing at the address ({status}).")
                yield from self._emptied(start, final, missing)
            case NotModified(final) | Seen(final):
                self._web.touch(self._visit, final)
                documents = self._web.documents(self._visit, final)
                page = self._web.page(self._visit, final)
                if page and page.reason and not documents:
                    raise NotFetched(page.reason)
                yield from self._leads_to(start, final, documents)
                yield FileReport(start, Outcome.UNCHANGED, next(iter(documents), None))

    def _kept(self, start: str, page: Page, listed: Collection[str]) -> Iterator[FileReport]:
        """Take in what an address gave, as one document or as those that it holds."""
        fetched = page.fetched
        name = file_name(fetched.address, fetched.media_type, fetched.content)
        if self._web.is_taken(name, self._source.collection, fetched.address):
            name = with_mark(name, fetched.address)
        before = set(self._web.documents(self._visit, fetched.address))
        reports = []
        for file, read in _documents_in(name, fetched.content, self._max_file_bytes):
            report = self._taken_in(file, read, fetched.address)
            reports.append(report)
            yield replace(report, file=fetched.address + file.removeprefix(name))
        documents = {report.document for report in reports if report.document}
        refused = [report for report in reports if report.reason]
        if refused:  # what it gave before is better than nothing
            documents |= before
        reason = (refused[0].reason or "") if len(refused) == len(reports) else ""
        validators = NO_VALIDATORS if refused else fetched.validators
        self._web.note_page(
            self._visit,
            PageState(fetched.address, self._visit.number, *validators, reason),
            documents,
            {*page.alternates, *listed},
        )
        yield from self._leads_to(start, fetched.address, documents)
        yield from self._removed(before - documents)

    def _taken_in(self, file: str, read: Read, address: str) -> FileReport:
        source = Source(WEB, file, url=address)
        return keep(
            self._catalogue, planned(self._catalogue, source, read, self._source.collection)
        )

    def _leads_to(self, start: str, final: str, documents: Collection[str]) -> Iterator[FileReport]:
        """Note that an address gives another one's documents; remove what it gave before."""
        if start == final:
            return
        before = self._web.documents(self._visit, start)
        state = PageState(start, self._visit.number)
        self._web.note_page(self._visit, state, documents, ())
        yield from self._removed(before)

    def _emptied(self, start: str, final: str, refusal: Refused) -> Iterator[FileReport]:
        """Remove what addresses gave that give nothing any more."""
        removed: list[FileReport] = []
        for address in dict.fromkeys((start, final)):
            before = self._web.documents(self._visit, address)
            state = PageState(address, self._visit.number, reason=str(refusal))
            self._web.note_page(self._visit, state, (), ())
            removed += self._removed(before)
        yield from removed or [_refused(start, refusal)]

    def _forgotten(self, address: str) -> Iterator[FileReport]:
        yield from self._removed(self._web.forget(self._visit, address))

    def _removed(self, documents: Collection[str]) -> Iterator[FileReport]:
        """Remove those documents that no address gives any more."""
        for document in self._web.unclaimed(sorted(documents)):
            file = self._web.address_of(document)
            self._catalogue.remove(document)
            yield FileReport(file, Outcome.REMOVED, document)

    def _refused(self, address: str, refusal: Refused) -> FileReport:
        """Note why an address gave nothing. What it gave before stays."""
        documents = self._web.documents(self._visit, address)
        state = PageState(address, self._visit.number, reason=str(refusal))
        self._web.note_page(self._visit, state, documents)
        return _refused(address, refusal)

    def _known(self, address: str) -> Validators:
        """Return what the version of an address was called whose documents are all there."""
        page = self._web.page(self._visit, address)
        if page and self._web.is_whole(self._visit, address, TEXT_VERSION):
            return Validators(page.etag, page.modified)
        return NO_VALIDATORS

    def _is_seen(self, address: str) -> bool:
        page = self._web.page(self._visit, address)
        return page is not None and page.visit == self._visit.number


def _documents_in(name: str, content: bytes, max_file_bytes: int) -> Iterator[tuple[str, Read]]:
    if is_archive(name):
        return documents_in_archive(name, io.BytesIO(content), max_file_bytes)
    return documents_in(name, partial(bytes, content))


def _refused(address: str, refusal: Refused) -> FileReport:
    return FileReport(address, Outcome.REFUSED, reason=str(refusal), refusal=type(refusal).__name__)


def _now() -> int:
    return int(time.time())
