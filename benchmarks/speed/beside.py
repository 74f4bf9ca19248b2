"""The same passages and questions in other tools, each in an environment of its own."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np

from benchmarks.speed import others
from benchmarks.speed.running import ask, passerelle, serving, to_passerelle
from benchmarks.speed.sections import PORT, WARM_UP, clients
from corpus.store.view import View
from index.encoders import bundled
from index.encoders.variants import Variant
from index.settings import ModelSettings
from index.vectors.columns import DTYPE

PACKAGES = {
    "txtai": ("txtai[ann,api]==9.14.0", "sentence-transformers==6.2.0"),
    "haystack": ("haystack-ai==3.4.1", "sentence-transformers-haystack==2.0.0"),
    "llamaindex": (
        "llama-index-core==0.14.25",
        "llama-index-embeddings-huggingface==0.8.0",
        "llama-index-vector-stores-faiss==0.7.0",
        "faiss-cpu>=1.9,<2",
    ),
    "chroma": ("chromadb==1.5.9", "sentence-transformers==6.2.0"),
}
"""What each tool is installed from, with the same PyTorch as ours."""

JUDGED = 200
"""Questions whose answers are judged, and each of which is timed."""

Figures = Mapping[str, Any]


def install(environments: Path) -> None:
    """Make the environments that are not there yet, or not whole."""
    for name, packages in PACKAGES.items():
        whole = environments / name / "whole"
        if not whole.exists():
            subprocess.run([sys.executable, "-m", "venv", environments / name], check=True)
            pip = environments / name / "bin" / "pip"
            subprocess.run([pip, "install", "--quiet", "torch==2.13.0", *packages], check=True)
            whole.touch()


def prepare(folder: Path) -> None:
    """Write the passages, their vectors and the questions of the collection in ``folder``."""
    into = folder / "others"
    into.mkdir(exist_ok=True)
    vectors = []
    with (
        View.open(folder / "data") as view,
        (into / "passages.jsonl").open("w", encoding="utf-8") as passages,
    ):
        model = view.active_model()
        assert model is not None
        documents = view.documents_by_key()
        files = {key: summary.file for key, summary in view.summaries(list(documents)).items()}
        rows = view.passage_vectors(model, sorted(documents))
        texts = view.passages([row.passage_id for row in rows])
        for row in rows:
            vectors.append(np.frombuffer(row.data, DTYPE))
            passage = texts[row.passage_id]
            written = {"id": str(passage.id), "text": passage.text, "doc": files[row.document_key]}
            passages.write(json.dumps(written, ensure_ascii=False) + "\n")
        asked = list(_judged(folder, set(files.values())))
    np.save(into / "vectors.npy", np.array(vectors))
    (into / "judged.json").write_text(json.dumps(asked), "utf-8")
    questions = [each["question"] for each in asked]
    (into / "questions.json").write_text(json.dumps(questions), "utf-8")


def measure(name: str, environments: Path, folder: Path) -> Figures:
    """Measure one tool in its environment."""
    into = folder / "others"
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "figures.json"
        variant = Variant.ALIGNED
        model = bundled.unpack(ModelSettings().cache / "models", variant.adapter())
        subprocess.run(
            [environments / name / "bin" / "python", others.__file__, name, model, into, out],
            check=True,
            env={"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "HOME": scratch},
        )
        figures = json.loads(out.read_text("utf-8"))
    quality = _quality(folder, figures.pop("found"))
    return {"passages": _passages(folder), **figures, **quality}


def over_http(environments: Path, folder: Path) -> Figures:
    """Ask Passerelle and txtai's API the same questions, by more and more clients.

    What ``measure`` made of txtai before is served.
    """
    figures = {}
    txtai = folder / "others" / "txtai"
    settings = folder / "others" / "txtai.yml"
    settings.write_text(f"path: {txtai}\nwritable: false\nembeddings:\n", "utf-8")
    data = str(folder / "data")
    uvicorn = [str(environments / "txtai" / "bin" / "uvicorn"), "txtai.api:app", "--port"]
    servers = {
        "passerelle": (passerelle("serve", "--port", str(PORT), "--data", data), PORT, "/ready"),
        "txtai": ([*uvicorn, str(PORT + 1)], PORT + 1, "/count"),
    }
    requests = {"passerelle": to_passerelle, "txtai": _to_txtai}
    every = [json.loads(line)["question"] for line in _lines(folder)][::-1]
    for name, (command, port, path) in servers.items():
        waiting = iter(every)
        environment = {"CONFIG": str(settings), "HF_HUB_OFFLINE": "1"}
        with serving(command, port, path, environment) as server:
            ask(port, [next(waiting) for _ in range(WARM_UP)], 1, requests[name])
            figures[name] = {
                "passages": _passages(folder),
                "start_seconds": server.start_seconds,
                "clients": clients(server, waiting.__next__, requests[name]),
                "peak_mb": server.memory_mb(),
            }
            if name == "passerelle":
                figures[name] |= _quality(folder, [_found(port, each) for each in _asked(folder)])
    return figures


def _judged(folder: Path, files: set[str]) -> Iterator[dict[str, Any]]:
    """Yield questions of which every answer is in the collection, drawn evenly."""
    lines = [json.loads(line) for line in _lines(folder)]
    there = [
        line
        for line in lines
        if (relevant := [each for each in line["relevant"] if each["doc"] in files])
        and line.update(relevant=relevant) is None
    ]
    yield from there[:: max(1, len(there) // JUDGED)][:JUDGED]


def _passages(folder: Path) -> int:
    return len(np.load(folder / "others" / "vectors.npy", mmap_mode="r"))


def _quality(folder: Path, found: Sequence[Sequence[str]]) -> Figures:
    """Return the share of the judged questions that the first passages answer."""
    passages = {}
    for line in (folder / "others" / "passages.jsonl").read_text("utf-8").splitlines():
        passage = json.loads(line)
        content = passage["doc"], " ".join(passage["text"].split())
        passages[passage["id"]] = passages[_key(passage["doc"], passage["text"])] = content
    first = {1: 0, 5: 0, 10: 0}
    judged = json.loads((folder / "others" / "judged.json").read_text("utf-8"))
    for question, ids in zip(judged, found, strict=True):
        right = [
            any(
                passages[each][0] == relevant["doc"] and relevant["contains"] in passages[each][1]
                for relevant in question["relevant"]
            )
            for each in ids
        ]
        for depth in first:
            first[depth] += any(right[:depth])
    return {f"success_at_{depth}": count / len(judged) for depth, count in first.items()}


def _found(port: int, question: str) -> list[str]:
    """Return which passages Passerelle answers with."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    body = json.dumps({"question": question, "limit": others.FOUND, "translations": "separate"})
    connection.request("POST", "/v1/ask", body, {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return [_key(each["source"]["file"], each["text"]) for each in answer["passages"]]


def _key(file: str, text: str) -> str:
    return f"{file}\n{text}"


def _asked(folder: Path) -> list[str]:
    read: list[str] = json.loads((folder / "others" / "questions.json").read_text("utf-8"))
    return read


def _lines(folder: Path) -> list[str]:
    return (folder / "questions.jsonl").read_text("utf-8").splitlines()


def _to_txtai(question: str) -> tuple[str, str, None]:
    return "GET", f"/search?{urlencode({'query': question, 'limit': others.FOUND})}", None
