"""The texts of diagrams (SmartArt), which stand in a part of their own."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from corpus.readers.formats.office.packages import Package

if TYPE_CHECKING:
    from lxml.etree import _Element

_D = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

DIAGRAM = f"{_D}relIds"
"""The element that stands for a diagram."""


def diagram_id(element: _Element) -> str:
    """Return the id by which a diagram's texts are related to the part that shows it."""
    return str(element.get(f"{_R}dm", ""))


def diagrams_of(package: Package, part: str) -> dict[str, list[str]]:
    """Return the texts of the diagrams that a part shows, by their ids."""
    return {
        id_: _texts(package.xml(name))
        for id_, (kind, name) in package.related(part).items()
        if kind == "diagramData" and name in package.names
    }


def _texts(root: _Element) -> list[str]:
    """Return the texts of a diagram's points, each before what is below it."""
    points = {each.get("modelId", ""): each for each in root.iter(f"{_D}pt")}
    below: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for link in root.iter(f"{_D}cxn"):
        if link.get("type", "parOf") == "parOf":
            order = link.get("srcOrd", "0")
            place = int(order) if order.isdecimal() and len(order) < 10 else 0
            below[link.get("srcId", "")].append((place, link.get("destId", "")))
    texts: list[str] = []
    # What no other point leads to comes last.
    stack = [
        *reversed(points),
        *(name for name, each in points.items() if each.get("type") == "doc"),
    ]
    while stack:
        name = stack.pop()
        if (point := points.pop(name, None)) is not None:
            texts += filter(None, map(_said, point.iterfind(f"{_D}t/{_A}p")))
            stack += (each for _, each in sorted(below[name], reverse=True))
    return texts


def _said(paragraph: _Element) -> str:
    found = paragraph.iter(f"{_A}t", f"{_A}br")
    return "".join("\n" if each.tag == f"{_A}br" else each.text or "" for each in found).strip()
