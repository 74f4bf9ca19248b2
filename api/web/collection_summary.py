"""What the collection holds, as pages tell it: counted once for each state of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from weakref import WeakKeyDictionary

from corpus.store.view import View
from corpus.store.view.facets import Count, LanguageCount
from corpus.store.view.filters import DocumentFilter
from qa.types import Abstention, Answer, Question

SUGGESTIONS = 3
"""First questions that are suggested."""

TRIED = 8
"""Titles that are tried for them; each is a question that has to be answered."""

_FITTING = re.compile(r"[^\"“”„‘’«»‹›?]{12,56}")
"""A title that says in a few words what a document is about, and can be quoted."""


@dataclass(frozen=True, slots=True)
class Contents:
    """One state of the collection, counted."""

    passage_languages: tuple[LanguageCount, ...]
    """Most passages first."""
    languages: tuple[Count, ...]
    """Documents by their main language."""
    collections: tuple[Count, ...]
    years: tuple[Count, ...]
    """Documents by year of publication, the latest first; those without a date come last."""
    suggestions: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    """First questions by language of the interface, as far as they were looked for."""

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return sum(count.documents for count in self.languages)


_counted: WeakKeyDictionary[View, Contents] = WeakKeyDictionary()


def contents_of(view: View) -> Contents:
    """Return what one state of the catalogue holds."""
    found = _counted.get(view)
    if found is None:
        found = _counted[view] = Contents(
            passage_languages=tuple(view.languages()),
            languages=tuple(view.count_documents("language")),
            collections=tuple(view.count_documents("collection")),
            years=tuple(reversed(view.count_documents("year"))),
        )
    return found


def titles(view: View, language: str) -> Iterator[str]:
    """Yield titles to ask about, at most TRIED, spread over the documents in ``language``.

    Where there are none in it, those in any language serve.
    """
    for wanted in (DocumentFilter(languages=frozenset({language})), DocumentFilter()):
        total, _ = view.list_documents(wanted, 0, 0)
        if total:
            break
    for number in range(min(TRIED, total)):
        _, (document,) = view.list_documents(wanted, number * total // min(TRIED, total), 1)
        if _FITTING.fullmatch(document.title):
            yield document.title


def suggestions(
    view: View,
    ask: Callable[[Question], Answer | Abstention],
    language: str,
    phrase: Callable[[str], str],
) -> tuple[str, ...]:
    """Return first questions that the collection answers, at most SUGGESTIONS.

    ``ask`` answers from what the view holds, and ``phrase`` makes a question of a title, in the
    interface's ``language``. The answer is remembered for this state of the collection.
    """
    known = contents_of(view).suggestions
    if language not in known:
        questions = map(phrase, titles(view, language))
        answered = (text for text in questions if isinstance(ask(Question(text)), Answer))
        known[language] = tuple(islice(answered, SUGGESTIONS))
    return known[language]
