from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.web.exports import COLUMNS, MEDIA_TYPES, exported, wanted
from qa.types import Abstention, Answer, CitedPassage, Timings, UnderstoodQuestion
from tests.api.web.test_citation_formats import DOCUMENT, cited

QUESTION = UnderstoodQuestion("Wanneer?", "nl", "Wanneer?")
TOOK = Timings(1, 1, 1, 1, 1)
WHEN = "Wanneer werd het verdrag over politiesamenwerking ondertekend?"
ASKED = {"question": WHEN, "limit": 2}


def found(*passages: CitedPassage) -> Answer:
    return Answer(QUESTION, 0.8, True, passages, TOOK)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_table_has_a_row_for_each_passage_with_a_link(client: TestClient) -> None:
    response = client.post("/v1/ask", json=ASKED, headers={"accept": "text/csv"})
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    first, second = rows(response.text)
    assert list(first) == list(COLUMNS)
    assert (first["rank"], second["rank"]) == ("1", "2")
    assert "23 juillet 2018" in first["answer"]
    assert first["answer"] in first["text"]
    assert first["link"].startswith("http://127.0.0.1/documents/d-")


@given(st.text(), st.text(min_size=1))
def test_what_a_spreadsheet_would_work_out_is_text(title: str, publisher: str) -> None:
    passage = cited(replace(DOCUMENT, title=title, publisher=publisher))
    (row,) = rows(exported(found(passage), "csv", "http://here"))
    for name, value in (("title", title), ("publisher", publisher)):
        assert not row[name].startswith(("=", "+", "-", "@", "\t", "\r"))
        assert row[name] in (value, f"'{value}")


def test_references_are_in_the_formats_that_programs_read(client: TestClient) -> None:
    ris = client.post("/v1/ask", json=ASKED, headers={"accept": MEDIA_TYPES["ris"]}).text
    assert ris.count("TY  - ") == ris.count("ER  - ") == 2
    assert "TI  - Signature du traité de coopération policière\r\n" in ris
    assert "DA  - 2018/07/23/\r\n" in ris
    bibtex = client.post("/v1/ask", json=ASKED, headers={"accept": MEDIA_TYPES["bibtex"]}).text
    assert bibtex.count("@misc{d-") == 2


@given(st.text(), st.text())
def test_a_title_begins_no_line_of_a_reference(title: str, publisher: str) -> None:
    hostile = replace(DOCUMENT, title=f"{title}\r\nER  - ", publisher=f"{publisher}\nTY  - BOOK")
    text = exported(found(cited(hostile)), "ris", "http://here")
    assert text.count("\r\nER  - ") == 1
    assert [line for line in text.split("\r\n") if line.startswith("TY")] == ["TY  - ELEC"]


def test_two_passages_of_one_document_are_two_entries() -> None:
    first = cited(DOCUMENT)
    second = replace(
        first, rank=2, citation=replace(first.citation, span=first.citation.span._replace(start=0))
    )
    text = exported(found(first, second), "bibtex", "http://here")
    keys = [line for line in text.splitlines() if line.startswith("@")]
    assert len(keys) == len(set(keys)) == 2


def test_the_pages_links_save_what_the_page_shows(client: TestClient) -> None:
    page = client.get("/", params={"q": WHEN, "languages": "fr"}).text
    for format_, media_type in MEDIA_TYPES.items():
        assert f"&amp;languages=fr&amp;format={format_}" in page
        asked = {"q": WHEN, "languages": "fr", "format": format_}
        response = client.get("/", params=asked)
        assert response.headers["content-type"].startswith(media_type)
        assert "passerelle-answers." in response.headers["content-disposition"]
        assert "Signature du traité" in response.text


def test_what_only_comes_near_is_called_so(client: TestClient) -> None:
    asked = {"q": "Wie backt man einen guten Apfelkuchen?", "format": "csv"}
    response = client.get("/", params=asked)
    assert "passerelle-nothing.csv" in response.headers["content-disposition"]
    assert {row["outcome"] for row in rows(response.text)} == {"nothing"}


def test_nothing_found_is_an_empty_table() -> None:
    nothing = Abstention(QUESTION, 0.0, (), TOOK)
    assert rows(exported(nothing, "csv", "http://here")) == []
    assert exported(nothing, "ris", "http://here") == exported(nothing, "bibtex", "h") == ""


def test_an_unknown_format_is_refused(client: TestClient) -> None:
    assert client.get("/", params={"q": "Where?", "format": "doc"}).status_code == 422


@pytest.mark.parametrize(
    ("accept", "format_"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("application/json", "json"),
        ("text/csv", "csv"),
        ("TEXT/CSV; q=0.9, application/json", "csv"),
        ("text/html, application/x-bibtex", "bibtex"),
        ("text/html", "json"),
    ],
)
def test_the_first_format_that_is_accepted_is_sent(accept: str, format_: str) -> None:
    assert wanted(accept) == format_
