"""From what a model says, piece by piece, to the sentences in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from qa.writing.types import Claim

MAX_SENTENCE_CHARACTERS: Final = 600
MAX_QUOTATION_CHARACTERS: Final = 2_500

_DECODER = json.JSONDecoder()


def claims(pieces: Iterable[str]) -> Iterator[Claim | None]:
    """Yield each sentence as soon as its object is whole, and None for an object that is none.

    What stands between the objects is passed over: models put them into lists and code fences.
    """
    buffer = ""
    for piece in pieces:
        buffer += piece
        while (begin := buffer.find("{")) >= 0:
            try:
                found, end = _DECODER.raw_decode(buffer, begin)
            except (ValueError, RecursionError):
                break  # not whole yet
            buffer = buffer[end:]
            yield _claim(found)
    if "{" in buffer:
        yield None  # half an object


def _claim(found: Any) -> Claim | None:
    if not isinstance(found, dict):
        return None
    text, number, quotation = (found.get(key) for key in ("sentence", "passage", "quotation"))
    if not isinstance(text, str) or not isinstance(quotation, str) or type(number) is not int:
        return None
    text = " ".join(text.split())
    if not 0 < len(text) <= MAX_SENTENCE_CHARACTERS or len(quotation) > MAX_QUOTATION_CHARACTERS:
        return None
    if not text.isprintable():
        return None
    return Claim(text, number - 1, quotation)
