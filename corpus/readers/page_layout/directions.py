"""Lines of scripts that are written from the right, in the order in which they are read.

pdfium takes for granted how a file draws them. Letters that are drawn from the left come out
backwards then, "yazd-thesis" in a Persian line becomes "thesis-yazd", and what keeps two letters of
a word apart becomes a space. Where the characters stand says how they are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

SPACE: Final = 0.12
"""Times the size of print by which words stand apart at least; a space is a quarter of it."""

JOINER: Final = "\u200c"
"""Keeps letters of one word apart. Fonts draw it as a space, but one that takes no room."""

IS_TURNED = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]")
"""A letter that is written from the right."""

_NUMBER = re.compile(r"\d(?:[\d.,:/٫٬]*\d)?")
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")


class Sides(NamedTuple):
    """Where a character and the room that it takes begin and end, in points from the left."""

    left: float
    right: float

    def gap(self, other: Sides) -> float:
        """Return the room between the two, whichever stands to the left."""
        return max(other.left - self.right, self.left - other.right)

    def is_over(self, *others: Sides) -> bool:
        """Tell whether it takes room, but room that one of the others has."""
        width = self.right - self.left
        return width > 0 and any(2 * -self.gap(other) > width for other in others)


class _Character(NamedTuple):
    text: str
    sides: Sides

    @property
    def is_letter(self) -> bool:
        return self.text[:1].isalpha()

    @property
    def is_turned(self) -> bool:
        return self.is_letter and IS_TURNED.match(self.text) is not None


def in_direction(characters: Sequence[str], sides: Callable[[int], Sides], size: float) -> str:
    """Return a line of print, of this ``size`` in points, in the order in which it is read.

    Its characters stay the same, but for spaces and for brackets, which are mirrored where they
    were drawn from the left.
    """
    line = [_Character(text, sides(at)) for at, text in enumerate(characters)]
    letters = [each for each in line if each.is_letter]
    turned = [each for each in letters if each.is_turned]
    if 2 * len(turned) > len(letters) and _is_from_the_left(turned):
        parts = (
            _straight(run) if any(map(_is_straight, run)) else _backwards(run, size)
            for run in reversed(list(_runs(line)))
        )
    else:
        parts = (
            _turned(run, size) if any(each.is_turned for each in run) else _straight(run)
            for run in _runs(line)
        )
    return "".join(parts)


def _runs(line: Sequence[_Character]) -> Iterator[Sequence[_Character]]:
    """Yield the parts of a line, each with letters of one direction; what stands between two parts,
    and outside them, is one of its own."""
    start = end = 0  # from the first to the last letter of a part
    for at, each in enumerate(line):
        if each.is_letter and end and each.is_turned is line[start].is_turned:
            end = at + 1
        elif each.is_letter:
            yield line[start:end]
            yield line[end:at]
            start, end = at, at + 1
    yield line[start:end]
    yield line[end:]


def _is_straight(character: _Character) -> bool:
    return character.is_letter and not character.is_turned


def _is_from_the_left(letters: Sequence[_Character]) -> bool:
    to_the_right = sum(one.sides.left < other.sides.left for one, other in pairwise(letters))
    return 2 * to_the_right > len(letters) - 1


def _turned(run: Sequence[_Character], size: float) -> str:
    is_backwards = _is_from_the_left([each for each in run if each.is_turned])
    return _backwards(run, size) if is_backwards else "".join(_joined(run))


def _backwards(run: Sequence[_Character], size: float) -> str:
    """Return what was drawn from the left as it is read; pdfium has then not seen all spaces."""
    text, before = "", None
    for each in reversed(run):
        if before and not (before.text.isspace() or each.text.isspace()):
            text += " " if before.sides.gap(each.sides) > SPACE * size else ""
        text += each.text.translate(_MIRRORED)
        before = each
    return _NUMBER.sub(lambda number: number[0][::-1], text)


def _joined(run: Sequence[_Character]) -> Iterator[str]:
    for at, each in enumerate(run):
        around = run[max(0, at - 1) : at + 2]
        is_within = len(around) == 3 and around[0].is_turned and around[2].is_turned
        if each.text == " " and is_within and each.sides.is_over(around[0].sides, around[2].sides):
            yield JOINER
        else:
            yield each.text


def _straight(run: Sequence[_Character]) -> str:
    """Return words of a Latin script, which pdfium has taken for ones from the right."""
    words: list[list[_Character]] = []
    for each in run:
        if words and each.text.isalnum() and words[-1][-1].text.isalnum():
            words[-1].append(each)
        else:
            words.append([each])
    lefts = [word[0].sides.left for word in words if word[0].text.isalnum()]
    if len(lefts) > 1 and all(one > other for one, other in pairwise(lefts)):
        words.reverse()
    return "".join(each.text for word in words for each in word)
