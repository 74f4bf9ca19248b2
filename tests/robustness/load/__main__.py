"""Load on a real server on this machine, with the default model and documents that change.

    python -m tests.robustness.load crowd --minutes 30 --into benchmarks/results/load-DATE
    python -m tests.robustness.load ingest --documents 1000 --into benchmarks/results/load-DATE

``crowd`` measures how many questions a second the server answers, then asks twice as many and
changes documents meanwhile; at the end it takes a backup under that load, and asks a server over
the backup what it asked the first. ``ingest`` measures how long a question takes before and while
many documents are taken in. Both add their figures to the JSON file of that name; ``crowd``
draws the memory beside it.
"""

from __future__ import annotations

import asyncio
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np

from tests.robustness.load import clients, memory
from tests.robustness.load.clients import SAMPLE, Seen
from tests.robustness.servers import Server, serving

CAPACITY_SECONDS = 20.0
CHANGE_PAUSE_SECONDS = 1.0
COMPARED = 100
"""Questions that are asked before the backup and of the backup."""
STEADY_SHARE = 2 / 3
"""Of the time, at its end, in which memory should not grow; before that all is used once."""
STEADY_RATE = 5.0
"""Questions a second beside an ingest: some that few would notice, so that what waits is seen."""


@click.group(help=__doc__)
def main() -> None:
    """See the module."""


@main.command()
@click.option("--minutes", default=30.0, show_default=True)
@click.option("--times", default=2.0, show_default=True, help="Of what the server can answer.")
@click.option("--into", type=click.Path(path_type=Path))
def crowd(minutes: float, times: float, into: Path | None) -> None:
    """Ask more than can be answered while documents change."""
    with _server() as (server, folder):
        figures, held = asyncio.run(_crowd(server, folder, minutes, times))
    _keep("crowd", figures, into)
    if into:
        into.with_suffix(".svg").write_text(memory.plot(held))


@main.command()
@click.option("--documents", default=1000, show_default=True)
@click.option("--seconds", default=60.0, show_default=True, help="Before they come.")
@click.option("--into", type=click.Path(path_type=Path))
def ingest(documents: int, seconds: float, into: Path | None) -> None:
    """Ask while many documents are taken in."""
    with _server() as (server, _):
        figures = asyncio.run(_ingest(server, documents, seconds))
    _keep("ingest", figures, into)


@contextmanager
def _server() -> Iterator[tuple[Server, Path]]:
    """Run a server over the sample corpus."""
    with TemporaryDirectory() as name:
        data = Path(name) / "data"
        _passerelle("ingest", SAMPLE / "documents", "--collection", "sample", "--data", data)
        with serving(data) as server:
            yield server, data


async def _crowd(
    server: Server, data: Path, minutes: float, times: float
) -> tuple[dict[str, Any], list[memory.Held]]:
    capacity = await clients.capacity(server.address, CAPACITY_SECONDS)
    click.echo(f"{capacity:.1f} answers a second", err=True)
    asked, changed = Seen(), Seen()
    stop, stop_changes = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(clients.ask_at(server.address, times * capacity, asked, stop, 1))
        group.create_task(
            clients.change_documents(server.address, CHANGE_PAUSE_SECONDS, changed, stop_changes, 2)
        )
        held = group.create_task(memory.watch(server.pid, stop))
        await asyncio.sleep(minutes * 60)
        click.echo(f"{asked.statuses} {changed.statuses}", err=True)
        stop_changes.set()
        await _until_done(server.address)
        backup = data.with_name("backup")
        await asyncio.to_thread(_passerelle, "backup", backup, "--data", data)
        stop.set()
    restored = await _restored(server, backup)
    last = minutes * STEADY_SHARE
    growth, error = memory.slope(held.result(), last)
    return {
        "minutes": minutes,
        "capacity_per_second": round(capacity, 1),
        "asked_per_second": round(times * capacity, 1),
        "questions": _figures(asked),
        "changes": _figures(changed),
        "memory_mib_by_minute": memory.by_minute(held.result(), 2 if minutes > 8 else 1),
        "growth_mib_per_minute": {
            "last_minutes": round(last, 1),
            "slope": round(growth, 2),
            "standard_error": round(error, 2),
        },
        "same_answers_from_the_backup": restored,
    }, held.result()


async def _restored(server: Server, backup: Path) -> str:
    """Compare what answers from a backup with what answers from where it was taken.

    Questions that come together go through the model together, which changes the last digits of
    their vectors; so they are asked one after another, when nobody else asks.
    """
    before = await _answers(server.address)
    with serving(backup) as other:
        after = await _answers(other.address)
    return f"{sum(map(dict.__eq__, before, after))} of {len(before)}"


async def _answers(address: str) -> list[dict[str, Any]]:
    """Ask some questions and return the answers, all but the times."""
    found = []
    async with clients.client(address) as http:
        for question in islice(clients.questions(3), COMPARED):
            response = await http.post("/v1/ask", json={"question": question})
            body = response.raise_for_status().json()
            del body["took_ms"]
            found.append(body)
    return found


async def _until_done(address: str) -> None:
    async with clients.client(address) as http:
        while True:
            jobs = (await http.get("/v1/jobs")).raise_for_status().json()["jobs"]
            if all(job["state"] == "done" for job in jobs):
                return
            await asyncio.sleep(0.5)


async def _ingest(server: Server, documents: int, seconds: float) -> dict[str, Any]:
    before, during = Seen(), Seen()
    await _for(seconds / 4, server, Seen(), seed=10)  # what is loaded at the first questions
    await _for(seconds, server, before, seed=11)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        await _upload(server.address, documents)
        started = asyncio.get_running_loop().time()
        group.create_task(clients.ask_at(server.address, STEADY_RATE, during, stop, 12))
        await _until_done(server.address)
        took = asyncio.get_running_loop().time() - started
        stop.set()
    middle = [float(np.median(seen.took_ms)) for seen in (before, during)]
    return {
        "documents": documents,
        "seconds": round(took, 1),
        "asked_per_second": STEADY_RATE,
        "before": _figures(before),
        "during": _figures(during),
        "times_p50": round(middle[1] / middle[0], 2),
    }


async def _for(seconds: float, server: Server, seen: Seen, seed: int) -> None:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(clients.ask_at(server.address, STEADY_RATE, seen, stop, seed))
        await asyncio.sleep(seconds)
        stop.set()


async def _upload(address: str, documents: int) -> None:
    random_, packed = random.Random(4), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(documents):
            archive.writestr(f"{number}.txt", clients.text(random_, number))
    async with clients.client(address) as http:
        files = {"files": ("many.zip", packed.getvalue())}
        response = await http.post("/v1/documents", files=files, data={"collection": "many"})
        response.raise_for_status()


def _figures(seen: Seen) -> dict[str, Any]:
    names = ("p50", "p95", "p99")
    values = np.percentile(seen.took_ms, [50, 95, 99]) if seen.took_ms else (0.0, 0.0, 0.0)
    return {
        "by_status": dict(seen.statuses),
        "neither_answered_nor_503": sum(seen.wrong.values()),
        "answered_in_ms": {
            name: round(float(value), 1) for name, value in zip(names, values, strict=True)
        },
    }


def _keep(part: str, figures: dict[str, Any], into: Path | None) -> None:
    if into:
        file = into.with_suffix(".json")
        known = json.loads(file.read_text()) if file.exists() else {}
        file.write_text(json.dumps({**known, part: figures}, indent=2) + "\n")
    click.echo(json.dumps({part: figures}, indent=2))


def _passerelle(*arguments: object) -> None:
    command = [sys.executable, "-m", "api.cli.main", *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
