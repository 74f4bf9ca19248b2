"""Tokenizes texts without loading all of a vocabulary.

A Unigram vocabulary has 250,000 pieces, and a word can only be cut into those that it contains.
So the library's own algorithm is given these alone, with their scores, and cuts the word as it
does with all of them. docs/decisions/0078-a-start-in-half-the-time.md
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Encoding

_FRAME: Final = "few.json"
"""The tokenizer with the fewest pieces that it can have, and what is around a text's own tokens."""

_PIECES: Final = "pieces.npy"
"""Every piece with its score and its token, in the order of their keys."""

_KEYS: Final = "keys.npy"
"""CRC-32 of each piece. If two share one, both are taken for either, which changes nothing."""

LONGEST: Final = 32
"""Characters that a piece may have: a word's parts are looked up in every length up to that of the
longest piece."""

_KNOWN_WORDS: Final = 10_000
"""Words whose tokens are kept, at most; then they are forgotten. They take 2 MB."""

_KNOWN_LENGTH: Final = 40
"""Characters of such a word at most."""


def write(folder: Path, tokenizer: str) -> None:
    """Write what ``FewPieces`` needs, for a tokenizer that cuts as the module's text says.

    ``tokenizer`` is the library's JSON. For any other kind of tokenizer nothing is written.

    Raises:
        OSError: ``folder`` cannot be written.
    """
    whole: dict[str, Any] = json.loads(tokenizer)
    if not _is_separable(whole):
        return
    vocabulary = [(str(piece), float(score)) for piece, score in whole["model"]["vocab"]]
    (folder / _FRAME).write_text(json.dumps(_frame(whole)), "utf-8")
    longest = max(len(piece) for piece, _ in vocabulary)
    row = np.dtype([("piece", f"<U{longest}"), ("score", "<f8"), ("token", "<u4")])
    pieces = np.array([(*known, token) for token, known in enumerate(vocabulary)], row)
    keys = _keys(piece for piece, _ in vocabulary)
    order = np.argsort(keys, kind="stable")
    np.save(folder / _PIECES, pieces[order])
    np.save(folder / _KEYS, keys[order])


def is_in(folder: Path) -> bool:
    """Tell whether ``write`` wrote anything into ``folder``."""
    return (folder / _FRAME).exists()


def _is_separable(whole: dict[str, Any]) -> bool:
    """Tell whether a tokenizer cuts word by word, and each word into pieces that it contains."""
    model, words = whole["model"], whole["pre_tokenizer"] or {}
    if model["type"] != "Unigram" or model.get("byte_fallback") or model["unk_id"] is None:
        return False
    if words.get("type") != "Metaspace" or words.get("prepend_scheme") != "always":
        return False
    if (whole["post_processor"] or {}).get("type") != "TemplateProcessing":
        return False
    vocabulary, mark = model["vocab"], words["replacement"]
    return (
        len({piece for piece, _ in vocabulary}) == len(vocabulary)
        and all(len(piece) <= LONGEST and not piece.endswith("\0") for piece, _ in vocabulary)
        and all(
            # So it cannot be mistaken for a word, each of which begins with the mark.
            not each["content"].startswith(mark)
            and each["id"] < len(vocabulary)
            and vocabulary[each["id"]][0] == each["content"]
            for each in whole["added_tokens"]
        )
    )


def _frame(whole: dict[str, Any]) -> dict[str, Any]:
    model = whole["model"]
    vocabulary, template = model["vocab"], whole["post_processor"]
    added = {each["content"]: each["id"] for each in whole["added_tokens"]}
    # What is unknown costs the lowest score and 10 more, so that piece is always needed.
    lowest = min(range(len(vocabulary)), key=lambda token: vocabulary[token][1])
    tokens = list(dict.fromkeys([model["unk_id"], lowest, *added.values()]))
    text = next(place for place, each in enumerate(template["single"]) if "Sequence" in each)
    return {
        "tokens": tokens,
        "added": added,
        "before": _special(template, template["single"][:text]),
        "behind": _special(template, template["single"][text + 1 :]),
        "tokenizer": {
            **whole,
            "truncation": None,
            "padding": None,
            "post_processor": None,
            "added_tokens": [
                {**each, "id": tokens.index(each["id"])} for each in whole["added_tokens"]
            ],
            "model": {**model, "unk_id": 0, "vocab": [vocabulary[token] for token in tokens]},
        },
    }


def _special(template: dict[str, Any], part: Sequence[dict[str, Any]]) -> list[int]:
    """Return the tokens that stand in a part of a template."""
    named = (template["special_tokens"][each["SpecialToken"]["id"]]["ids"] for each in part)
    return list(chain.from_iterable(named))


def _keys(texts: Iterable[str]) -> NDArray[np.uint32]:
    return np.fromiter((crc32(text.encode()) for text in texts), np.uint32)


class FewPieces:
    """A tokenizer that looks up the pieces that a text contains."""

    def __init__(self, folder: Path, max_tokens: int | None) -> None:
        from tokenizers import Tokenizer

        frame = json.loads((folder / _FRAME).read_text("utf-8"))
        self._splitter = Tokenizer.from_str(json.dumps(frame["tokenizer"]))
        self._tokens: list[int] = frame["tokens"]
        self._always = [(piece, score) for piece, score in frame["tokenizer"]["model"]["vocab"]]
        self._before: list[int] = frame["before"]
        self._behind: list[int] = frame["behind"]
        around = len(self._before) + len(self._behind)
        self._room = None if max_tokens is None else max(0, max_tokens - around)
        self._added = {content: [token] for content, token in frame["added"].items()}
        self._known: dict[str, list[int]] = {}
        self._keys: NDArray[np.uint32] = np.load(folder / _KEYS, allow_pickle=False)
        mapped = np.load(folder / _PIECES, mmap_mode="r", allow_pickle=False)
        self._pieces: NDArray[Any] = mapped.view(np.ndarray)
        self.looked_up = 0
        """Characters of words whose pieces were looked up."""
        self._longest = mapped.dtype["piece"].itemsize // np.dtype("<U1").itemsize

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text, special ones included."""
        split = [_words(each) for each in self._splitter.encode_batch(list(texts))]
        cut = self._cut({word for words in split for word in words})
        of_texts = (list(chain.from_iterable(map(cut.__getitem__, words))) for words in split)
        return [[*self._before, *tokens[: self._room], *self._behind] for tokens in of_texts]

    def _cut(self, words: set[str]) -> dict[str, list[int]]:
        """Return the tokens of each word."""
        known = self._known
        cut = {word: known[word] for word in words if word in known} | self._added
        if new := words - cut.keys():
            fresh = self._cut_new(new)
            if len(known) > _KNOWN_WORDS:
                known = self._known = {}
            known |= {word: fresh[word] for word in new if len(word) <= _KNOWN_LENGTH}
            cut |= fresh
        return cut

    def _cut_new(self, words: Collection[str]) -> dict[str, list[int]]:
        from tokenizers.models import Unigram

        self.looked_up += sum(map(len, words))
        found = self._pieces_in(words)
        pieces = self._always + [(piece, score) for piece, score, _ in found]
        tokens = self._tokens + [token for _, _, token in found]
        unigram = Unigram(pieces, 0, byte_fallback=False)
        return {word: [tokens[each.id] for each in unigram.tokenize(word)] for word in words}

    def _pieces_in(self, words: Iterable[str]) -> list[tuple[str, float, int]]:
        """Return the vocabulary's pieces that are anywhere in ``words``, and maybe a few others."""
        parts = {
            word[start:end]
            for word in words
            for start in range(len(word))
            for end in range(start + 1, min(start + self._longest, len(word)) + 1)
        }
        keys = np.sort(_keys(parts))
        first = np.searchsorted(self._keys, keys)
        is_there = self._keys.take(first, mode="clip") == keys
        last = np.searchsorted(self._keys, keys[is_there], "right")
        ranges = zip(first[is_there].tolist(), last.tolist(), strict=True)
        rows = [row for start, end in ranges for row in range(start, end)]
        found: list[tuple[str, float, int]] = self._pieces[rows].tolist()
        return found


def _words(split: Encoding) -> list[str]:
    """Return what the library cuts into pieces, normalized and split as it does that.

    Cut with the fewest pieces, a word's tokens are the word again if they are put together.
    """
    by_word = groupby(zip(split.word_ids, split.tokens, strict=True), key=lambda each: each[0])
    return ["".join(token for _, token in tokens) for _, tokens in by_word]
