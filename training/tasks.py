"""What the student learns answers from: questions, the passages that answer them, and others.

A task is a batch of questions. For each there is a passage that answers it, in a language drawn
by chance, and passages of the same document that do not: what a reader would have to tell apart.
Every other question's passages compete as well, but for those that happen to hold the answer.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import NamedTuple

PASSAGE_CHARACTERS = 700
"""About the length of the product's passages (``corpus.text.chunking``)."""

WHOLE = -1
"""In place of a sentence: the whole paragraph, where nobody said which sentence answers."""

Place = tuple[int, int]
"""Paragraph and sentence of a document, from 0; the sentence may be WHOLE."""


class Document(NamedTuple):
    """A text in several languages, paragraph by paragraph the same."""

    id: str
    titles: Mapping[str, str]
    """By language; empty where a paragraph has none above it."""
    paragraphs: Mapping[str, Sequence[Sequence[str]]]
    """By language: each paragraph's sentences; a paragraph may be missing and is empty then."""

    def languages_of(self, paragraph: int) -> list[str]:
        """Return the languages that a paragraph is in, sorted."""
        return sorted(of for of, texts in self.paragraphs.items() if texts[paragraph])

    def length(self) -> int:
        """Return the number of paragraphs."""
        return len(next(iter(self.paragraphs.values())))


class Asked(NamedTuple):
    """A question, and where its answer stands."""

    text: str
    language: str
    document: Document
    answer: Place


class Passage(NamedTuple):
    """What competes to be the answer."""

    text: str
    language: str
    document: str
    holds: frozenset[Place]

    def answers(self, asked: Asked) -> bool:
        """Tell whether the answer to ``asked`` stands in it."""
        return self.document == asked.document.id and asked.answer in self.holds


class Task(NamedTuple):
    """Questions with what answers them; the one at ``right[i]`` answers ``asked[i]``."""

    asked: list[Asked]
    passages: list[Passage]
    right: list[int]


@dataclass(frozen=True, slots=True)
class TaskShape:
    """How tasks are drawn."""

    questions: int = 32
    headings: int = 8
    """Headings asked besides, all in one language and answered in it: what keeps look-up within a
    language sharp."""
    hard: int = 1
    """Passages of the same document for each question that do not answer it."""
    own_language: float = 0.5
    """Share of the questions whose passage is in their language, where there is such a one."""
    hard_in_own: float = 0.5
    """Share of those in the question's language, where there is such a one."""
    joined: float = 0.6
    """Share of the passages that go on to the length of the product's."""
    sentences: float = 0.1
    """Share of the questions whose answering sentence alone is the passage."""


def draw(
    asked: Sequence[Asked],
    shape: TaskShape,
    *,
    steps: int,
    seed: int,
    headings: Sequence[Asked] = (),
) -> Iterator[Task]:
    """Yield ``steps`` tasks, the same for the same seed; each question once before any twice.

    To each, ``shape.headings`` of ``headings`` are added. A language is drawn by the square root
    of how often it is spoken.
    """
    chance = random.Random(seed)  # noqa: S311, repeatable on purpose
    spoken: defaultdict[str, list[Asked]] = defaultdict(list)
    for heading in headings:
        spoken[heading.language].append(heading)
    waiting: list[Asked] = []
    for _ in range(steps):
        if len(waiting) < shape.questions:
            again = list(asked)
            chance.shuffle(again)
            waiting += again
        taken, waiting = waiting[: shape.questions], waiting[shape.questions :]
        yield _task(taken, _some(spoken, shape.headings, chance), shape, chance)


def _some(spoken: Mapping[str, list[Asked]], many: int, chance: random.Random) -> list[Asked]:
    if not spoken or not many:
        return []
    languages = sorted(spoken)
    (language,) = chance.choices(languages, [len(spoken[of]) ** 0.5 for of in languages])
    return chance.sample(spoken[language], min(many, len(spoken[language])))


def _task(
    asked: list[Asked], headings: list[Asked], shape: TaskShape, chance: random.Random
) -> Task:
    passages: list[Passage] = []
    right = []
    within = replace(shape, own_language=1.0, hard_in_own=1.0)
    for each, how in chain(zip(asked, repeat(shape)), zip(headings, repeat(within))):
        right.append(len(passages))
        passages.append(_right(each, how, chance))
        others = (_hard(each, how, chance) for _ in range(shape.hard))
        passages += filter(None, others)
    return Task(asked + headings, passages, right)


def _right(asked: Asked, shape: TaskShape, chance: random.Random) -> Passage:
    document, (paragraph, sentence) = asked.document, asked.answer
    language = _language(asked, document.languages_of(paragraph), shape.own_language, chance)
    if sentence != WHOLE and chance.random() < shape.sentences:
        text = document.paragraphs[language][paragraph][sentence]
        return Passage(text, language, document.id, frozenset({asked.answer}))
    return _around(document, language, paragraph, shape, chance)


def _hard(asked: Asked, shape: TaskShape, chance: random.Random) -> Passage | None:
    document, (paragraph, _) = asked.document, asked.answer
    others = [
        at for at in range(document.length()) if at != paragraph and document.languages_of(at)
    ]
    if not others:
        return None
    weights = [1 / abs(at - paragraph) for at in others]  # neighbours are the most alike
    other = chance.choices(others, weights)[0]
    language = _language(asked, document.languages_of(other), shape.hard_in_own, chance)
    passage = _around(document, language, other, shape, chance, without=paragraph)
    return None if passage.answers(asked) else passage


def _language(asked: Asked, languages: Sequence[str], own: float, chance: random.Random) -> str:
    if asked.language in languages and chance.random() < own:
        return asked.language
    return chance.choice([of for of in languages if of != asked.language] or list(languages))


def _around(
    document: Document,
    language: str,
    paragraph: int,
    shape: TaskShape,
    chance: random.Random,
    without: int | None = None,
) -> Passage:
    """Return the paragraph, and what stands beside it as far as a passage goes."""
    texts = document.paragraphs[language]
    first = last = paragraph
    if chance.random() < shape.joined:
        length = sum(map(len, texts[paragraph]))
        for at in chance.sample((first - 1, last + 1), 2):
            if 0 <= at < len(texts) and texts[at] and at != without:
                length += sum(map(len, texts[at]))
                if length <= PASSAGE_CHARACTERS:
                    first, last = min(first, at), max(last, at)
    lines = [" ".join(texts[at]) for at in range(first, last + 1)]
    if first == 0 and language in document.titles:
        lines.insert(0, document.titles[language])
    held = {
        (at, sentence)
        for at in range(first, last + 1)
        for sentence in (WHOLE, *range(len(texts[at])))
    }
    return Passage("\n".join(lines), language, document.id, frozenset(held))
