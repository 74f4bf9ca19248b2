"""Questions that a table answers, from the file to the marked row, with the real model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from index.encoders.background_texts import load_background
from index.encoders.protocol import Encoder
from index.snapshot_builder import load_snapshot
from index.writer import encode_waiting
from qa.answering import Answerer
from qa.reading.reader import load_reader
from qa.search.searcher import Search
from qa.types import Answer, Question

FEES = """# Fees of the municipal library

The fees below hold from 1 January 2025. They are reviewed every year by the council.

| Service | Adults | Children under 12 | Notes |
|---|---|---|---|
| Annual card | 18 euros | free | valid for twelve months |
| Lost card | 5 euros | 2 euros | paid at the desk |
| Late return of a book | 0.20 euros a day | 0.10 euros a day | at most 10 euros |
"""

TIMES = """<html lang="de"><body><main><h1>Fahrplan der Waldbahn</h1>
<p>Die Waldbahn fährt von Mai bis Oktober. Karten gibt es im Zug.</p><table>
<tr><th>Zug</th><th>Ab Rodange</th><th>An Fond-de-Gras</th><th>Tage</th></tr>
<tr><td>Dampfzug 101</td><td>10:35</td><td>11:05</td><td>sonntags</td></tr>
<tr><td>Abendzug 309</td><td>18:10</td><td>18:40</td><td>nur im Juli</td></tr>
</table></main></body></html>"""


@pytest.fixture(scope="module")
def answerer(
    encoder: Encoder, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Answerer]:
    folder = tmp_path_factory.mktemp("tables")
    data = tmp_path_factory.mktemp("data")
    (folder / "fees.md").write_text(FEES, "utf-8")
    (folder / "times.html").write_text(TIMES, "utf-8")
    with Catalogue(data) as catalogue:
        assert len(list(ingest(catalogue, find_sources([folder]), "tables"))) == 2
        encode_waiting(catalogue, encoder)
    snapshot = load_snapshot(data, encoder.identity)
    search = Search(encoder, load_background(encoder, cache))
    yield Answerer(search, lambda: snapshot, load_reader(encoder.identity))
    snapshot.view.close()


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("How much is a lost card for adults?", "Lost card | 5 euros | 2 euros | paid at the desk"),
        (
            "Was kostet es, wenn ich ein Buch zu spät zurückgebe?",
            "Late return of a book | 0.20 euros a day | 0.10 euros a day | at most 10 euros",
        ),
        (
            "Wann kommt der Abendzug in Fond-de-Gras an?",
            "Abendzug 309 | 18:10 | 18:40 | nur im Juli",
        ),
    ],
)
def test_the_row_that_answers_is_marked_word_for_word(
    answerer: Answerer, question: str, row: str
) -> None:
    found = answerer.answer(Question(question))
    assert isinstance(found, Answer)
    first = found.passages[0]
    assert first.text[first.answer.start : first.answer.end] == row
