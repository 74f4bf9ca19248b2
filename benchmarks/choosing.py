"""Which of a set's documents and questions are kept, the same for the same packages."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from benchmarks.types import MIN_VERSIONS, Ask, Item

_SEED = 1

_Any = TypeVar("_Any")


class Question(NamedTuple):
    """A question in one language."""

    item: Item
    ask: Ask
    number: int
    """Counts the asks of a set."""
    language: str


def in_languages(items: Iterable[Item], languages: Iterable[str]) -> Iterator[Item]:
    """Return the items in ``languages`` only, as far as they're there in enough of them."""
    kept = frozenset(languages)
    for item in items:
        texts = {language: item.texts[language] for language in sorted(kept & item.texts.keys())}
        if len(texts) >= MIN_VERSIONS:
            asks = tuple(
                Ask(
                    {language: ask.questions[language] for language in texts
                     if language in ask.questions},
                    {language: ask.snippets[language] for language in texts
                     if language in ask.snippets},
                )
                for ask in item.asks
            )  # fmt: skip
            yield Item(item.name, texts, asks)


def within(
    items: Iterable[Item], characters: int, *, scarce: Sequence[str] = (), enough: int = 0
) -> list[Item]:
    """Draw items of ``characters`` together; those in a ``scarce`` language first, until there
    are ``enough`` in it.
    """
    drawn = _shuffled(items)
    kept: dict[str, Item] = {}
    left = characters
    counts: Counter[str] = Counter()
    for language in (*scarce, None):
        for item in drawn:
            wanted = language is None or (language in item.texts and counts[language] < enough)
            if wanted and item.name not in kept and item.length() <= left:
                kept[item.name] = item
                left -= item.length()
                counts.update(item.texts.keys())
    return sorted(kept.values(), key=_name_of)


def unambiguous(items: Sequence[Item]) -> list[Item]:
    """Leave out questions that are asked of several documents, or twice of one."""
    counts = Counter(
        (language, question.casefold())
        for item in items
        for ask in item.asks
        for language, question in ask.questions.items()
    )
    return [
        item._replace(
            asks=tuple(
                ask._replace(
                    questions={
                        language: question
                        for language, question in ask.questions.items()
                        if counts[language, question.casefold()] == 1
                    }
                )
                for ask in item.asks
            )
        )
        for item in items
    ]


def alone(
    items: Iterable[Item],
    main: str,
    others: Sequence[str],
    *,
    asked: Sequence[str],
    documents: tuple[int, int],
    limit: int,
) -> list[Item]:
    """Draw ``documents`` items in ``main`` and in ``others``, each kept in one language only.

    Questions are in the languages ``asked``, ``limit`` of them: those to all of the documents in
    ``others``, and to as many in ``main`` as there is room for.
    """
    wanted = {main, *others, *asked}
    drawn = _shuffled(item for item in items if wanted <= item.texts.keys())
    kept = []
    for place, item in enumerate(drawn[: sum(documents)]):
        other = place < documents[1]
        language = others[place % len(others)] if other else main
        asks = tuple(
            Ask({one: ask.questions[one] for one in asked if one in ask.questions}, {})
            for ask in item.asks
            if place < limit // len(asked)
        )
        kept.append(Item(item.name, {language: item.texts[language]}, asks))
    return sorted(kept, key=_name_of)


def questions(items: Iterable[Item], limit: int) -> list[Question]:
    """Draw at most ``limit`` questions, from each language as many as from the others.

    Those that are their own document's text come last.
    """
    by_language: defaultdict[str, list[Question]] = defaultdict(list)
    number = 0
    for item in items:
        for ask in item.asks:
            number += 1
            for language in ask.questions:
                by_language[language].append(Question(item, ask, number, language))
    piles = [
        sorted(_shuffled(by_language[language]), key=_is_copy, reverse=True)
        for language in sorted(by_language)
    ]
    kept: list[Question] = []
    while any(piles) and len(kept) < limit:
        kept += [pile.pop() for pile in piles if pile][: limit - len(kept)]
    return sorted(kept, key=lambda question: (question.number, question.language))


def _shuffled(values: Iterable[_Any]) -> list[_Any]:
    shuffled = list(values)
    random.Random(_SEED).shuffle(shuffled)
    return shuffled


def _name_of(item: Item) -> str:
    return item.name


def _is_copy(question: Question) -> bool:
    asked = question.ask.questions[question.language]
    return question.item.texts.get(question.language) == asked
