"""From the ranking's first passages to their order, and how well their sentences answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from corpus.store.view import View
from index.encoders.protocol import ModelIdentity, States, Vectors
from index.encoders.token_codes import NO_TOKEN, decode, read_tensors
from index.vectors.columns import Integers
from qa.config import ReadingConfig
from qa.reading.network import Logits, Network, Outcome, Passages
from qa.types import RankedPassage

SHIPPED: Final = Path(__file__).with_name("reader.safetensors")
SHA256: Final = "fbc815b222c695a26e08c0432332fb778ed324eaf73cc45d1b565ccfd3f04be7"
"""Of ``reader.safetensors``; ``python -m training.reader`` prints it."""


class Reader:
    """Reads a question and passages together."""

    def __init__(self, network: Network, config: ReadingConfig = ReadingConfig()) -> None:
        self._network = network
        self._config = config

    def read(
        self, view: View, question: States, ranked: Sequence[RankedPassage]
    ) -> list[RankedPassage] | None:
        """Put the first ``config.passages`` of ``ranked`` in order; the others stay behind them.

        ``question`` has shape (tokens, hidden size). None if there is nothing to read: no token
        in the question, or none kept of the passages' sentences.

        Raises:
            CatalogueError: the passages' tokens could not be read.
        """
        model, first = view.active_model(), ranked[: self._config.passages]
        if model is None or not len(question) or not first:
            return None
        codes = view.token_codes(model, [passage.passage_id for passage in first])
        if not any(map(any, codes.values())):
            return None
        together = _together(first, codes)
        outcome = self._network.run(question, together)
        return [*self._in_order(first, together, outcome), *ranked[len(first) :]]

    def likelihoods(
        self,
        statement: States,
        tokens: Sequence[Vectors],
        passage_of: Integers,
        cosines: Vectors,
    ) -> Logits:
        """Return how far each of some sentences says what ``statement`` does, as logits.

        The sentences need not be of the catalogue: ``tokens`` are theirs, one shape (tokens, 64)
        for each, ``passage_of`` counts their passages from 0, ``cosines`` are their products with
        the statement's vector. No passage is ranked above another.
        """
        none = np.zeros(int(passage_of[-1]) + 1, np.float32)
        counts = [len(of_sentence) for of_sentence in tokens]
        together = Passages(
            tokens=np.concatenate(tokens),
            sentence_of=np.repeat(np.arange(len(tokens)), counts),
            passage_of=passage_of,
            cosines=cosines,
            scores=none,
            nearness=none,
        )
        return self._network.run(statement, together).sentences

    def _in_order(
        self, passages: Sequence[RankedPassage], together: Passages, outcome: Outcome
    ) -> list[RankedPassage]:
        """Return what was read, best first, each with its sentences' logits and its new score."""
        # Beyond the least, so that no passage falls behind those that were not read.
        gains = outcome.passages - outcome.passages.min()
        scores = together.scores + self._config.weight * gains
        starts = np.flatnonzero(np.diff(together.passage_of, prepend=-1))
        logits = np.split(outcome.sentences, starts[1:])
        return [
            passages[place]._replace(
                score=float(scores[place]), sentences=tuple(logits[place].tolist())
            )
            for place in np.argsort(-scores, kind="stable").tolist()
        ]


def _together(passages: Sequence[RankedPassage], codes: Mapping[int, Sequence[bytes]]) -> Passages:
    """Return passages as the network sees them."""
    sentences = [
        (place, of_sentence or NO_TOKEN, product)
        for place, passage in enumerate(passages)
        for of_sentence, product in zip(codes[passage.passage_id], passage.sentences, strict=True)
    ]
    counts = [len(of_sentence) // len(NO_TOKEN) for _, of_sentence, _ in sentences]
    return Passages(
        tokens=decode(b"".join(of_sentence for _, of_sentence, _ in sentences)),
        sentence_of=np.repeat(np.arange(len(sentences)), counts),
        passage_of=np.array([place for place, _, _ in sentences], np.int64),
        cosines=np.array([product for *_, product in sentences], np.float32),
        scores=np.array([passage.score for passage in passages], np.float32),
        nearness=np.array([passage.nearness for passage in passages], np.float32),
    )


def load_reader(encoder: ModelIdentity, path: Path = SHIPPED) -> Reader | None:
    """Return the reader of an encoder's tokens; None if this release has none for it.

    Raises:
        ReaderDamaged: its file is missing, altered, or no such file at all.
    """
    tensors, metadata = read_tensors(path, SHA256)
    return Reader(Network(tensors)) if metadata["encoder"] == encoder.sha256 else None
