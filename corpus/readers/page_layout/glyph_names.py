"""Letters that a PDF's font has by names which pdfium does not know, such as ``f_f_i``.

pdfium then shows the number of the letter in its font, which is no letter: "de\\x1bnition".
"""

from __future__ import annotations

import ctypes
import io
import logging
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pypdf import PdfReader
    from pypdfium2 import PdfTextPage

UNKNOWN: Final = "\ufffd"
"""Stands for a letter of which the file does not say which it is."""

MAX_FORMS: Final = 50
"""Drawings within drawings of a page whose fonts are looked at."""

MAX_WALKS: Final = 20
"""Pages that are looked for one by one; for more, pypdf reads all pages of a file at once."""

MAX_DEPTH: Final = 50
"""Branches within branches of a file's pages; pdfium follows a thousand, programs write five."""

_OF_DAMAGE: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_NUMBER = re.compile(r"[\x00-\x1f](?<!\r\n)(?<!\r(?=\n))")  # no line's end
_LONGEST_NAME: Final = 128  # bytes of a font's name, by the PDF standard
_LIGATURE = re.compile(r"([^\W\d_](?:_[^\W\d_])*)(?:\.\w+)?")
_SUBSET = re.compile(r"[A-Z]{6}\+")


class GlyphNames:
    """Says how letters are spelt that a file only has by name. Opens the file when first asked."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._of_page: dict[int, Mapping[tuple[str, int], str]] = {}
        self._of_font: dict[int, tuple[Any, Mapping[int, str]]] = {}

    def unknown(self, text_page: PdfTextPage, page: int, characters: str) -> dict[int, str]:
        """Return, for each place of a page's text with a number in place of a letter, what is
        spelt there: UNKNOWN within a word that it belongs to, and a space among other signs."""
        from pypdfium2 import raw

        found = {}
        for match in _NUMBER.finditer(characters):
            at = match.start()
            if raw.FPDFText_HasUnicodeMapError(text_page, at) == 1:
                is_letter = _is_in_word(characters, at)
                found[at] = self._letter(text_page, page, at, match[0]) if is_letter else " "
        return found

    def _letter(self, text_page: PdfTextPage, page: int, at: int, number: str) -> str:
        name = _font_name(text_page, at)  # a font that draws its letters itself has none
        return self._spelt(page).get((name, ord(number)), UNKNOWN) if name else UNKNOWN

    def _spelt(self, page: int) -> Mapping[tuple[str, int], str]:
        if page not in self._of_page:
            self._of_page[page] = dict(self._letters(page))
        return self._of_page[page]

    def _letters(self, page: int) -> Iterator[tuple[tuple[str, int], str]]:
        from pypdf.errors import DependencyError, PyPdfError

        try:
            for font in _fonts(self._resources(page)):
                name = _SUBSET.sub("", str(font.get("/BaseFont", "")).removeprefix("/"))
                for number, spelt in self._ligatures(font).items():
                    yield (name, number), spelt
        except (PyPdfError, DependencyError, *_OF_DAMAGE):
            return  # the file is not as it should be, which pdfium could bear

    def _ligatures(self, font: Any) -> Mapping[int, str]:
        """Return what is spelt at the numbers of a font, which most pages share with others."""
        _, known = self._of_font.get(id(font), (None, None))
        if known is None:
            named = ((number, _LIGATURE.fullmatch(name)) for number, name in _named(font))
            known = {number: spelt[1].replace("_", "") for number, spelt in named if spelt}
            self._of_font[id(font)] = font, known
        return known

    def _resources(self, page: int) -> Any:
        if len(self._of_page) < MAX_WALKS:
            return _resources(self._reader.root_object["/Pages"], page - 1)
        return self._reader.pages[page - 1].get("/Resources")

    @cached_property
    def _reader(self) -> PdfReader:
        from pypdf import PdfReader

        logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it mends is no one's concern
        return PdfReader(io.BytesIO(self._content))


def _resources(pages: Any, before: int) -> Any:
    """Return the resources of the page that comes after so many others, or of what it is part of.

    The branches that it is not on are counted and not read: pypdf alone would read each page.
    """
    found, node = None, _object(pages)
    for _ in range(MAX_DEPTH):
        found = node.get("/Resources", found)
        if "/Kids" not in node:
            break
        for kid in map(_object, node["/Kids"]):
            count = kid["/Count"] if "/Kids" in kid else 1
            if before < count:
                node = kid
                break
            before -= count
        else:
            return None  # the counts are not as they should be
    return found


def _fonts(resources: Any) -> Iterator[Any]:
    """Yield the fonts of a page and of the drawings on it."""
    waiting, seen = [resources], 0
    while waiting and seen < MAX_FORMS:
        found = _object(waiting.pop())
        if not found:
            continue
        seen += 1
        yield from map(_object, (_object(found.get("/Font")) or {}).values())
        drawings = map(_object, (_object(found.get("/XObject")) or {}).values())
        waiting.extend(drawing.get("/Resources") for drawing in drawings)


def _named(font: Any) -> Iterator[tuple[int, str]]:
    """Yield the numbers of a font's encoding with the names of the glyphs that they draw."""
    encoding = _object(font.get("/Encoding"))
    number = 0
    for each in encoding.get("/Differences", ()) if isinstance(encoding, Mapping) else ():
        if isinstance(each, int):
            number = each
        else:
            yield number, str(each).removeprefix("/")
            number += 1


def _object(value: Any) -> Any:
    return None if value is None else value.get_object()


def _font_name(text_page: PdfTextPage, at: int) -> str:
    from pypdfium2 import raw

    written = ctypes.create_string_buffer(_LONGEST_NAME)
    drawn = raw.FPDFText_GetTextObject(text_page, at)
    raw.FPDFFont_GetBaseFontName(raw.FPDFTextObj_GetFont(drawn), written, _LONGEST_NAME)
    return _SUBSET.sub("", written.value.decode("utf-8", "replace"))


def _is_in_word(characters: str, at: int) -> bool:
    return characters[at - 1 : at].isalpha() or characters[at + 1 : at + 2].isalpha()
