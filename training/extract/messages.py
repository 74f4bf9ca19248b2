"""What programs say: gettext catalogues, whose English text is each message's id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from gettext import GNUTranslations
from hashlib import sha1
from pathlib import Path

from training.extract.files import read_each
from training.types import PIVOT, Unit, language_code

_AFTER_CONTEXT = "\x04"
_BLANK_LINE = re.compile(r"\n\s*\n")


class _Catalogue(GNUTranslations):
    """The standard library's, which keeps its messages to itself."""

    _catalog: dict[object, str]

    def messages(self) -> Iterator[tuple[str, str]]:
        """Return the English text and the translation of each message but those with plurals."""
        for key, translation in self._catalog.items():
            if isinstance(key, str):
                yield key.rpartition(_AFTER_CONTEXT)[2], translation


def units(root: Path) -> Iterator[Unit]:
    """Return the messages of every compiled catalogue below ``root``."""
    paths = sorted(root.rglob("*/LC_MESSAGES/*.mo"))
    for path, (english, translation) in read_each(paths, _messages):
        language = language_code(path.parts[-3])
        if language and language != PIVOT:
            for ours, theirs in _paragraphs(english, translation):
                key = sha1(ours.encode(), usedforsecurity=False).hexdigest()[:12]
                id_ = f"{path.stem}:{key}"
                yield Unit(PIVOT, id_, ours)
                yield Unit(language, id_, theirs)


def _messages(path: Path) -> Iterator[tuple[str, str]]:
    with path.open("rb") as file:
        return _Catalogue(file).messages()


def _paragraphs(english: str, translation: str) -> Iterator[tuple[str, str]]:
    """Return a message's paragraphs one by one, or whole where the translation has others."""
    ours, theirs = (_BLANK_LINE.split(text.strip()) for text in (english, translation))
    if len(ours) != len(theirs):
        ours, theirs = [english], [translation]
    for one, other in zip(ours, theirs, strict=True):
        if plain := _plain(one):
            yield plain, _plain(other)


def _plain(text: str) -> str:
    return " ".join(text.split())
