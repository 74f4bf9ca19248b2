"""A document's own pages and slides, made when asked for, with its passages on them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from api.page_cache import PageCache
from api.problems import CannotDraw, UnknownOriginal, UnknownPage
from corpus.errors import NoSuchPage, ReadingUnavailable, Refused
from corpus.pages.marks import around
from corpus.pages.types import MESSAGES, PRINTED, WITH_PAGES, Box, Letterhead, PageText, Slide
from corpus.sandbox.page_client import PageProcess
from corpus.store.originals import Original
from corpus.store.view import View
from corpus.store.view.passages import StoredPassage
from corpus.types import Document, Span

ZOOMS: Final = (1.0, 1.5, 2.0)
"""How closely a page can be looked at; more would be more pixels than are drawn."""

_FAILED: Final = b""
"""Kept in place of a picture that could not be drawn, so that it is not tried at every request."""

log = logging.getLogger(__name__)

T = TypeVar("T")
P = TypeVar("P", Box, Span)


class NotDrawn(CannotDraw):
    """A slide is asked for as a picture."""

    def __str__(self) -> str:
        return (
            "A slide is not drawn as a picture. Open /documents/{id}/pages/{n} in a browser, or "
            "read the document's text."
        )


class PrintedPage(NamedTuple):
    """A page, and what of the document stands on it."""

    text: PageText
    passages: tuple[tuple[StoredPassage, tuple[Box, ...]], ...]
    """Each of which some words stand there, with its boxes."""
    mark: tuple[Box, ...]
    """The boxes of the span that is to be marked."""

    @property
    def pages(self) -> int:
        """How many the file has."""
        return self.text.pages


class SlidePage(NamedTuple):
    """A slide, and what of the document stands on it; places count in ``slide.text``."""

    slide: Slide
    passages: tuple[tuple[StoredPassage, tuple[Span, ...]], ...]
    """Each of which some words stand there."""
    mark: tuple[Span, ...]

    @property
    def pages(self) -> int:
        """How many slides the file has."""
        return self.slide.pages


class PrintedPages:
    """Draws pages, lays out slides and reads heads of messages, and keeps the pictures for a while.
    Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Keep pictures on the disk of ``folder``."""
        self._process = PageProcess()
        self._cache = PageCache(folder)

    def seen(
        self, view: View, document: Document, number: int, mark: Span
    ) -> PrintedPage | SlidePage:
        """Return a page or slide of a document that ``view`` shows, with what stands where.

        ``mark`` is the span of the cleaned text to be marked.

        Raises:
            UnknownPage: the document has no pages, or not so many.
            UnknownOriginal: only its text is kept.
            CannotDraw: the page is damaged or takes too much.
            ReadingUnavailable: there is no process to look at it.
        """
        if document.media_type not in WITH_PAGES:
            raise UnknownPage
        passages = view.passages_of(document.id)
        window = around(passages, number)
        here = [each for each in passages if window.start <= each.span.start < window.end]
        spans = [_within(each, window) for each in (*(each.span for each in here), mark)]
        sought = (number, document.text[slice(*window)], spans)
        content, key = self._content(view, document), (document.sha256, number, "text")
        if document.media_type == PRINTED:
            found = self._done(partial(self._process.page_text, content, *sought), key)
            return PrintedPage(found, _standing(here, found.marks), found.marks[-1])
        lay_out = partial(self._process.slide, content, document.media_type, *sought)
        slide = self._done(lay_out, key)
        return SlidePage(slide, _standing(here, slide.marks), slide.marks[-1])

    def page(self, view: View, document: Document, number: int, mark: Span) -> PrintedPage:
        """Return a page as ``seen`` does.

        Raises:
            NotDrawn: it is a slide.
        """
        _check_drawn(document)
        found = self.seen(view, document, number, mark)
        assert isinstance(found, PrintedPage)
        return found

    def picture(
        self, view: View, document: Document, number: int, zoom: float, mark: Span | None = None
    ) -> bytes:
        """Return a page as a PNG, with the span ``mark`` of the cleaned text tinted.

        Raises:
            NotDrawn, UnknownPage, UnknownOriginal, CannotDraw, ReadingUnavailable: as ``page``
                does.
        """
        _check_drawn(document)
        if not view.has_original(document.id):
            raise UnknownOriginal
        key = document.sha256, number, zoom, mark and (document.id, mark)
        if (kept := self._cache.get(key)) is not None:
            if kept == _FAILED:
                raise CannotDraw
            return kept
        marks = self.page(view, document, number, mark).mark if mark else ()
        content = self._content(view, document)
        draw = partial(self._process.drawn, content, number, zoom, marks)
        picture = self._done(draw, key)
        self._cache.put(key, picture.png)
        return picture.png

    def letterhead(self, view: View, document: Document) -> Letterhead | None:
        """Return the head of a message; None of anything else, or where it cannot be read."""
        if document.media_type not in MESSAGES:
            return None
        with suppress(UnknownOriginal, CannotDraw, ReadingUnavailable):
            content = self._content(view, document)
            read = partial(self._process.letterhead, content, document.media_type)
            return self._done(read, (document.sha256, "letter"))
        return None

    def close(self) -> None:
        """End the process, and forget the pictures."""
        self._process.close()
        self._cache.clear()

    def _done(self, work: partial[T], key: tuple[object, ...]) -> T:
        """Return what comes of a work, unless nothing came of it a moment ago."""
        if self._cache.get(key) == _FAILED:
            raise CannotDraw
        try:
            return work()
        except NoSuchPage as error:
            raise UnknownPage from error
        except Refused as error:
            log.warning("A page cannot be drawn: %s", error)
            self._cache.put(key, _FAILED)
            raise CannotDraw from error

    def _content(self, view: View, document: Document) -> bytes:
        original = view.original(document.id)
        if original is None:
            raise UnknownOriginal
        return _all_of(original)


def page_of(passages: Sequence[StoredPassage], place: int) -> int | None:
    """Return the page on which the passage at a place of the text begins."""
    pages = (each.page for each in passages if each.span.start <= place < each.span.end)
    return next(pages, None)


def passages_on(passages: Sequence[StoredPassage], number: int) -> list[StoredPassage]:
    """Return the passages that begin on a page."""
    return [each for each in passages if each.page == number]


def _check_drawn(document: Document) -> None:
    if document.media_type not in WITH_PAGES:
        raise UnknownPage
    if document.media_type != PRINTED:
        raise NotDrawn


def _standing(
    passages: Sequence[StoredPassage], marks: Sequence[tuple[P, ...]]
) -> tuple[tuple[StoredPassage, tuple[P, ...]], ...]:
    """Return the passages that have a place, with their places; ``marks`` may be more."""
    return tuple(pair for pair in zip(passages, marks, strict=False) if pair[1])


def _all_of(original: Original) -> bytes:
    content = bytearray()
    with original:
        while not original.is_read:
            content += original.read()
    return bytes(content)


def _within(span: Span, window: Span) -> Span:
    """Return a span as it counts from the beginning of a window; empty where it is outside."""
    start, end = (min(max(place, window.start), window.end) - window.start for place in span)
    return Span(start, end)
