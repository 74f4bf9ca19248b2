"""What the collection holds, as pages tell it: counted once for each state of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from corpus.store.view import View
from corpus.store.view.facets import Count, LanguageCount
from corpus.store.view.filters import DocumentFilter
from corpus.types import UNKNOWN_LANGUAGE
from index.snapshot import Snapshot
from index.vocabulary import Place, folded, words_in
from qa.types import Abstention, Answer, Question

SUGGESTIONS = 3
"""First questions that are suggested."""

TRIED = 8
"""Questions of each kind that are tried for them; each has to be answered."""

_FITTING = re.compile(r"[^\"“”„‘’«»‹›?]{12,56}")
"""A title that says in a few words what a document is about, and can be quoted."""

_NAME = re.compile(r"\b[A-ZÀ-ÖØ-Þ][^\W\d_]{4,}")
"""What may be a name."""

_COUNTED = 20
"""Passages in which a name's languages are counted."""


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

    @property
    def known_languages(self) -> list[str]:
        """The languages of passages, most passages first, without those that could not be told."""
        codes = (count.language for count in self.passage_languages)
        return [code for code in codes if code != UNKNOWN_LANGUAGE]

    @property
    def period(self) -> tuple[str, str] | None:
        """The first and the last year of publication; None where no document has a date."""
        years = [count.value for count in self.years if count.value]
        return (min(years), max(years)) if years else None


def contents_of(view: View) -> Contents:
    """Return what one state of the catalogue holds."""
    found = view.notes.get("contents")
    if not isinstance(found, Contents):
        found = view.notes["contents"] = Contents(
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


def names(snapshot: Snapshot, language: str) -> Iterator[str]:
    """Yield names to ask about, at most TRIED: from documents in other languages than ``language``,
    and written alike in two languages, as names are."""
    view = snapshot.view
    elsewhere = frozenset(set(map(_language, contents_of(view).languages)) - {language})
    wanted = DocumentFilter(languages=elsewhere)
    total = view.list_documents(wanted, 0, 0)[0] if elsewhere else 0
    seen: set[str] = set()
    for number in range(min(TRIED, total)):
        _, (document,) = view.list_documents(wanted, number * total // min(TRIED, total), 1)
        rarest: dict[int, str] = {}
        for name in _NAME.findall(document.title):
            places = snapshot.places_of([folded(name)], _COUNTED)
            if len({place.language for place in places}) > 1 and _is_name(view, name, places):
                rarest.setdefault(len(places), name)
        if rarest and (name := rarest[min(rarest)]) not in seen:
            seen.add(name)
            yield name


def suggestions(
    snapshot: Snapshot,
    ask: Callable[[Question], Answer | Abstention],
    language: str,
    phrase: Callable[[str], str],
    written: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return first questions that the collection answers, at most SUGGESTIONS.

    Those that it answers in another language than they are asked in come first: they show what
    this is. They are of those that the operator has ``written``, else about names. Where there are
    too few, others are about a document in the same language.

    ``ask`` answers from what the snapshot holds, and ``phrase`` makes a question about a name or a
    title, in the interface's ``language``. The answer is remembered for this state of the
    collection.
    """
    known = contents_of(snapshot.view).suggestions
    if language not in known:
        across = chain(written[:TRIED], map(phrase, names(snapshot, language)))
        within = map(phrase, titles(snapshot.view, language))
        found = chain(
            (text for text in across if _language_of(ask(Question(text))) not in (None, language)),
            (text for text in within if _language_of(ask(Question(text)))),
        )
        known[language] = tuple(dict.fromkeys(islice(found, SUGGESTIONS)))
    return known[language]


def _is_name(view: View, name: str, places: Sequence[Place]) -> bool:
    """Tell whether a word has a capital wherever it stands."""
    texts = (each.text for each in view.passages([place.passage for place in places]).values())
    wanted = frozenset({folded(name)})
    return all(text[start].isupper() for text in texts for start, _ in words_in(text, wanted))


def _language(count: Count) -> str:
    return count.value or UNKNOWN_LANGUAGE


def _language_of(outcome: Answer | Abstention) -> str | None:
    """Return the language of the passage that answers; None where none does."""
    return outcome.passages[0].language if isinstance(outcome, Answer) else None
