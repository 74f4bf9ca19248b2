"""A row of a table is a document of its own."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import DamagedFile, FileTooLarge, NoText, Refused
from corpus.ingest import Source, find_sources, ingest, make_document, prune
from corpus.readers import read
from corpus.readers.tables import rows
from corpus.store.catalogue import Catalogue
from corpus.types import FileReport, Metadata, Outcome
from corpus.uploads import Limits, Upload, offered

CSV = """Title;Text;Date;Lang;URL;Source;id
Patrouilles;"Les deux polices patrouillent.
Le long de la ""Moselle"".";14/12/2020;fr-LU;https://example.org/1;Police;7
;;;;;;
Brug dicht;De brug bij Remich is dicht.;2021-03-12;nl
"""
LINES = """{"title": "Patrouilles", "text": "Les deux polices patrouillent.", "lang": "fr"}

{"body": "De brug bij Remich is dicht.", "published": "2021-03-12T10:00:00Z"}
"""


def as_rows(file: str, text: str) -> dict[str, dict[str, str]]:
    return {row.file: json.loads(row.content) for row in rows(file, text.encode())}


def test_a_row_of_csv_is_its_fields_by_the_columns_names() -> None:
    assert as_rows("a/news.csv", CSV) == {
        "a/news.csv/1.json": {
            "Title": "Patrouilles",
            "Text": 'Les deux polices patrouillent.\nLe long de la "Moselle".',
            "Date": "14/12/2020",
            "Lang": "fr-LU",
            "URL": "https://example.org/1",
            "Source": "Police",
            "id": "7",
        },
        "a/news.csv/3.json": {
            "Title": "Brug dicht",
            "Text": "De brug bij Remich is dicht.",
            "Date": "2021-03-12",
            "Lang": "nl",
        },
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_whatever_the_delimiter_and_the_encoding(delimiter: str) -> None:
    text = delimiter.join(["title", "text"]) + "\r\n" + delimiter.join(["É", "Été, après; tout"])
    if delimiter in ",;":
        text = text.replace("Été, après; tout", '"Été, après; tout"')
    for encoding in ("utf-8-sig", "utf-16", "windows-1252"):
        (row,) = rows("a.csv", text.encode(encoding))
        assert json.loads(row.content) == {"title": "É", "text": "Été, après; tout"}


def test_lines_of_json_are_numbered_as_lines() -> None:
    assert list(as_rows("a.jsonl", LINES)) == ["a.jsonl/1.json", "a.jsonl/3.json"]


def test_a_row_says_its_title_day_language_address_and_publisher() -> None:
    row = read(rows("news.csv", CSV.encode())[0].content, "application/json")
    assert row.metadata == Metadata(
        "Patrouilles", "Police", date(2020, 12, 14), "https://example.org/1"
    )
    assert row.language == "fr"


def test_a_row_is_in_the_language_it_states_whatever_it_looks_like() -> None:
    row = {"text": "Gëschter war e schéinen Dag.", "language": "LB"}
    source = Source(Path(), "a.json")
    document, passages, *_ = make_document(json.dumps(row).encode(), source, "press")
    assert {passage.language for passage in passages} == {document.language} == {"lb"}


def test_a_row_without_a_title_is_called_by_its_first_words() -> None:
    row = json.dumps({"text": "La police patrouille le long de la Moselle. " * 9}).encode()
    title = read(row, "application/json").metadata.title
    assert title
    assert title.startswith("La police patrouille")
    assert len(title) <= 80


@pytest.mark.parametrize(
    ("row", "error", "why"),
    [
        ('{"title": "a"}', NoText, "field named text"),
        ('{"text": ["a"]}', DamagedFile, "field text contains no text"),
        ('{"text": "a", "date": "soon"}', DamagedFile, "YYYY-MM-DD"),
        ('{"text": "a", "lang": "French"}', DamagedFile, "such as fr"),
        ('{"text": "a"', DamagedFile, "not valid JSON"),
        ("[" * 100_000, DamagedFile, "not valid JSON"),
        ('["a"]', DamagedFile, "not one JSON object"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused(row: str, error: type[Refused], why: str) -> None:
    with pytest.raises(error, match=why):
        read(row.encode(), "application/json")


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("text\n", "no rows"),
        ('text\n"a"b\n', "damaged after row 0"),
        ('text\nfine\n"cut short', "damaged after row 1"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_as_a_whole(table: str, why: str) -> None:
    with pytest.raises(DamagedFile, match=why):
        rows("a.csv", table.encode())


def test_a_table_in_csv_without_texts_has_no_rows_of_its_own() -> None:
    assert rows("a.csv", b"name,age\na,1\n") == rows("a.tsv", b"no table") == ()


def test_a_table_of_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.readers.tables.MAX_ROWS", 2)
    assert len(rows("a.csv", b"text\na\nb\n")) == 2
    with pytest.raises(FileTooLarge, match="more than 2 rows"):
        rows("a.csv", b"text\na\nb\nc\n")


@given(st.text(), st.sampled_from(["a.csv", "a.jsonl"]))
def test_any_text_is_taken_apart_or_refused(text: str, file: str) -> None:
    try:
        found = rows(file, text.encode("utf-8", "surrogatepass"))
    except Refused:
        return
    assert all(row.content for row in found)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "data") as opened:
        yield opened


def outcomes(reports: list[FileReport]) -> dict[str, Outcome]:
    return {report.file: report.outcome for report in reports}


def test_a_folders_tables_are_taken_in_row_by_row_and_pruned_so(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    table = folder / "news.jsonl"
    table.write_text(LINES)
    (folder / "bad.csv").write_text("text\n")

    def run() -> dict[str, Outcome]:
        reports = [*ingest(catalogue, find_sources([folder]), "press")]
        return outcomes([*reports, *prune(catalogue, [folder], "press")])

    assert run() == {
        "bad.csv": Outcome.REFUSED,
        "news.jsonl/1.json": Outcome.ADDED,
        "news.jsonl/3.json": Outcome.ADDED,
    }
    (folder / "bad.csv").unlink()
    table.write_text(LINES.replace("Remich", "Schengen"))
    assert run() == {
        "news.jsonl/1.json": Outcome.UNCHANGED,
        "news.jsonl/3.json": Outcome.UPDATED,
    }
    table.write_text(LINES.splitlines()[0])
    assert run() == {
        "news.jsonl/1.json": Outcome.UNCHANGED,
        "news.jsonl/3.json": Outcome.REMOVED,
    }
    table.write_text("")
    assert run() == {"news.jsonl": Outcome.REFUSED}, "what cannot be looked at may be there"
    table.unlink()
    assert run() == {"news.jsonl/1.json": Outcome.REMOVED}


def test_an_uploaded_table_is_offered_row_by_row() -> None:
    uploads = [
        Upload("news.csv", io.BytesIO(CSV.encode())),
        Upload("bad.csv", io.BytesIO(b"text\n")),
    ]
    found = list(offered(uploads, Limits(10_000, 100_000)))
    assert [each.file for each in found] == ["news.csv/1.json", "news.csv/3.json", "bad.csv"]
    assert isinstance(found[2].content, DamagedFile)
