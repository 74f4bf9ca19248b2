"""What readers that misbehave do to a server that is asked questions meanwhile.

    python -m tests.robustness.faults --out FILE.json

A file of each format makes its reader hang, take up all memory, or crash, in the middle of the
reading (``tests.corpus.sandbox.faults``). Each is uploaded to a real server, and a sound one after
it, while somebody asks. The server must stay the same process and answer every question, the
process that read must be gone, and the next document read and found.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any, Final

import click
import httpx2
import psutil

from corpus.ingest import find_sources, ingest
from corpus.sandbox.warmup import specimens
from corpus.store.catalogue import Catalogue
from index.encoders.protocol import Encoder
from index.settings import ModelSettings
from index.writer import encode_waiting
from tests.robustness.fuzz import DOCUMENTS
from tests.robustness.load.clients import questions
from tests.robustness.misbehaving import SLOW
from tests.robustness.servers import Server, serving

FAULTS: Final = ("hang", "memory", "crash")

FORMATS: Final[Mapping[str, bytes]] = {
    **specimens(),
    ".csv": b"text\nOne row.\n",
    ".tsv": b"text\ttitle\nOne row.\tRow\n",
    ".jsonl": b'{"text": "One row."}\n',
}
"""A small file of each format by the ending of its name."""

PAUSE_SECONDS: Final = 0.05
"""Between two questions, and between two looks at a job."""

PATIENCE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file that makes its reader misbehave."""

    format: str
    fault: str
    reason: str
    """Why the file was refused."""
    refused_seconds: float
    """From sending it until that was known."""
    gone_seconds: float
    """From then until the process that read it was gone."""
    processes_left: int
    """Below the server, beside the fork server and the process that reads the next file."""
    next_seconds: float
    """From sending the next document until a question found it."""
    same_server: bool


@dataclass(slots=True)
class Asked:
    """What became of the questions that were asked meanwhile."""

    took_ms: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@contextmanager
def server(folder: Path, encoder: Encoder, documents: Sequence[Path]) -> Iterator[Server]:
    """Run a server whose readers misbehave, over some documents."""
    with Catalogue(folder) as catalogue:
        assert list(ingest(catalogue, find_sources(documents), "sample"))
        encode_waiting(catalogue, encoder)
    with serving(folder, "tests.robustness.misbehaving") as running:
        yield running


@contextmanager
def asking(address: str) -> Iterator[Asked]:
    """Ask one new question after the other until the end of the block."""
    asked, stop = Asked(), threading.Event()

    def ask() -> None:
        with httpx2.Client(base_url=address, timeout=PATIENCE_SECONDS) as http:
            for question in questions(seed=8):
                started = monotonic()
                try:
                    response = http.post("/v1/ask", json={"question": question})
                except httpx2.HTTPError as error:
                    asked.failed.append(repr(error))
                else:
                    if response.status_code != 200 or not response.json()["passages"]:
                        asked.failed.append(response.text)
                asked.took_ms.append((monotonic() - started) * 1000)
                if stop.wait(PAUSE_SECONDS):
                    return

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield asked
    finally:
        stop.set()
        thread.join()


def misbehave(running: Server, suffix: str, fault: str) -> Outcome:
    """Have the reader of a format misbehave, and see what comes of it and the next document."""
    with httpx2.Client(base_url=running.address, timeout=PATIENCE_SECONDS) as http:
        _found(http, f"before-{fault}-{suffix[1:]}")
        (reader,) = _readers(running.pid)
        content = FORMATS[suffix] + SLOW * (fault == "hang")
        started = monotonic()
        file = _settled(http, f"{fault}{suffix}", content)
        refused = monotonic()
        assert file["outcome"] == "refused", file
        while reader.is_running() and monotonic() - refused < PATIENCE_SECONDS:
            sleep(0.001)
        gone = monotonic()
        left = len(psutil.Process(running.pid).children(recursive=True)) - 2
        begun = monotonic()
        _found(http, f"after-{fault}-{suffix[1:]}")
        return Outcome(
            format=suffix,
            fault=fault,
            reason=file["reason"],
            refused_seconds=round(refused - started, 3),
            gone_seconds=round(gone - refused, 3),
            processes_left=left,
            next_seconds=round(monotonic() - begun, 3),
            same_server=http.get("/health").status_code == 200 and psutil.pid_exists(running.pid),
        )


def _readers(server_pid: int) -> list[psutil.Process]:
    """Return the processes that read files: the fork server's children."""
    return [
        reader
        for fork_server in psutil.Process(server_pid).children()
        for reader in fork_server.children()
    ]


def _settled(http: httpx2.Client, name: str, content: bytes) -> dict[str, Any]:
    """Upload a file and return what became of it, once that is known."""
    sent = [("files", (name, content))]
    response = http.post("/v1/documents", files=sent, data={"collection": "faults"})
    if response.status_code == 422:  # a table's rows are read before it is accepted
        return {"outcome": "refused", "reason": response.json()["detail"]}
    assert response.status_code == 202, response.text
    link = response.json()["link"]
    deadline = monotonic() + PATIENCE_SECONDS
    while monotonic() < deadline:
        job = http.get(link).json()
        if job["state"] == "done":
            (file,) = job["files"]
            return dict(file)
        sleep(PAUSE_SECONDS)
    raise TimeoutError(name)


def _found(http: httpx2.Client, name: str) -> None:
    """Upload a document of a name, and ask for it."""
    text = f"The night watch\n\nThe night watch of tower {name} counted its hedgehogs twice.\n"
    file = _settled(http, f"{name}.txt", text.encode())
    assert file["outcome"] == "added", file
    asked = {"question": f"What did the night watch of tower “{name}” count?"}
    passages = http.post("/v1/ask", json=asked).json()["passages"]
    assert f"{name}.txt" in [passage["source"]["file"] for passage in passages], passages


def _gone_after_kill(running: Server) -> float:
    """Kill the server while a file is read; return after how many seconds nothing is left."""
    below = psutil.Process(running.pid).children(recursive=True)
    content = FORMATS[".txt"] * 2  # with the usual limit of time, so that it hangs on
    httpx2.post(
        f"{running.address}/v1/documents",
        files=[("files", ("hang.txt", content))],
        data={"collection": "faults"},
        timeout=PATIENCE_SECONDS,
    )
    sleep(1)
    psutil.Process(running.pid).kill()
    killed = monotonic()
    _, alive = psutil.wait_procs(below, timeout=PATIENCE_SECONDS)
    assert not alive
    return monotonic() - killed


@click.command(help=__doc__)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(out: Path) -> None:
    """Try every fault with every format."""
    with TemporaryDirectory() as folder:
        encoder = ModelSettings().load_encoder()
        with server(Path(folder), encoder, [DOCUMENTS]) as running:
            outcomes = []
            with asking(running.address) as asked:
                for fault in FAULTS:
                    for suffix in FORMATS:
                        outcomes.append(misbehave(running, suffix, fault))
                        click.echo(outcomes[-1])
            after_kill = _gone_after_kill(running)
    figures = {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "faults": len(outcomes),
        "same_server": all(each.same_server for each in outcomes),
        "questions": len(asked.took_ms),
        "failed_questions": len(asked.failed),
        "question_ms": {"median": round(median(asked.took_ms), 1), "most": max(asked.took_ms)},
        "gone_seconds_at_most": max(each.gone_seconds for each in outcomes),
        "gone_seconds_after_the_server_was_killed": round(after_kill, 3),
        "processes_left_at_most": max(each.processes_left for each in outcomes),
        "next_document_found_seconds": {
            "median": median(each.next_seconds for each in outcomes),
            "most": max(each.next_seconds for each in outcomes),
        },
        "outcomes": [asdict(each) for each in outcomes],
    }
    out.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    click.echo({key: value for key, value in figures.items() if key != "outcomes"})


if __name__ == "__main__":
    main()
