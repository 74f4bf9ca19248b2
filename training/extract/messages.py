"""What programs say: gettext catalogues, whose English text is each message's id."""

from __future__ import annotations

from collections.abc import Iterator
from gettext import GNUTranslations
from hashlib import sha1
from pathlib import Path

from training.extract.files import read_each
from training.types import PIVOT, Unit, language_code

_AFTER_CONTEXT = "\x04"


class _Catalogue(GNUTranslations):
    """The standard library's, which keeps its messages to itself."""

    _catalog: dict[object, str]

    def messages(self) -> Iterator[tuple[str, str]]:
        """Return the English text and the translation of each message but those with plurals."""
        for key, translation in self._catalog.items():
            if isinstance(key, str):
                yield _plain(key.rpartition(_AFTER_CONTEXT)[2]), _plain(translation)


def units(root: Path) -> Iterator[Unit]:
    """Return the messages of every compiled catalogue below ``root``."""
    paths = sorted(root.rglob("*/LC_MESSAGES/*.mo"))
    for path, (english, translation) in read_each(paths, _messages):
        language = language_code(path.parts[-3])
        if language and language != PIVOT and english:
            id_ = f"{path.stem}:{sha1(english.encode(), usedforsecurity=False).hexdigest()[:12]}"
            yield Unit(PIVOT, id_, english)
            yield Unit(language, id_, translation)


def _messages(path: Path) -> Iterator[tuple[str, str]]:
    with path.open("rb") as file:
        return _Catalogue(file).messages()


def _plain(text: str) -> str:
    return " ".join(text.split())
