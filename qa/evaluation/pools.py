"""Which documents a question file is asked of."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from corpus.view import DocumentSummary


def scattered(documents: Iterable[DocumentSummary], seed: int) -> frozenset[str]:
    """Keep each document in one language only, drawn by ``seed``; return the ids kept.

    Documents are versions of one another if their files differ only in the folder that is
    their language's code: ``fr/a.txt`` and ``nl/a.txt``. The realistic case: an answer exists
    once, mostly in another language than the question's.
    """
    versions: defaultdict[str, list[DocumentSummary]] = defaultdict(list)
    for document in documents:
        versions[_without_language(document)].append(document)
    draw = random.Random(seed)  # noqa: S311, repeatable on purpose
    return frozenset(
        draw.choice(sorted(group, key=lambda document: document.file)).id
        for _, group in sorted(versions.items())
    )


def _without_language(document: DocumentSummary) -> str:
    """Return a file's path without its first folder, if that is as short as a language's code."""
    first, *rest = PurePosixPath(document.file).parts
    return "/".join(rest) if rest and len(first) in (2, 3) else document.file
