"""Texts of programs that were translated into small languages too: help pages and messages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from benchmarks.types import MIN_VERSIONS, Ask, Item
from benchmarks.wording import is_translated, name_of
from training.cleaning import clean
from training.extract import messages
from training.extract.files import read_each
from training.parallel import align
from training.types import PIVOT, UNION, Unit, language_code

_HEADING = re.compile(r"={2,6}\s*(.+?)\s*={2,6}\s*")
_LINK = re.compile(r"\[\[(?:[^|\]]*\|)?([^|\]]*)\]\]")  # [[page|text]]
_EMPHASIS = re.compile(r"\*\*|''|(?<!:)//|^ +[*-] ", re.MULTILINE)
_PLACE_HOLDER = re.compile(r"@\w+@|~~\w+~~|<\w+>")
_MIN_PAGE = 50  # characters in English

_MESSAGE = re.compile(
    r"^\s*\$(?:labels|messages|lang)\['([\w-]+)'\]\s*=\s*'((?:[^'\\]|\\.)*)'\s*;", re.MULTILINE
)
_ESCAPED = re.compile(r"\\(['\\])")


def items(root: Path) -> Iterator[Item]:
    """Return the help pages below ``root``, asked by their headings, and the messages, each
    asked by itself in another language.
    """
    yield from _pages(root)
    units = chain(_arrays(root), messages.units(root))
    for paragraph in clean(align("messages", (u for u in units if u.language in UNION))):
        if len(paragraph.texts) >= MIN_VERSIONS and "%" not in paragraph.texts[PIVOT]:
            name = name_of(paragraph.id.rpartition("/")[2])
            yield Item(name, paragraph.texts, (Ask(paragraph.texts, {}),))


def _pages(root: Path) -> Iterator[Item]:
    """Return DokuWiki's help: one text file for each page and language."""
    found: defaultdict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for path, (heading, text) in read_each(sorted(root.glob("**/lang/*/*.txt")), _page):
        if (language := language_code(path.parent.name)) in UNION:
            part = path.parent.parent.parent.name
            found[f"{part}-{path.stem}"].setdefault(language, (heading, text))
    for name, versions in found.items():
        title, english = versions.get(PIVOT, ("", ""))
        translated = {
            language: (heading, text)
            for language, (heading, text) in versions.items()
            if language == PIVOT or (heading != title and is_translated(text, {english}))
        }
        tells = len(title.split()) > 1 and len(english) >= _MIN_PAGE
        if tells and len(translated) >= MIN_VERSIONS:
            yield Item(
                name_of(name),
                {language: text for language, (_, text) in translated.items()},
                (Ask({language: heading for language, (heading, _) in translated.items()}, {}),),
            )


def _page(path: Path) -> Iterator[tuple[str, str]]:
    """Return a page's heading and the text below; nothing if it's a mail to be filled in."""
    wikitext = path.read_text("utf-8")
    heading = _HEADING.match(wikitext.lstrip("\ufeff\n "))
    text = _plain(_HEADING.sub("", wikitext))
    if heading and text and not _PLACE_HOLDER.search(wikitext):
        yield _plain(heading[1]), text


def _plain(wikitext: str) -> str:
    text = _EMPHASIS.sub("", _LINK.sub(r"\1", wikitext))
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


def _arrays(root: Path) -> Iterator[Unit]:
    """Return messages that are PHP arrays: a file for each language, the same keys in all."""
    paths: Iterable[Path] = chain(
        root.glob("**/localization/*/*.inc"), root.glob("**/lang/*/*.php")
    )
    for path, (key, text) in read_each(sorted(paths), _entries):
        if language := language_code(path.parent.name):
            folder = path.parent.parent.relative_to(root)
            part = f"{folder.parts[0]}-{folder.parent.name}"
            yield Unit(language, f"{folder.as_posix()}/{part}-{path.stem}-{key}", text)


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    for key, text in _MESSAGE.findall(path.read_text("utf-8", errors="replace")):
        yield key, " ".join(_ESCAPED.sub(r"\1", text).split())
