"""What a reply repeats of the message that it answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_INTRODUCTION: Final = 3
"""Lines of "On Monday, 3 May, Jane Roe <jane@example.org> wrote:", broken by a program."""

MAX_INTRODUCTION_LENGTH: Final = 500
"""Characters of the same."""

_INTRODUCTION = re.compile(r"(?:.*[@\d].*:|-{2,}.*-{2,})\s*$", re.DOTALL)
_QUOTES = (
    "//blockquote[@type='cite' or contains(@class, 'gmail_quote')]"
    " | //*[contains(@class, 'gmail_quote') or contains(@class, 'moz-cite-prefix')"
    " or contains(@class, 'yahoo_quoted') or contains(@class, 'protonmail_quote')]"
)


def without_quoted_lines(text: str) -> tuple[str, bool]:
    """Return a plain text without the quotation at its end, and whether there was one.

    A quotation that answers go on below stays, and so does one that all of the text is.
    """
    lines = text.rstrip().split("\n")
    end = len(lines)
    while end and (lines[end - 1].startswith(">") or not lines[end - 1].strip()):
        end -= 1
    if end == len(lines) or not any(line.startswith(">") for line in lines[end:]):
        return text, False
    for length in range(1, MAX_INTRODUCTION + 1):
        introduction = "\n".join(lines[max(end - length, 0) : end])
        if len(introduction) <= MAX_INTRODUCTION_LENGTH and _INTRODUCTION.match(introduction):
            end = max(end - length, 0)
            break
    kept = "\n".join(lines[:end])
    return (kept, True) if kept.strip() else (text, False)


def without_quoted_elements(page: HtmlElement) -> bool:
    """Take the quotation at its end out of a page; tell whether there was one."""
    quotes = frozenset(page.xpath(_QUOTES))
    found = {each for each in quotes if not _has_text_after(each, quotes)}
    outermost = [each for each in found if found.isdisjoint(each.iterancestors())]
    length = len(_spaced(page.text_content()))
    quoted = sum(len(_spaced(each.text_content())) for each in outermost)
    if not outermost or quoted >= length:
        return False
    for each in outermost:
        each.drop_tree()
    return True


def _has_text_after(element: HtmlElement, quotes: frozenset[HtmlElement]) -> bool:
    """Tell whether anything but further quotations stands after an element."""
    while element is not None:
        if (element.tail or "").strip():
            return True
        for each in element.itersiblings():
            if (each not in quotes and _spaced(each.text_content())) or (each.tail or "").strip():
                return True
        element = element.getparent()
    return False


def _spaced(text: str) -> str:
    return " ".join(text.split())
