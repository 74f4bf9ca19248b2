"""A keyword is no question, but who types one wants the passages that it is in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from corpus.store.view.passages import StoredPassage
from corpus.types import Span, composed
from index.snapshot import Scope, Snapshot
from index.vocabulary import WORD, Place, folded, words_in
from qa.types import Citation, CitedPassage, Question

MAX_KEYWORDS: Final = 3
"""Words that are taken for keywords together; four are mostly a sentence."""

MAX_MATCHES: Final = 200
"""Passages with the words that are put in order: four times as many as an answer has at most."""

_QUESTION_MARKS: Final = ("?", "\u037e", "\u061f", "\uff1f")
"""Latin, Greek, Arabic, and full width."""


class Containing(NamedTuple):
    """A passage that all keywords are in."""

    passage: CitedPassage
    """Its ``answer`` is the first sentence with one of them."""
    words: tuple[Span, ...]
    """Where they stand in its text."""


class _Match(NamedTuple):
    place: Place
    stored: StoredPassage
    words: tuple[Span, ...]


def containing(snapshot: Snapshot, question: Question) -> tuple[Containing, ...]:
    """Return the passages of a question's scope that have its words, if they are but keywords.

    Those that have them most often come first.

    Raises:
        CatalogueError: the catalogue cannot be read.
    """
    text = composed(question.text).rstrip()
    words = frozenset(folded(word) for word in WORD.findall(text))
    if not 1 <= len(words) <= MAX_KEYWORDS or text.endswith(_QUESTION_MARKS):
        return ()
    places = snapshot.places_of(sorted(words), MAX_MATCHES)
    matches = _matches(snapshot, _in_scope(snapshot, question.scope, places), words)
    best = sorted(matches, key=lambda match: (-len(match.words), match.place.passage))
    return _cited(snapshot, best[: question.limit])


def _in_scope(snapshot: Snapshot, scope: Scope, places: Sequence[Place]) -> list[Place]:
    facts = snapshot.facts({place.document_key for place in places})
    return [
        place
        for place in places
        if (not scope.languages or place.language in scope.languages)
        and place.document_key in facts
        and scope.holds(facts[place.document_key])
    ]


def _matches(snapshot: Snapshot, places: Collection[Place], words: frozenset[str]) -> list[_Match]:
    """Return the passages in which the words stand as they are typed."""
    stored = snapshot.view.passages([place.passage for place in places])
    matches = [
        _Match(
            place,
            stored[place.passage],
            tuple(Span(*span) for span in words_in(stored[place.passage].text, words)),
        )
        for place in places
    ]
    return [match for match in matches if match.words]


def _cited(snapshot: Snapshot, matches: Collection[_Match]) -> tuple[Containing, ...]:
    documents = snapshot.view.summaries([match.place.document_key for match in matches])
    copies = snapshot.view.copies([document.id for document in documents.values()])
    found = []
    for rank, (place, stored, words) in enumerate(matches, start=1):
        document = documents[place.document_key]
        cited = CitedPassage(
            rank=rank,
            score=0.0,
            language=place.language,
            text=stored.text,
            answer=_sentence_at(stored, words[0].start),
            citation=Citation(
                document,
                stored.span,
                stored.page,
                copies.get(document.id, ()),
                stored.recognised,
            ),
            also_in=(),
        )
        found.append(Containing(cited, words))
    return tuple(found)


def _sentence_at(passage: StoredPassage, place: int) -> Span:
    """Return the sentence of a passage at a place of its text, or the next one."""
    start = passage.span.start
    within = [Span(sentence.start - start, sentence.end - start) for sentence in passage.sentences]
    return next((sentence for sentence in within if place < sentence.end), within[-1])
