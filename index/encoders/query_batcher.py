"""One model for many threads: what they ask at the same time is encoded together."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Final

from index.encoders.protocol import ByToken, Encoder, ModelIdentity, Vectors

MAX_TOGETHER: Final = 32
"""Questions encoded at a time; with more, each waits longer than it gains."""

REMEMBERED: Final = 1024
"""Questions that are kept as encoded: 15 MB of them with the default model, and 50 MB if each has
as many tokens as are kept."""

asker: ContextVar[str] = ContextVar("asker", default="")
"""Who asks. What one asked lately is quick for them and nobody else, who could tell by that."""


class _Waiting:
    """A question that a thread waits for, until it is encoded or its turn to lead has come."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.asker = asker.get()
        self.woken = threading.Event()
        self.encoded: ByToken | None = None
        self.error: BaseException | None = None


class QueryBatcher:
    """An encoder whose concurrent questions share a pass through the model.

    A question that comes while the model is free is encoded at once, by its own thread. Those
    that come meanwhile wait, and are all encoded next, by the thread of the first of them. A
    question that its ``asker`` asked lately is not encoded again.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._guard = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._is_led = False
        self._remembered: OrderedDict[tuple[str, str], ByToken] = OrderedDict()

    @property
    def identity(self) -> ModelIdentity:
        """The model that makes the vectors."""
        return self._encoder.identity

    @property
    def engine(self) -> str:
        """What runs the model."""
        return self._encoder.engine

    @property
    def dimension(self) -> int:
        """Number of components of a vector."""
        return self._encoder.dimension

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Encode questions: one together with those of other threads, many among themselves."""
        return self.questions_by_token(texts).vectors

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages or sentences."""
        return self._encoder.passages(texts)

    def questions_by_token(self, texts: Sequence[str]) -> ByToken:
        """Encode questions as vectors and by token, in one pass, as ``questions`` does."""
        if len(texts) != 1:
            return self._encoder.questions_by_token(texts)
        (text,) = texts
        return self._recalled(text) or self._encoded(text)

    def passages_by_token(self, texts: Sequence[str]) -> ByToken:
        """Encode passages or sentences as vectors and by token, in one pass."""
        return self._encoder.passages_by_token(texts)

    def _recalled(self, text: str) -> ByToken | None:
        with self._guard:
            encoded = self._remembered.get((asker.get(), text))
            if encoded is not None:
                self._remembered.move_to_end((asker.get(), text))
            return encoded

    def _encoded(self, text: str) -> ByToken:
        mine = _Waiting(text)
        with self._guard:
            self._waiting.append(mine)
            leads, self._is_led = not self._is_led, True
        if not leads:
            mine.woken.wait()
        if mine.encoded is None and mine.error is None:
            self._lead()
        if mine.error is not None:
            raise mine.error
        assert mine.encoded is not None
        return mine.encoded

    def _lead(self) -> None:
        """Encode the questions that wait, the oldest first, and pass the lead on."""
        with self._guard:
            together = self._waiting[:MAX_TOGETHER]
            del self._waiting[:MAX_TOGETHER]
        try:
            texts = list(dict.fromkeys(each.text for each in together))
            vectors, states = self._encoder.questions_by_token(texts)
            for each in together:
                at = texts.index(each.text)
                each.encoded = ByToken(vectors[at : at + 1], states[at : at + 1])
        except BaseException as error:
            for each in together:
                each.error = error
        with self._guard:
            for each in together:
                if each.encoded is not None:
                    self._remembered[each.asker, each.text] = each.encoded
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
            self._is_led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].woken.set()
        for each in together:
            each.woken.set()
