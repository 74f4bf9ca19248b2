"""The path of a question: encode, search, read, pick the sentence, answer or abstain."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter

from corpus.text.language_id import language_of
from index.snapshot import Snapshot
from qa.answer.citations import cite
from qa.config import (
    MAX_QUESTION_CHARACTERS,
    AbstentionConfig,
    SentenceConfig,
    TranslationConfig,
)
from qa.errors import QuestionError
from qa.reading.assessment import assess
from qa.reading.reader import Reader
from qa.search.follow_ups import FollowUps
from qa.search.searcher import Search
from qa.search.translation_groups import group_translations
from qa.thanks import is_thanks
from qa.types import (
    Abstention,
    Answer,
    Effort,
    Question,
    Timings,
    UnderstoodQuestion,
    Verdict,
)


class Answerer:
    """Answers questions from the newest snapshot there is."""

    def __init__(
        self,
        search: Search,
        newest: Callable[[], Snapshot],
        reader: Reader | None = None,
        effort: Effort = "thorough",
        abstention: AbstentionConfig = AbstentionConfig(),
        sentence: SentenceConfig = SentenceConfig(),
        translation: TranslationConfig = TranslationConfig(),
    ) -> None:
        """Answer with what ``search`` ranks and, unless it is None, ``reader`` reads.

        ``effort`` is for the questions that do not say how much.
        """
        self._search = search
        self._newest = newest
        self._reader = reader
        self._effort = effort
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
        watch = _Stopwatch()
        asked = understand(question, self._search.follow_ups)
        snapshot = self._newest().within(readable)
        (encoded,) = self._search.encode([asked])
        encode = watch.lap()
        signals = self._search.signals(snapshot, asked, encoded.vector)
        ranked = self._search.best(snapshot, question, asked, signals)
        search = watch.lap()
        grouped = group_translations(snapshot, ranked, asked.language, self._translation)
        rank = watch.lap()
        reader = self._reader if (question.effort or self._effort) == "thorough" else None
        judge = partial(
            assess,
            reader,
            snapshot.view,
            encoded.states,
            scale=signals.scale,
            config=self._abstention,
        )
        # However they are shown: a translation of the first passage is no rival of it.
        reading = judge(grouped)
        shown = reading if question.translations == "grouped" else judge(ranked)
        read = watch.lap() if reading.was_read else 0.0
        passages = cite(snapshot.view, shown.ranked[: question.limit], self._sentence)
        rank += watch.lap()
        timings = Timings(watch.total(), encode, search, rank, read)
        if reading.verdict is Verdict.NOTHING:
            return Abstention(asked, reading.confidence, passages, timings)
        is_sure = reading.verdict is Verdict.ANSWERS
        return Answer(asked, reading.confidence, is_sure, passages, timings)


def understand(question: Question, follow_ups: FollowUps) -> UnderstoodQuestion:
    """Return the question as it is searched for, with what it takes from its conversation.

    A thank-you asks nothing: it takes nothing from the conversation, and gives nothing to it.

    Raises:
        QuestionError: it is empty, too long, or no text.
    """
    text = checked(question.text)
    turns = [checked(before) for before in question.conversation]
    earlier = [] if is_thanks(text) else [turn for turn in turns if not is_thanks(turn)]
    return UnderstoodQuestion(text, language_of(text), follow_ups.standalone(text, earlier))


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


class _Stopwatch:
    """Measures one step after another, in milliseconds."""

    def __init__(self) -> None:
        self._started = self._last = perf_counter()

    def lap(self) -> float:
        """Return how long it is since the last lap."""
        before, self._last = self._last, perf_counter()
        return (self._last - before) * 1000

    def total(self) -> float:
        """Return how long it was up to the last lap."""
        return (self._last - self._started) * 1000
