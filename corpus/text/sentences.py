"""Text to sentences, for every script.

The rules are sentencex's, which knows the full stops of the world's scripts; mended here is
what it gets wrong in the languages this service meets most: abbreviations, initials, dates
with an ordinal, and closing quotes set off by a space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from corpus.text.dates import is_month
from corpus.types import Span

MAX_SENTENCE_LENGTH: Final = 1_000
"""Characters. Longer runs without an end are cut at white space; the encoder reads 512 tokens,
which is about as much."""

WINDOW_LENGTH: Final = 20_000
"""Characters handed to sentencex at once: its time grows faster than the text's length."""

# A name or number follows these, so their full stop never ends a sentence.
_TITLES = {
    "fr": "m mm mme mmes mlle mgr dr pr me st ste",
    "nl": "dhr mevr mw mr mrs dr drs ir ing prof st",
    "de": "hr fr dr prof ing st hl",
    "en": "mr mrs ms dr prof st sr jr rev hon gen col capt lt sgt",
    "lb": "h hr m mme mme dr prof st här",
}
# After these a sentence may end, but not where a digit follows.
_ABBREVIATIONS = {
    "fr": "art chap cf env ex fig janv févr avr juil sept oct nov déc n no nos p pp par réf t tél "
    "vol av bd apr",
    "nl": "art bijv blz ca cf fig jan feb mrt apr aug sept okt nov dec nr nrs p par resp tel vgl",
    "de": "abs art aufl bd bspw bzw ca evtl ggf jan feb apr aug sept okt nov dez nr nrn s str tel "
    "usw vgl z.b d.h u.a",
    "en": "art approx ca cf ch e.g fig i.e jan feb mar apr jun jul aug sept oct nov dec no nos p "
    "para pp resp sec vol vs",
    "lb": "abs art bzw ca jan feb mäe abr aug sep okt nov dez nr s tel z.b",
}
_BY_LANGUAGE = {
    language: (frozenset(_TITLES[language].split()), frozenset(_ABBREVIATIONS[language].split()))
    for language in _TITLES
}
# Where sentencex has no rules it takes a kindred language's, but "ass", an abbreviation in German,
# is Luxembourgish for "is" and ends many a sentence.
_RULES_OF = {"lb": "fr"}
_OTHERS = (frozenset(["dr", "prof"]), frozenset(["art", "cf", "fig", "no", "nr", "p", "pp", "vol"]))
_LAST_WORD = re.compile(r"(?:^|[\s(\[«\"'’-])([^\W\d_]+(?:\.[^\W\d_]+)*)\.$")
_INITIAL = re.compile(r"(?:^|[\s.(-])[^\W\d_]\.$")
_ORDINAL = re.compile(r"(?:^|[\s(-])\d{1,2}\.$")
_AFTER_ORDINAL = frozenset(["jahrhundert", "jahrhunderts", "joerhonnert"])
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
    rules = _RULES_OF.get(language, language)
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
    titles, abbreviations = _BY_LANGUAGE.get(language, _OTHERS)
    if _ORDINAL.search(before):
        following = re.match(r"[^\W\d_]+", after)
        word = following[0].casefold() if following else ""
        return is_month(word, language) or word in _AFTER_ORDINAL
    last = _LAST_WORD.search(before)
    word = last[1].casefold() if last else ""
    if word in titles or _INITIAL.search(before):
        return True
    return after[0].isdigit() and (word in abbreviations or is_month(word, language))


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
