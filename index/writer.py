"""The index writer: makes the missing vectors, and publishes documents that have all of theirs.

Work that is cut off continues where it stopped, since every batch of vectors is stored as soon
as it is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.errors import CatalogueError
from corpus.store.catalogue import Catalogue
from corpus.store.models import EncodedText, Text
from corpus.turns import Turns
from corpus.types import StoredModel
from index.encoders.model_hash import check_searched
from index.encoders.protocol import Encoder, ModelIdentity
from index.encoders.token_codes import TokenProjection, projection_for
from index.vectors.columns import DTYPE

TEXTS_PER_TRANSACTION = 128
"""Texts encoded between two writes: a few seconds of work, which is what a crash can cost."""

TEXTS_IN_SIGHT = 4 * TEXTS_PER_TRANSACTION
"""Texts put in order of length before they are encoded: with these, 4 % of what the model works
through is padding, with one transaction's alone 5 %, in the order in which they come 51 %."""

PASSAGES_IN_SIGHT = 32
"""Passages that are looked up at once for those texts; each has some eight sentences."""


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
    waiting = WaitingTexts(catalogue, encoder)
    missing, done = catalogue.missing(waiting.model).number, 0
    turns = Turns()
    while (owner := turns.next(catalogue.waiting_owners())) is not None:
        encoded = waiting.encode_some(owner)
        turns.charge(owner, encoded.characters)
        if encoded.texts:
            done += encoded.texts
            report(Progress(done, max(done, missing)))
            if should_stop():
                return


class Encoded(NamedTuple):
    """What was encoded at once."""

    texts: int
    characters: int
    """Of those texts."""
    covered: Mapping[int, int]
    """How many texts of each job's documents have their vectors now, those among them that had
    them before."""


class WaitingTexts:
    """Encodes the documents that wait, some texts of one owner at a time.

    Of an owner the documents of the smallest files come first. It knows how far it is in each, so
    that nobody looks twice at what is done.
    """

    def __init__(self, catalogue: Catalogue, encoder: Encoder) -> None:
        """Have the model known, and publish what lacks nothing.

        Raises:
            ModelMismatch: the catalogue's vectors are another model's.
        """
        self._catalogue = catalogue
        self._encoder = encoder
        self._projection = projection_for(encoder.identity)
        with catalogue.transaction():
            # First: to register a model that was replaced would keep its vectors.
            check_searched(catalogue, encoder.identity)
            self.model = register(catalogue, encoder.identity)
            catalogue.adopt_model(self.model)
        catalogue.publish()
        self._last: dict[int, int] = {}
        """By document, the last passage that was looked at."""
        self._in_sight: dict[str, _Sight] = {}

    def encode_some(self, owner: str) -> Encoded:
        """Encode up to TEXTS_PER_TRANSACTION texts of an owner, and publish what is whole then.

        Raises:
            CatalogueError: the vectors cannot be kept.
            ModelSwitched: another model has taken this one's place.
        """
        check_searched(self._catalogue, self._encoder.identity)
        sight = self._in_sight.pop(owner, None) or self._look(owner)
        texts = sight.texts[:TEXTS_PER_TRANSACTION]
        if texts:
            encoded = _encoded(texts, self._encoder, self._projection)
            self._catalogue.put_vectors(self.model, encoded)
        rest = sight._replace(texts=sight.texts[TEXTS_PER_TRANSACTION:])
        if rest.texts:
            self._in_sight[owner] = rest
            covered: Mapping[int, int] = {}
        else:
            self._settle(sight)
            covered = sight.covered
        return Encoded(len(texts), sum(len(text.text) for text in texts), covered)

    def _look(self, owner: str) -> _Sight:
        """Find an owner's next texts, in order of length."""
        texts: dict[int, Text] = {}
        last: dict[int, int] = {}
        covered: Counter[int] = Counter()
        whole = []
        for key, job in self._catalogue.waiting_documents(owner, TEXTS_IN_SIGHT):
            at = self._last.get(key, 0)
            while len(texts) < TEXTS_IN_SIGHT:
                passages = self._catalogue.passages_after(key, at, PASSAGES_IN_SIGHT)
                if not passages:
                    whole.append(key)
                    break
                ids = self._catalogue.texts_in(passages)
                missing = self._catalogue.without_vectors(self.model, ids)
                texts.update((text.id, text) for text in missing)
                last[key] = at = passages[-1]
                if job is not None:
                    covered[job] += len(ids)
            else:
                break
        in_order = sorted(texts.values(), key=lambda text: len(text.text))
        return _Sight(in_order, last, covered, whole)

    def _settle(self, sight: _Sight) -> None:
        """Publish what is whole once all texts in sight are encoded."""
        self._last |= sight.last
        if sight.whole:
            for key in sight.whole:
                self._last.pop(key, None)
            published = self._catalogue.publish(sight.whole)
            if not (published or sight.texts or sight.last):
                raise CatalogueError(
                    f"{len(sight.whole)} documents have all of their vectors and cannot be "
                    "published. Run `passerelle doctor`."
                )


class _Sight(NamedTuple):
    """What of an owner's is encoded next."""

    texts: list[Text]
    last: Mapping[int, int]
    covered: Mapping[int, int]
    whole: Sequence[int]
    """Documents of which nothing is left after these."""


def reindex(
    catalogue: Catalogue, encoder: Encoder, report: Callable[[Progress], None] = lambda _: None
) -> None:
    """Make ``encoder``'s vector for every text, then search those instead of the old ones.

    Until the last one is made, questions are answered from the old vectors.
    """
    model = register(catalogue, encoder.identity)
    while not catalogue.activate_model(model):
        encode_beside(catalogue, encoder, model, report)
    catalogue.publish()
    catalogue.forget_replaced()


def encode_beside(
    catalogue: Catalogue,
    encoder: Encoder,
    model: StoredModel,
    report: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Make a model's missing vectors, whichever model is searched.

    Between two batches ``should_stop`` is asked whether to leave the rest for later.
    """
    for progress in _encode(catalogue, encoder, model):
        report(progress)
        if should_stop():
            return


def register(catalogue: Catalogue, identity: ModelIdentity) -> StoredModel:
    """Return what the catalogue knows an encoder's model as."""
    return catalogue.register_model(identity.name, identity.revision, identity.sha256)


def _encode(catalogue: Catalogue, encoder: Encoder, model: StoredModel) -> Iterator[Progress]:
    """Make and keep the missing vectors, and say after each batch how far it is."""
    newest = catalogue.newest_text()
    missing = catalogue.missing(model)
    if not missing.number:
        catalogue.note_encoded(model, newest)
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
        catalogue.note_encoded(model, last)


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
