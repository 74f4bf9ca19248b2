"""Text to sentences, for every script.

The rules are sentencex's, which knows the full stops of the world's scripts; mended here is
what it gets wrong in the languages this service meets most: abbreviations, initials, dates
with an ordinal, and closing quotes set off by a space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Final

from corpus.languages import language as data_of
from corpus.languages import words_of_all
from corpus.text.dates import is_month
from corpus.types import UNKNOWN_LANGUAGE, Span

MAX_SENTENCE_LENGTH: Final = 1_000
"""Characters. Longer runs without an end are cut at white space; the encoder reads 512 tokens,
which is about as much."""

WINDOW_LENGTH: Final = 20_000
"""Characters handed to sentencex at once: its time grows faster than the text's length."""

_LAST_WORD = re.compile(r"(?:^|[\s(\[«\"'’-])([^\W\d_]+(?:\.[^\W\d_]+)*)\.$")
_INITIAL = re.compile(r"(?:^|[\s.(-])[^\W\d_]\.$")
_ORDINAL = re.compile(r"(?:^|[\s(-])\d{1,2}\.$")
_NUMBER = re.compile(r"[+(]*\d")  # a telephone number begins with a plus or a bracket
_CLOSING = re.compile(r"(?:[»”’)\]]|[\"'](?=\s|$))+")
_TAIL_LENGTH: Final = 40  # characters that decide about a boundary


def sentences(text: str, language: str) -> list[Span]:
    """Return the sentences of ``text`` in order, white space around them left out.

    Together they hold every character of ``text`` that is not white space. A closing quote or
    bracket belongs to its sentence. None is longer than MAX_SENTENCE_LENGTH.
    """
    starts = [0]
    for boundary in _boundaries(text, language):
        boundary = _after_closing(text, boundary)
        if boundary > starts[-1] and not _goes_on(text, starts[-1], boundary, language):
            starts.append(boundary)
    spans = (_stripped(text, *ends) for ends in pairwise((*starts, len(text))))
    return [piece for span in spans if span for piece in _cut(text, span)]


def _boundaries(text: str, language: str) -> Iterator[int]:
    """Yield where sentencex begins a sentence, the first one apart."""
    from sentencex import get_sentence_boundaries

    # It takes UTF-8 only; "replace" keeps the length, putting one "?" for each lone surrogate.
    text = text.encode("utf-8", "replace").decode("utf-8")
    rules = data_of(language).abbreviations.split_like or language
    start = 0
    while start < len(text):
        window = text[start : start + WINDOW_LENGTH]
        found = [int(each["start_index"]) for each in get_sentence_boundaries(rules, window)]
        is_last = start + WINDOW_LENGTH >= len(text)
        # A window may end inside its last sentence, so the next one begins with that.
        for offset in found[1:]:
            yield start + offset
        if is_last:
            return
        start += found[-1] if len(found) > 1 else WINDOW_LENGTH


def _after_closing(text: str, boundary: int) -> int:
    """Move a boundary behind the quotes and brackets that close what stands before it."""
    closing = _CLOSING.match(text, boundary)
    return closing.end() if closing else boundary


def _goes_on(text: str, start: int, boundary: int, language: str) -> bool:
    """Tell whether the sentence that began at ``start`` does not end at ``boundary``."""
    before = text[max(start, boundary - _TAIL_LENGTH) : boundary].rstrip()
    after = text[boundary : boundary + _TAIL_LENGTH].lstrip()
    if not before or not after:
        return True
    if after[0].islower():
        # Text in lower case throughout still has ends, so not without limit.
        return boundary - start < MAX_SENTENCE_LENGTH // 2
    if not before.endswith("."):
        return False
    titles, abbreviations = _abbreviations(language)
    if _ORDINAL.search(before):
        following = re.match(r"[^\W\d_]+", after)
        word = following[0].casefold() if following else ""
        return is_month(word, language) or word in _after_ordinals()
    last = _LAST_WORD.search(before)
    word = last[1].casefold() if last else ""
    if word in titles or _INITIAL.search(before):
        return True
    is_number = _NUMBER.match(after) is not None
    return is_number and (word in abbreviations or is_month(word, language))


@cache
def _abbreviations(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return those that never end a sentence, and those that do not before a digit."""
    own = data_of(language).abbreviations
    if not (own.titles or own.before_numbers):
        own = data_of(UNKNOWN_LANGUAGE).abbreviations
    return frozenset(own.titles), frozenset(own.before_numbers)


@cache
def _after_ordinals() -> frozenset[str]:
    return frozenset(words_of_all(lambda each: each.abbreviations.after_ordinals))


def _stripped(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return Span(start, end) if start < end else None


def _cut(text: str, span: Span) -> Iterator[Span]:
    """Cut what is longer than a sentence may be at its last white space, or hard."""
    start, end = span
    while end - start > MAX_SENTENCE_LENGTH:
        cut = text.rfind(" ", start + MAX_SENTENCE_LENGTH // 2, start + MAX_SENTENCE_LENGTH + 1)
        piece = _stripped(text, start, cut if cut > start else start + MAX_SENTENCE_LENGTH)
        if piece:
            yield piece
        start = piece.end if piece else start + MAX_SENTENCE_LENGTH
        rest = _stripped(text, start, end)
        start = rest.start if rest else end
    if start < end:
        yield Span(start, end)
