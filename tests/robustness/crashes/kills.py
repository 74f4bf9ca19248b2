"""SIGKILL at random moments, and the end at the Nth write, sync or rename."""

from __future__ import annotations

import ctypes
import errno
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.robustness.crashes import erased, life

FRESH_EVERY = 20
"""Kills after which a new folder is begun."""

KINDS = {"write": 1, "sync": 2, "rename": 3}
MODES = {
    "killed at": (0, 0),
    "torn at": (1, 0),
    "ENOSPC at": (2, errno.ENOSPC),
    "EIO at": (2, errno.EIO),
}


class Trial(NamedTuple):
    """One end of a process, and what was wrong after it."""

    name: str
    was_hit: bool
    """Whether it ended, or an error came, before it was through."""
    wrong: tuple[str, ...]


def kills(folder: Path, count: int, seed: int) -> Iterator[Trial]:
    """Kill ``count`` processes, each at a moment of its own, and look at what is left."""
    random_ = random.Random(seed)
    usual = _seconds_alone(folder, random_)
    present: dict[str, str] = {}
    for number in range(count):
        if number % FRESH_EVERY == 0:
            life.remove(folder)
            present = {}
        focus = life.OPERATIONS[number % len(life.OPERATIONS)]
        operations = _drawn(random_, focus, present)
        moment = random_.random() * usual * 1.1
        told = life.run(folder, operations, moment)
        if told.end == 0:  # it was through by then: the machine is quicker than it was
            usual = min(usual, moment)
        wrong, present = _looked_at(folder, present, told)
        yield Trial(focus, told.end != 0, tuple(wrong))
    life.remove(folder)


def _seconds_alone(folder: Path, random_: random.Random) -> float:
    """Return how long a process takes that nothing ends.

    The second of two: to look at what the first left loads what every process needs.
    """
    seconds = 0.0
    for _ in range(2):
        life.remove(folder)
        operations = _drawn(random_, life.OPERATIONS[0], {})
        started = time.monotonic()
        told = life.run(folder, operations)
        seconds = time.monotonic() - started
        _looked_at(folder, {}, told)
    return seconds


def _drawn(random_: random.Random, focus: str, present: dict[str, str]) -> list[life.Operation]:
    kinds = ["upload", "upload", focus, *random_.choices(life.OPERATIONS, k=3), focus]
    operations = []
    for kind in kinds:
        operations.append(life.draw(random_, kind, present))
        present = life.after(present, operations[-1])
    return operations


def faults(
    folder: Path, library: Path, operations: Iterable[str], most: int, seed: int
) -> Iterator[Trial]:
    """Let the 1st, 2nd, 3rd ... call of each kind fail or be the last, in these operations."""
    random_ = random.Random(seed)
    shim = ctypes.CDLL(str(library))
    for operation in operations if most else ():
        for kind, number in KINDS.items():
            for mode, (what, code) in MODES.items():
                if mode == "torn at" and kind != "write":
                    continue
                for nth in range(1, most + 1):
                    trial = _fault(folder, random_, shim, operation, (number, nth, what, code))
                    if not trial.was_hit and not trial.wrong:
                        break  # it has no so many
                    yield trial._replace(name=f"{operation}, {mode} a {kind}")


def _fault(
    folder: Path,
    random_: random.Random,
    shim: ctypes.CDLL,
    kind: str,
    fault: tuple[int, int, int, int],
) -> Trial:
    life.remove(folder)
    first = life.draw(random_, "upload", {})
    life.run(folder, [first])
    present = life.after({}, first)
    operations = [life.draw(random_, kind, present)]
    if kind == "work":
        operations.insert(0, life.draw(random_, "upload", present))
    number, nth, what, code = fault
    below = str(folder.parent.resolve()).encode()
    told = life.run(
        folder,
        operations,
        arm=lambda: shim.fault_arm(below, number, ctypes.c_long(nth), what, code),
        disarm=lambda: int(shim.fault_disarm()),
    )
    was_hit = told.end != 0 or told.hits >= nth
    wrong, _ = _looked_at(folder, present, told)
    if code and (told.end or told.crash):
        wrong.append(f"an error ended the process: {told.crash or told.end}")
    return Trial(kind, was_hit, tuple(wrong))


def _looked_at(
    folder: Path, present: dict[str, str], told: life.Told
) -> tuple[list[str], dict[str, str]]:
    """Return what is wrong after the end of a process, and what the folder holds now."""
    wrong = [told.crash] if told.crash else []
    wrong += life.wrong_at_once(folder, present, told)
    wrong += erased.still_on_disk(folder, present, told)
    states = told.states(present)
    life.recover(folder)
    wrong += life.wrong_with(folder, *states)
    for backup in life.backups_of(folder):
        wrong += [f"a backup: {each}" for each in life.wrong_with_backup(backup)]
    life.remove_backups(folder)
    return wrong, life.held(folder)


def table(trials: list[Trial]) -> dict[str, dict[str, int]]:
    """Return, by what was under way, how many processes were ended and how many left wrong."""
    ended, wrong = Counter[str](), Counter[str]()
    for trial in trials:
        ended[trial.name] += trial.was_hit
        wrong[trial.name] += bool(trial.wrong)
    return {name: {"ended": ended[name], "wrong": wrong[name]} for name in ended}
