"""How much memory a server holds while it is under load: a table and a plot."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import numpy as np

SAMPLE_SECONDS = 5.0
WIDTH, HEIGHT, MARGIN = 720, 320, 48


class Held(NamedTuple):
    """What the server and the processes it started held at a moment."""

    seconds: float
    """Since the beginning."""
    mib: float
    """Resident, of which what they share counts in each."""


async def watch(pid: int, stop: asyncio.Event) -> list[Held]:
    """Look at a server's memory now and then, until told to stop."""
    started, held = monotonic(), []
    while not stop.is_set():
        held.append(Held(monotonic() - started, resident_mib(pid)))
        await asyncio.sleep(SAMPLE_SECONDS)
    return held


def resident_mib(pid: int) -> float:
    """Return the memory of a process and all that it started, in MiB."""
    total, waiting = 0.0, [pid]
    while waiting:
        process = Path(f"/proc/{waiting.pop()}")
        status = _read(process / "status")  # nothing if it ended meanwhile
        lines = [line for line in status.splitlines() if line.startswith("VmRSS:")]
        total += sum(int(line.split()[1]) for line in lines) / 1024
        for children in process.glob("task/*/children"):
            waiting += map(int, _read(children).split())
    return total


def _read(file: Path) -> str:
    """Return what a file of /proc says; nothing if its process or thread ended meanwhile."""
    try:
        return file.read_text()
    except OSError:
        return ""


def by_minute(held: Sequence[Held], minutes: int) -> list[tuple[int, float]]:
    """Return the mean of each span of so many minutes: (its first minute, MiB)."""
    spans: dict[int, list[float]] = {}
    for one in held:
        spans.setdefault(int(one.seconds / 60) // minutes * minutes, []).append(one.mib)
    return [(first, round(sum(values) / len(values), 1)) for first, values in spans.items()]


def slope(held: Sequence[Held], minutes: float) -> tuple[float, float]:
    """Return how fast memory grew in the last ``minutes``: MiB a minute, and its standard error.

    By least squares over the means of whole minutes, as samples a few seconds apart go up and
    down together.
    """
    end = held[-1].seconds
    spans: dict[int, list[float]] = {}
    for one in held:
        if end - one.seconds < minutes * 60:
            spans.setdefault(int((end - one.seconds) // 60), []).append(one.mib)
    ago = np.array(sorted(spans))
    means = np.array([np.mean(spans[minute]) for minute in ago])
    centred = ago - ago.mean()
    growth = -float(centred @ means / (centred @ centred))
    left = means - means.mean() + growth * centred
    error = float(np.sqrt(left @ left / max(len(ago) - 2, 1) / (centred @ centred)))
    return growth, error


def plot(held: Sequence[Held]) -> str:
    """Return the curve as SVG."""
    end, top = max(one.seconds for one in held), max(one.mib for one in held) * 1.1

    def x(seconds: float) -> float:
        return MARGIN + seconds / end * (WIDTH - 2 * MARGIN)

    def y(mib: float) -> float:
        return HEIGHT - MARGIN - mib / top * (HEIGHT - 2 * MARGIN)

    curve = " ".join(f"{x(one.seconds):.1f},{y(one.mib):.1f}" for one in held)
    marks = [
        f'<text x="{x(share * end):.0f}" y="{HEIGHT - MARGIN + 18}" text-anchor="middle">'
        f"{share * end / 60:.0f} min</text>"
        for share in (0, 0.25, 0.5, 0.75, 1)
    ] + [
        f'<text x="{MARGIN - 6}" y="{y(share * top) + 4:.0f}" text-anchor="end">'
        f"{share * top:,.0f}</text>"
        for share in (0, 0.5, 1)
    ]
    axes = f"M{MARGIN},{MARGIN}V{HEIGHT - MARGIN}H{WIDTH - MARGIN}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">\n'
        f'<text x="{MARGIN}" y="{MARGIN - 18}">Resident memory of the server under load, MiB'
        f'</text>\n<path d="{axes}" fill="none" stroke="#888"/>\n{"".join(marks)}\n'
        f'<polyline points="{curve}" fill="none" stroke="#06c" stroke-width="1.5"/>\n</svg>\n'
    )
