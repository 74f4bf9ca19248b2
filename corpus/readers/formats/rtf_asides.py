"""What stands beside the text of an RTF document: notes, text boxes, heads and feet, comments.

They are groups inside the paragraphs that they belong to, which a plain reading passes over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple

ASIDE_MARK: Final = "\ufdd0"
"""Stands in the text where something was taken out: no character of any text."""

PART_MARK: Final = "\ufdd1"
"""The line between two texts that are read in one go."""

PART: Final = "\\par {\\uc1\\u-559?}\\par "
"""The same in RTF, a paragraph's end before it."""

_MARK = "{\\uc1\\u-560?}"
_NAMES = {
    "footnote": "note", "shp": "box", "shpgrp": "box", "do": "box", "annotation": "comment",
    "header": "margin", "headerl": "margin", "headerr": "margin", "headerf": "margin",
    "footer": "margin", "footerl": "margin", "footerr": "margin", "footerf": "margin",
}  # fmt: skip
_GROUP = re.compile(
    rf"\\[\\{{}}]|\{{\s*(?:\\\*\s*)?\\({'|'.join(sorted(_NAMES, reverse=True))})(?![a-z])"
)
_BOX_TEXT = re.compile(r"\\[\\{}]|\{\s*(?:\\\*\s*)?\\(shptxt|dptxbxtext)(?![a-z])")
_EDGE = re.compile(r"\\[\\{}]|[{}]|\\bin(\d{1,9}) ?")


class AsideKind(Enum):
    """What something beside the text is."""

    NOTE = "note"
    BOX = "box"
    MARGIN = "margin"
    COMMENT = "comment"


class Aside(NamedTuple):
    """Something beside the text, as RTF."""

    kind: AsideKind
    text: str


class _Group(NamedTuple):
    name: str
    start: int
    inside: int
    end: int


def taken_out(source: str) -> tuple[str, list[Aside]]:
    """Return RTF with a mark where something stood beside its text, and what stood there."""
    kept: list[str] = []
    asides: list[Aside] = []
    at = 0
    for group in _groups(source, _GROUP):
        kept.append(source[at : group.start])
        at = group.end
        kind = AsideKind(_NAMES[group.name])
        inside = source[group.inside : group.end - 1]
        texts = [inside]
        if kind is AsideKind.BOX:
            texts = [inside[box.inside : box.end - 1] for box in _groups(inside, _BOX_TEXT)]
        kept.append(_MARK * len(texts))
        asides += (Aside(kind, text) for text in texts)
    return "".join([*kept, source[at:]]), asides


def _groups(source: str, opening: re.Pattern[str]) -> Iterator[_Group]:
    """Yield the groups that begin so, none of those inside them."""
    at = 0
    while found := opening.search(source, at):
        at = found.end()
        if found[1]:
            end = _end(source, at)
            yield _Group(found[1], found.start(), at, end)
            at = end


def _end(source: str, at: int) -> int:
    """Return where the group ends in which a place is: behind its brace."""
    depth = 1
    while found := _EDGE.search(source, at):
        at = found.end() + int(found[1] or 0)
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if not depth:
            return at
    return len(source) + 1  # it is cut short
