"""One attack while somebody asks, and its figures."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final

from tests.robustness.adversary import crowd, scene
from tests.robustness.adversary.attacks import ATTACKS
from tests.robustness.servers import Server

BACK_SECONDS: Final = 60.0
"""In which memory is to come back after an attack."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What an attack did to an honest client and to the server."""

    attack: str
    asked: int
    share_answered: float
    p50_ms: float
    p99_ms: float
    quiet_p50_ms: float
    quiet_p99_ms: float
    times_p99: float
    statuses: dict[str, int]
    readiness: dict[str, int]
    memory_mib: tuple[int, int, int]
    """Before, at most, and after."""
    open_files: tuple[int, int]
    """Before and after."""
    left_open: tuple[str, ...]
    """What is open after and was not before."""
    attackers: dict[str, int]
    """How their connections ended."""


def attacked(
    server: Server,
    kept: scene.Kept,
    attack: str,
    connections: int,
    seconds: float,
    quiet: scene.Witness,
    back_seconds: float = BACK_SECONDS,
) -> Figures:
    """Carry out one attack while somebody asks."""
    before, files = scene.memory_bytes(server), scene.open_files(server)
    plan = scene.plan(kept, server, attack, connections, seconds)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        crowd_ = pool.submit(crowd.attack, plan)
        seen = scene.watch(
            server, kept.honest_key, crowd_.done, seed=10 + list(ATTACKS).index(attack)
        )
        attackers = crowd_.result()
    end = time.monotonic() + back_seconds
    left = scene.open_files(server)
    while time.monotonic() < end and left.total() > files.total():
        time.sleep(0.1)
        left = scene.open_files(server)
    return Figures(
        attack,
        seen.questions.statuses.total(),
        round(seen.share_answered, 4),
        round(seen.percentile_ms(50), 1),
        round(seen.percentile_ms(99), 1),
        round(quiet.percentile_ms(50), 1),
        round(quiet.percentile_ms(99), 1),
        round(seen.percentile_ms(99) / quiet.percentile_ms(99), 1),
        dict(seen.questions.statuses),
        dict(seen.readiness),
        (_mib(before), _mib(seen.peak_bytes), _mib(scene.memory_bytes(server))),
        (files.total(), left.total()),
        tuple((left - files).elements()),
        dict(attackers),
    )


def _mib(size: int) -> int:
    return size // 2**20
