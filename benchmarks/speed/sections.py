"""What is measured of Passerelle itself, a section at a time."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from benchmarks.speed import material
from benchmarks.speed.running import (
    Cost,
    Load,
    Request,
    Server,
    ask,
    passerelle,
    run,
    serving,
    to_passerelle,
)
from corpus.store.view import View
from index.encoders.loading import load_encoder
from index.encoders.protocol import Backend
from index.encoders.variants import DEFAULT_MODEL
from index.settings import ModelSettings

CLIENTS = (1, 8, 32)
PORT = 8741
WARM_UP = 20
QUESTIONS = 100
"""Of each round and each client, up to QUESTIONS_AT_MOST; no two alike, so none is remembered."""
QUESTIONS_AT_MOST = 400
ROUNDS = 3
SAMPLE = 240
"""Texts that both encoders are given, drawn evenly from those of the ingest."""

Figures = Mapping[str, Any]


def ingest(folder: Path) -> Figures:
    """Take all documents in, into a new collection; the texts are counted, each once."""
    data = folder / "ingested"
    if data.exists():
        raise FileExistsError(f"{data} is there already. Remove it to measure again.")
    cost = run(passerelle("ingest", str(folder / "documents"), "--data", str(data)), (0, 1))
    texts = _texts(data)
    return {
        "passages": _passages(data),
        "texts": len(texts),
        "texts_per_second": len(texts) / cost.seconds,
        "cpu_seconds_per_1000_texts": 1000 * cost.cpu_seconds / len(texts),
        **cost._asdict(),
    }


def encoders(folder: Path) -> Figures:
    """Give texts of that collection to the compiled model and to sentence-transformers."""
    every = sorted(_texts(folder / "ingested"))
    texts = every[:: max(1, len(every) // SAMPLE)]
    settings = ModelSettings()
    compiled = load_encoder(DEFAULT_MODEL, settings.cache)
    reference = load_encoder(DEFAULT_MODEL, settings.cache, Backend.SENTENCE_TRANSFORMERS)
    rates: dict[str, list[float]] = {"compiled": [], "sentence_transformers": []}
    used: dict[str, list[float]] = {name: [] for name in rates}
    for _ in range(ROUNDS):  # in turn, as the machine may not be quiet
        for name, encoder in (("compiled", compiled), ("sentence_transformers", reference)):
            before = process_time()
            rates[name].append(len(texts) / _seconds(encoder.passages, texts))
            used[name].append(1000 * (process_time() - before) / len(texts))
    return {
        "engine": compiled.engine,
        "texts": len(texts),
        **{f"{name}_texts_per_second": max(each) for name, each in rates.items()},
        **{f"{name}_cpu_seconds_per_1000_texts": min(each) for name, each in used.items()},
    }


def questions(folder: Path) -> Figures:
    """Serve the collection and ask it; beside it, the model's own forward pass."""
    waiting = iter(material.read_questions(folder))
    encoder = load_encoder(DEFAULT_MODEL, ModelSettings().cache)
    data = str(folder / "data")
    command = passerelle("serve", "--port", str(PORT), "--data", data)
    forward: list[float] = []
    alone: list[float] = []
    with serving(command, PORT, "/ready") as server:
        ask(PORT, [next(waiting) for _ in range(WARM_UP)], 1, to_passerelle)
        forward_cpu = server_cpu = 0.0
        for _ in range(ROUNDS):
            asked = [next(waiting) for _ in range(QUESTIONS)]
            before, before_there = process_time(), server.cpu_seconds()
            forward += [_seconds(encoder.questions, [question]) for question in asked]
            forward_cpu += process_time() - before
            alone += ask(PORT, asked, 1, to_passerelle).took
            server_cpu += server.cpu_seconds() - before_there
        memory = server.memory_mb()
        figures = {
            "passages": _passages(Path(data)),
            "forward_cpu_ms": 1000 * forward_cpu / len(forward),
            "cpu_ms": 1000 * server_cpu / len(alone),
            "forward_ms": statistics.median(forward) * 1000,
            "p50_ms": Load(1, sorted(alone)).milliseconds(0.5),
            "p95_ms": Load(1, sorted(alone)).milliseconds(0.95),
            "peak_mb_one_client": memory,
        }
        together = clients(server, waiting.__next__, to_passerelle)
        return {**figures, "clients": together, "peak_mb": server.memory_mb()}


def clients(server: Server, question: Callable[[], str], request: Request) -> Figures:
    """Ask by more and more clients at once; return rates and times by their number."""
    figures = {}
    for count in CLIENTS:
        asked = [question() for _ in range(min(QUESTIONS * count, QUESTIONS_AT_MOST))]
        before = server.cpu_seconds()
        load = ask(server.port, asked, count, request)
        figures[str(count)] = {
            "questions_per_second": load.per_second,
            "p50_ms": load.milliseconds(0.5),
            "p95_ms": load.milliseconds(0.95),
            "cpu_ms_per_question": 1000 * (server.cpu_seconds() - before) / len(asked),
        }
    return figures


def starts(folder: Path) -> Figures:
    """Start the server and the command line with everything in the cache, the median of rounds."""
    data = str(folder / "data")
    command = passerelle("serve", "--port", str(PORT), "--data", data)
    ready: list[float] = []
    asked: list[Cost] = []
    for question in material.read_questions(folder)[: ROUNDS + 1]:
        with serving(command, PORT, "/ready") as server:
            ready.append(server.start_seconds)
        asked.append(run(passerelle("ask", question, "--data", data), (0, 3)))
    return {
        "passages": _passages(Path(data)),
        "serve_seconds": statistics.median(ready[1:]),
        "ask_seconds": statistics.median(each.seconds for each in asked[1:]),
        "ask_peak_mb": max(each.peak_mb for each in asked),
    }


def _passages(data: Path) -> int:
    with View.open(data) as view:
        return sum(count.passages for count in view.languages())


def _texts(data: Path) -> set[str]:
    """Return the texts of passages and sentences that a collection holds."""
    texts = set()
    with View.open(data) as view:
        for document in view.documents_by_key().values():
            for passage in view.passages_of(document.id):
                start = passage.span.start
                texts.add(passage.text)
                texts |= {passage.text[s - start : e - start] for s, e in passage.sentences}
    return texts


def _seconds(encode: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    started = perf_counter()
    encode(texts)
    return perf_counter() - started
