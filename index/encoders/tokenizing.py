"""From texts to a compiled model's tokens."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from index.encoders import few_pieces
from index.encoders.few_pieces import FewPieces

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TOKENIZER: Final = "tokenizer.json"

LOOKED_UP: Final = 100_000
"""Characters of words that are looked up at most before the whole vocabulary is loaded for
passages. About as many take the time that loading it does, 0.7 s at some 7 µs each; looked up at
once, each takes 2 KB as well."""


def write(folder: Path, tokenizer: str) -> None:
    """Write what ``TextTokenizer`` needs; ``tokenizer`` is the library's JSON.

    Raises:
        OSError: ``folder`` cannot be written.
    """
    from tokenizers import Tokenizer

    # The library reads some numbers a bit lower than they are written, and the same ones again
    # alike: so the scores that are looked up are those that it has when it reads all of them.
    as_read = Tokenizer.from_str(tokenizer).to_str()
    (folder / TOKENIZER).write_text(as_read, "utf-8")
    few_pieces.write(folder, as_read)


class TextTokenizer:
    """A model's tokenizer, with its whole vocabulary from when that is worth its loading."""

    def __init__(self, folder: Path, max_tokens: int | None) -> None:
        self._file = folder / TOKENIZER
        self._max_tokens = max_tokens
        self._loading = threading.Lock()
        self._whole: Tokenizer | None = None
        self._few = FewPieces(folder, max_tokens) if few_pieces.is_in(folder) else None
        if not self._few:
            self._load()

    def questions(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text, special ones included.

        Nothing is loaded for it: all else in the process would wait for that.
        """
        few = self._few
        return few.encode(texts) if few else self._by_whole(texts)

    def passages(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text, special ones included."""
        few = self._few
        if few and few.looked_up + sum(map(len, texts)) > LOOKED_UP:
            self._load()
        return self.questions(texts)

    def _by_whole(self, texts: Sequence[str]) -> list[list[int]]:
        assert self._whole
        return [each.ids for each in self._whole.encode_batch_fast(list(texts))]

    def _load(self) -> None:
        from tokenizers import Tokenizer

        with self._loading:
            if self._whole:
                return
            tokenizer = Tokenizer.from_file(str(self._file))
            tokenizer.no_padding()
            if self._max_tokens is None:
                tokenizer.no_truncation()
            else:
                tokenizer.enable_truncation(self._max_tokens)
            self._whole, self._few = tokenizer, None
