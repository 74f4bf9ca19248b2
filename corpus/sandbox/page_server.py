"""The fork server whose children draw pages, lay out slides, find the places of words and read the
heads of messages."""

from __future__ import annotations

import json
from typing import Any

from corpus.pages import slides
from corpus.pages.drawing import drawn
from corpus.pages.letterhead import letterhead_of
from corpus.pages.marks import page_text
from corpus.pages.types import Box, Letterhead, PageText, Picture, Slide
from corpus.readers import MEDIA_TYPES
from corpus.readers.page_layout.pdf_file import opened
from corpus.sandbox import server
from corpus.sandbox.protocol import NoPage
from corpus.sandbox.warmup import pdf, specimens
from corpus.types import Span

Seen = PageText | Picture | Slide | Letterhead | NoPage


def read_page(content: bytes, order: str) -> Seen:
    """Return what ``order``, written by ``PageProcess``, asks for of a file.

    Raises:
        Refused: it cannot be read.
    """
    asked: dict[str, Any] = json.loads(order)
    if "letter" in asked:
        return letterhead_of(content, asked["letter"])
    number: int = asked["page"]
    spans = [Span(*span) for span in asked.get("spans", ())]
    if "slides" in asked:
        presentation = slides.opened(content, asked["slides"])
        if not 0 < number <= presentation.pages:
            return NoPage(presentation.pages)
        return slides.laid_out(presentation, number, asked["text"], spans)
    with opened(content) as pdf:
        if not 0 < number <= len(pdf):
            return NoPage(len(pdf))
        if "zoom" in asked:
            return drawn(pdf, number, asked["zoom"], [Box(*box) for box in asked["marks"]])
        return page_text(pdf, number, asked["text"], spans)


def warm_up() -> None:
    """Load what drawing needs: a child can open no file to load it from."""
    content = pdf()
    looked_at = {"page": 1, "text": "They patrol together.", "spans": [[0, 4]]}
    read_page(content, json.dumps(looked_at))
    read_page(content, '{"page": 1, "zoom": 1, "marks": [[0, 0, 9, 9]]}')
    for ending in (".pptx", ".odp"):
        order = {**looked_at, "slides": MEDIA_TYPES[ending]}
        read_page(specimens()[ending], json.dumps(order))
    for ending in (".eml", ".msg"):
        read_page(specimens()[ending], json.dumps({"letter": MEDIA_TYPES[ending]}))


def serve(control_descriptor: int) -> None:
    """Run the server."""
    server.serve(control_descriptor, read_page, warm_up)
