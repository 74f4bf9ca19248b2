"""The nearest of many vectors; the only module that knows FAISS."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final, NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from index.encoders.protocol import Vectors
from index.vectors.columns import Integers, Mask

HNSW_FROM: Final = 20_000
"""Vectors from which a graph is searched in place of all of them: 0.4 ms in place of 1.2, of the
nearest ten .999 found. docs/decisions/0032-clusters-from-50000.md."""

IVF_FROM: Final = 50_000
"""Vectors from which 8-bit codes in clusters are: 0.8 ms in place of the graph's 0.5, but of the
nearest ten .998 are found, at 200,000 still .993, where the graph finds .912 (same measurement)."""

NARROW: Final = 0.1
"""Share of the vectors up to which a filter is searched exactly: a graph or clusters would miss
what it leaves (5 %: recall .82 to .87)."""

_LINKS: Final = 32
"""Of a vector in the graph."""

_SEARCHED: Final = 128
"""Vectors looked at in the graph, and clusters searched, at least."""

_RESCORED: Final = 3
"""Times as many vectors as are wanted, of the clusters', that are measured again in full."""

_TRAINING: Final = 64
"""Vectors for each cluster from which the clusters are learnt."""


_VECTORS: Final = "vectors.faiss"
_CLUSTERS: Final = "clusters.faiss"


class Near(NamedTuple):
    """The places of the nearest vectors and their products, best first."""

    places: Integers
    products: Vectors


class FaissIndex:
    """Vectors, searched exactly or, once an index was grown for them, nearly so."""

    def __init__(self, vectors: Vectors) -> None:
        self._exact = faiss.IndexFlatIP(vectors.shape[1])
        self._exact.add(np.ascontiguousarray(vectors))
        self._approximate: faiss.Index | None = None

    def __len__(self) -> int:
        return int(self._exact.ntotal)

    @property
    def vectors(self) -> Vectors:
        """All vectors, shape (vectors, dimension), in place: gone when this object is."""
        index = self._exact
        vectors: Vectors = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d)
        return vectors.reshape(index.ntotal, index.d)

    @property
    def kind(self) -> str:
        """Name of the kind of index that is searched."""
        return "Flat" if self._approximate is None else type(self._approximate).__name__[5:]

    @property
    def is_grown(self) -> bool:
        """Whether there is the index that so many vectors ought to have."""
        return len(self) < HNSW_FROM or self._approximate is not None

    def write(self, folder: Path) -> None:
        """Write the vectors and the index into files in ``folder``.

        Raises:
            OSError: it is full, or cannot be written.
        """
        try:
            if isinstance(self._approximate, faiss.IndexHNSW):  # it holds the vectors
                faiss.write_index(self._approximate, str(folder / _VECTORS))
                return
            faiss.write_index(self._exact, str(folder / _VECTORS))
            if self._approximate is not None:
                faiss.write_index(self._approximate, str(folder / _CLUSTERS))
        except RuntimeError as error:  # its word for a disk that is full
            raise OSError(errno.EIO, "not all of it could be written") from error

    @classmethod
    def open(cls, folder: Path) -> FaissIndex:
        """Return what was written into ``folder``, mapped into memory.

        FAISS believes what a file says of itself: check its hash before.

        Raises:
            OSError: a file is not there.
            RuntimeError: one cannot be read.
        """
        nearest = object.__new__(cls)
        nearest._exact, nearest._approximate = _mapped(folder / _VECTORS), None
        if isinstance(nearest._exact, faiss.IndexHNSW):
            nearest._approximate = nearest._exact
            nearest._exact = faiss.downcast_index(nearest._approximate.storage)
        elif (folder / _CLUSTERS).exists():
            nearest._approximate = _mapped(folder / _CLUSTERS)
        return nearest

    def grown(self) -> FaissIndex:
        """Return the same vectors with an index for their number; it may take minutes."""
        other = object.__new__(FaissIndex)
        if len(self) < IVF_FROM:
            graph = faiss.IndexHNSWFlat(self._exact.d, _LINKS, faiss.METRIC_INNER_PRODUCT)
            graph.add(self.vectors)
            other._exact = faiss.downcast_index(graph.storage)  # the graph's own copy
            other._approximate = graph
        else:
            other._exact = self._exact
            other._approximate = _clusters(self.vectors)
        return other

    def search(self, question: Vectors, limit: int, allowed: Mask | None) -> Near:
        """Return the ``limit`` vectors nearest to ``question``, shape (dimension,).

        Only those for which ``allowed``, shape (vectors,), is true, if it is given.
        """
        # From some thousands of vectors on FAISS shares a search out between the cores, and waits
        # for the one that is busy: 25 ms in place of 0.4. docs/decisions/0026.
        faiss.omp_set_num_threads(1)
        count = len(self) if allowed is None else int(np.count_nonzero(allowed))
        limit = min(limit, count)
        if limit == 0:
            return Near(np.empty(0, np.int64), np.empty(0, np.float32))
        selector = None if allowed is None or count == len(self) else _selector(allowed)
        if self._approximate is not None and count > NARROW * len(self):
            near = self._search_approximate(self._approximate, question, limit, selector)
            if len(near.places) == limit:
                return near
        parameters = faiss.SearchParameters(sel=selector) if selector else None
        products, places = self._exact.search(question[None, :], limit, params=parameters)
        return Near(places[0], products[0])

    def _search_approximate(
        self,
        index: faiss.Index,
        question: Vectors,
        limit: int,
        selector: faiss.IDSelector | None,
    ) -> Near:
        if isinstance(index, faiss.IndexHNSW):
            parameters = faiss.SearchParametersHNSW(
                sel=selector, efSearch=max(_SEARCHED, 2 * limit)
            )
            products, places = index.search(question[None, :], limit, params=parameters)
            found = places[0] >= 0
            return Near(places[0][found], products[0][found])
        parameters = faiss.SearchParametersIVF(
            sel=selector,
            nprobe=_SEARCHED,
            quantizer_params=faiss.SearchParametersHNSW(efSearch=2 * _SEARCHED),
        )
        _, places = index.search(question[None, :], _RESCORED * limit, params=parameters)
        candidates = places[0][places[0] >= 0]
        again: Vectors = self.vectors[candidates] @ question
        order = np.argsort(-again, kind="stable")[:limit]
        return Near(candidates[order], again[order])


def share_the_cores() -> None:
    """Leave half of the cores to questions while this thread makes an index."""
    faiss.omp_set_num_threads(max(1, (os.cpu_count() or 1) // 2))


def _mapped(file: Path) -> faiss.Index:
    if not file.exists():
        raise FileNotFoundError(file)
    return faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC)


def _clusters(vectors: Vectors) -> faiss.IndexIVF:
    count = int(4 * np.sqrt(len(vectors)))
    index = faiss.index_factory(
        vectors.shape[1], f"IVF{count}_HNSW32,SQ8", faiss.METRIC_INNER_PRODUCT
    )
    draw = np.random.default_rng(1)
    sample = draw.choice(len(vectors), min(len(vectors), _TRAINING * count), replace=False)
    index.train(vectors[np.sort(sample)])
    index.add(vectors)
    return index


def _selector(allowed: Mask) -> faiss.IDSelector:
    bits: NDArray[np.uint8] = np.packbits(allowed, bitorder="little")
    return faiss.IDSelectorBitmap(bits)
