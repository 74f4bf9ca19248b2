"""Tesseract's library, called in this process: it starts nothing and, once prepared, opens no file.

So pictures are recognised inside the sandbox like all else that a stranger sends. It parts a page
among threads, which a sandbox cannot start, unless ``OMP_THREAD_LIMIT`` is 1. The functions are
those of Tesseract 5's C interface (capi.h).
"""

from __future__ import annotations

import ctypes
import mmap
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ctypes import POINTER, byref, c_bool, c_char_p, c_float, c_int, c_size_t, c_void_p
from functools import cache, lru_cache
from pathlib import Path
from time import process_time
from types import MappingProxyType
from typing import Any, Final, NamedTuple

LIBRARY: Final = "libtesseract.so.5"

DATA_FOLDERS: Final = ("/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tessdata")
"""Where Debian, and where other systems, keep the languages."""

ENGINES: Final = 3
"""Languages kept loaded, of some 40 MB each: a text and a translation, and one read by mistake."""

ORIENTATION: Final = "osd"
"""Tesseract's name for what tells a script and which way is up."""

_LEGACY, _NETWORK = 0, 1  # TessOcrEngineMode
_WHOLE_PAGE, _ORIENTATION_ONLY = 3, 0  # TessPageSegMode
_LINE, _WORD = 2, 3  # TessPageIteratorLevel

_INTEGERS = POINTER(c_int)
_ASKED_TO_STOP = ctypes.CFUNCTYPE(c_bool, c_void_p, c_int)
_NO_VARIABLES = (c_void_p, c_void_p, c_size_t, c_int)
_FUNCTIONS: Final[Mapping[str, tuple[Any, tuple[Any, ...]]]] = MappingProxyType(
    {
        "TessBaseAPICreate": (c_void_p, ()),
        "TessBaseAPIDelete": (None, (c_void_p,)),
        "TessBaseAPIInit5": (
            c_int,
            (c_void_p, c_char_p, c_int, c_char_p, c_int, c_void_p, c_int, *_NO_VARIABLES),
        ),
        "TessBaseAPISetPageSegMode": (None, (c_void_p, c_int)),
        "TessBaseAPISetImage": (None, (c_void_p, c_char_p, c_int, c_int, c_int, c_int)),
        "TessBaseAPISetSourceResolution": (None, (c_void_p, c_int)),
        "TessBaseAPIRecognize": (c_int, (c_void_p, c_void_p)),
        "TessBaseAPIClear": (None, (c_void_p,)),
        "TessBaseAPIGetIterator": (c_void_p, (c_void_p,)),
        "TessBaseAPIDetectOrientationScript": (
            c_int,
            (c_void_p, _INTEGERS, POINTER(c_float), POINTER(c_char_p), POINTER(c_float)),
        ),
        "TessMonitorCreate": (c_void_p, ()),
        "TessMonitorDelete": (None, (c_void_p,)),
        "TessMonitorSetCancelFunc": (None, (c_void_p, _ASKED_TO_STOP)),
        "TessResultIteratorDelete": (None, (c_void_p,)),
        "TessResultIteratorGetPageIterator": (c_void_p, (c_void_p,)),
        "TessResultIteratorNext": (c_bool, (c_void_p, c_int)),
        "TessResultIteratorGetUTF8Text": (c_void_p, (c_void_p, c_int)),
        "TessResultIteratorConfidence": (c_float, (c_void_p, c_int)),
        "TessResultIteratorWordFontAttributes": (c_char_p, (c_void_p, *[_INTEGERS] * 8)),
        "TessPageIteratorIsAtBeginningOf": (c_bool, (c_void_p, c_int)),
        "TessPageIteratorBoundingBox": (c_bool, (c_void_p, c_int, *[_INTEGERS] * 4)),
        "TessPageIteratorBaseline": (c_bool, (c_void_p, c_int, *[_INTEGERS] * 4)),
        "TessDeleteText": (None, (c_void_p,)),
    }
)


class Picture(NamedTuple):
    """A page in shades of grey, one byte a pixel."""

    pixels: bytes
    width: int
    height: int
    bytes_a_line: int
    dpi: int


class Word(NamedTuple):
    """A word as it was recognised."""

    text: str
    confidence: float
    """Between 0 and 1, by Tesseract."""


class PictureLine(NamedTuple):
    """A line of a picture; lengths in pixels, from the top left corner."""

    words: list[Word]
    left: int
    right: int
    baseline: int
    size: int
    """Of the print, in points."""


class Orientation(NamedTuple):
    """How a page lies and what it is written in."""

    degrees: int
    """By which it must be turned to the left until it is upright: 0, 90, 180 or 270."""
    script: str
    """In English, such as Cyrillic."""


class OutOfTime(Exception):
    """A page took longer than it may."""


@cache
def data() -> Mapping[str, mmap.mmap]:
    """Return what Tesseract knows of each language that is installed, by its own name for it.

    Empty where Tesseract is not installed. The files stay open: in a sandbox none can be opened.
    """
    if _library() is None:
        return {}
    folder = next((each for each in map(Path, DATA_FOLDERS) if each.is_dir()), None)
    if folder is None:
        return {}
    return {path.stem: _mapped(path) for path in sorted(folder.glob("*.traineddata"))}


def lines(picture: Picture, language: str, seconds: float) -> list[PictureLine]:
    """Return the lines of a page in the order in which they are read.

    Raises OutOfTime if they are not there after so many ``seconds`` of the processor.
    """
    engine = _engine(language, _NETWORK)
    api = _loaded()
    with _on_page(engine, picture, _WHOLE_PAGE), _deadline(seconds) as monitor:
        if api.TessBaseAPIRecognize(engine.handle, monitor) != 0:
            raise OutOfTime
        return list(_lines(engine))


def orientation(picture: Picture) -> Orientation | None:
    """Return how a page lies, None where there is too little print to tell or nothing to tell it
    by is installed."""
    if ORIENTATION not in data():
        return None
    engine = _engine(ORIENTATION, _LEGACY)
    degrees, script = c_int(), c_char_p()
    certain = (c_float(), c_float())
    with _on_page(engine, picture, _ORIENTATION_ONLY):
        told = _loaded().TessBaseAPIDetectOrientationScript(
            engine.handle, byref(degrees), byref(certain[0]), byref(script), byref(certain[1])
        )
    return Orientation(degrees.value, (script.value or b"").decode()) if told else None


class _Engine:
    """Tesseract with one language loaded."""

    def __init__(self, language: str, mode: int) -> None:
        api, content = _loaded(), bytes(data()[language])
        self.handle = api.TessBaseAPICreate()
        weakref.finalize(self, api.TessBaseAPIDelete, self.handle)
        failed = api.TessBaseAPIInit5(
            self.handle, content, len(content), language.encode(), mode, None, 0, None, None, 0, 0
        )
        if failed:
            raise ValueError(language)


@lru_cache(maxsize=ENGINES)
def _engine(language: str, mode: int) -> _Engine:
    return _Engine(language, mode)


@cache
def _library() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return None
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _loaded() -> ctypes.CDLL:
    library = _library()
    assert library is not None
    return library


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


@contextmanager
def _on_page(engine: _Engine, picture: Picture, mode: int) -> Iterator[None]:
    api = _loaded()
    api.TessBaseAPISetPageSegMode(engine.handle, mode)
    api.TessBaseAPISetImage(
        engine.handle, picture.pixels, picture.width, picture.height, 1, picture.bytes_a_line
    )
    api.TessBaseAPISetSourceResolution(engine.handle, picture.dpi)
    try:
        yield
    finally:
        api.TessBaseAPIClear(engine.handle)


@contextmanager
def _deadline(seconds: float) -> Iterator[c_void_p]:
    api, end = _loaded(), process_time() + seconds
    is_over = _ASKED_TO_STOP(lambda _this, _words: process_time() > end)
    monitor = api.TessMonitorCreate()
    api.TessMonitorSetCancelFunc(monitor, is_over)
    try:
        yield monitor
    finally:
        api.TessMonitorDelete(monitor)


def _lines(engine: _Engine) -> Iterator[PictureLine]:
    api = _loaded()
    results = api.TessBaseAPIGetIterator(engine.handle)
    if not results:  # nothing is on the page
        return
    try:
        place = api.TessResultIteratorGetPageIterator(results)
        line: PictureLine | None = None
        while True:
            if line is None or api.TessPageIteratorIsAtBeginningOf(place, _LINE):
                if line is not None:
                    yield line
                line = _line(results, place)
            word = _word(results)
            if word.text:
                line.words.append(word)
            if not api.TessResultIteratorNext(results, _WORD):
                break
        yield line
    finally:
        api.TessResultIteratorDelete(results)


def _line(results: c_void_p, place: c_void_p) -> PictureLine:
    api = _loaded()
    left, top, right, bottom = (c_int() for _ in range(4))
    edges = [byref(each) for each in (left, top, right, bottom)]
    api.TessPageIteratorBoundingBox(place, _LINE, *edges)
    size, other = c_int(), c_int()
    ours = (*[byref(other)] * 6, byref(size), byref(other))
    api.TessResultIteratorWordFontAttributes(results, *ours)
    ends = [c_int() for _ in range(4)]
    has_baseline = api.TessPageIteratorBaseline(place, _LINE, *[byref(each) for each in ends])
    baseline = ends[1].value if has_baseline else bottom.value
    return PictureLine([], left.value, right.value, baseline, size.value)


def _word(results: c_void_p) -> Word:
    api = _loaded()
    address = api.TessResultIteratorGetUTF8Text(results, _WORD)
    text = ctypes.string_at(address).decode("utf-8", "replace") if address else ""
    if address:
        api.TessDeleteText(address)
    return Word(text.strip(), api.TessResultIteratorConfidence(results, _WORD) / 100)
