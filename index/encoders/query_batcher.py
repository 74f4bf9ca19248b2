"""One model for many threads: what they ask at the same time is encoded together."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Final

from index.encoders.protocol import Encoder, ModelIdentity, Vectors

MAX_TOGETHER: Final = 32
"""Questions encoded at a time; with more, each waits longer than it gains."""

REMEMBERED: Final = 4096
"""Questions whose vectors are kept: 6 MB of them with the default model."""

asker: ContextVar[str] = ContextVar("asker", default="")
"""Who asks. What one asked lately is quick for them and nobody else, who could tell by that."""


class _Waiting:
    """A question that a thread waits for, until it is encoded or its turn to lead has come."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.asker = asker.get()
        self.woken = threading.Event()
        self.vector: Vectors | None = None
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
        self._remembered: OrderedDict[tuple[str, str], Vectors] = OrderedDict()

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
        if len(texts) != 1:
            return self._encoder.questions(texts)
        (text,) = texts
        vector = self._recalled(text)
        return (self._encoded(text) if vector is None else vector)[None, :]

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages or sentences."""
        return self._encoder.passages(texts)

    def _recalled(self, text: str) -> Vectors | None:
        with self._guard:
            vector = self._remembered.get((asker.get(), text))
            if vector is not None:
                self._remembered.move_to_end((asker.get(), text))
            return vector

    def _encoded(self, text: str) -> Vectors:
        mine = _Waiting(text)
        with self._guard:
            self._waiting.append(mine)
            leads, self._is_led = not self._is_led, True
        if not leads:
            mine.woken.wait()
        if mine.vector is None and mine.error is None:
            self._lead()
        if mine.error is not None:
            raise mine.error
        assert mine.vector is not None
        return mine.vector

    def _lead(self) -> None:
        """Encode the questions that wait, the oldest first, and pass the lead on."""
        with self._guard:
            together = self._waiting[:MAX_TOGETHER]
            del self._waiting[:MAX_TOGETHER]
        try:
            texts = list(dict.fromkeys(each.text for each in together))
            vectors = dict(zip(texts, self._encoder.questions(texts), strict=True))
            for each in together:
                each.vector = vectors[each.text]
        except BaseException as error:
            for each in together:
                each.error = error
        with self._guard:
            for each in together:
                if each.vector is not None:
                    self._remembered[each.asker, each.text] = each.vector
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
            self._is_led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].woken.set()
        for each in together:
            each.woken.set()
