"""A fork server as on a machine on which Tesseract has no models."""

from __future__ import annotations

from corpus.readers.recognition import tesseract
from corpus.sandbox import server


def serve(control_descriptor: int) -> None:
    tesseract.DATA_FOLDERS = ("/nonexistent",)  # type: ignore[misc, assignment]
    server.serve(control_descriptor)
