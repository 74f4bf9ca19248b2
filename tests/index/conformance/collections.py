"""A small collection made for the conformance suite, and what is true of it by brute force."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from corpus.store.catalogue import Catalogue
from corpus.types import Document, Passage, Span, document_id
from index.encoders.protocol import Vectors
from index.snapshot import EVERYTHING, Scope
from index.vectors.neighbour_smoothing import CONTEXT_SHARE
from index.vocabulary import folded
from tests.encoders import WordEncoder

WORDS = {
    language: words.split()
    for language, words in {
        "fr": "l'eau police traité frontière commune école Élève signé lundi Benelux 2018/0265",
        "de": "Wasser Polizei Vertrag Grenze Gemeinde Straße Brücke gesperrt Benelux § 12 3.500",
        "nl": "water politie verdrag grens gemeente fiets coöperatie getekend Benelux E34 3.500",
    }.items()
}
COLLECTIONS = ("press", "notes", "laws")


@dataclass(frozen=True, slots=True)
class Made:
    """A document and its passages."""

    document: Document
    passages: tuple[Passage, ...]


class Known(NamedTuple):
    """A passage, and what is true of it."""

    made: Made
    passage: Passage
    vector: Vectors
    """In its context."""
    sentences: Vectors


def made(
    file: str, collection: str, language: str, seed: int, number: int = 4, also: str = ""
) -> Made:
    """Return a document of ``number`` passages, of two sentences each, the same for a seed.

    Every sentence has the word ``also``, if one is given.
    """
    draw = np.random.default_rng(seed)
    vocabulary = WORDS.get(language, WORDS["de"])
    text, passages = "", []
    for _ in range(number):
        start = len(text)
        spans = []
        for _ in range(2):
            words = [*draw.choice(vocabulary, 6).tolist(), *also.split()]
            spans.append(Span(len(text), len(text) + len(" ".join(words)) + 1))
            text += " ".join(words) + ". "
        span = Span(start, len(text) - 1)
        passages.append(Passage(span, text[span.start : span.end], language, None, tuple(spans)))
    published = date(2015 + seed % 9, 1 + seed % 12, 1 + seed % 28) if seed % 5 else None
    return Made(
        Document(
            id=document_id(collection, file),
            collection=collection,
            file=file,
            root="/",
            media_type="text/plain",
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            language=language,
            title=f"{file} {seed}",
            publisher=None,
            published=published,
            url=None,
            text=text,
        ),
        tuple(passages),
    )


def collection() -> list[Made]:
    """Return the documents that the suite begins with: 24 in three languages and collections."""
    languages = sorted(WORDS)
    return [
        made(
            f"{number:02d}.txt",
            COLLECTIONS[number % 2 + (number % 7 == 0)],
            languages[number % 3],
            number,
        )
        for number in range(24)
    ]


def put(catalogue: Catalogue, documents: Iterable[Made]) -> None:
    """Keep documents; they are found once they have their vectors."""
    for each in documents:
        catalogue.put(each.document, each.passages, 1)


def known(documents: Sequence[Made], encoder: WordEncoder) -> list[Known]:
    """Return every passage with its vectors, made without a store."""
    found = []
    for each in documents:
        own = encoder.questions([passage.text for passage in each.passages])
        for place, passage in enumerate(each.passages):
            near = [own[other] for other in (place - 1, place + 1) if 0 <= other < len(own)]
            around = np.mean(near, axis=0) if near else own[place]
            vector = (1 - CONTEXT_SHARE) * own[place] + CONTEXT_SHARE * around
            said = [each.document.text[start:end] for start, end in passage.sentences]
            found.append(Known(each, passage, vector, encoder.questions(said)))
    return found


def in_scope(one: Known, scope: Scope = EVERYTHING) -> bool:
    """Tell whether a passage is to be searched, by the words of ``Scope``."""
    document = one.made.document
    day = document.published
    return (
        (not scope.languages or one.passage.language in scope.languages)
        and (not scope.collections or document.collection in scope.collections)
        and (scope.documents is None or document.id in scope.documents)
        and (scope.published_from is None or (day is not None and day >= scope.published_from))
        and (scope.published_to is None or (day is not None and day <= scope.published_to))
    )


def tokens(text: str) -> list[str]:
    """Return a text's words as they are looked up: folded, and § is one of their letters."""
    return [folded(word) for word in re.findall(r"(?:[^\W_]|§)+", text)]


def holds(text: str, phrase: str) -> bool:
    """Tell whether a text has a phrase's words in their order, side by side."""
    words, wanted = tokens(text), tokens(phrase)
    return any(
        words[start : start + len(wanted)] == wanted
        for start in range(len(words) - len(wanted) + 1)
    )
