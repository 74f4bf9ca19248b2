"""Numbers of a text, in figures or in words, whatever the language's commas and points mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import chain
from types import MappingProxyType
from typing import Final, NamedTuple

from corpus.languages import language as data_of

Readings = tuple[frozenset[Decimal], ...]
"""What a number may mean: each reading is numbers that all have to be meant."""

_SPACES: Final = " \u00a0\u202f"
_FIGURES = re.compile(rf"\d{{1,3}}(?:[{_SPACES}.,'’]\d{{3}})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,:]\d+)*")
_PART = re.compile(r"\d+")
_PERCENT = re.compile(r"\b(?:pour|por|per)\s(?:cent|ciento)\b", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W_]+(?:-[^\W\d_]+)*")
_SMALL: Final = 100
"""Below it numbers are added to one another: "vingt et un"; from it on they multiply."""


class Mention(NamedTuple):
    """A number where it stands."""

    start: int
    end: int
    readings: Readings
    in_words: bool = False


def mentions(text: str, language: str) -> list[Mention]:
    """Return the numbers of a text in their order; 1 only where it is written in figures."""
    text = _PERCENT.sub(lambda match: "%" * len(match[0]), text)
    scales = {word: value for word, value in data_of(language).numbers.items() if value >= 1000}
    found = list(_in_figures(text, scales))
    taken = [(each.start, each.end) for each in found]
    in_words = (
        each
        for each in _in_words(text, language)
        if not any(start < each.end and each.start < end for start, end in taken)
    )
    return sorted(chain(found, in_words), key=lambda each: each.start)


def values(text: str, language: str) -> frozenset[Decimal]:
    """Return every number that a text may be said to hold."""
    of_all = (reading for each in mentions(text, language) for reading in each.readings)
    parts = (Decimal(int(part)) for part in _PART.findall(text))
    return frozenset(chain(chain.from_iterable(of_all), parts, _words_alone(text, language)))


def _in_figures(text: str, scales: Mapping[str, int]) -> Iterator[Mention]:
    for match in _FIGURES.finditer(text):
        plain = _readings(match[0])
        scale = _TOKEN.match(
            text, match.end() + 1 if text[match.end() :][:1].isspace() else match.end()
        )
        by = scales.get(scale[0].casefold()) if scale else None
        if scale is None or by is None:
            yield Mention(*match.span(), plain)
            continue
        scaled = tuple(
            frozenset(value * by for value in reading) for reading in plain if len(reading) == 1
        )
        yield Mention(match.start(), scale.end(), scaled)


def _readings(figures: str) -> Readings:
    """Return what figures may mean: "1.234" is a thousand or one, "8.05" a time or a number."""
    marks = [mark for mark in figures if not mark.isdecimal()]
    parts = _PART.findall(figures)
    found = [frozenset({Decimal(int(part)) for part in parts})] if marks else []
    if len(parts[-1]) == 3 or len(marks) == 0:
        found.append(frozenset({Decimal(int("".join(parts)))}))
    if marks and marks[-1] in ".,":
        try:
            whole = "".join(parts[:-1])
            found.append(frozenset({Decimal(f"{int(whole)}.{_ascii(parts[-1])}").normalize()}))
        except InvalidOperation:
            pass
    is_pair = len(parts) == 2 and len(parts[1]) == 2 and int(parts[0]) < 32
    return tuple(found if is_pair or not marks else found[1:] or found)


def _ascii(digits: str) -> str:
    return "".join(str(int(digit)) for digit in digits)


def _in_words(text: str, language: str) -> Iterator[Mention]:
    known = _known(language)
    joiners = set(data_of(language).claims.number_joiners)
    start, end, total, current = -1, -1, 0, 0
    joined = False
    for match in _TOKEN.finditer(text):
        word = match[0].casefold()
        value = known.get(word)
        between = text[end : match.start()].strip() if end >= 0 else ""
        if value is None and current and word in joiners and not between:
            joined = True
            continue
        goes_on = (
            value is not None and current and (not between or joined) and _fits(current, value)
        )
        if current and not goes_on:
            yield Mention(start, end, (frozenset({Decimal(total + current)}),), True)
            total = current = 0
        joined = False
        if value is None:
            end = -1
            continue
        if not goes_on:
            start, total, current = match.start(), 0, value
        elif value >= 1000:
            total, current = total + current * value, 0
            current, total = total, 0
        else:
            current = current * value if value == 100 and current < 10 else current + value
        end = match.end()
    if current:
        yield Mention(start, end, (frozenset({Decimal(total + current)}),), True)


def _fits(before: int, value: int) -> bool:
    """Tell whether ``value`` goes on a number: "twenty three", "three hundred", not "two three"."""
    if value >= 1000:
        return before < value
    if value == 100:
        return before < 10
    step = 10 if value < 10 else 100 if value < 100 else 1000
    return before % step == 0 and before >= step


def _words_alone(text: str, language: str) -> Iterator[Decimal]:
    known = _known(language)
    for match in _TOKEN.finditer(text):
        if (value := known.get(match[0].casefold())) is not None:
            yield Decimal(value)


@cache
def _known(language: str) -> Mapping[str, int]:
    """Return numbers by their words, those that are written as one word among them."""
    words = data_of(language).numbers
    joiners = ("", "-", *data_of(language).claims.number_joiners)
    units = {word: value for word, value in words.items() if 2 <= value < 10} | _ONE.get(
        language, {}
    )
    tens = {
        word: value for word, value in words.items() if 20 <= value < _SMALL and value % 10 == 0
    }
    teens = {word: value for word, value in words.items() if 10 <= value < 20}
    hundreds = {word: value for word, value in words.items() if value in (100, 1000)}
    made: dict[str, int] = {}
    for ten, of_ten in tens.items():
        for unit, of_unit in units.items():
            for joiner in joiners:
                made[f"{unit}{joiner}{ten}"] = of_ten + of_unit
            made[f"{ten}-{unit}"] = of_ten + of_unit
        if of_ten in (60, 80):
            made |= {f"{ten}-{teen}": of_ten + value for teen, value in teens.items()}
    for hundred, by in hundreds.items():
        made |= {f"{unit}{hundred}": value * by for unit, value in units.items() if value > 1}
    return MappingProxyType(made | dict(words))


_ONE: Final = MappingProxyType(
    {"de": {"ein": 1}, "nl": {"een": 1}, "en": {"one": 1}, "fr": {"un": 1}, "lb": {"een": 1}}
)
"""What one is called inside of other numbers; by itself it is an article."""
