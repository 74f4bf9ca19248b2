"""Letters of another script among words that are written from the right.

Where a font does not say which letter it draws, pdfium shows the letter's number in the font, which
may be that of a Greek letter: "اΖنظمة". Marks are mostly such, as the hamza over an alef that some
fonts draw apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from corpus.readers.page_layout.accents import REMOVED
from corpus.readers.page_layout.directions import IS_TURNED
from corpus.readers.page_layout.glyph_names import UNKNOWN
from corpus.readers.page_layout.measures import Measures
from corpus.readers.page_layout.pdfium import unchecked
from corpus.readers.page_layout.rows import SAME_LINE

if TYPE_CHECKING:
    from pypdfium2 import PdfTextPage

NEAR: Final = 20
"""Characters within which the letter stands that a mark is drawn upon; pdfium may put the mark at
the end of the word."""

_TURNED = IS_TURNED.pattern
_ASCII_BESIDE = f"(?<={_TURNED})[A-Za-z]|[A-Za-z](?={_TURNED})"
_STRANGE = re.compile(rf"(?!{_TURNED})[^\W\d_\x00-\x7f]|{_ASCII_BESIDE}")
"""Most words of Latin letters stand apart, and are not looked at."""


def strange_letters(text_page: PdfTextPage, characters: str, measures: Measures) -> dict[int, str]:
    """Return what stands in place of letters that the file does not know, of a page with letters
    that are written from the right: UNKNOWN, or REMOVED where it is a mark upon its letter."""
    if not IS_TURNED.search(characters):
        return {}
    is_unknown = unchecked("FPDFText_HasUnicodeMapError")
    return {
        at: REMOVED if _is_mark(at, characters, measures) else UNKNOWN
        for at in (match.start() for match in _STRANGE.finditer(characters))
        if is_unknown(text_page.raw, at) == 1
    }


def _is_mark(at: int, characters: str, measures: Measures) -> bool:
    """Tell whether a letter takes its room from one of the same line."""
    baseline, near = measures.baseline(at), SAME_LINE * measures.size(at)
    return measures.room(at).is_over(
        *(
            measures.room(other)
            for other in range(max(0, at - NEAR), min(len(characters), at + NEAR + 1))
            if IS_TURNED.match(characters[other])
            and abs(measures.baseline(other) - baseline) < near
        )
    )
