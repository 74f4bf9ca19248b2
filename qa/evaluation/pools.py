"""Which documents a question file is asked of."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from corpus.store.view.listings import DocumentSummary
from qa.evaluation.qrels import JudgedQuestion


@dataclass(frozen=True, slots=True)
class Pool:
    """What questions are asked of."""

    seed: int | None = None
    """Each document in one language only, drawn by it: the realistic case, where an answer
    exists once, mostly in another language than the question's. None keeps every version."""
    own_language: bool = False
    """Only the documents in the question's own language, as if there were no others."""

    def __str__(self) -> str:
        if self.own_language:
            return "alone"
        return "whole" if self.seed is None else f"scattered {self.seed}"

    def kept(self, documents: Iterable[DocumentSummary]) -> frozenset[str]:
        """Return the ids of the documents that are in for some question.

        Documents are versions of one another if their files differ only in the folder that
        is their language's code: ``fr/a.txt`` and ``nl/a.txt``.
        """
        if self.seed is None:
            return frozenset(document.id for document in documents)
        versions: defaultdict[str, list[DocumentSummary]] = defaultdict(list)
        for document in documents:
            versions[_without_language(document)].append(document)
        draw = random.Random(self.seed)  # noqa: S311, repeatable on purpose
        return frozenset(
            draw.choice(sorted(group, key=lambda document: document.file)).id
            for _, group in sorted(versions.items())
        )

    def languages(self, question: JudgedQuestion) -> frozenset[str]:
        """Return the languages that a question is asked of; empty stands for all."""
        return frozenset({question.language}) if self.own_language else frozenset()


WHOLE = Pool()
ALONE = Pool(own_language=True)


def _without_language(document: DocumentSummary) -> str:
    """Return a file's path without its first folder, if that is as short as a language's code."""
    first, *rest = PurePosixPath(document.file).parts
    return "/".join(rest) if rest and len(first) in (2, 3) else document.file
