"""What the command line prints."""

from __future__ import annotations

from datetime import date

from api.cli import output
from corpus.store.view.listings import DocumentSummary


def summary(published: date | None) -> DocumentSummary:
    return DocumentSummary(
        id="d-3f9c5e0a71b2d846",
        collection="press",
        file="003.pdf",
        media_type="application/pdf",
        sha256="0" * 64,
        language="fr",
        title="Coopération policière",
        publisher=None,
        published=published,
        url=None,
        passages=4,
    )


def test_documents_are_listed_with_their_dates_in_columns() -> None:
    listed = output.documents(9, [summary(date(2018, 7, 23)), summary(None)])
    assert listed.splitlines() == [
        "id                       published   pass.  file  title",
        "d-3f9c5e0a71b2d846  fr   2018-07-23      4  press/003.pdf  Coopération policière",
        "d-3f9c5e0a71b2d846  fr                   4  press/003.pdf  Coopération policière",
        "2 of 9 documents",
    ]
