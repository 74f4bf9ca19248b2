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
    for path, (name, synopsis, paragraphs) in read_each(
        sorted(root.rglob("*Translation-*")), _descriptions
    ):
        language = language_code(path.name.rpartition("Translation-")[2].replace("%5f", "_"))
        if language:
            for number, text in enumerate(paragraphs):
                heading = synopsis if number == 0 else ""
                yield Unit(language, f"{name}/{len(paragraphs)}#{number}", text, heading)


def _descriptions(path: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Return each package's name with its hash, and its description: synopsis and paragraphs."""
    for record in path.read_text("utf-8", errors="replace").split("\n\n"):
        fields: dict[str, str] = {}
        synopsis = ""
        lines: list[str] = []
        for line in record.splitlines():
            if line.startswith(" "):
                lines.append(line[1:])
                continue
            name, _, value = line.partition(": ")
            if name == _HASH or not name.startswith(_FIELD):
                fields[name] = value
            else:
                synopsis = value
        if lines and {"Package", _HASH} <= fields.keys():
            name = f"{fields['Package']}/{fields[_HASH][:8]}"
            yield name, synopsis, list(_paragraphs(lines))


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
