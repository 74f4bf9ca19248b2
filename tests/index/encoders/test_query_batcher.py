from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import pytest

from index.encoders import query_batcher
from index.encoders.protocol import Vectors
from index.encoders.query_batcher import QueryBatcher
from tests.encoders import WordEncoder

PATIENCE_SECONDS = 60


class SlowEncoder(WordEncoder):
    """Takes up questions only when it is let; notes which came together."""

    def __init__(self) -> None:
        super().__init__()
        self.together: list[list[str]] = []
        self.begun = threading.Semaphore(0)
        self.let = threading.Semaphore(0)

    def questions(self, texts: Sequence[str]) -> Vectors:
        self.together.append(list(texts))
        self.begun.release()
        self.let.acquire()
        if "fail" in texts:
            raise RuntimeError("fail")
        return super().questions(texts)


class Asker(threading.Thread):
    def __init__(self, encoder: QueryBatcher, text: str) -> None:
        super().__init__(daemon=True)
        self.encoder, self.text = encoder, text
        self.outcome: Vectors | Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.outcome = self.encoder.questions([self.text])
        except Exception as error:
            self.outcome = error


def _ask_while_busy(slow: SlowEncoder, encoder: QueryBatcher, texts: list[str]) -> list[Asker]:
    """Begin with one question, let the others come while it is encoded, then let all go on."""
    first = Asker(encoder, "first")
    slow.begun.acquire()
    others = []
    for number, text in enumerate(texts, 1):
        others.append(Asker(encoder, text))
        while len(encoder._waiting) < number:
            threading.Event().wait(0.001)
    slow.let.release(1 + len(texts))
    for asker in [first, *others]:
        asker.join(PATIENCE_SECONDS)
        assert not asker.is_alive()
    return [first, *others]


def test_questions_that_come_while_one_is_encoded_are_encoded_together() -> None:
    slow = SlowEncoder()
    encoder = QueryBatcher(slow)
    askers = _ask_while_busy(slow, encoder, ["a", "b", "a", "c"])
    assert slow.together == [["first"], ["a", "b", "c"]]
    for asker in askers:
        assert isinstance(asker.outcome, np.ndarray)
        np.testing.assert_allclose(asker.outcome, WordEncoder().questions([asker.text]))


def test_there_is_a_most_that_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_batcher, "MAX_TOGETHER", 2)
    slow = SlowEncoder()
    _ask_while_busy(slow, QueryBatcher(slow), ["a", "b", "c", "d", "e"])
    assert slow.together == [["first"], ["a", "b"], ["c", "d"], ["e"]]


def test_what_goes_wrong_reaches_each_that_waited_and_nobody_after() -> None:
    slow = SlowEncoder()
    encoder = QueryBatcher(slow)
    first, *failed = _ask_while_busy(slow, encoder, ["a", "fail"])
    assert isinstance(first.outcome, np.ndarray)
    assert all(isinstance(asker.outcome, RuntimeError) for asker in failed)
    slow.let.release()
    assert encoder.questions(["later"]).shape == (1, 64)


def test_a_question_asked_again_is_not_encoded_again_as_long_as_it_is_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(query_batcher, "REMEMBERED", 2)
    slow = SlowEncoder()
    slow.let.release(10)
    encoder = QueryBatcher(slow)
    for text in ["a", "b", "a", "c", "a", "b"]:
        np.testing.assert_allclose(encoder.questions([text]), WordEncoder().questions([text]))
    assert slow.together == [["a"], ["b"], ["c"], ["b"]]


def test_many_threads_all_get_their_own_vectors() -> None:
    encoder = QueryBatcher(WordEncoder())
    askers = [Asker(encoder, f"question {number % 50}") for number in range(300)]
    for asker in askers:
        asker.join(PATIENCE_SECONDS)
        assert isinstance(asker.outcome, np.ndarray)
        np.testing.assert_allclose(asker.outcome, WordEncoder().questions([asker.text]))
