"""The interface's languages: its texts, and the names of languages and dates in each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from operator import itemgetter
from pathlib import Path

from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from corpus.types import UNKNOWN_LANGUAGE

_CATALOGUES = resources.files("api.web") / "texts"

_FALLBACK = "en"

LANGUAGES = tuple(
    sorted(
        (Path(each.name).stem for each in _CATALOGUES.iterdir() if each.name.endswith(".json")),
        key=lambda code: (code != _FALLBACK, code),
    )
)
"""Those that have a catalogue of texts; the first one where none fits."""

MAX_DIRECTIONS = 500
"""Languages whose direction is kept in mind: more than any collection has."""

_ACCEPTED = re.compile(r"([a-z\d-]+)(?:\s*;\s*q=(0(?:\.\d*)?|1(?:\.0*)?))?", re.ASCII)
"""A language and its weight in an Accept-Language header (RFC 9110, 12.4.2 and 12.5.4)."""


class Texts:
    """The interface's texts in one language, each an item and an attribute by its key.

    It has no methods of its own: a template that says ``t.copy`` means the text, and would be
    given the method of a dict.
    """

    __slots__ = ("_by_key",)

    def __init__(self, by_key: Mapping[str, str]) -> None:
        self._by_key = dict(by_key)

    def __getitem__(self, key: str) -> str:
        return self._by_key[key]

    def __getattr__(self, key: str) -> str:
        if key.startswith("_") or key not in self._by_key:
            raise AttributeError(key)
        return self._by_key[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __contains__(self, key: str) -> bool:
        return key in self._by_key


@cache
def texts(language: str) -> Texts:
    """Return the interface's texts in one of LANGUAGES."""
    source = _CATALOGUES / f"{language}.json"
    return Texts(json.loads(source.read_text("utf-8")))


@cache
def locale_of(language: str) -> Locale:
    """Return what CLDR knows of one of LANGUAGES, in the region whose ways its catalogue takes."""
    return Locale.parse(texts(language)["locale"])


def counted(key: str, number: int, language: str) -> str:
    """Return the text for a number of things, in the plural form that the language has for it.

    The forms are CLDR's categories: ``documents_one``, ``documents_few`` and so on. Before them
    goes a form for that very number, ``documents_1``; instead of them, ``documents_other``.
    """
    every = texts(language)
    for form in (str(number), locale_of(language).plural_form(number)):
        if f"{key}_{form}" in every:
            return every[f"{key}_{form}"]
    return every[f"{key}_other"]


def choose(asked: str | None, accept_language: str) -> str:
    """Return the language to show the interface in.

    It is ``asked`` if that is one of LANGUAGES, else the one that the Accept-Language
    header ranks highest, else the first.
    """
    if asked in LANGUAGES:
        return asked
    ranked = sorted(_accepted(accept_language), reverse=True, key=itemgetter(1))
    wanted = (tag for tag, weight in ranked if weight > 0)
    return negotiate_locale(wanted, LANGUAGES, sep="-") or LANGUAGES[0]


def language_name(code: str, language: str) -> str:
    """Return what a language is called in ``language``, or its code if it has no name there."""
    name = language_in_sentence(code, language)
    return name if name == code else name[0].upper() + name[1:]


def language_in_sentence(code: str, language: str) -> str:
    """Return the same as it is written inside a sentence."""
    name: str = locale_of(language).languages.get(code.replace("-", "_"), code)
    return name


@lru_cache(maxsize=MAX_DIRECTIONS)
def direction(language: str) -> str:
    """Return where lines of a language begin, as HTML's ``dir`` says it: ``ltr`` or ``rtl``.

    It is ``auto`` where that is not known; a browser then goes by the first letter that tells.
    """
    if language in ("", UNKNOWN_LANGUAGE):
        return "auto"
    try:
        return str(Locale.parse(language, sep="-").text_direction)
    except (ValueError, UnknownLocaleError):
        return "auto"


def date_in_words(day: date, language: str) -> str:
    """Return a date as it is written in ``language``, the month as a word."""
    written = format_date(day, "long", locale_of(language))
    if day.day == 1:  # CLDR's patterns know of no ordinals
        return re.sub(r"\b1\b", texts(language)["first_of_month"], written, count=1)
    return written


def number_in_words(number: int, language: str) -> str:
    """Return a number as it is written in ``language``, its digits grouped."""
    return format_decimal(number, locale=locale_of(language))


def share_in_words(share: float, language: str) -> str:
    """Return a share, 0 to 1, as whole percents are written in ``language``."""
    return format_percent(share, locale=locale_of(language))


def _accepted(header: str) -> Iterator[tuple[str, float]]:
    for part in header.lower().split(","):
        if found := _ACCEPTED.fullmatch(part.strip()):
            yield found[1], float(found[2] or 1)
