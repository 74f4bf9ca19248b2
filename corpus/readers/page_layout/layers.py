"""Text in layers of a PDF that are not shown: another language's, or what else can be switched on.

pdfium gives it with all other text, though nobody who opens the file sees it.
"""

from __future__ import annotations

import ctypes
import io
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from corpus.readers.page_layout.pdfium import unchecked

if TYPE_CHECKING:
    from pypdfium2 import PdfTextPage

_LAYER: Final = "OC"
"""What text is marked with that belongs to a layer, by the PDF standard."""

_LONGEST: Final = 256  # bytes of a mark's or layer's name
_LINE = re.compile(r"[^\r\n]+")
_OF_DAMAGE: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Layers:
    """Says what is hidden. Opens the file when a page first has a layer."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def hidden(self, text_page: PdfTextPage, characters: str) -> list[int]:
        """Return the places of a page's characters that stand in a layer which is not shown."""
        drawn = _drawn(text_page, (match.start() for match in _LINE.finditer(characters)))
        if not any(any(_layers(each)) for each in set(drawn)) or not self._names:
            return []
        drawn = _drawn(text_page, range(len(characters)))
        hidden = {each for each in set(drawn) if not self._names.isdisjoint(_layers(each))}
        return [at for at, each in enumerate(drawn) if each in hidden]

    @cached_property
    def _names(self) -> frozenset[str]:
        """The layers that are not shown when the file is opened."""
        from pypdf import PdfReader
        from pypdf.errors import DependencyError, PyPdfError

        try:
            root: Any = PdfReader(io.BytesIO(self._content)).trailer["/Root"].get_object()
            layers = root["/OCProperties"].get_object()
            shown = layers["/D"].get_object()
            listed = {each.idnum: _name(each) for each in layers["/OCGs"]}
            off = {each.idnum for each in shown.get("/OFF", ())}
            if shown.get("/BaseState") == "/OFF":
                off = listed.keys() - {each.idnum for each in shown.get("/ON", ())}
            visible = {name for number, name in listed.items() if number not in off}
            return frozenset({listed[number] for number in off if number in listed} - visible)
        except (PyPdfError, DependencyError, *_OF_DAMAGE):
            return frozenset()


def _name(layer: Any) -> str:
    return str(layer.get_object().get("/Name", ""))


def _drawn(text_page: PdfTextPage, places: Iterable[int]) -> list[int]:
    """Return the addresses of what draws the characters at some places; 0 where nothing does, as
    for a space that pdfium adds. Most is drawn many characters at a time."""
    object_of, page = unchecked("FPDFText_GetTextObject", ctypes.c_void_p), text_page.raw
    return [object_of(page, at) or 0 for at in places]


def _layers(address: int) -> Iterator[str]:
    """Yield the names of the layers that something drawn stands in."""
    from pypdfium2 import raw

    if not address or unchecked("FPDFPageObj_CountMarks")(ctypes.c_void_p(address)) <= 0:
        return
    drawn = ctypes.cast(address, raw.FPDF_PAGEOBJECT)
    for number in range(raw.FPDFPageObj_CountMarks(drawn)):
        mark = raw.FPDFPageObj_GetMark(drawn, number)
        if _text(raw.FPDFPageObjMark_GetName, mark) == _LAYER:
            yield _text(raw.FPDFPageObjMark_GetParamStringValue, mark, b"Name")


def _text(get: Any, *of: Any) -> str:
    written = (ctypes.c_ushort * (_LONGEST // 2))()
    length = ctypes.c_ulong()
    get(*of, written, _LONGEST, length)
    return bytes(written)[: max(0, min(length.value, _LONGEST) - 2)].decode("utf-16-le", "replace")
