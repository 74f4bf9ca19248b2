"""Clients of a server: some that ask, as often as is wanted, and one that changes documents."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

import httpx2 as httpx

SAMPLE = Path(__file__).parents[3] / "corpus" / "sample"
PATIENCE_SECONDS = 600.0
KEPT = 200
"""Documents that come and go; a change is as likely to be any of the three."""

_SUBJECTS = ("la Moselle", "la Sûre", "l'Our", "la Meuse", "l'Escaut", "la Sarre", "l'Alzette")
_DEEDS = ("suit", "contrôle", "longe", "traverse", "surveille", "nettoie", "mesure")


@dataclass(slots=True)
class Seen:
    """What clients saw."""

    statuses: Counter[str] = field(default_factory=Counter)
    """By HTTP status, or the name of the error in its place."""
    took_ms: list[float] = field(default_factory=list)
    """Of the requests that were answered with 200 or 202."""

    def note(self, status: str, took_ms: float) -> None:
        """Count a request."""
        self.statuses[status] += 1
        if status in ("200", "202"):
            self.took_ms.append(took_ms)

    @property
    def wrong(self) -> dict[str, int]:
        """What there should be none of: anything but an answer and 503."""
        return {
            status: number
            for status, number in self.statuses.items()
            if status not in ("200", "202", "503")
        }


def questions(seed: int) -> Iterator[str]:
    """Yield questions without end, each of them new, so that none is remembered."""
    random_ = random.Random(seed)
    lines = (SAMPLE / "questions.jsonl").read_text("utf-8").splitlines()
    known = [json.loads(line)["question"] for line in lines if "question" in json.loads(line)]
    for number in count():
        yield f"{random_.choice(known)} ({seed}-{number})"


def text(random_: random.Random, number: int) -> str:
    """Return a made-up document of some 12 sentences, of which no two are alike."""
    sentences = (
        f"La patrouille {random_.randrange(10**6)} {random_.choice(_DEEDS)} "
        f"{random_.choice(_SUBJECTS)} le {random_.randint(1, 28)} mars "
        f"{random_.randint(1990, 2020)} avec {random_.randint(2, 99)} agents "
        f"et {random_.randint(2, 99)} voitures."
        for _ in range(12)
    )
    return f"Rapport {number}\n\n" + " ".join(sentences)


def client(address: str) -> httpx.AsyncClient:
    """Return a client that makes a connection for each request, as a crowd does."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=address, timeout=PATIENCE_SECONDS, limits=limits)


async def ask(http: httpx.AsyncClient, question: str, seen: Seen) -> None:
    """Ask, and count what came of it."""
    await _noted(http, seen, "POST", "/v1/ask", json={"question": question})


async def capacity(address: str, seconds: float, clients: int = 32) -> float:
    """Return the answers a second to clients of which each asks again when it is answered."""
    seen, end = Seen(), monotonic() + seconds

    async def go_on(http: httpx.AsyncClient, seed: int) -> None:
        for question in questions(seed):
            if monotonic() > end:
                return
            await ask(http, question, seen)

    async with client(address) as http:
        await asyncio.gather(*(go_on(http, 1000 + seed) for seed in range(clients)))
    if seen.wrong:
        raise RuntimeError(f"There were errors: {seen.wrong}")
    return seen.statuses["200"] / seconds


async def ask_at(address: str, rate: float, seen: Seen, stop: asyncio.Event, seed: int) -> None:
    """Ask so often a second, whether or not earlier questions are answered, until told to stop."""
    async with client(address) as http, asyncio.TaskGroup() as group:
        started = monotonic()
        for number, question in enumerate(questions(seed)):
            if stop.is_set():
                return
            await asyncio.sleep(max(0.0, started + number / rate - monotonic()))
            group.create_task(ask(http, question, seen))


async def change_documents(
    address: str, pause: float, seen: Seen, stop: asyncio.Event, seed: int
) -> None:
    """Upload, replace and delete documents, one after another, until told to stop."""
    random_ = random.Random(seed)
    async with client(address) as http:
        for number in count():
            if stop.is_set():
                return
            await _change(http, random_, number, seen)
            await asyncio.sleep(pause)


async def _change(http: httpx.AsyncClient, random_: random.Random, number: int, seen: Seen) -> None:
    found = await http.get("/v1/documents", params={"collection": "load", "limit": KEPT})
    ids = [document["id"] for document in found.json().get("documents", [])]
    content = text(random_, number).encode()
    kind = "upload" if not ids else random_.choice(("upload", "replace", "delete"))
    if len(ids) >= KEPT:
        kind = "delete"
    match kind:
        case "upload":
            files = {"files": (f"{number}.txt", content)}
            await _noted(
                http, seen, "POST", "/v1/documents", files=files, data={"collection": "load"}
            )
        case "replace":
            path = f"/v1/documents/{random_.choice(ids)}"
            await _noted(http, seen, "PUT", path, files={"file": ("new.txt", content)})
        case "delete":
            await _noted(http, seen, "DELETE", f"/v1/documents/{random_.choice(ids)}")


async def _noted(http: httpx.AsyncClient, seen: Seen, method: str, path: str, **sent: Any) -> None:
    started = monotonic()
    try:
        response = await http.request(method, path, **sent)
    except httpx.HTTPError as error:
        status = type(error).__name__
    else:
        status = str(response.status_code)
    if method == "DELETE" and status == "204":
        status = "200"
    seen.note(status, (monotonic() - started) * 1000)
