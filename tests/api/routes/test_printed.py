"""A document's own pages: drawn for those who may read it, with its passages at their places."""

from __future__ import annotations

import io
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from api.app import create_app
from api.auth.keys import Scope
from api.service import open_service
from api.settings import Settings
from api.web.i18n import texts
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from corpus.types import document_id
from index.encoders.protocol import Encoder
from index.writer import encode_waiting
from tests.api.clients import afar, beside
from tests.api.problems import problem
from tests.corpus.readers.formats.test_messages import mail
from tests.corpus.readers.formats.test_slides import presentation, saved
from tests.documents import pdf
from tests.languages import SHOWN

BEGIN = "Wer den Nachtzug nimmt, muss sein Fahrrad vorher anmelden und"
END = "kann es dann ohne Aufpreis bis nach Amsterdam mitnehmen."
PAGES = [
    ["# Der Nachtzug", "Fahrgäste mit Gepäck reisen frei durch die Ardennen.", BEGIN],
    [END, "Der Zug hält in Arlon und in Namur, im Winter auch in <b>Ciney</b> & Marloie."],
]
TRAIN, LOST, DAMAGED, NOTE, TALK = (
    document_id("rail", name)
    for name in ("train.pdf", "lost.pdf", "damaged.pdf", "note.txt", "talk.pptx")
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    files, data = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("data")
    train = pdf(PAGES)
    (files / "train.pdf").write_bytes(train)
    (files / "lost.pdf").write_bytes(pdf([["Die Datei zu diesem Text ist nicht mehr da."]]))
    (files / "damaged.pdf").write_bytes(pdf([["Diese Datei nimmt später Schaden."]]))
    (files / "note.txt").write_text("Eine Notiz ohne Seiten, aber mit einem Satz.")
    talk = presentation()
    talk.slides[0].placeholders[1].text = "Der Zug fährt <b>nachts</b>.\nEr hält in Arlon."
    (files / "talk.pptx").write_bytes(saved(talk))
    letter = mail("Der Fahrplan liegt bei, wie gestern am Telefon besprochen.", "Fahrplan\u202e")
    letter["To"] = '"<b>Ann</b>" <ann@example.org>'
    letter.add_attachment("Der Zug fährt um zehn Uhr ab Gleis vier.", filename="Fahrplan.txt")
    (files / "letter.eml").write_bytes(letter.as_bytes())
    with Catalogue(data) as catalogue:
        assert len(list(ingest(catalogue, find_sources([files]), "rail"))) == 7
        encode_waiting(catalogue, encoder)
    return data


@pytest.fixture(scope="module")
def client(data: Path, cache: Path) -> Iterator[TestClient]:
    with open_service(Settings(data=data, cache=cache)) as service:
        yield beside(service)


def span_of(client: TestClient, begin: str, end: str, document: str = TRAIN) -> str:
    text = client.get(f"/v1/documents/{document}/text").text
    start = text.index(begin)
    return f"{start}-{text.index(end, start) + len(end)}"


def test_a_page_is_a_picture_at_three_zooms(client: TestClient) -> None:
    address = f"/v1/documents/{TRAIN}/pages/1"
    sizes = []
    for zoom in ("1", "1.5", "2"):
        response = client.get(address, params={"zoom": zoom})
        assert response.headers["content-type"] == "image/png"
        sizes.append(Image.open(io.BytesIO(response.content)).size)
    assert sizes == [(1191, 1684), (1786, 2526), (2382, 3368)]
    assert client.get(address, params={"zoom": "9"}).status_code == 422


def test_a_marked_span_is_tinted_on_its_page_only(client: TestClient) -> None:
    mark = span_of(client, "Fahrgäste", "Ardennen.")
    for number, is_tinted in ((1, True), (2, False)):
        address = f"/v1/documents/{TRAIN}/pages/{number}"
        tinted = client.get(address, params={"mark": mark}).content
        assert (tinted != client.get(address).content) is is_tinted


def test_a_picture_is_not_sent_twice_to_who_has_it_and_still_may_see_it(
    client: TestClient,
) -> None:
    address = f"/v1/documents/{TRAIN}/pages/1"
    tag = client.get(address).headers["etag"]
    again = client.get(address, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert "no-cache" in again.headers["cache-control"]
    other = client.get(address, params={"zoom": "2"}, headers={"if-none-match": tag})
    assert other.status_code == 200


def test_boxes_tell_where_passages_and_words_stand(client: TestClient) -> None:
    mark = span_of(client, BEGIN, END)
    first, second = (
        client.get(f"/v1/documents/{TRAIN}/pages/{number}/boxes", params={"mark": mark}).json()
        for number in (1, 2)
    )
    assert (first["page"], first["pages"], first["complete"]) == (1, 2, True)
    assert [word["text"] for word in first["words"]][:3] == ["Der", "Nachtzug", "Fahrgäste"]
    assert len(first["mark"]["boxes"]) == len(second["mark"]["boxes"]) == 1
    (left, top, right, bottom) = first["mark"]["boxes"][0]
    inside = [
        word["text"]
        for word in first["words"]
        if left - 1 <= word["box"][0] and word["box"][2] <= right + 1
        and top - 1 <= word["box"][1] and word["box"][3] <= bottom + 1
    ]  # fmt: skip
    assert " ".join(inside) == BEGIN
    assert first["passages"]
    assert client.get(f"/v1/documents/{TRAIN}/pages/1/boxes").json()["mark"] is None


@pytest.mark.parametrize(("document", "number"), [(TRAIN, 3), (TRAIN, 2**31 - 1), (NOTE, 1)])
def test_a_page_that_is_not_there_is_a_404(client: TestClient, document: str, number: int) -> None:
    for address in (
        f"/v1/documents/{document}/pages/{number}",
        f"/documents/{document}/pages/{number}",
    ):
        body = problem(client.get(address), 404)
        assert body["type"] == "/problems/unknown-page"
    assert client.get(f"/v1/documents/{TRAIN}/pages/0").status_code == 422
    assert client.get("/v1/documents/d-0/pages/1").status_code == 404
    assert client.get("/documents/d-0/pages/1").status_code == 404
    assert client.get("/documents/d-0/pages").status_code == 404


def test_the_page_shows_picture_marks_and_words_that_are_only_text(client: TestClient) -> None:
    mark = span_of(client, "Der Zug hält", "Marloie.")
    html = client.get(f"/documents/{TRAIN}/pages/2", params={"mark": mark}).text
    assert f'<img src="/v1/documents/{TRAIN}/pages/2"' in html
    assert html.count('class="marked"') == 1
    assert html.count('class="tinted"') >= 1
    assert "&lt;b&gt;Ciney&lt;/b&gt;</tspan>" in html
    assert "<b>Ciney" not in html
    assert f'href="/documents/{TRAIN}/pages/1?mark={mark}&amp;zoom=1#printed"' in html
    assert texts("en")["mark_elsewhere"] not in html


def test_a_mark_leads_to_the_page_where_it_stands_not_where_its_passage_begins(
    client: TestClient,
) -> None:
    for begin, end, number in ((BEGIN, BEGIN, 1), (END, END, 2)):
        mark = span_of(client, begin, end)
        address = f"/documents/{TRAIN}/pages?mark={mark}"
        found = client.get(address, follow_redirects=False)
        assert found.status_code == 303
        assert found.headers["location"] == (
            f"/documents/{TRAIN}/pages/{number}?mark={mark}#printed"
        )
    html = client.get(f"/documents/{TRAIN}/pages/1?mark={span_of(client, END, END)}").text
    assert texts("en")["mark_elsewhere"] in html


def test_a_slide_is_laid_out_with_its_passage_and_sentence_marked_and_only_text_in_it(
    client: TestClient,
) -> None:
    mark = span_of(client, "Er hält", "Arlon.", TALK)
    opened = client.get(f"/documents/{TALK}/pages?mark={mark}", follow_redirects=False)
    assert opened.headers["location"] == f"/documents/{TALK}/pages/1?mark={mark}#printed"
    slide = client.get(opened.headers["location"]).text
    drawn = slide[slide.index("<svg viewBox") : slide.index("</svg>")]
    assert drawn.count("<foreignObject") == 3, "title, text and notes"
    assert '<p dir="auto" class="in-passage"><mark>Er hält in Arlon.</mark></p>' in drawn
    assert "&lt;b&gt;nachts&lt;/b&gt;" in drawn
    assert "<script" not in drawn
    assert "style=" not in drawn
    assert texts("en")["slide_below"] in slide
    numbers = client.get(f"/documents/{TALK}/pages/2?mark={mark}").text
    assert "<td" in numbers
    assert texts("en")["mark_elsewhere"] in numbers
    assert client.get(f"/documents/{TALK}/pages/3").status_code == 404
    assert f'href="/documents/{TALK}/pages"' in client.get(f"/documents/{TALK}").text


def test_a_message_says_who_wrote_to_whom_and_leads_to_what_is_attached_and_back(
    client: TestClient,
) -> None:
    message, attached = (
        document_id("rail", name) for name in ("letter.eml", "letter.eml/Fahrplan.txt")
    )
    shown = client.get(f"/documents/{message}").text
    for said in (
        "<bdi>Jo Roe &lt;jo@example.org&gt;</bdi>",
        "<bdi>&lt;b&gt;Ann&lt;/b&gt; &lt;ann@example.org&gt;</bdi>",
        '<time datetime="2020-12-14T09:00:00+00:00">14 December 2020, 09:00 UTC</time>',
        "<bdi>Fahrplan</bdi>",
        f'<a href="/documents/{attached}" dir="auto">Fahrplan.txt</a>',
    ):
        assert said in shown
    back = client.get(f"/documents/{attached}").text
    assert f'{texts("en")["attached_to"]} <a href="/documents/{message}"' in back
    assert "Jo Roe" not in back
    assert texts("en")["attached_to"] not in shown


def test_a_slide_is_no_picture_and_that_is_said(client: TestClient) -> None:
    for address in (f"/v1/documents/{TALK}/pages/1", f"/v1/documents/{TALK}/pages/1/boxes"):
        body = problem(client.get(address), 422)
        assert body["type"] == "/problems/undrawable-page"
        assert "/documents/{id}/pages/{n}" in body["detail"]


@pytest.mark.parametrize("language", SHOWN)
def test_a_file_that_was_removed_says_so_and_shows_the_text(
    client: TestClient, data: Path, language: str
) -> None:
    with sqlite3.connect(data / "catalogue.sqlite") as catalogue:
        catalogue.execute(
            "DELETE FROM originals WHERE sha256 = (SELECT sha256 FROM documents WHERE id = ?)",
            (LOST,),
        )
    page = client.get(f"/documents/{LOST}/pages/1", headers={"accept-language": language})
    assert page.status_code == 200
    assert texts(language)["no_original"] in page.text
    assert "Die Datei zu diesem Text" in page.text
    assert '<img src="/v1' not in page.text
    body = problem(client.get(f"/v1/documents/{LOST}/pages/1"), 404)
    assert body["type"] == "/problems/unknown-original"


def test_a_page_that_cannot_be_drawn_says_so_and_is_not_tried_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = client.app.state.service.printed  # type: ignore[attr-defined]
    contents = [b"%PDF-1.4\nnothing\n%%EOF\n"]
    monkeypatch.setattr(printed, "_content", lambda view, document: contents[0])
    body = problem(client.get(f"/v1/documents/{DAMAGED}/pages/1"), 422)
    assert body["type"] == "/problems/undrawable-page"
    page = client.get(f"/documents/{DAMAGED}/pages/1")
    assert texts("en")["not_drawn"] in page.text
    assert "Diese Datei nimmt" in page.text
    contents[0] = pdf([["Diese Datei nimmt später Schaden."]])
    assert client.get(f"/v1/documents/{DAMAGED}/pages/1").status_code == 422


def test_a_page_is_drawn_for_those_who_may_read_its_collection(
    data: Path, cache: Path, tmp_path: Path
) -> None:
    addresses = {
        f"/v1/documents/{TRAIN}/pages/1": 200,
        f"/v1/documents/{TRAIN}/pages/1/boxes": 200,
        f"/documents/{TRAIN}/pages/1": 200,
        f"/documents/{TRAIN}/pages": 303,
    }
    own = shutil.copytree(data, tmp_path / "data")
    with open_service(Settings(data=own, cache=cache)) as service:
        may = service.keys.add("may", [Scope.READ], ["rail"])[1]
        may_not = service.keys.add("may not", [Scope.READ], ["press"])[1]
        stranger = afar(create_app(service))
        for address, answered in addresses.items():
            for key, status in ((may, answered), (may_not, 404)):
                headers = {"authorization": f"Bearer {key}"}
                assert stranger.get(address, headers=headers).status_code == status
            assert stranger.get(address).status_code == 401


def test_nothing_is_drawn_of_a_document_that_was_deleted(data: Path, cache: Path) -> None:
    with open_service(Settings(data=data, cache=cache)) as service:
        client = beside(service)
        address = f"/v1/documents/{TRAIN}/pages/1"
        tag = client.get(address).headers["etag"]
        assert client.delete(f"/v1/documents/{TRAIN}").status_code == 204
        for headers in ({}, {"if-none-match": tag}):
            assert client.get(address, headers=headers).status_code == 404
        assert client.get(f"/documents/{TRAIN}/pages/1").status_code == 404
