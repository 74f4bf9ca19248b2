"""The path of a question: encode, search, compare, pick the sentence, answer or abstain."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from corpus.text.language_id import language_of
from index.snapshot import Snapshot
from qa.answer.answer_types import asked_for
from qa.answer.citations import cite
from qa.answer.confidence import confidence
from qa.config import (
    MAX_QUESTION_CHARACTERS,
    AbstentionConfig,
    SentenceConfig,
    TranslationConfig,
)
from qa.errors import QuestionError
from qa.follow_ups import standalone
from qa.search.searcher import Search
from qa.search.translation_groups import group_translations
from qa.types import Abstention, Answer, Question, Timings, UnderstoodQuestion


class Answerer:
    """Answers questions from the newest snapshot there is."""

    def __init__(
        self,
        search: Search,
        newest: Callable[[], Snapshot],
        abstention: AbstentionConfig = AbstentionConfig(),
        sentence: SentenceConfig = SentenceConfig(),
        translation: TranslationConfig = TranslationConfig(),
    ) -> None:
        self._search = search
        self._newest = newest
        self._abstention = abstention
        self._sentence = sentence
        self._translation = translation

    def answer(
        self, question: Question, readable: frozenset[str] | None = None
    ) -> Answer | Abstention:
        """Return the passages that answer, or an abstention that holds the nearest ones.

        The whole question sees one snapshot, as it would be if there were only the ``readable``
        collections; None stands for all. Safe to call from several threads.

        Raises:
            QuestionError: the question is empty, too long, or no text.
            CatalogueError: the passages could not be read.
        """
        started = perf_counter()
        asked = understand(question)
        snapshot = self._newest().within(readable)
        (vector,) = self._search.vectors([asked])
        encoded = perf_counter()
        signals = self._search.signals(snapshot, asked, vector)
        ranked = self._search.best(snapshot, question, asked, signals)
        searched = perf_counter()
        grouped = group_translations(snapshot, ranked, asked.language, self._translation)
        # However they are shown: a translation of the first passage is no rival of it.
        sure = confidence(grouped, signals.scale, self._abstention)
        shown = grouped if question.translations == "grouped" else ranked
        passages = cite(snapshot.view, shown[: question.limit], asked.wanted, self._sentence)
        done = perf_counter()
        timings = Timings(
            total=(done - started) * 1000,
            encode=(encoded - started) * 1000,
            search=(searched - encoded) * 1000,
            rank=(done - searched) * 1000,
        )
        if sure >= self._abstention.min_confidence:
            return Answer(asked, sure, passages, timings)
        return Abstention(asked, sure, passages, timings)


def understand(question: Question) -> UnderstoodQuestion:
    """Return the question as it is searched for.

    Raises:
        QuestionError: it is empty, too long, or no text.
    """
    text = checked(question.text)
    earlier = [checked(before) for before in question.conversation]
    language, meaning = language_of(text), standalone(text, earlier)
    wanted = asked_for(text, language) or asked_for(meaning, language)
    return UnderstoodQuestion(text, language, meaning, wanted)


def checked(text: str) -> str:
    """Return a question's text trimmed.

    Raises:
        QuestionError: it holds no letter or digit, is over MAX_QUESTION_CHARACTERS long, or
            holds NUL characters or lone surrogates.
    """
    text = text.strip()
    if not text:
        raise QuestionError("The question is empty. Write what you would like to know.")
    if len(text) > MAX_QUESTION_CHARACTERS:
        raise QuestionError(
            f"The question has {len(text):,} characters; the limit is "
            f"{MAX_QUESTION_CHARACTERS:,}. Shorten it."
        )
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text):
        raise QuestionError(
            "The question contains characters that are not text (NUL or half of a surrogate "
            "pair). Send it as UTF-8."
        )
    if not any(character.isalnum() for character in text):
        raise QuestionError("The question contains no word. Write what you would like to know.")
    return text
