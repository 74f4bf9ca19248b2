"""Which language a stretch of text is in.

The identifier is py3langid, which knows Luxembourgish among its languages and carries its
model inside the package.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from corpus.types import UNKNOWN_LANGUAGE

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from py3langid.langid import LanguageIdentifier

MIN_CONFIDENCE: Final = 0.5
"""Probability from which a guess is taken. Measured on 6,045 paragraphs of two public FAQs in nine
languages: right for 98.3 % of the 1,296 guesses above it under 50 letters, and for 98.5 % of the
longer ones, where the rest is mostly English that was left untranslated."""

STRONG_CONFIDENCE: Final = 0.8
"""Probability from which a block brings a language into a document that is in another: right for
all 865 such guesses under 50 letters (same paragraphs)."""

MIN_LETTERS: Final = 25
"""Letters in a block before it may bring a new language into a document: shorter ones are
mostly names, and 86 % of them cannot be told with STRONG_CONFIDENCE anyway (same paragraphs)."""

SAMPLE_LENGTH: Final = 3_000
"""Characters looked at; of longer texts the beginning, the middle and the end, a third each.
Cut to its first 3,000 characters, the language of 99.9 % of the 993 documents was told rightly."""

_NO_LANGUAGE = "zxx"  # the identifier's own label for code, numbers and the like
_NOT_A_WORD = re.compile(r"[\d@/]")  # numbers, addresses, paths


PACKAGE: Final = "py3langid"

_LABELS: Final = "labels.txt"
_unpacked: list[Path] = []
"""The folder that the identifier is loaded from, if it is not the package."""


def version() -> str:
    """Return the version of the package, whose model and code belong together."""
    return metadata.version(PACKAGE)


def unpack(folder: Path) -> None:
    """Write what languages are told by into ``folder`` as it is in memory, 65 MB.

    Raises:
        OSError: ``folder`` cannot be written.
    """
    import numpy as np

    identifier = _packed()
    for name in ("nb_ptc", "nb_pc", "tk_nextmove", "tk_row", "tk_output"):
        np.save(folder / f"{name}.npy", np.asarray(getattr(identifier, name)))
    (folder / _LABELS).write_text("\n".join(identifier.nb_classes), "utf-8")


def prepare(unpacked: Path | None = None) -> None:
    """Load what languages are told by; otherwise the first text waits for it.

    Out of the package it takes 0.5 s, for it is compressed; out of a folder that ``unpack`` filled,
    with the same version, 0.03 s.
    """
    _unpacked[:] = [unpacked] if unpacked else []
    _identifier()


def language_of(text: str, *, min_confidence: float = MIN_CONFIDENCE) -> str:
    """Return the ISO 639-1 code of the language of ``text``, ``und`` if it is less probable
    than ``min_confidence`` or if there are no words.
    """
    words = _words_of(text)
    if not words:
        return UNKNOWN_LANGUAGE
    language, confidence = _identifier().classify(words)
    certain = confidence >= min_confidence and language != _NO_LANGUAGE
    return str(language) if certain else UNKNOWN_LANGUAGE


def languages_of(blocks: Sequence[str]) -> list[str]:
    """Return the language of each block of one document.

    Longer blocks are judged by themselves. A short or uncertain one takes, among the languages
    found in the longer ones, the most likely; where there is one only, or none, it takes the
    document's.
    """
    document = language_of("\n".join(blocks))
    certain = [
        language_of(block, min_confidence=STRONG_CONFIDENCE)
        if _letters_in(block) >= MIN_LETTERS
        else UNKNOWN_LANGUAGE
        for block in blocks
    ]
    present = {document, *certain} - {UNKNOWN_LANGUAGE}
    return [
        language if language != UNKNOWN_LANGUAGE else _likeliest(block, present, document)
        for block, language in zip(blocks, certain, strict=True)
    ]


def known_languages() -> list[str]:
    """Return the ISO 639-1 code of every language that can be told."""
    return [label for label in _identifier().labels if label != _NO_LANGUAGE]


def _likeliest(block: str, candidates: Collection[str], otherwise: str) -> str:
    words = _words_of(block)
    if len(candidates) < 2 or not words:
        return next(iter(candidates), otherwise) if otherwise == UNKNOWN_LANGUAGE else otherwise
    ranking = _identifier().rank(words)
    return next((str(language) for language, _ in ranking if language in candidates), otherwise)


def _words_of(text: str) -> str:
    """Leave out of ``text``, or of a sample of it, what says nothing about its language."""
    words = " ".join(
        # Text in a script without spaces is no single word, so it stays whatever is in it.
        word
        for word in _sample(text).split()
        if not (word.isascii() and _NOT_A_WORD.search(word))
    )
    return words if any(map(str.isalpha, words)) else ""


def _letters_in(text: str) -> int:
    return sum(map(str.isalpha, _words_of(text)))


def _sample(text: str) -> str:
    if len(text) <= SAMPLE_LENGTH:
        return text
    third = SAMPLE_LENGTH // 3
    middle = (len(text) - third) // 2
    return "\n".join((text[:third], text[middle : middle + third], text[-third:]))


@cache
def _identifier() -> LanguageIdentifier:
    return _mapped(_unpacked[0]) if _unpacked else _packed()


def _mapped(folder: Path) -> LanguageIdentifier:
    import numpy as np
    from py3langid.langid import LanguageIdentifier

    def array(name: str) -> NDArray[Any]:
        return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))

    return LanguageIdentifier(
        array("nb_ptc"),
        array("nb_pc"),
        (folder / _LABELS).read_text("utf-8").split("\n"),
        array("tk_nextmove").data,  # whose items are Python's own numbers, as a list's
        array("tk_output").tolist(),
        norm_probs=True,
        tk_row=array("tk_row").tolist(),
    )


def _packed() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # Varieties without a code in ISO 639-1 draw short texts away from the language they are near.
    identifier.set_languages(
        [label for label in identifier.labels if len(label) == 2 or label == _NO_LANGUAGE]
    )
    return identifier
