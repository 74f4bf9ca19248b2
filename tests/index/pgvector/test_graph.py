"""Where passages are many, a graph is walked; the conformance suite's are too few for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from corpus.store.postgres.store import PostgresStore
from index.pgvector import snapshot as searching
from index.pgvector.live import PgLive
from index.pgvector.searched import follow
from index.snapshot import Scope
from index.writer import encode_waiting
from tests.encoders import WordEncoder
from tests.index.conformance.collections import made, put
from tests.postgres import new_database

ENCODER = WordEncoder()
WALKING = "&options=-c%20enable_seqscan%3Doff%20-c%20enable_sort%3Doff"
"""A table this small would be read as a whole."""


@pytest.fixture(scope="module")
def live(postgres_server: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PgLive]:
    where = new_database(postgres_server) + WALKING
    store = PostgresStore(where, tmp_path_factory.mktemp("data"), follow)
    with store.catalogue() as catalogue:
        put(catalogue, [made(f"{seed}.txt", "press", "fr", seed, number=20) for seed in range(8)])
        put(catalogue, [made("narrow.txt", "laws", "fr", 100, number=15)])
        encode_waiting(catalogue, ENCODER)
    yield PgLive(store, ENCODER)
    store.close()


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "EXACT", 0)


@pytest.mark.usefixtures("walked")
@pytest.mark.parametrize("scope", [Scope(), Scope(collections=frozenset({"laws"}))])
def test_the_walk_finds_what_a_whole_look_does(
    live: PgLive, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = wanted = 0
    for question in ("police frontière", "traité école", "lundi Benelux eau", "2018/0265"):
        vector = ENCODER.questions([question])[0]
        near = live.newest().search(vector, 10, scope).found.ids
        with monkeypatch.context() as exactly:
            exactly.setattr(searching, "EXACT", 10**9)
            exact = live.newest().search(vector, 10, scope).found.ids
        found += len(np.intersect1d(near, exact))
        wanted += len(exact)
    assert wanted == 40
    assert found >= 0.98 * wanted


@pytest.mark.usefixtures("walked")
def test_it_is_the_graph_that_is_walked(live: PgLive) -> None:
    view = live.newest().view
    plan = view.query(
        "EXPLAIN SELECT passage FROM searched WHERE language = 'fr'"
        " ORDER BY (vector::halfvec(64) <#> CAST(?1 AS halfvec)) LIMIT 10",
        (f"[{','.join(['0.1'] * 64)}]",),
    )
    assert any("searched_6672_vector_idx" in line for (line,) in plan), plan
