from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.vectors import faiss_index
from index.vectors import partition as partitions
from index.vectors.columns import Integers, PassageRows, Sentences, joined
from index.vectors.faiss_index import FaissIndex
from index.vectors.partition import Partition

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
        sentences=Sentences.of(units(int(counts.sum()))),
    )


@given(st.integers(0, 1000), st.integers(1, 30), st.integers(1, 40))
def test_search_is_exact(seed: int, passages: int, limit: int) -> None:
    rows = make_rows(seed, passages)
    question = make_rows(seed + 1, 1).vectors[0]
    found = Partition.of("fr", rows).search(question, limit, None)

    cosines = rows.vectors @ question
    expected = np.argsort(-cosines)[:limit]
    np.testing.assert_array_equal(found.ids, rows.ids[expected])
    np.testing.assert_array_equal(found.document_keys, rows.document_keys[expected])
    np.testing.assert_allclose(found.scores, cosines[expected], atol=1e-5)
    ends = np.cumsum(rows.sentence_counts)
    sentences = [np.arange(ends[row] - rows.sentence_counts[row], ends[row]) for row in expected]
    products = [rows.sentences[places].products(question) for places in sentences]
    for cosines_of_one, expected_of_one in zip(found.sentences(), products, strict=True):
        assert cosines_of_one == pytest.approx(expected_of_one.tolist(), abs=1e-5)
    best = [float(each.max()) for each in products]
    assert found.best_sentences.tolist() == pytest.approx(best, abs=1e-5)


@given(st.integers(0, 1000), st.lists(st.integers(1, 6), max_size=3), st.integers(1, 40))
def test_a_narrowed_search_is_exact_too(seed: int, keys: list[int], limit: int) -> None:
    rows = make_rows(seed, 20)
    question = make_rows(seed + 1, 1).vectors[0]
    documents = np.array(keys, np.int64)
    partition = Partition.of("fr", rows)
    found = partition.search(question, limit, documents)

    allowed = np.flatnonzero(np.isin(rows.document_keys, documents))
    order = allowed[np.argsort(-(rows.vectors[allowed] @ question))][:limit]
    np.testing.assert_array_equal(found.ids, rows.ids[order])
    assert partition.count(documents) == len(allowed)


@given(st.integers(0, 1000), st.sets(st.integers(0, 40)), st.none() | st.sets(st.integers(1, 6)))
def test_passages_that_are_named_get_the_scores_of_a_search(
    seed: int, wanted: set[int], keys: set[int] | None
) -> None:
    partition = Partition.of("fr", make_rows(seed, 30))
    question = make_rows(seed + 1, 1).vectors[0]
    documents = None if keys is None else np.array(sorted(keys), np.int64)
    ids = np.array(sorted(wanted), np.int64)

    found = partition.search(question, 30, documents)
    scored = partition.scored(question, ids, documents)
    assert set(scored.ids.tolist()) == wanted & set(found.ids.tolist())
    same = found.at(np.flatnonzero(np.isin(found.ids, ids)))
    same, scored = same.at(np.argsort(same.ids)), scored.at(np.argsort(scored.ids))
    np.testing.assert_array_equal(scored.document_keys, same.document_keys)
    np.testing.assert_array_equal(scored.sentence_counts, same.sentence_counts)
    np.testing.assert_allclose(scored.scores, same.scores, atol=1e-5)
    np.testing.assert_allclose(scored.cosines, same.cosines, atol=1e-5)


@given(st.integers(0, 1000), st.integers(1, 10), st.integers(1, 10))
def test_rows_come_back_by_id_however_they_were_put_in(seed: int, some: int, more: int) -> None:
    first, later = make_rows(seed, some), make_rows(seed + 1, more, first_id=100)
    both = Partition.of("fr", joined([later, first])).rows
    assert_same(both.where(both.ids < 100), first)
    assert_same(both.where(both.ids >= 100), later)


def assert_same(rows: PassageRows, others: PassageRows) -> None:
    for name in ("ids", "document_keys", "vectors", "sentence_counts"):
        np.testing.assert_array_equal(getattr(rows, name), getattr(others, name))
    np.testing.assert_array_equal(rows.sentences.codes, others.sentences.codes)
    np.testing.assert_array_equal(rows.sentences.scales, others.sentences.scales)


def keys(*documents: int) -> Integers:
    return np.array(documents, np.int64)


CHANGE = st.tuples(st.integers(0, 12), st.sets(st.integers(1, 40), max_size=4))
CHANGES = st.lists(CHANGE, max_size=9)


@settings(max_examples=40)
@given(st.integers(0, 1000), CHANGES, st.sampled_from([0, 8, 1000]))
def test_a_partition_that_changed_is_like_one_made_of_what_is_left(
    seed: int, changes: list[tuple[int, set[int]]], small: int
) -> None:
    """Whatever came and went, and whether segments were brought together at once or not."""
    patch = pytest.MonkeyPatch()
    patch.setattr(partitions, "SMALL", small)
    changed = Partition("fr", ())
    left: list[PassageRows] = []
    for number, (passages, removed) in enumerate(changes):
        gone = keys(*removed)
        left = [rows.where(~np.isin(rows.document_keys, gone)) for rows in left]
        added = make_rows(seed + number, passages, first_id=1 + 100 * number)
        added.document_keys[:] += 4 * number
        left.append(added)
        changed = changed.changed(gone, added)
    patch.undo()
    everything = [rows for rows in left if len(rows)]
    assert len(changed) == sum(map(len, everything))
    question = make_rows(seed + 99, 1).vectors[0]
    if not everything:
        assert not len(changed.search(question, 5, None))
        return
    whole = Partition.of("fr", joined(everything))
    assert_same(changed.rows, whole.rows)
    np.testing.assert_allclose(changed.mean, whole.mean, atol=1e-6)
    for documents in (None, keys(1, 2, 9)):
        found, expected = (each.search(question, 7, documents) for each in (changed, whole))
        np.testing.assert_array_equal(found.ids, expected.ids)
        assert changed.count(documents) == whole.count(documents)
        ids = whole.rows.ids[::2]
        scored = (each.scored(question, ids, documents) for each in (changed, whole))
        assert len({frozenset(hits.ids.tolist()) for hits in scored}) == 1
    np.testing.assert_array_equal(changed.vectors(ids), whole.vectors(ids))


def test_a_change_that_concerns_nothing_here_changes_nothing() -> None:
    partition = Partition.of("fr", make_rows(1, 9))
    assert partition.changed(keys(77), None) is partition


def test_one_more_document_leaves_the_rest_where_it_is() -> None:
    partition = Partition.of("fr", make_rows(1, 100))
    more = partition.changed(keys(), make_rows(2, 3, first_id=200))
    assert more.segments[0] is partition.segments[0]
    assert len(more.changed(keys(1), None)) < len(more)
    assert more.changed(keys(1), None).segments[0].nearest is partition.segments[0].nearest


def test_however_many_come_one_by_one_segments_stay_few() -> None:
    partition = Partition("fr", ())
    for number in range(200):
        partition = partition.changed(keys(), make_rows(number, 2, first_id=1 + 10 * number))
    assert len(partition) == 400
    assert len(partition.segments) <= 9


@pytest.fixture(params=["HNSWFlat", "IVFScalarQuantizer"])
def large(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every partition of this test is large; the name of the kind of index it should have."""
    monkeypatch.setattr(faiss_index, "HNSW_FROM", 50)
    monkeypatch.setattr(partitions, "SMALL", 50)
    if request.param == "IVFScalarQuantizer":
        monkeypatch.setattr(faiss_index, "IVF_FROM", 50)
    kind: str = request.param
    return kind


def test_a_large_partition_grows_an_index_that_finds_the_same(large: str) -> None:
    rows = make_rows(5, 600)
    partition = Partition.of("fr", rows)
    assert not partition.is_grown
    assert partition.segments[0].nearest.kind == "Flat"
    grown = partition.with_growth(partition.grown())
    assert grown.is_grown
    assert grown.segments[0].nearest.kind == large
    found = 0
    for question in make_rows(6, 50).vectors:
        for documents in (None, keys(1, 2, 3)):
            exact, near = (
                set(each.search(question, 10, documents).ids.tolist())
                for each in (partition, grown)
            )
            assert len(near) == 10
            found += len(exact & near)
    assert found >= 0.95 * 50 * 2 * 10
    np.testing.assert_array_equal(grown.vectors(rows.ids), rows.vectors)
    assert grown.with_growth(grown.grown()).segments == grown.segments


def test_a_filter_that_leaves_little_of_a_large_partition_is_exact(large: str) -> None:
    rows = make_rows(5, 600)
    rows.document_keys[:] = np.arange(600) % 60
    partition = Partition.of("fr", rows)
    grown = partition.with_growth(partition.grown())
    for question in make_rows(6, 20).vectors:
        exact, near = (each.search(question, 10, keys(7)).ids for each in (partition, grown))
        np.testing.assert_array_equal(exact, near)


def test_what_comes_and_goes_while_an_index_grows_is_not_lost(large: str) -> None:
    partition = Partition.of("fr", make_rows(5, 600))
    growth = partition.grown()
    added = make_rows(6, 7, first_id=2000)
    added.document_keys[:] += 10
    changed = partition.changed(keys(1), added)
    grown = changed.with_growth(growth)
    assert [segment.nearest.kind for segment in grown.segments] == [large, "Flat"]
    assert_same(grown.rows, changed.rows)
    question = make_rows(7, 1).vectors[0]
    assert 1 not in grown.search(question, 300, keys(1, 2, 3)).document_keys


def test_what_grew_for_segments_that_are_gone_is_dropped(large: str) -> None:
    partition = Partition.of("fr", make_rows(5, 60))
    growth = partition.grown()
    other = Partition.of("fr", make_rows(5, 60))
    assert other.with_growth(growth) is other


def test_large_neighbours_are_brought_together_while_they_grow(large: str) -> None:
    partition = Partition.of("fr", make_rows(1, 100))
    partition = partition.changed(keys(), make_rows(2, 80, first_id=500))
    assert len(partition.segments) == 2
    grown = partition.with_growth(partition.grown())
    assert [segment.nearest.kind for segment in grown.segments] == [large]
    assert_same(grown.rows, partition.rows)


@given(st.integers(0, 1000))
def test_eight_bits_hardly_change_a_product(seed: int) -> None:
    draw = np.random.default_rng(seed)
    vectors = draw.standard_normal((20, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    kept = Sentences.of(vectors)
    assert kept.codes.dtype == np.int8
    question = vectors[0]
    np.testing.assert_allclose(kept.products(question), vectors @ question, atol=0.004)


def test_a_vector_of_zeros_stays_one() -> None:
    assert not Sentences.of(np.zeros((1, 4), np.float32)).products(np.ones(4, np.float32)).any()


def test_no_vectors_are_found_among_none() -> None:
    none = FaissIndex(np.empty((0, 4), np.float32))
    assert len(none.search(np.ones(4, np.float32), 5, None).places) == 0


def test_an_empty_partition_finds_nothing() -> None:
    rows = make_rows(1, 3)
    partition = Partition.of("fr", rows.where(np.zeros(3, np.bool_)))
    assert len(partition) == 0
    assert not len(partition.search(rows.vectors[0], 5, None))


@given(st.integers(0, 1000), st.integers(1, 30), st.randoms())
def test_vectors_are_found_by_id_in_whatever_order(
    seed: int, passages: int, random: Random
) -> None:
    rows = make_rows(seed, passages, first_id=7)
    places = [random.randrange(passages) for _ in range(5)]
    found = Partition.of("fr", rows).vectors(rows.ids[places])
    np.testing.assert_array_equal(found, rows.vectors[places])


def test_the_mean_is_that_of_the_passages() -> None:
    rows = make_rows(1, 9)
    np.testing.assert_allclose(Partition.of("fr", rows).mean, rows.vectors.mean(axis=0), atol=1e-6)
