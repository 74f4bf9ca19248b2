"""From a view of the catalogue to passages with the vectors that are searched."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from corpus.store.view import View
from corpus.types import StoredModel
from index.encoders.protocol import Vectors
from index.vectors.columns import DTYPE, PassageRows, Sentences, joined
from index.vectors.neighbour_smoothing import in_context

DOCUMENTS_AT_A_TIME = 500
"""Documents whose vectors are read at a time, so that few are held in full length."""


def load_rows(view: View, keys: Sequence[int], context: float) -> dict[str, PassageRows]:
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
