"""Ask every question of a file and judge what comes back.

A collection in several languages can be asked in several ways:

whole      every version of a document is in, and any of them may answer; translations of a
           passage are one hit;
look-up    the same rankings, but each relevant document is judged as if the question's other
           relevant documents were not there: whether one language finds another;
scattered  each document is kept in one language only;
alone      only the documents in the question's own language are asked.

What is asked is a pool (``pools``); every pool's rankings are judged whole and by look-up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from corpus.store.view.filters import DocumentFilter
from index.snapshot import Scope, Snapshot
from qa.answering import understand
from qa.config import AbstentionConfig, TranslationConfig
from qa.evaluation.metrics import Case
from qa.evaluation.pools import WHOLE, Pool
from qa.evaluation.qrels import JudgedQuestion, Relevant
from qa.reading.assessment import assess
from qa.reading.reader import Reader
from qa.search.searcher import Search
from qa.search.translation_groups import group_translations
from qa.types import Question, RankedPassage, Verdict

DEPTH = 200
"""Passages ranked for a question. Look-up passes over the versions in other languages, of
which the development sets have up to 6 with some 5 passages each."""

BATCH_QUESTIONS = 64
"""Questions encoded at a time."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One question with what was found for it in one pool."""

    question: str
    """Its id."""
    language: str
    answerable: bool
    """Whether anything is relevant."""
    confidence: float
    answered: bool
    first_language: str | None
    """Language of the first passage; None if nothing was found."""
    whole: Case | None
    """Any relevant document counts; None if none is in the pool."""
    lookup: tuple[Case, ...]
    """One for each relevant document in the pool."""


class Collection:
    """The documents of a snapshot, and how to recognize a relevant passage."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        _, self.documents = snapshot.view.list_documents(DocumentFilter(), 0, -1)
        by_id = {document.id: document for document in self.documents}
        self._files: defaultdict[str, set[str]] = defaultdict(set)
        self._facts = snapshot.view.documents_by_key()
        for facts in self._facts.values():
            self._files[facts.content].add(by_id[facts.id].file)
        self._texts: dict[int, str] = {}

    def matches(self, passage: RankedPassage, relevant: Relevant) -> bool:
        """Tell whether a passage is of the relevant document, or a copy, and holds what it must."""
        content = self._facts[passage.document_key].content
        if relevant.file not in self._files[content]:
            return False
        return relevant.contains is None or relevant.contains in self._text(passage.passage_id)

    def _text(self, passage: int) -> str:
        if passage not in self._texts:
            stored = self._snapshot.view.passages([passage])[passage]
            self._texts[passage] = " ".join(stored.text.split())
        return self._texts[passage]


class Asked:
    """The documents of a pool."""

    def __init__(self, collection: Collection, pool: Pool) -> None:
        self.name = str(pool)
        self.matches = collection.matches
        self._pool = pool
        kept = pool.kept(collection.documents)
        self._files = {
            document.file: document for document in collection.documents if document.id in kept
        }
        self._scope = Scope(documents=kept if len(kept) < len(collection.documents) else None)

    def scope(self, question: JudgedQuestion) -> Scope:
        """Return what of the snapshot the question is asked of."""
        return replace(self._scope, languages=self._pool.languages(question))

    def scope_without(self, question: JudgedQuestion) -> Scope:
        """Return the pool's scope without the question's relevant documents."""
        left = {file: document.id for file, document in self._files.items()}
        for relevant in question.relevant:
            left.pop(relevant.file, None)
        return replace(self.scope(question), documents=frozenset(left.values()))

    def relevant_in(self, question: JudgedQuestion) -> list[Relevant]:
        """Return what is relevant to the question and in its scope."""
        languages = self._pool.languages(question)
        return [
            relevant
            for relevant in question.relevant
            if relevant.file in self._files
            and (not languages or self.language_of(relevant) in languages)
        ]

    def language_of(self, relevant: Relevant) -> str:
        """Return the language of a relevant document."""
        return self._files[relevant.file].language


def evaluate(
    snapshot: Snapshot,
    search: Search,
    questions: Sequence[JudgedQuestion],
    *,
    reader: Reader | None = None,
    pools: Sequence[Pool] = (WHOLE,),
    abstention: AbstentionConfig = AbstentionConfig(),
    translation: TranslationConfig | None = TranslationConfig(),
    batch_questions: int = BATCH_QUESTIONS,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Judged]:
    """Judge every question in each of ``pools``, as ranked or, with ``reader``, as read.

    Overall, translations of one passage are one hit, unless ``translation`` is None: right if any
    version is. By look-up each is ranked by itself. Questions whose relevant documents are all
    outside a pool are left out there.
    """
    collection = Collection(snapshot)
    asked = [Asked(collection, pool) for pool in pools]
    judged: list[Judged] = []
    for start in range(0, len(questions), batch_questions):
        batch = questions[start : start + batch_questions]
        understood = [
            understand(Question(item.text, conversation=item.conversation), search.follow_ups)
            for item in batch
        ]
        encoded = search.encode(understood)
        for item, meaning, (vector, states) in zip(batch, understood, encoded, strict=True):
            signals = search.signals(snapshot, meaning, vector)
            judge = partial(
                assess,
                reader,
                snapshot.view,
                states,
                scale=signals.scale,
                config=abstention,
            )
            for pool in asked:
                relevant = pool.relevant_in(item)
                if item.relevant and not relevant:
                    continue
                wanted = Question(item.text, limit=DEPTH, scope=pool.scope(item))
                ranked = search.best(snapshot, wanted, meaning, signals)
                grouped = group_translations(
                    snapshot, ranked, meaning.language, translation or TranslationConfig()
                )
                reading, apart = judge(grouped), judge(ranked).ranked
                hits = reading.ranked if translation else apart
                judged.append(
                    Judged(
                        question=item.id,
                        language=item.language,
                        answerable=bool(relevant),
                        confidence=reading.confidence,
                        answered=reading.verdict is not Verdict.NOTHING,
                        first_language=hits[0].language if hits else None,
                        whole=_whole(pool, item, relevant, hits) if relevant else None,
                        lookup=tuple(_lookup(pool, item, one, relevant, apart) for one in relevant),
                    )
                )
            progress(1)
    return judged


def _whole(
    pool: Asked,
    question: JudgedQuestion,
    relevant: Sequence[Relevant],
    hits: Sequence[RankedPassage],
) -> Case:
    firsts = (_first(pool, one, hits) for one in relevant)
    languages = {pool.language_of(one) for one in relevant}
    return Case(
        pool=pool.name,
        question=question.id,
        question_language=question.language,
        document=relevant[0].file if len(relevant) == 1 else None,
        document_language=languages.pop() if len(languages) == 1 else None,
        ranks=tuple(sorted(first for first in firsts if first is not None)),
        relevant=len(relevant),
    )


def _lookup(
    pool: Asked,
    question: JudgedQuestion,
    one: Relevant,
    relevant: Sequence[Relevant],
    ranked: Sequence[RankedPassage],
) -> Case:
    others = [other for other in relevant if other != one]
    left = [
        passage for passage in ranked if not any(pool.matches(passage, other) for other in others)
    ]
    first = _first(pool, one, left)
    return Case(
        pool=pool.name,
        question=question.id,
        question_language=question.language,
        document=one.file,
        document_language=pool.language_of(one),
        ranks=() if first is None else (first,),
        relevant=1,
    )


def _first(pool: Asked, relevant: Relevant, hits: Sequence[RankedPassage]) -> int | None:
    """Return the rank of the first hit that is right, itself or by one of its translations.

    Two relevant documents may share it.
    """
    return next(
        (
            place
            for place, hit in enumerate(hits, 1)
            if any(pool.matches(version, relevant) for version in (hit, *hit.also_in))
        ),
        None,
    )
