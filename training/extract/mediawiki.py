"""MediaWiki's messages: a JSON file for each language, with the same keys in all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from training.extract.files import read_each
from training.types import Unit, language_code

_LINK = re.compile(r"\[\[(?:[^|\]]*\|)?([^|\]]*)\]\]")  # [[page|text]]
_EMPHASIS = re.compile(r"'{2,}")


def units(root: Path) -> Iterator[Unit]:
    """Return the messages of MediaWiki and of its extensions below ``root``."""
    # By language, so that "de" comes before "de-formal".
    paths = sorted(root.rglob("i18n/**/*.json"), key=lambda path: (path.stem, path))
    for path, (key, message) in read_each(paths, _messages):
        if (language := language_code(path.stem)) and isinstance(message, str):
            folder = path.parent.relative_to(root).as_posix()
            yield Unit(language, f"{folder}#{key}", _plain(message))


def _messages(path: Path) -> Iterable[tuple[str, object]]:
    messages: dict[str, object] = json.loads(path.read_text("utf-8"))
    return messages.items()


def _plain(wikitext: str) -> str:
    return " ".join(_EMPHASIS.sub("", _LINK.sub(r"\1", wikitext)).split())
