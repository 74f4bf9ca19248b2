"""Which of Tesseract's models reads a language.

Its models are named by ISO 639-2, those of a whole script by the script's English name. Those of
Debian are the fast ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from corpus.readers.recognition import tesseract

FIRST: Final = ("eng", "fra", "deu", "nld", "Latin")
"""What reads a page of which nothing is known. English reads Latin letters without any accents
well enough to tell the language by: that of all 20 pages of our sample in five languages."""

INSTEAD: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({"lb": ("Latin", "fra", "nld")})
"""Models that read a language better than its own. Words found of 976 and 1,368 in Luxembourgish:
Latin .994, French .949, Dutch .944, English .903, German .882, Luxembourgish .702."""

_SCRIPTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Arab": "Arabic", "Armn": "Armenian", "Beng": "Bengali", "Cyrl": "Cyrillic",
        "Deva": "Devanagari", "Ethi": "Ethiopic", "Geor": "Georgian", "Grek": "Greek",
        "Hans": "HanS", "Hant": "HanT", "Hebr": "Hebrew", "Jpan": "Japanese", "Khmr": "Khmer",
        "Kore": "Hangul", "Laoo": "Lao", "Latn": "Latin", "Mymr": "Myanmar", "Sinh": "Sinhala",
        "Taml": "Tamil", "Telu": "Telugu", "Thai": "Thai",
    }
)  # fmt: skip
"""Tesseract's name of a script by its code in ISO 15924."""


def is_installed() -> bool:
    """Tell whether pages can be recognised here."""
    return first() is not None


def first() -> str | None:
    """Return the model to begin with; None where none is installed."""
    others = (name for name in tesseract.data() if name != tesseract.ORIENTATION)
    return next((name for name in FIRST if name in tesseract.data()), next(others, None))


def for_language(language: str) -> str | None:
    """Return the best model that is installed for a language (ISO 639-1), None if there is none."""
    own = INSTEAD.get(language, (_own().get(language, ""),))
    wanted = (*own, _SCRIPTS.get(_script_of(language), ""))
    return next((name for name in wanted if name in tesseract.data()), None)


def for_script(name: str) -> str | None:
    """Return a model that reads a script, by Tesseract's name of it; None if there is none."""
    if name in tesseract.data():
        return name
    codes = {code for code, script in _SCRIPTS.items() if script.startswith(name)}
    return next((own for code, own in _own().items() if _script_of(code) in codes), None)


@cache
def _own() -> Mapping[str, str]:
    """Return each language's own model, the plainest first: ``deu`` comes before ``deu_latf``."""
    from babel.core import get_global

    codes = get_global("language_aliases")
    found: dict[str, str] = {}
    for name in sorted(tesseract.data(), key=len):
        if name.islower() and name != tesseract.ORIENTATION:
            code = name.partition("_")[0]
            found.setdefault(codes.get(code, code), name)
    return found


@cache
def _script_of(language: str) -> str:
    from babel.core import get_global

    likely: str = get_global("likely_subtags").get(language, "")
    return likely.split("_")[1] if likely.count("_") == 2 else ""
