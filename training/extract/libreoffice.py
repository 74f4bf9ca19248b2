"""LibreOffice's help: HTML in which a paragraph has the same id in every language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import html

from training.extract.files import read_each
from training.extract.markup import Element, text_of
from training.types import Unit, language_code

_PARAGRAPHS = (
    "//p[starts-with(@id, 'par_id') or starts-with(@id, 'hd_id')]"
    "[not(contains(@class, 'code') or contains(@class, 'howtoget'))]"
    # What the page shows depends on the program it was called from: several texts in one.
    "[not(.//*[starts-with(@id, 'swlnappl')])]"
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_READ = f"{_PARAGRAPHS} | {' | '.join(f'//{name}' for name in sorted(_HEADINGS))}"


def units(root: Path) -> Iterator[Unit]:
    """Return the paragraphs of the help in every language below ``root``."""
    for folder in sorted(root.glob("*/usr/share/libreoffice/help/*/text")):
        if language := language_code(folder.parent.name):
            for page, (id_, *texts) in read_each(sorted(folder.rglob("*.html")), _paragraphs):
                yield Unit(language, f"{page.relative_to(folder).as_posix()}#{id_}", *texts)


def _paragraphs(page: Path) -> Iterator[tuple[str, str, str]]:
    tree = html.parse(str(page), html.HTMLParser(encoding="utf-8"))
    heading = ""
    for element in tree.xpath(_READ):
        text = text_of(element, _is_for_mac)
        if element.tag in _HEADINGS:
            heading = text
        else:
            yield element.get("id"), text, heading
            heading = ""


def _is_for_mac(element: Element) -> bool:
    """Keys are given for macOS and for the others; the page's script shows one."""
    return bool(element.get("class") == "MAC")
