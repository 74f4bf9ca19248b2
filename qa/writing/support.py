"""How near what a sentence says is to its quotation, and how near to the other passages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from corpus.text.sentences import sentences
from index.encoders.protocol import ByToken, Encoder
from index.encoders.token_codes import TokenProjection, projection_for
from qa.errors import WritingError
from qa.reading.reader import Reader, load_reader
from qa.writing.types import Claim, Given

MIN_COSINE: Final = 0.80
"""Of a sentence and its quotation. Of the pairs for choosing, every right one has .82, and of those
with another passage's sentence 11 of 16 less than .80."""

MIN_LEAD: Final = 0.0
"""By how much that cosine is over the one with any sentence of another passage. The right pairs
have .003 and more, those with another passage's sentence -.003 and less."""

MIN_READ_LEAD: Final = -0.5
"""The same for the reader's logits. The right pairs have -.47 and more, those with another
passage's sentence less than that but for one."""

SAME: Final = 0.93
"""Cosine of a quotation and another passage's sentence from which this says the same and is no
rival: translations of one sentence have .96 in the middle, and neighbours in one text .85."""


class Rivals(NamedTuple):
    """The sentences of all passages, any of which may be nearer than a quotation."""

    places: list[int]
    """Of the passage that a sentence is of."""
    encoded: ByToken


class Support:
    """Tells whether a sentence is nearer to its quotation than to what else was found."""

    def __init__(self, encoder: Encoder) -> None:
        """Hold sentences with ``encoder``, the default model.

        Raises:
            WritingError: it is another one, for which there is no reader.
        """
        reader, projection = load_reader(encoder.identity), projection_for(encoder.identity)
        if reader is None or projection is None:
            raise WritingError(
                f"What a language model writes cannot be checked with {encoder.identity}: there "
                "is no reader for it. Leave out PASSERELLE_LLM_URL, or take the default model."
            )
        self._encoder = encoder
        self._reader: Reader = reader
        self._projection: TokenProjection = projection

    def are_near(self, claims: Sequence[Claim], rivals: Rivals) -> list[bool]:
        """Tell of each claim, at least one, whether its quotation is what it is nearest to."""
        texts = [claim.text for claim in claims]
        statements = self._encoder.passages(texts)
        asked = self._encoder.questions_by_token(texts)
        quotations = self._encoder.passages_by_token([claim.quotation for claim in claims])
        near = []
        for place, claim in enumerate(claims):
            quotation = ByToken(quotations.vectors[place : place + 1], (quotations.states[place],))
            others = _of_others(rivals, claim.place, quotation)
            together = ByToken(
                np.concatenate([quotation.vectors, others.encoded.vectors]),
                (*quotation.states, *others.encoded.states),
            )
            cosines = together.vectors @ statements[place]
            logits = self._read(asked, place, together, others.places)
            near.append(
                bool(
                    cosines[0] >= MIN_COSINE
                    and cosines[0] - cosines[1:].max(initial=-1) > MIN_LEAD
                    and logits[0] - logits[1:].max(initial=-np.inf) >= MIN_READ_LEAD
                )
            )
        return near

    def rivals(self, passages: Sequence[Given]) -> Rivals:
        """Encode the sentences of passages, once for all that is written from them."""
        of_each = [
            [passage.text[slice(*span)] for span in sentences(passage.text, passage.language)]
            for passage in passages
        ]
        places = [place for place, some in enumerate(of_each) for _ in some]
        return Rivals(
            places, self._encoder.passages_by_token([text for some in of_each for text in some])
        )

    def _read(
        self, asked: ByToken, place: int, texts: ByToken, places: Sequence[int]
    ) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        tokens = [self._projection.project(states) for states in texts.states]
        known = {of: number for number, of in enumerate(dict.fromkeys(places), start=1)}
        passage_of = np.array([0, *(known[of] for of in places)], np.int64)
        return self._reader.likelihoods(
            asked.states[place], tokens, passage_of, texts.vectors @ asked.vectors[place]
        )


def _of_others(rivals: Rivals, own: int, quotation: ByToken) -> Rivals:
    """Return the sentences of other passages that do not say the same as the quotation."""
    same = rivals.encoded.vectors @ quotation.vectors[0] >= SAME
    kept = [
        number
        for number, place in enumerate(rivals.places)
        if place != own and not same[number] and len(rivals.encoded.states[number])
    ]
    return Rivals(
        [rivals.places[number] for number in kept],
        ByToken(
            rivals.encoded.vectors[kept], tuple(rivals.encoded.states[number] for number in kept)
        ),
    )
