"""Text out of XML and HTML elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Element = Any  # lxml carries no types


def text_of(element: Element, without: Callable[[Element], bool] = lambda _: False) -> str:
    """Return the text in ``element``, white space as single spaces.

    Elements for which ``without`` is true are left out.
    """
    return " ".join("".join(_parts(element, without)).split())


def _parts(element: Element, without: Callable[[Element], bool]) -> list[str]:
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str) and not without(child):  # comments have another tag
            parts += _parts(child, without)
        parts.append(child.tail or "")
    return parts
