"""What a browser and a mail program say: language packs, with Fluent files in them.

A pack is a ZIP; its files have the same names, and their messages the same ids, in every
language. The English there is is Britain's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from fluent.syntax import FluentParser, ast

from training.extract.files import read_each
from training.types import PIVOT, Unit, language_code

_ENGLISH = "en-GB"
_FOLDER = "localization"
_NAMES = {
    "brand-short-name": "Firefox",
    "brand-shorter-name": "Firefox",
    "brand-full-name": "Firefox",
    "brand-product-name": "Firefox",
    "vendor-short-name": "Mozilla",
}
"""What the programs put for the terms of their own names, near enough for a text to learn from."""


def units(root: Path) -> Iterator[Unit]:
    """Return the messages of every language pack below ``root``."""
    for path, unit in read_each(sorted(root.rglob("langpack-*.xpi")), _messages):
        yield unit._replace(id=f"{path.name.partition('@')[2]}:{unit.id}")


def _messages(path: Path) -> Iterator[Unit]:
    try:
        with ZipFile(path) as pack:
            for name in sorted(pack.namelist()):
                folder, _, rest = name.partition("/")
                locale, _, file = rest.partition("/")
                language = PIVOT if locale == _ENGLISH else language_code(locale)
                if folder == _FOLDER and language and file.endswith(".ftl"):
                    for key, text in _texts(pack.read(name).decode("utf-8")):
                        yield Unit(language, f"{file}#{key}", text)
    except BadZipFile as error:
        raise ValueError(str(error)) from error


def _texts(content: str) -> Iterator[tuple[str, str]]:
    """Return the values and attributes of a file's messages, without those that vary."""
    for entry in FluentParser(with_spans=False).parse(content).body:
        if isinstance(entry, ast.Message):
            patterns = {"": entry.value} | {
                f".{attribute.id.name}": attribute.value for attribute in entry.attributes
            }
            for attribute, pattern in patterns.items():
                if text := _plain(pattern):
                    yield entry.id.name + attribute, text


def _plain(pattern: ast.Pattern | None) -> str:
    """Return a pattern's text; nothing where it holds what only the program knows."""
    parts = [_part(element) for element in pattern.elements] if pattern else []
    known = [part for part in parts if part is not None]
    return " ".join("".join(known).split()) if len(known) == len(parts) else ""


def _part(element: ast.TextElement | ast.Placeable) -> str | None:
    if isinstance(element, ast.TextElement):
        return element.value
    if isinstance(element.expression, ast.TermReference):
        return _NAMES.get(element.expression.id.name)
    return None
