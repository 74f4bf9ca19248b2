"""What other tools make of the same passages and questions; run by each tool's own Python.

    VENV/bin/python benchmarks/speed/others.py TOOL MODEL FOLDER OUT.json

FOLDER holds passages.jsonl, their vectors by the same model (vectors.npy), and questions.json.
A tool encodes the first passages itself, which is timed; into the index that is asked, all of them
go with the vectors that are there, so as not to wait for each tool to make the same ones.
Nothing of the project can be imported here.
"""

from __future__ import annotations

import importlib.metadata
import json
import resource
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, NamedTuple

import numpy as np

ENCODED = 96
"""Passages that a tool encodes itself."""
WARM_UP = 10
FOUND = 10


class Tool(NamedTuple):
    """How a tool is used, as its own documentation begins."""

    add: Callable[[Sequence[str]], object]
    """Encode passages and put them into a new index."""
    fill: Callable[[Sequence[str], Sequence[str], Any], object]
    """Put ids, passages and their vectors into the index that is asked."""
    ask: Callable[[str], list[str]]
    """Return the ids of the nearest passages."""


def txtai(model: str, folder: Path) -> Tool:
    """Return txtai's, saved into ``folder / "txtai"`` as well, for its API."""
    from txtai import Embeddings

    config = {"path": model, "method": "sentence-transformers", "content": True, "format": "json"}
    index = Embeddings(config)

    def fill(ids: Sequence[str], texts: Sequence[str], vectors: Any) -> None:
        rows = iter(vectors)

        def known(batch: Sequence[str]) -> Any:
            return np.array([next(rows) for _ in batch])

        filled = Embeddings({"method": "external", "transform": known, "content": True})
        filled.config["format"] = "json"
        filled.index(zip(ids, texts, [None] * len(ids), strict=True))
        filled.config.pop("transform")
        filled.save(str(folder / "txtai"))
        saved = folder / "txtai" / "config.json"
        saved.write_text(json.dumps({**json.loads(saved.read_text()), **config}))
        index.load(str(folder / "txtai"))

    return Tool(
        lambda texts: Embeddings(config, models=index.models).index(list(texts)),
        fill,
        lambda question: [hit["id"] for hit in index.search(question, FOUND)],
    )


def haystack(model: str, _: Path) -> Tool:
    """Return Haystack's: a pipeline over its store in memory."""
    from haystack import Document, Pipeline
    from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
        SentenceTransformersTextEmbedder,
    )

    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    embedder = SentenceTransformersDocumentEmbedder(
        model=model, prefix="passage: ", progress_bar=False
    )
    pipeline = Pipeline()
    text = SentenceTransformersTextEmbedder(model=model, prefix="query: ", progress_bar=False)
    pipeline.add_component("text", text)
    retriever = InMemoryEmbeddingRetriever(store, top_k=FOUND)
    pipeline.add_component("retriever", retriever)
    pipeline.connect("text.embedding", "retriever.query_embedding")

    def add(texts: Sequence[str]) -> None:
        embedded = embedder.run([Document(content=text) for text in texts])["documents"]
        InMemoryDocumentStore(embedding_similarity_function="cosine").write_documents(embedded)

    def fill(ids: Sequence[str], texts: Sequence[str], vectors: Any) -> None:
        rows = zip(ids, texts, vectors.tolist(), strict=True)
        store.write_documents([Document(id=i, content=t, embedding=v) for i, t, v in rows])

    def ask(question: str) -> list[str]:
        found = pipeline.run({"text": {"text": question}})["retriever"]["documents"]
        return [document.id for document in found]

    return Tool(add, fill, ask)


def llamaindex(model: str, _: Path) -> Tool:
    """Return LlamaIndex's, over a flat FAISS index."""
    import faiss
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.schema import TextNode
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.vector_stores.faiss import FaissVectorStore

    embedding = HuggingFaceEmbedding(
        model_name=model,
        query_instruction="query: ",
        text_instruction="passage: ",
        device="cpu",
        embed_batch_size=32,
    )
    made: list[Any] = []

    def index_of(nodes: Sequence[TextNode]) -> Any:
        store = FaissVectorStore(faiss_index=faiss.IndexFlatIP(384))
        context = StorageContext.from_defaults(vector_store=store)
        return VectorStoreIndex(list(nodes), storage_context=context, embed_model=embedding)

    def fill(ids: Sequence[str], texts: Sequence[str], vectors: Any) -> None:
        rows = zip(ids, texts, vectors.tolist(), strict=True)
        index = index_of([TextNode(id_=i, text=t, embedding=v) for i, t, v in rows])
        made.append(index.as_retriever(similarity_top_k=FOUND))

    return Tool(
        lambda texts: index_of([TextNode(text=text) for text in texts]),
        fill,
        lambda question: [hit.node.node_id for hit in made[0].retrieve(question)],
    )


def chroma(model: str, _: Path) -> Tool:
    """Return Chroma's, in memory; it knows no prompts, so they are put before the texts."""
    import chromadb
    from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

    client = chromadb.EphemeralClient()
    function = SentenceTransformerEmbeddingFunction(model_name=model, device="cpu")
    cosine = {"hnsw": {"space": "cosine"}}
    asked = client.create_collection("asked", embedding_function=function, configuration=cosine)
    timed = client.create_collection("timed", embedding_function=function, configuration=cosine)

    def add(texts: Sequence[str]) -> None:
        ids = [str(number) for number in range(len(texts))]
        timed.add(ids=ids, documents=[f"passage: {text}" for text in texts])

    def fill(ids: Sequence[str], texts: Sequence[str], vectors: Any) -> None:
        for start in range(0, len(ids), 5000):  # it takes no more at a time
            some = slice(start, start + 5000)
            asked.add(ids=list(ids[some]), documents=list(texts[some]), embeddings=vectors[some])

    def ask(question: str) -> list[str]:
        found = asked.query(query_texts=[f"query: {question}"], n_results=FOUND)
        return list(found["ids"][0])

    return Tool(add, fill, ask)


TOOLS = {
    "txtai": (txtai, "txtai"),
    "haystack": (haystack, "haystack-ai"),
    "llamaindex": (llamaindex, "llama-index-core"),
    "chroma": (chroma, "chromadb"),
}


def main(name: str, model: str, folder: Path, out: Path) -> None:
    """Measure one tool."""
    make, distribution = TOOLS[name]
    started = perf_counter()
    tool = make(model, folder)
    ready = perf_counter() - started
    lines = (folder / "passages.jsonl").read_text("utf-8").splitlines()
    passages = [json.loads(line) for line in lines]
    ids, texts = [each["id"] for each in passages], [each["text"] for each in passages]
    questions = json.loads((folder / "questions.json").read_text("utf-8"))
    started, used = perf_counter(), process_time()
    tool.add(texts[:: max(1, len(texts) // ENCODED)])
    added = len(texts[:: max(1, len(texts) // ENCODED)])
    seconds, cpu = perf_counter() - started, process_time() - used
    tool.fill(ids, texts, np.load(folder / "vectors.npy"))
    for question in questions[-WARM_UP:]:
        tool.ask(question)
    took, found = [], []
    for question in questions:
        started = perf_counter()
        found.append(tool.ask(question))
        took.append((perf_counter() - started) * 1000)
    figures = {
        "version": importlib.metadata.version(distribution),
        "load_seconds": ready,
        "passages_per_second": added / seconds,
        "cpu_seconds_per_1000_passages": 1000 * cpu / added,
        "p50_ms": float(np.percentile(took, 50)),
        "p95_ms": float(np.percentile(took, 95)),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "found": found,
    }
    out.write_text(json.dumps(figures), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
