"""The index writer: makes the missing vectors, and publishes documents that have all of theirs.

Work that is cut off continues where it stopped, since every batch of vectors is stored as soon
as it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from corpus.store.catalogue import Catalogue, EncodedText, Text
from corpus.types import StoredModel
from index.encoders.model_hash import check_model
from index.encoders.protocol import Encoder, ModelIdentity
from index.encoders.token_codes import TokenProjection, projection_for
from index.vectors.columns import DTYPE

TEXTS_PER_TRANSACTION = 128
"""Texts encoded between two writes: a few seconds of work, which is what a crash can cost."""

TEXTS_IN_SIGHT = 4 * TEXTS_PER_TRANSACTION
"""Texts put in order of length before they are encoded: with these, 4 % of what the model works
through is padding, with one transaction's alone 5 %, in the order in which they come 51 %."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the encoding is, in texts (passages and sentences, each text once)."""

    done: int
    total: int


def encode_waiting(
    catalogue: Catalogue,
    encoder: Encoder,
    report: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Make the vectors that are missing, and publish every document that has all of its own.

    The first model to do so becomes the catalogue's. Between two batches ``should_stop`` is
    asked whether to leave the rest for later.

    Raises:
        ModelMismatch: the catalogue's vectors are another model's.
    """
    model = _register(catalogue, encoder.identity)
    catalogue.adopt_model(model)
    check_model(catalogue.active_model(), encoder.identity)
    catalogue.publish()
    for progress in _encode(catalogue, encoder, model):
        catalogue.publish()
        report(progress)
        if should_stop():
            return


def reindex(
    catalogue: Catalogue, encoder: Encoder, report: Callable[[Progress], None] = lambda _: None
) -> None:
    """Make ``encoder``'s vector for every text, then search those instead of the old ones.

    Until the last one is made, questions are answered from the old vectors.
    """
    model = _register(catalogue, encoder.identity)
    while not catalogue.activate_model(model):
        for progress in _encode(catalogue, encoder, model):
            report(progress)
    catalogue.publish()


def _register(catalogue: Catalogue, identity: ModelIdentity) -> StoredModel:
    return catalogue.register_model(identity.name, identity.revision, identity.sha256)


def _encode(catalogue: Catalogue, encoder: Encoder, model: StoredModel) -> Iterator[Progress]:
    """Make and keep the missing vectors, and say after each batch how far it is."""
    missing = catalogue.missing(model)
    if not missing.number:
        return
    projection = projection_for(encoder.identity)
    done, last = 0, missing.first - 1
    while in_sight := catalogue.texts_without_vectors(model, TEXTS_IN_SIGHT, last):
        last = in_sight[-1].id
        in_sight.sort(key=lambda text: len(text.text))
        for start in range(0, len(in_sight), TEXTS_PER_TRANSACTION):
            texts = in_sight[start : start + TEXTS_PER_TRANSACTION]
            catalogue.put_vectors(model, _encoded(texts, encoder, projection))
            done += len(texts)
            yield Progress(done, max(done, missing.number))


def _encoded(
    texts: Sequence[Text], encoder: Encoder, projection: TokenProjection | None
) -> list[EncodedText]:
    vectors, states = encoder.passages_by_token([text.text for text in texts])
    return [
        EncodedText(
            text.id,
            vector.tobytes(),
            projection.encode(of_text) if projection and text.is_sentence else b"",
        )
        for text, vector, of_text in zip(texts, vectors.astype(DTYPE), states, strict=True)
    ]
