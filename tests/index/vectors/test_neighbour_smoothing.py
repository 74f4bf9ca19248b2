from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from index.encoders.protocol import Vectors
from index.vectors.neighbour_smoothing import in_context

VECTORS = arrays.arrays(
    np.float32, st.tuples(st.integers(0, 9), st.just(3)), elements=st.floats(-1, 1, width=32)
)


def keys(*documents: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(documents, np.int64)


def test_a_passage_takes_a_share_of_the_mean_of_its_neighbours() -> None:
    vectors = np.array([[1, 0], [0, 1], [1, 1]], np.float32)
    mixed = in_context(vectors, keys(7, 7, 7), 0.2)
    assert mixed.tolist() == [
        pytest.approx([0.8, 0.2]), pytest.approx([0.2, 0.9]), pytest.approx([0.8, 1.0])
    ]  # fmt: skip


def test_another_document_is_no_context() -> None:
    vectors = np.array([[1, 0], [0, 1], [1, 1]], np.float32)
    assert in_context(vectors, keys(1, 2, 3), 0.5).tolist() == vectors.tolist()


@given(VECTORS, st.floats(0, 1), st.data())
def test_a_document_is_mixed_as_if_it_were_alone(
    vectors: Vectors, share: float, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(vectors)))
    both = in_context(vectors, keys(*[1] * cut, *[2] * (len(vectors) - cut)), share)
    one, other = (
        in_context(part, keys(*[1] * len(part)), share) for part in (vectors[:cut], vectors[cut:])
    )
    assert both == pytest.approx(np.concatenate([one, other]), abs=1e-6)
    assert in_context(vectors, keys(*[1] * len(vectors)), 0) == pytest.approx(vectors)
