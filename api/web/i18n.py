"""The interface's languages: its texts, and the names of languages and dates in each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib import resources
from operator import itemgetter

from babel import Locale, negotiate_locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

LANGUAGES = ("en", "fr", "nl", "de", "lb")
"""Those the interface is written in; the first one where none fits."""

_REGIONS = {"en": "en_GB"}
"""Where a language alone would stand for a country's ways that are not meant."""

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


@cache
def texts(language: str) -> Texts:
    """Return the interface's texts in one of LANGUAGES."""
    source = resources.files("api.web") / "texts" / f"{language}.json"
    return Texts(json.loads(source.read_text("utf-8")))


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
    name: str = Locale.parse(language).languages.get(code.replace("-", "_"), code)
    return name


def date_in_words(day: date, language: str) -> str:
    """Return a date as it is written in ``language``, the month as a word."""
    written = format_date(day, "long", _REGIONS.get(language, language))
    if language == "fr" and day.day == 1:  # CLDR's patterns know of no ordinals
        return written.replace("1", "1er", 1)
    return written


def number_in_words(number: int, language: str) -> str:
    """Return a number as it is written in ``language``, its digits grouped."""
    return format_decimal(number, locale=_REGIONS.get(language, language))


def share_in_words(share: float, language: str) -> str:
    """Return a share, 0 to 1, as whole percents are written in ``language``."""
    return format_percent(share, locale=_REGIONS.get(language, language))


def _accepted(header: str) -> Iterator[tuple[str, float]]:
    for part in header.lower().split(","):
        if found := _ACCEPTED.fullmatch(part.strip()):
            yield found[1], float(found[2] or 1)
