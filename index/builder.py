"""From the catalogue to partitions: make the vectors that are missing, publish, load.

Work that is cut off goes on where it stopped, since every batch of vectors is kept as soon
as it is made.
"""

from __future__ import annotations

import logging
import shlex
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from corpus.catalogue import Catalogue
from corpus.types import StoredModel
from corpus.view import View
from index import kept
from index.context import CONTEXT_SHARE, in_context
from index.encoder import Encoder, ModelIdentity, Variant, Vectors
from index.errors import CannotKeep, ModelMismatch
from index.partition import Partition
from index.rows import PassageRows, Sentences, joined
from index.snapshot import Snapshot

TEXTS_PER_TRANSACTION = 128
"""Texts encoded between two writes: a few seconds of work, which is what a crash can cost."""

TEXTS_IN_SIGHT = 4 * TEXTS_PER_TRANSACTION
"""Texts put in order of length before they are encoded: with these, 4 % of what the model works
through is padding, with one transaction's alone 5 %, in the order in which they come 51 %."""

DOCUMENTS_AT_A_TIME = 500
"""Documents whose vectors are read at a time, so that few are held in full length."""

DTYPE = np.dtype("<f4")
"""How the catalogue keeps a component of a vector."""

log = logging.getLogger(__name__)


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


def load_snapshot(
    folder: Path, identity: ModelIdentity, context: float = CONTEXT_SHARE
) -> Snapshot:
    """Return what can be found in the data folder ``folder`` now.

    ``context`` is the share of its neighbours that a passage's vector takes.

    Raises:
        CatalogueError: there is no catalogue, or it cannot be read.
        ModelMismatch: its vectors are another model's.
    """
    view = View.open(folder)
    try:
        check_model(view.active_model(), identity)
        known = kept.read(view, context)
        return _snapshot(view, known.documents, known.partitions, context)
    except BaseException:
        view.close()
        raise


def keep_index(folder: Path, context: float = CONTEXT_SHARE) -> None:
    """Keep on disk what can be found, if much of it is not, so that the next start is quick.

    Where that is impossible it is made anew at each start.

    Raises:
        CatalogueError: there is no catalogue, or it cannot be read.
    """
    with View.open(folder) as view:
        if kept.passages_missing(view) < kept.MIN_PASSAGES:
            return
        known = kept.read(view, context)
        try:
            kept.keep(_snapshot(view, known.documents, known.partitions, context))
        except CannotKeep as error:
            log.warning("%s", error)


def refresh(snapshot: Snapshot, identity: ModelIdentity) -> Snapshot:
    """Return the newest state, made from ``snapshot`` by what was added and removed since.

    The same object comes back if nothing was. Partitions that nothing touched are shared.

    Raises:
        CatalogueError: the catalogue cannot be read.
        ModelMismatch: the catalogue was given to another model meanwhile.
    """
    view = View.open(snapshot.view.folder)
    try:
        if view.generation() == snapshot.generation:
            view.close()
            return snapshot
        check_model(view.active_model(), identity)
        known = {key: facts.has_common_title for key, facts in snapshot.documents.items()}
        return _snapshot(view, known, snapshot.partitions, snapshot.context)
    except BaseException:
        view.close()
        raise


def reopened(snapshot: Snapshot) -> Snapshot:
    """Return the same snapshot over a newer view, if nothing that can be found has changed."""
    view = View.open(snapshot.view.folder)
    if view.generation() != snapshot.generation:
        view.close()
        return snapshot
    return replace(snapshot, view=view)


def check_model(stored: StoredModel | None, wanted: ModelIdentity) -> None:
    """Raise ModelMismatch if the catalogue's vectors are not the wanted model's."""
    if stored and stored.sha256 != wanted.sha256:
        new, old = Variant.of(wanted.sha256) or wanted.name, Variant.of(stored.sha256)
        raise ModelMismatch(
            f"This collection was indexed with {stored}; the settings ask for {wanted}. Run "
            f"`passerelle reindex --model {shlex.quote(new)}`, with the other settings as they "
            "are, to rebuild it with the new model"
            + (f", or give --model {old} to go on with the old one." if old else ".")
        )


def _register(catalogue: Catalogue, identity: ModelIdentity) -> StoredModel:
    return catalogue.register_model(identity.name, identity.revision, identity.sha256)


def _encode(catalogue: Catalogue, encoder: Encoder, model: StoredModel) -> Iterator[Progress]:
    """Make and keep the missing vectors, and say after each batch how far it is."""
    missing = catalogue.missing(model)
    if not missing.number:
        return
    done, last = 0, missing.first - 1
    while in_sight := catalogue.texts_without_vectors(model, TEXTS_IN_SIGHT, last):
        last = in_sight[-1].id
        in_sight.sort(key=lambda text: len(text.text))
        for start in range(0, len(in_sight), TEXTS_PER_TRANSACTION):
            texts = in_sight[start : start + TEXTS_PER_TRANSACTION]
            vectors = encoder.passages([text.text for text in texts]).astype(DTYPE)
            catalogue.put_vectors(
                model,
                [(text.id, vector.tobytes()) for text, vector in zip(texts, vectors, strict=True)],
            )
            done += len(texts)
            yield Progress(done, max(done, missing.number))


def _snapshot(
    view: View,
    known: Mapping[int, bool],
    partitions: Mapping[str, Partition],
    context: float,
) -> Snapshot:
    """Make the view's snapshot out of older partitions, which hold the ``known`` documents.

    Those whose title has become a common one since, or is no longer, are read again.
    """
    documents = view.documents_by_key()
    same = {key for key, facts in documents.items() if known.get(key) == facts.has_common_title}
    removed = np.array(sorted(known.keys() - same), np.int64)
    added = _load_rows(view, sorted(documents.keys() - same), context)
    changed: dict[str, Partition] = {}
    for language in partitions.keys() | added.keys():
        partition = partitions.get(language, Partition(language, ()))
        partition = partition.changed(removed, added.get(language))
        if len(partition):
            changed[language] = partition
    return Snapshot(view, view.generation(), documents, changed, context)


def _load_rows(view: View, keys: Sequence[int], context: float) -> dict[str, PassageRows]:
    """Read document versions' passages and vectors, by language; some documents at a time."""
    parts: defaultdict[str, list[PassageRows]] = defaultdict(list)
    model = view.active_model()
    for start in range(0, len(keys) if model else 0, DOCUMENTS_AT_A_TIME):
        assert model is not None
        some = keys[start : start + DOCUMENTS_AT_A_TIME]
        for language, rows in _read_rows(view, model, some, context).items():
            parts[language].append(rows)
    # One language's parts at a time are there twice.
    return {language: joined(parts.pop(language)) for language in sorted(parts)}


def _read_rows(
    view: View, model: StoredModel, keys: Sequence[int], context: float
) -> dict[str, PassageRows]:
    passages = view.passage_vectors(model, keys)
    sentences = view.sentence_vectors(model, keys)
    counts = Counter(sentence.passage_id for sentence in sentences)
    document_keys = np.array([passage.document_key for passage in passages], np.int64)
    vectors = _matrix([passage.data for passage in passages])
    rows = PassageRows(
        ids=np.array([passage.passage_id for passage in passages], np.int64),
        document_keys=document_keys,
        vectors=in_context(vectors, document_keys, context),
        sentence_counts=np.array([counts[passage.passage_id] for passage in passages], np.int64),
        sentences=Sentences.of(_matrix([sentence.data for sentence in sentences])),
    )
    languages = np.array([passage.language for passage in passages])
    return {str(language): rows.where(languages == language) for language in set(languages)}


def _matrix(vectors: Sequence[bytes]) -> Vectors:
    flat = np.frombuffer(b"".join(vectors), DTYPE).astype(np.float32, copy=False)
    return flat.reshape(len(vectors), -1)
