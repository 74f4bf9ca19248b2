"""Whoever holds, drips, floods and abandons, on whatever route: another client is answered."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from index.encoders.protocol import Encoder
from tests.robustness.adversary import attacking, scene
from tests.robustness.adversary.attacks import ATTACKS
from tests.robustness.servers import Server

SECONDS: Final = 0.5
"""Of each attack; ``python -m tests.robustness.adversary`` takes two minutes for each."""

CONNECTIONS: Final = 160
"""At once: every kind of visitor on every route."""

MOST_MORE_BYTES: Final = 400 * 2**20
"""What a server may take more than before all attacks: threads, kernels for lengths of questions
that it had not met, the caches of questions, and two processes that read what the writer sends."""

BACK_SECONDS: Final = 60.0


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> scene.Kept:
    return scene.filled(tmp_path_factory.mktemp("adversary") / "data", encoder)


@pytest.fixture(scope="module")
def server(kept: scene.Kept, cache: Path) -> Iterator[Server]:
    with scene.guarded(kept, cache) as running:
        yield running


def test_every_question_is_answered_whatever_others_do(kept: scene.Kept, server: Server) -> None:
    end = time.monotonic() + 2 * SECONDS
    quiet = scene.watch(server, kept.honest_key, lambda: time.monotonic() > end)
    before = scene.memory_bytes(server)
    for attack in ATTACKS:
        found = attacking.attacked(server, kept, attack, CONNECTIONS, SECONDS, quiet, BACK_SECONDS)
        print(found)
        assert found.statuses.keys() == {"200"}, found
        assert found.readiness.keys() == {"200"}, found
        assert found.open_files[1] <= found.open_files[0], found
        assert scene.memory_bytes(server) < before + MOST_MORE_BYTES, found
        assert sum(found.attackers.values()) >= CONNECTIONS, found
