"""The numbers of Word's lists, which are not written in the text but counted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from lxml.etree import _Element

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

BULLET: Final = "-"

LEVELS: Final = 9
"""Levels that a list of Word's has."""

MAX_NUMBER: Final = 100_000
"""Where a list may begin; a list that says more is not believed."""

_PLACE = re.compile(r"%([1-9])")
_ROMAN: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


class ListPlace(NamedTuple):
    """Which list a paragraph is an item of, and on which level, from 0."""

    list_id: str
    level: int


class _Level(NamedTuple):
    start: int = 1
    kind: str = "decimal"
    text: str = ""


@dataclass(slots=True)
class _Definition:
    levels: dict[int, _Level] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    """Of the last item on each level that is open."""


class Numbering:
    """The lists of a document, and how far each has been counted."""

    def __init__(self, root: _Element | None, list_of_style: Mapping[str, str]) -> None:
        """Take the numbering part; ``list_of_style`` has the lists that styles name."""
        self._definitions: dict[str, _Definition] = {}
        self._definition_of: dict[str, str] = {}
        self._restarts: dict[str, dict[int, int]] = {}
        if root is None:
            return
        links: dict[str, str] = {}
        for each in root.iter(f"{W}abstractNum"):
            name = each.get(f"{W}abstractNumId", "")
            self._definitions[name] = _Definition(dict(map(_level, each.findall(f"{W}lvl"))))
            if style := _value(each, "numStyleLink"):
                links[name] = style
        for each in root.iter(f"{W}num"):
            name = each.get(f"{W}numId", "")
            self._definition_of[name] = _value(each, "abstractNumId")
            self._restarts[name] = dict(_restarts(each))
        for name, style in links.items():
            other = self._definition_of.get(list_of_style.get(style, ""))
            if other in self._definitions:
                self._definitions[name] = self._definitions[other]

    def next_label(self, place: ListPlace) -> str:
        """Count one more item, and return what stands before it, "" where nothing does."""
        definition = self._definitions.get(self._definition_of.get(place.list_id, ""))
        if definition is None:
            return BULLET
        counts = definition.counts
        restarts = self._restarts[place.list_id]
        for level in [level for level in counts if level > place.level]:
            del counts[level]
        for level in range(place.level + 1):
            start = definition.levels.get(level, _Level()).start
            counts.setdefault(level, start - (level == place.level))
        counts[place.level] += 1
        if place.level in restarts:
            counts[place.level] = restarts.pop(place.level)
        found = definition.levels.get(place.level, _Level())
        if found.kind == "bullet":
            return BULLET
        return _PLACE.sub(lambda match: _number(definition, int(match[1]) - 1), found.text).strip()


def place_in(properties: _Element | None) -> ListPlace | None:
    """Return the list that the properties of a paragraph or style name, if any."""
    named = properties.find(f"{W}numPr") if properties is not None else None
    if named is None:
        return None
    return ListPlace(_value(named, "numId"), _whole(_value(named, "ilvl"), LEVELS - 1))


def _level(element: _Element) -> tuple[int, _Level]:
    return _whole(element.get(f"{W}ilvl", ""), LEVELS - 1), _Level(
        _whole(_value(element, "start"), MAX_NUMBER),
        _value(element, "numFmt") or "decimal",
        _value(element, "lvlText"),
    )


def _restarts(element: _Element) -> list[tuple[int, int]]:
    return [
        (_whole(each.get(f"{W}ilvl", ""), LEVELS - 1), _whole(start, MAX_NUMBER))
        for each in element.findall(f"{W}lvlOverride")
        if (start := _value(each, "startOverride"))
    ]


def _number(definition: _Definition, level: int) -> str:
    number = definition.counts.get(level, 1)
    match definition.levels.get(level, _Level()).kind:
        case "none":
            return ""
        case "decimalZero":
            return f"{number:02}"
        case "lowerLetter" | "upperLetter" as kind if number > 0:
            letters = chr(ord("a") + (number - 1) % 26) * min(1 + (number - 1) // 26, 9)
            return letters.upper() if kind == "upperLetter" else letters
        case "lowerRoman" | "upperRoman" as kind if 0 < number < 5000:
            return _roman(number).upper() if kind == "upperRoman" else _roman(number)
        case _:
            return str(number)


def _roman(number: int) -> str:
    letters = []
    for value, letter in _ROMAN:
        count, number = divmod(number, value)
        letters.append(letter * count)
    return "".join(letters)


def _value(element: _Element, name: str) -> str:
    found = element.find(f"{W}{name}")
    return found.get(f"{W}val", "") if found is not None else ""


def _whole(stated: str, most: int) -> int:
    """Return a whole number out of a file: 0 if it is none, and never more than ``most``."""
    return min(int(stated), most) if stated.isdecimal() and len(stated) < 10 else 0
