from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.partition import Partition, PassageRows

DIMENSION = 8


def make_rows(seed: int, passages: int, first_id: int = 1) -> PassageRows:
    draw = np.random.default_rng(seed)
    counts = draw.integers(1, 4, passages)

    def units(count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        vectors = draw.standard_normal((count, DIMENSION)).astype(np.float32)
        unit: np.ndarray[tuple[int, int], np.dtype[np.float32]] = vectors / np.linalg.norm(
            vectors, axis=1, keepdims=True
        )
        return unit

    return PassageRows(
        ids=np.arange(first_id, first_id + passages, dtype=np.int64),
        document_keys=draw.integers(1, 5, passages).astype(np.int64),
        vectors=units(passages),
        sentence_counts=counts.astype(np.int64),
        sentence_vectors=units(int(counts.sum())),
    )


@given(st.integers(0, 1000), st.integers(1, 30), st.integers(1, 40))
def test_search_is_exact(seed: int, passages: int, limit: int) -> None:
    rows = make_rows(seed, passages)
    question = make_rows(seed + 1, 1).vectors[0]
    found = Partition("fr", rows).search(question, limit, None)

    cosines = rows.vectors @ question
    expected = np.argsort(-cosines)[:limit]
    assert [hit.passage_id for hit in found] == [rows.ids[row] for row in expected]
    np.testing.assert_allclose([hit.passage_score for hit in found], cosines[expected], atol=1e-5)
    ends = np.cumsum(rows.sentence_counts)
    for hit, row in zip(found, expected, strict=True):
        sentences = rows.sentence_vectors[ends[row] - rows.sentence_counts[row] : ends[row]]
        assert hit.cosines == pytest.approx((sentences @ question).tolist(), abs=1e-5)
        assert hit.sentence_score == pytest.approx(float((sentences @ question).max()), abs=1e-5)
        assert hit.document_key == rows.document_keys[row]


@given(st.integers(0, 1000), st.lists(st.integers(1, 6), max_size=3), st.integers(1, 40))
def test_a_narrowed_search_is_exact_too(seed: int, keys: list[int], limit: int) -> None:
    rows = make_rows(seed, 20)
    question = make_rows(seed + 1, 1).vectors[0]
    documents = np.array(keys, np.int64)
    partition = Partition("fr", rows)
    found = partition.search(question, limit, documents)

    allowed = np.flatnonzero(np.isin(rows.document_keys, documents))
    order = allowed[np.argsort(-(rows.vectors[allowed] @ question))][:limit]
    assert [hit.passage_id for hit in found] == [rows.ids[row] for row in order]
    assert partition.count(documents) == len(allowed)


@given(st.integers(0, 1000), st.sets(st.integers(0, 40)), st.none() | st.sets(st.integers(1, 6)))
def test_passages_that_are_named_get_the_scores_of_a_search(
    seed: int, wanted: set[int], keys: set[int] | None
) -> None:
    partition = Partition("fr", make_rows(seed, 30))
    question = make_rows(seed + 1, 1).vectors[0]
    documents = None if keys is None else np.array(sorted(keys), np.int64)
    ids = np.array(sorted(wanted), np.int64)

    found = {hit.passage_id: hit for hit in partition.search(question, 30, documents)}
    scored = {hit.passage_id: hit for hit in partition.scored(question, ids, documents)}
    assert set(scored) == wanted & set(found)
    for passage, hit in scored.items():
        other = found[passage]
        assert hit.document_key == other.document_key
        assert hit.passage_score == pytest.approx(other.passage_score, abs=1e-5)
        assert hit.cosines == pytest.approx(other.cosines)


@given(st.integers(0, 1000), st.integers(1, 10), st.integers(1, 10))
def test_rows_come_back_as_they_were_put_in(seed: int, some: int, more: int) -> None:
    first, later = make_rows(seed, some), make_rows(seed + 1, more, first_id=100)
    both = Partition("fr", first.followed_by(later)).rows
    kept = both.where(both.ids < 100)
    for name in ("ids", "document_keys", "vectors", "sentence_counts", "sentence_vectors"):
        np.testing.assert_array_equal(getattr(kept, name), getattr(first, name))


def test_an_empty_partition_finds_nothing() -> None:
    rows = make_rows(1, 3)
    partition = Partition("fr", rows.where(np.zeros(3, np.bool_)))
    assert len(partition) == 0
    assert partition.search(rows.vectors[0], 5, None) == []


@given(st.integers(0, 1000), st.integers(1, 30), st.randoms())
def test_vectors_are_found_by_id_in_whatever_order(
    seed: int, passages: int, random: Random
) -> None:
    rows = make_rows(seed, passages, first_id=7)
    rows.ids[:] = np.random.default_rng(seed).permutation(rows.ids)
    places = [random.randrange(passages) for _ in range(5)]
    found = Partition("fr", rows).vectors(rows.ids[places])
    np.testing.assert_array_equal(found, rows.vectors[places])


def test_the_mean_is_that_of_the_passages() -> None:
    rows = make_rows(1, 9)
    np.testing.assert_allclose(Partition("fr", rows).mean, rows.vectors.mean(axis=0))
