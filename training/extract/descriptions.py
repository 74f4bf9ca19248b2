"""What Debian says of each package: translated indexes, joined by the English text's hash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from training.extract.files import read_each
from training.types import Unit, language_code

_FIELD = "Description-"
_HASH = "Description-md5"
_BLANK = "."
_VERBATIM = " "  # a second space at the start of a line: a list or a listing


def units(root: Path) -> Iterator[Unit]:
    """Return the paragraphs of every description in the indexes below ``root``.

    An id counts the description's paragraphs: a translation with more or fewer than the
    English text has is left alone.
    """
    for path, (name, paragraphs) in read_each(sorted(root.rglob("*Translation-*")), _descriptions):
        language = language_code(path.name.rpartition("Translation-")[2].replace("%5f", "_"))
        if language:
            for number, text in enumerate(paragraphs):
                yield Unit(language, f"{name}/{len(paragraphs)}#{number}", text)


def _descriptions(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Return each package's name with its hash, and the paragraphs of its description."""
    for record in path.read_text("utf-8", errors="replace").split("\n\n"):
        fields: dict[str, str] = {}
        lines: list[str] = []
        for line in record.splitlines():
            if line.startswith(" "):
                lines.append(line[1:])
                continue
            name, _, value = line.partition(": ")
            if name == _HASH or not name.startswith(_FIELD):
                fields[name] = value
        if lines and {"Package", _HASH} <= fields.keys():
            yield f"{fields['Package']}/{fields[_HASH][:8]}", list(_paragraphs(lines))


def _paragraphs(lines: list[str]) -> Iterator[str]:
    """Return the text of each paragraph; "" for a list or a listing, which counts all the same."""
    paragraph: list[str] = []
    for line in [*lines, _BLANK]:
        if line != _BLANK:
            paragraph.append(line)
        elif paragraph:
            verbatim = any(line.startswith((_VERBATIM, "* ", "- ")) for line in paragraph)
            yield "" if verbatim else " ".join(paragraph)
            paragraph = []
