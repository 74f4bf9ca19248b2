"""A passage that is in no collection."""

from __future__ import annotations

from corpus.store.view.listings import DocumentSummary
from corpus.types import Span
from qa.types import Citation, CitedPassage


def cited(text: str, language: str = "de") -> CitedPassage:
    """Return a passage of a document that is nothing else."""
    document = DocumentSummary(
        "d-1", "press", "a.txt", "text/plain", "0" * 64, language, "A", None, None, None, 1
    )
    span = Span(0, len(text))
    return CitedPassage(1, 1.0, language, text, span, Citation(document, span, None), ())
