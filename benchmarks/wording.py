"""What the texts of every kind of set are judged by, and named."""

from __future__ import annotations

import re
from collections.abc import Collection

from corpus.text.language_id import language_of
from training.types import PIVOT

_SNIPPET = range(20, 60)  # characters: enough to be found once, and within a sentence
_SENTENCE_END = re.compile(r"[.!?:;](?=\s)")
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9.-]+")


def is_translated(text: str, english: Collection[str]) -> bool:
    """Tell whether ``text`` was translated: it is none of ``english``, nor another version."""
    return text not in english and language_of(text) != PIVOT


def beginning_of(paragraph: str) -> str:
    """Return the first words of a paragraph, not past its first sentence if that is not short.

    Passages hold whole sentences, so they are in one passage.
    """
    for end in _SENTENCE_END.finditer(paragraph, _SNIPPET.start):
        if end.end() in _SNIPPET:
            return paragraph[: end.end()]
        break
    if len(paragraph) <= _SNIPPET.stop:
        return paragraph
    return paragraph[: _SNIPPET.stop].rpartition(" ")[0]


def name_of(text: str) -> str:
    """Return a file's name without its ending, made of ``text``."""
    return _NOT_IN_A_NAME.sub("-", text.lower()).strip("-.")
