"""Accents that a file draws over their letters, as TeX's older fonts do.

There "ü" is a diaeresis and a "u" printed over one another. The two are one character of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

REMOVED: Final = "\0"
"""Stands where a character was that another one has taken in; it is no character of any text."""

_COMBINING: Final = {
    "¨": "\u0308", "´": "\u0301", "`": "\u0300", "ˆ": "\u0302", "˜": "\u0303", "ˇ": "\u030c",
    "¸": "\u0327", "˚": "\u030a", "¯": "\u0304", "˙": "\u0307", "˘": "\u0306", "˝": "\u030b",
    "˛": "\u0328",
}  # fmt: skip
_ACCENT = re.compile(f"[{''.join(_COMBINING)}]")
_DOTTED: Final = {"ı": "i", "ȷ": "j"}

_NO_SPACE: Final = 0.3
"""Share of a letter's width below which what stands before it belongs to the same word."""

_SAME_LINE: Final = 0.5
"""Share of a letter's width by which the baselines of it and its accent may differ: over a capital
it is drawn higher."""

_LINE_END = re.compile(r"[\r\n]+|\Z")


class Place(NamedTuple):
    """Where a character stands, in points from the bottom left corner of the page."""

    left: float
    right: float
    baseline: float

    def is_under(self, accent: Place) -> bool:
        """Tell whether an accent is drawn over it."""
        middle = (accent.left + accent.right) / 2
        higher = abs(self.baseline - accent.baseline)
        is_near = higher <= _SAME_LINE * (self.right - self.left)
        return is_near and self.left <= middle <= self.right


def with_accents(characters: str, place: Callable[[int], Place]) -> str:
    """Return a page's text with each accent put upon the letter that it is drawn over.

    The text stays as long as it was: what goes becomes REMOVED, or white space at a line's end.
    """
    if not _ACCENT.search(characters):
        return characters
    changed = list(characters)
    for match in _ACCENT.finditer(characters):
        accent = match.start()
        over = place(accent)
        for letter in _near(characters, accent):
            composed = _composed(changed[letter], characters[accent])
            if composed and place(letter).is_under(over):
                changed[letter] = composed
                changed[accent] = REMOVED if abs(letter - accent) == 1 else " "
                gap = accent - 1 if letter == accent + 1 else letter - 1
                _close_gap(changed, gap, letter, place)
                break
    return "".join(changed)


def _near(characters: str, accent: int) -> Iterator[int]:
    """Yield where the letter may stand: beside the accent, or in its line or the one below."""
    yield from (at for at in (accent + 1, accent - 1) if 0 <= at < len(characters))
    if not characters[accent + 1 : accent + 2].isalpha():
        start = max(characters.rfind(end, 0, accent) for end in "\r\n") + 1
        below = _end_of_line(characters, accent)
        yield from range(start, _end_of_line(characters, below))


def _end_of_line(characters: str, start: int) -> int:
    found = _LINE_END.search(characters, start)
    return found.end() if found else len(characters)


def _composed(letter: str, accent: str) -> str | None:
    if not letter.isalpha():
        return None
    both = unicodedata.normalize("NFC", _DOTTED.get(letter, letter) + _COMBINING[accent])
    return both if len(both) == 1 else None


def _close_gap(changed: list[str], gap: int, letter: int, place: Callable[[int], Place]) -> None:
    """Take out the space that an accent makes before its letter, where there is none."""
    if gap > 0 and changed[gap] == " " and changed[gap - 1].isalpha():
        found, before = place(letter), place(gap - 1)
        if found.left - before.right < _NO_SPACE * (found.right - found.left):
            changed[gap] = REMOVED
