"""Evaluation sets: a folder of documents, and the questions whose answers in them are known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from corpus.store.view import View
from corpus.store.view.filters import DocumentFilter
from index.encoders.protocol import Encoder
from index.writer import encode_waiting
from qa.evaluation.qrels import JudgedQuestion, read_questions


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Documents, and questions whose answers in them are known."""

    name: str
    documents: Path
    questions: list[JudgedQuestion]


def read_set(folder: Path) -> QuestionSet:
    """Return the set in a folder: ``docs/`` or ``documents/``, and ``questions.jsonl``.

    Raises:
        QuestionFileError: the questions cannot be read.
    """
    documents = folder / ("docs" if (folder / "docs").is_dir() else "documents")
    return QuestionSet(folder.name, documents, read_questions(folder / "questions.jsonl"))


def ensure_index(one: QuestionSet, encoder: Encoder, cache: Path) -> Path:
    """Return the data folder of a set, made unless it is there and holds every file.

    Raises:
        CatalogueError: the cache cannot be written.
    """
    data = cache / one.name / encoder.identity.sha256[:12]
    files = list(find_sources([one.documents]))
    if (data / "catalogue.sqlite").exists():
        with View.open(data) as view:
            there, _ = view.list_documents(DocumentFilter(), 0, 0)
        if there == len(files):
            return data
    with Catalogue(data) as catalogue:
        list(ingest(catalogue, files, "set"))
        encode_waiting(catalogue, encoder)
    return data
