"""Whether the time of an answer tells that something is there which a key may not read.

    python -m tests.robustness.existence --out FILE.json [--calls 500]

asks a real server, on every route that takes an id or a collection, for a document, a job or a
collection that is there but is for others, and for one that is not there: in turn, in random order,
with the same key. For each it prints both medians, how often the first of two took longer (0.5
where time tells nothing), and the probability of one so far from that by chance (Mann and Whitney's
rank test). The document is long and its collection the larger one, so that what is done with them
before the key is looked at would show.
"""

from __future__ import annotations

import json
import math
import random
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, perf_counter, sleep
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import click
import httpx2
import numpy as np

from api.auth.keys import Keys, Scope
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from corpus.types import document_id
from index.settings import ModelSettings
from index.writer import encode_waiting
from tests.robustness.fuzz import DOCUMENTS, MANY
from tests.robustness.servers import serving

OPEN, SECRET, ABSENT = "open", "secret", "absent"

NAME: Final = "report.txt"

SENTENCES: Final = 500
"""Of the secret document: some 40 kB."""

JOB_FILES: Final = 300
"""Of the secret job."""

WARM_UP: Final = 20
"""Calls of each that are not counted."""

PATIENCE_SECONDS: Final = 600.0

CHANCE: Final = 0.01
"""Of one false alarm among all probes."""


class Probe(NamedTuple):
    """A request about something, for one key."""

    who: str
    method: str
    path: str
    """With ``{id}`` or ``{collection}`` where what is asked for stands."""
    sent: Mapping[str, Any] = MappingProxyType({})
    """What else goes with it, as httpx2 takes it; the placeholders may be in it too."""


_FILE = ("a.txt", b"La police patrouille.")
PROBES: Final = (
    Probe("reader", "GET", "/v1/documents/{id}"),
    Probe("reader", "GET", "/v1/documents/{id}/text"),
    Probe("reader", "GET", "/v1/documents/{id}/original"),
    Probe("reader", "GET", "/documents/{id}"),
    Probe("reader", "GET", "/v1/documents/{id}/pages/{n}"),
    Probe("reader", "GET", "/v1/documents/{id}/pages/{n}/boxes"),
    Probe("reader", "GET", "/documents/{id}/pages"),
    Probe("reader", "GET", "/documents/{id}/pages/{n}"),
    Probe("reader", "GET", "/v1/jobs/{id}"),
    Probe("reader", "GET", "/v1/jobs/{id}/events"),
    Probe("reader", "GET", "/jobs/{id}"),
    Probe("reader", "POST", "/feedback", {
        "data": {"question": "a", "document": "{id}", "start": "0", "end": "1",
                 "verdict": "helpful"}}),
    Probe("reader", "POST", "/v1/ask", {
        "json": {"question": "Wo ist die Patrouille?", "collections": ["{collection}"]}}),
    Probe("reader", "GET", "/v1/documents?collection={collection}"),
    Probe("reader", "GET", "/documents?collection={collection}"),
    Probe("reader", "GET", "/?q=Wo+ist+die+Patrouille&collections={collection}"),
    Probe("writer", "PUT", "/v1/documents/{id}", {"files": {"file": _FILE}}),
    Probe("writer", "PATCH", "/v1/documents/{id}", {"json": {"title": "A"}}),
    Probe("writer", "PATCH", "/v1/documents/{id}", {"json": {"collection": "{collection}"}}),
    Probe("writer", "POST", "/documents/{id}/facts", {"data": {"title": "A"}}),
    Probe("writer", "DELETE", "/v1/documents/{id}"),
    Probe("writer", "POST", "/documents/{id}/remove", {"data": {"a": "b"}}),
    Probe("writer", "POST", "/v1/documents", {
        "files": {"files": _FILE}, "data": {"collection": "{collection}"}}),
    Probe("writer", "POST", "/documents", {
        "files": {"files": _FILE}, "data": {"collection": "{collection}"}}),
)  # fmt: skip


class Call(NamedTuple):
    """A request, ready to be sent."""

    method: str
    target: str
    body: bytes
    headers: dict[str, str]


def prepared(probe: Probe, values: dict[str, str], key: str) -> Call:
    """Return a probe's request about what ``values`` name, with a key."""
    filled = _filled({"path": probe.path, "sent": dict(probe.sent)}, {"n": "1", **values})
    request = httpx2.Request(probe.method, f"http://127.0.0.1{filled['path']}", **filled["sent"])
    headers = {
        name: value
        for name, value in request.headers.items()
        if name.lower() in ("content-type", "content-length")
    }
    target = request.url.raw_path.decode()
    return Call(probe.method, target, request.read(), {**headers, "Authorization": f"Bearer {key}"})


def _filled(value: Any, values: dict[str, str]) -> Any:
    match value:
        case str():
            for name, text in values.items():
                value = value.replace(f"{{{name}}}", text)
            return value
        case dict():
            return {key: _filled(each, values) for key, each in value.items()}
        case list():
            return [_filled(each, values) for each in value]
    return value


def taken_ms(http: HTTPConnection, call: Call) -> tuple[float, int]:
    """Send a request; return the milliseconds until it was answered in full, and the status."""
    started = perf_counter()
    http.request(call.method, call.target, call.body, call.headers)
    response = http.getresponse()
    response.read()
    return (perf_counter() - started) * 1000, response.status


def auc(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """Return how often one of ``one`` is the larger of two, and the probability of that by chance.

    The normal approximation of Mann and Whitney's test (1947), ties counted as half.
    """
    ordered = np.sort(other)
    below = np.searchsorted(ordered, one, "left") + np.searchsorted(ordered, one, "right")
    share = float(below.mean()) / 2 / len(other)
    spread = math.sqrt((len(one) + len(other) + 1) / (12 * len(one) * len(other)))
    return share, math.erfc(abs(share - 0.5) / spread / math.sqrt(2))


def filled(folder: Path) -> dict[str, str]:
    """Fill a data folder; return a key by whose it is."""
    text = "\n".join(
        f"Die Patrouille {number} zählte am Ufer der Sauer {number * 7} Fahrräder."
        for number in range(SENTENCES)
    )
    (folder / NAME).write_text(f"Ein Bericht\n\n{text}\n", "utf-8")
    sources = find_sources([DOCUMENTS])
    with Catalogue(folder / "data") as catalogue, Keys(folder / "data") as keys:
        assert list(ingest(catalogue, sources[::10], OPEN))
        assert list(ingest(catalogue, find_sources([folder / NAME]), SECRET))
        assert list(ingest(catalogue, sources[1::2], SECRET))
        encode_waiting(catalogue, ModelSettings().load_encoder())
        every = [Scope.READ, Scope.WRITE]
        return {
            "owner": keys.add("owner", every)[1],
            "reader": keys.add("reader", [Scope.READ], [OPEN])[1],
            "writer": keys.add("writer", every, [OPEN])[1],
        }


def _job(address: str, key: str) -> str:
    """Upload a document to the secret collection and return the job, which is done."""
    with httpx2.Client(
        base_url=address, headers={"authorization": f"Bearer {key}"}, timeout=PATIENCE_SECONDS
    ) as http:
        files = [("files", (f"{number}.txt", _FILE[1])) for number in range(JOB_FILES)]
        response = http.post("/v1/documents", files=files, data={"collection": SECRET})
        job = response.json()
        while job["state"] != "done":
            sleep(0.1)
            job = http.get(job["link"]).json()
        return str(job["id"])


def compare(address: str, keys: dict[str, str], calls: int, seconds: float) -> list[dict[str, Any]]:
    """Send every probe so often, about what is there and what is not; return what time tells."""
    document, job = document_id(SECRET, NAME), _job(address, keys["owner"])
    pairs = []
    for probe in PROBES:
        there, absent = (job, f"j-{'0' * 16}") if "jobs" in probe.path else (
            document, f"d-{'0' * 16}")  # fmt: skip
        ways = ({"id": there, "collection": SECRET}, {"id": absent, "collection": ABSENT})
        pairs.append([prepared(probe, way, keys[probe.who]) for way in ways])
    times: list[tuple[list[float], list[float]]] = [([], []) for _ in PROBES]
    statuses: list[set[int]] = [set() for _ in PROBES]
    http = HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE_SECONDS)
    rng, started = random.Random(1), monotonic()
    for turn in range(calls + WARM_UP):
        for number, pair in enumerate(pairs):
            for which in rng.sample((0, 1), 2):
                took, status = taken_ms(http, pair[which])
                statuses[number].add(status)
                if turn >= WARM_UP:
                    times[number][which].append(took)
        if monotonic() - started > seconds:
            break
    http.close()
    return [
        _compared(probe, *taken, sorted(seen))
        for probe, taken, seen in zip(PROBES, times, statuses, strict=True)
    ]


def _compared(
    probe: Probe, there: list[float], absent: list[float], statuses: list[int]
) -> dict[str, Any]:
    share, chance = auc(there, absent)
    return {
        "probe": f"{probe.method} {probe.path}",
        "calls": len(there),
        "statuses": statuses,
        "there_ms": round(float(np.median(there)), 4),
        "absent_ms": round(float(np.median(absent)), 4),
        "auc": round(share, 4),
        "p": round(chance, 5),
        "tells": chance < CHANCE / len(PROBES),
    }


@click.command(help=__doc__)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--calls", default=500, show_default=True)
@click.option("--seconds", default=400.0, help="After which no further call is made.")
def main(out: Path, calls: int, seconds: float) -> None:
    """Compare, print and keep."""
    with tempfile.TemporaryDirectory() as folder:
        keys = filled(Path(folder))
        unlimited = {"PASSERELLE_REQUESTS_PER_MINUTE": MANY}
        with serving(Path(folder) / "data", environment=unlimited) as server:
            figures = compare(server.address, keys, calls, seconds)
    when = datetime.now(UTC).isoformat(timespec="seconds")
    out.write_text(json.dumps({"finished": when, "probes": figures}, indent=1) + "\n", "utf-8")
    for each in figures:
        click.echo(
            f"{each['probe']:52} {each['there_ms']:8.3f} {each['absent_ms']:8.3f} ms  "
            f"AUC {each['auc']:.3f}  p {each['p']:.4f}  {'TELLS' * each['tells']}"
        )


if __name__ == "__main__":
    main()
