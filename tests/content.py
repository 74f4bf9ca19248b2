"""What a catalogue says, without the numbers that SQLite gave its rows."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from corpus.store.view import View
from corpus.store.view.filters import DocumentFilter


def content_of(folder: Path) -> dict[str, Any]:
    """Return every live document with its passages, sentences and vectors, by document id."""
    view = View.open(folder)
    try:
        keys = {facts.id: key for key, facts in view.documents_by_key().items()}
        model = view.active_model()
        _, summaries = view.list_documents(DocumentFilter(), 0, -1)
        content: dict[str, Any] = {}
        for summary in summaries:
            passages = [asdict(passage) for passage in view.passages_of(summary.id)]
            for passage in passages:
                del passage["id"], passage["document_key"]
            key = [keys[summary.id]]
            content[summary.id] = {
                "document": view.document(summary.id),
                "passages": passages,
                "vectors": [row.data for row in view.passage_vectors(model, key)] if model else [],
                "sentence vectors": [row.data for row in view.sentence_vectors(model, key)]
                if model
                else [],
            }
        return content
    finally:
        view.close()
