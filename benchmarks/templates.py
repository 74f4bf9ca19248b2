"""What packages ask when they are installed: debconf templates, short question and long text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.types import MIN_VERSIONS, Ask, Item
from benchmarks.wording import is_translated, name_of
from training.extract.files import read_each
from training.types import PIVOT, UNION, language_code

CONTROL = "DEBIAN"
"""Folder of an unpacked package with what is not installed but read at the installation."""

_FIELD = re.compile(r"Description(?:-(?P<locale>[\w@]+)\.UTF-8)?: ?(?P<short>.*)")
_LABELS = frozenset({"text", "title"})
_PLACE_HOLDER = "${"
_BLANK = "."
_QUESTION = (3, 15)  # least words and characters in English
_TEXT = range(100, 2_500)  # characters in English


def items(root: Path) -> Iterator[Item]:
    """Return each template of the packages below ``root``; the first of those that ask the same."""
    seen: set[str] = set()
    for path, (name, texts) in read_each(sorted(root.glob(f"*/{CONTROL}/templates")), _templates):
        question, english = texts.get(PIVOT, ("", ""))
        words, characters = _QUESTION
        if (
            len(question.split()) < words
            or len(question) < characters
            or len(english) not in _TEXT
            or {question, english} & seen
        ):
            continue
        seen |= {question, english}
        translated = {
            language: (short, long)
            for language, (short, long) in texts.items()
            if language == PIVOT or (short != question and is_translated(long, {english}))
        }
        if len(translated) >= MIN_VERSIONS:
            package = path.parts[-3]
            yield Item(
                name_of(f"{package}-{name.removeprefix(f'{package}/')}"),
                {language: long for language, (_, long) in translated.items()},
                (Ask({language: short for language, (short, _) in translated.items()}, {}),),
            )


def _templates(path: Path) -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
    """Return each template's name with its question and its text by language."""
    for stanza in path.read_text("utf-8", errors="replace").split("\n\n"):
        fields = _fields(stanza)
        if "Template" not in fields or fields.get("Type", [""])[0].strip() in _LABELS:
            continue
        texts: dict[str, tuple[str, str]] = {}
        # By field, so that "pt" comes before "pt_BR".
        for field, (first, *rest) in sorted(fields.items()):
            match = _FIELD.fullmatch(f"{field}: {first}")
            language = match and (language_code(match["locale"]) if match["locale"] else PIVOT)
            text = "\n\n".join(_paragraphs(rest))
            if language in UNION and text and _PLACE_HOLDER not in first + text:
                texts.setdefault(language, (first.strip(), text))
        yield fields["Template"][0].strip(), texts


def _fields(stanza: str) -> dict[str, list[str]]:
    """Return the lines of each field, the first one after its name."""
    fields: defaultdict[str, list[str]] = defaultdict(list)
    name = ""
    for line in stanza.splitlines():
        if line.startswith(" "):
            fields[name].append(line[1:])
        else:
            name, _, value = line.partition(":")
            fields[name].append(value.strip())
    return fields


def _paragraphs(lines: list[str]) -> Iterator[str]:
    paragraph: list[str] = []
    for line in [*lines, _BLANK]:
        if line.strip() != _BLANK:
            paragraph.append(line.strip())
        elif paragraph:
            yield " ".join(paragraph)
            paragraph = []
