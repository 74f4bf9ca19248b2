"""A server to attack, who comes to it, and the client that asks meanwhile."""

from __future__ import annotations

import json
import random
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

import httpx2
import numpy as np
import psutil

from api.auth.keys import Keys, Scope
from corpus import sandbox
from corpus.ingest import find_sources, ingest
from corpus.store import sqlite
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Kind, Offered
from corpus.types import document_id
from corpus.uploads import take_in_next
from index.encoders.protocol import Encoder
from index.writer import encode_waiting
from tests.documents import docx
from tests.robustness.adversary.crowd import Plan
from tests.robustness.adversary.routes import every_route
from tests.robustness.fuzz import DOCUMENTS, MANY
from tests.robustness.load.clients import Seen, questions
from tests.robustness.servers import Server, serving

FILES: Final = 1_024
"""Files that a server may open where nobody said otherwise."""

ATTACKED: Final = "attacked"
"""The collection that the attackers' keys are for, where they may write at all."""

ORIGINAL_BYTES: Final = 8 * 2**20

PAUSE_SECONDS: Final = 0.02
"""Between two questions of the honest client."""

PATIENCE_SECONDS: Final = 60.0
"""After which a question counts as not answered."""


class Kept(NamedTuple):
    """A data folder, and what was put there."""

    data: Path
    honest_key: str
    visitors: dict[str, str]
    """Keys by whose they are; empty for nobody's."""
    ids: dict[str, str]


def filled(data: Path, encoder: Encoder) -> Kept:
    """Fill a data folder: some documents, one with a large original, one that may be deleted."""
    large = data.with_name("photo.docx")
    large.write_bytes(docx([("Normal", "Die Polizei zählte an der Sauer 47 Fahrräder.")]))
    with zipfile.ZipFile(large, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("word/media/photo.raw", random.Random(1).randbytes(ORIGINAL_BYTES))
    with Catalogue(data) as catalogue, Keys(data) as keys:
        assert list(ingest(catalogue, find_sources([DOCUMENTS / "nl"]), "sample"))
        assert list(ingest(catalogue, find_sources([large]), ATTACKED))
        job = catalogue.jobs.accept(Kind.UPLOAD, ATTACKED, [Offered("a.txt", b"Une note.")])
        assert take_in_next(catalogue, job)
        encode_waiting(catalogue, encoder)
        revoked, of_revoked = keys.add("revoked", list(Scope))
        keys.revoke(revoked.id)
        return Kept(
            data,
            keys.add("honest", [Scope.READ])[1],
            {
                "nobody": "",
                "without the right": keys.add("watcher", [Scope.ADMIN])[1],
                "reader": keys.add("reader", [Scope.READ])[1],
                "writer": keys.add("writer", [Scope.READ, Scope.WRITE], [ATTACKED])[1],
                "revoked": of_revoked,
            },
            {
                "documents": document_id(ATTACKED, large.name),
                "documents that may go": document_id(ATTACKED, "a.txt"),
                "jobs": job.id,
            },
        )


@contextmanager
def guarded(kept: Kept, cache: Path) -> Iterator[Server]:
    """Run a server over that folder, which limits nobody's requests by their number."""
    environment = {"PASSERELLE_REQUESTS_PER_MINUTE": MANY, "PASSERELLE_CACHE": str(cache)}
    with serving(kept.data, environment=environment, most_files=FILES) as server:
        _warm_up(server, kept)
        yield server


def _warm_up(server: Server, kept: Kept) -> None:
    """Have the processes there that read small files and large ones."""
    headers = {"Authorization": f"Bearer {kept.visitors['writer']}"}
    with httpx2.Client(base_url=server.address, headers=headers, timeout=PATIENCE_SECONDS) as http:
        for size in (1, sandbox.SMALL_BYTES // 8):
            files = [("files", ("warm.txt", b"Une note " * size))]
            accepted = http.post("/v1/documents", files=files, data={"collection": ATTACKED})
            job = accepted.raise_for_status().json()["link"]
            while http.get(job).json()["state"] != "done":
                time.sleep(PAUSE_SECONDS)


def plan(kept: Kept, server: Server, attack: str, connections: int, seconds: float) -> Plan:
    """Return what attackers are to do: the attack, on every route, as every visitor."""
    port = urlsplit(server.address).port
    assert port
    return Plan(
        port=port,
        attack=attack,
        routes=tuple(every_route()),
        visitors=tuple(
            (("Authorization", f"Bearer {key}"),) if key else () for key in kept.visitors.values()
        ),
        ids=kept.ids,
        values={
            "question": "Hoeveel vrachtwagens langs de E34",
            "files": "Une note d'attaque.",
            "file": "Une note d'attaque.",
            "collection": ATTACKED,
            "document": kept.ids["documents"],
            "start": "0",
            "end": "9",
            "verdict": "helpful",
            "key": kept.visitors["reader"],
        },
        connections=connections,
        seconds=seconds,
    )


@dataclass(slots=True)
class Witness:
    """What an honest client met, and what the server took meanwhile."""

    questions: Seen = field(default_factory=Seen)
    readiness: Counter[str] = field(default_factory=Counter)
    """Statuses of /ready and /health."""
    peak_bytes: int = 0
    """The server's memory, with that of the processes that read files."""

    @property
    def share_answered(self) -> float:
        """How many of the questions were answered with 200."""
        return self.questions.statuses["200"] / max(1, self.questions.statuses.total())

    def percentile_ms(self, percent: float) -> float:
        """Return a percentile of what was answered, in milliseconds."""
        took_ms = self.questions.took_ms
        return float(np.percentile(took_ms, percent)) if took_ms else 0.0


def watch(server: Server, key: str, is_over: Callable[[], bool], seed: int = 1) -> Witness:
    """Ask until it is over, by the API and by the page in turn, on a new connection each time."""
    seen = Witness()
    for number, question in enumerate(questions(seed)):
        if number and is_over():
            return seen
        started = time.monotonic()
        status = _asked(server, key, question, by_page=bool(number % 2))
        seen.questions.note(status, (time.monotonic() - started) * 1000)
        path = ("/ready", "/health")[number % 2]
        seen.readiness[_sent(server, key, "GET", path)] += 1
        seen.peak_bytes = max(seen.peak_bytes, memory_bytes(server))
        time.sleep(PAUSE_SECONDS)
    raise AssertionError


def _asked(server: Server, key: str, question: str, *, by_page: bool) -> str:
    if by_page:
        return _sent(server, key, "GET", f"/?q={quote(question)}")
    return _sent(server, key, "POST", "/v1/ask", json.dumps({"question": question}))


def _sent(server: Server, key: str, method: str, path: str, body: str | None = None) -> str:
    """Return the status of an answer that came whole, or what came in its place."""
    http = HTTPConnection(urlsplit(server.address).netloc, timeout=PATIENCE_SECONDS)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        http.request(method, path, body, headers)
        response = http.getresponse()
        response.read()
    except (OSError, HTTPException) as error:
        return type(error).__name__
    finally:
        http.close()
    return str(response.status)


def memory_bytes(server: Server) -> int:
    """Return the memory that a server has, with the processes that read files for it.

    What several of them share is counted once.
    """
    process = psutil.Process(server.pid)
    total = 0
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += each.memory_full_info().pss
    return total


def open_files(server: Server) -> Counter[str]:
    """Return what a server has open, beside the catalogue, and how often.

    SQLite keeps of these what was closed while it held a lock, and takes it when one is opened.
    """
    folder = Path(f"/proc/{server.pid}/fd")
    found: Counter[str] = Counter()
    for descriptor in folder.iterdir():
        with suppress(OSError):  # closed meanwhile
            name = str(descriptor.readlink())
            if not Path(name).name.startswith(sqlite.FILE_NAME):
                found[name.partition(":[")[0]] += 1
    return found
