"""A file's bytes to its cleaned text and passages: all that is done with what a stranger wrote.

It runs in a process apart (``corpus.sandbox``), so it knows neither catalogue nor folders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from corpus import readers
from corpus.errors import NoText
from corpus.text.chunking import segment
from corpus.text.cleaning import clean
from corpus.types import (
    UNKNOWN_LANGUAGE,
    Fact,
    LeftOut,
    Metadata,
    Origin,
    Passage,
    RecognisedPage,
)


class Extract(NamedTuple):
    """What a file says; ``passages`` are slices of ``text``."""

    media_type: str
    language: str
    """That most of the text is in."""
    metadata: Metadata
    text: str
    passages: tuple[Passage, ...]
    left_out: tuple[LeftOut, ...] = ()
    recognised: tuple[RecognisedPage, ...] = ()


def extract(content: bytes, file: str) -> Extract:
    """Read, clean, detect languages and segment one file's bytes.

    Raises:
        Refused: the bytes cannot be read, or hold no text; the subclass says why.
    """
    media_type = readers.media_type_of(file, content)
    raw = readers.read(content, media_type)
    cleaned = clean(raw)
    passages = segment(cleaned)
    if not passages:
        raise NoText("The file contains no text. Leave it out, or use a version that has text.")
    language = _main_language(passages)
    metadata = _named(cleaned.metadata, file)
    told = Origin.METADATA if cleaned.language else Origin.TEXT
    metadata = replace(metadata, origins={**metadata.origins, Fact.LANGUAGE: told})
    return Extract(
        media_type,
        language,
        metadata,
        cleaned.text,
        passages,
        cleaned.left_out,
        cleaned.recognised,
    )


def _named(metadata: Metadata, file: str) -> Metadata:
    """Give a document that has no title the name of its file."""
    if metadata.title:
        return metadata
    origins = {**metadata.origins, Fact.TITLE: Origin.FILE}
    return replace(metadata, title=PurePosixPath(file).stem, origins=origins)


def _main_language(passages: Sequence[Passage]) -> str:
    amounts: Counter[str] = Counter()
    for passage in passages:
        amounts[passage.language] += len(passage.text)
    del amounts[UNKNOWN_LANGUAGE]
    return amounts.most_common(1)[0][0] if amounts else UNKNOWN_LANGUAGE
