"""The service's side of drawing pages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from corpus.errors import NoSuchPage
from corpus.pages.types import Box, Letterhead, PageText, Picture, Slide
from corpus.sandbox.client import ReadingProcess
from corpus.sandbox.limits import page_limits
from corpus.sandbox.protocol import Found, NoPage
from corpus.types import Span


class PageProcess(ReadingProcess):
    """Draws pages of PDFs, lays out slides and reads heads of messages in a process apart, one at a
    time; safe to use from several threads.

    It is another than those that read files, so that a page is there before a long file is read.
    """

    def __init__(self) -> None:
        super().__init__(page_limits, "corpus.sandbox.page_server")

    def page_text(self, content: bytes, number: int, text: str, spans: Sequence[Span]) -> PageText:
        """Return the words of a page, and where ``spans`` of ``text`` stand on it.

        ``text`` is what the cleaned text has of the page (``corpus.pages.marks.around``).

        Raises:
            NoSuchPage: the file has fewer pages.
            Refused: the page cannot be read, or reading it went over a limit.
            ReadingUnavailable: the process cannot be started.
        """
        order = {"page": number, "text": text, "spans": spans}
        said = self._asked(content, order)
        assert isinstance(said, PageText)
        return said

    def slide(
        self, content: bytes, media_type: str, number: int, text: str, spans: Sequence[Span]
    ) -> Slide:
        """Return a slide of a presentation, and where ``spans`` of ``text`` stand on it.

        Raises:
            NoSuchPage, Refused, ReadingUnavailable: as ``page_text`` does.
        """
        order = {"slides": media_type, "page": number, "text": text, "spans": spans}
        said = self._asked(content, order)
        assert isinstance(said, Slide)
        return said

    def letterhead(self, content: bytes, media_type: str) -> Letterhead:
        """Return the head of a message.

        Raises:
            Refused, ReadingUnavailable: as ``page_text`` does.
        """
        said = self._asked(content, {"letter": media_type})
        assert isinstance(said, Letterhead)
        return said

    def drawn(self, content: bytes, number: int, zoom: float, marks: Sequence[Box] = ()) -> Picture:
        """Return the picture of a page, with ``marks`` tinted.

        Raises:
            NoSuchPage, Refused, ReadingUnavailable: as ``page_text`` does.
        """
        order = {"page": number, "zoom": zoom, "marks": marks}
        said = self._asked(content, order)
        assert isinstance(said, Picture)
        return said

    def _asked(self, content: bytes, order: Mapping[str, object]) -> Found:
        said = self._read(content, json.dumps(order))
        if isinstance(said, NoPage):
            raise NoSuchPage(f"The file has no page {order['page']}. Its last one is {said.pages}.")
        return said
