from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from api.interface import LANGUAGES, texts
from api.security import HEADERS

FRENCH = {"accept-language": "fr"}


class Seen(HTMLParser):
    """Collects a page's elements with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


def test_the_first_page_asks_for_a_question(client: TestClient) -> None:
    page = Seen(client.get("/").text)
    assert page.all("form") == [{"class": "ask", "method": "get", "action": "/", "role": "search"}]
    assert page.all("input")[0]["name"] == "q"
    assert page.all("script") == []


def test_a_question_of_spaces_shows_the_first_page(client: TestClient) -> None:
    assert texts("en")["headline"] in client.get("/?q=%20%20").text


def test_an_answer_shows_passage_sentence_and_source(client: TestClient) -> None:
    asked = {
        "q": "Wanneer ondertekenden de ministers van België, Nederland en Luxemburg het verdrag "
        "over politiesamenwerking in Brussel?"
    }
    passage = client.post("/v1/ask", json={"question": asked["q"]}).json()["passages"][0]
    html = client.get("/", params=asked, headers=FRENCH).text
    page = Seen(html)
    assert f"<mark>{escape(passage['answer']['text'])}</mark>" in html
    assert page.all("blockquote")[0] == {"lang": "fr", "dir": "auto"}
    assert passage["source"]["title"] in page.text
    assert "23 juillet 2018" in page.text
    assert "Français" in page.text
    assert passage["source"]["link"] in [link["href"] for link in page.all("a")]
    assert page.all("input")[0]["value"] == asked["q"]


def test_an_answer_says_so(client: TestClient) -> None:
    asked = {"q": "Quand le traité de coopération policière a-t-il été signé ?"}
    assert client.post("/v1/ask", json={"question": asked["q"]}).json()["answered"]
    html = client.get("/", params=asked, headers=FRENCH).text
    assert escape(texts("fr")["answered"]) in html
    assert escape(texts("fr")["abstained"]) not in html


def test_an_abstention_says_so_and_shows_the_nearest_passages(client: TestClient) -> None:
    asked = {"q": "Who won the world cup in 1998?"}
    assert not client.post("/v1/ask", json={"question": asked["q"]}).json()["answered"]
    html = client.get("/", params=asked, headers=FRENCH).text
    assert escape(texts("fr")["abstained"]) in html
    assert escape(texts("fr")["nearest"]) in html
    assert len(Seen(html).all("blockquote")) == 5
    assert "<mark>" not in html, "no sentence of theirs is thought to answer"


@pytest.mark.parametrize("question", ["🙂", "a" * 2001, "a%00b"])
def test_an_unusable_question_is_explained(client: TestClient, question: str) -> None:
    response = client.get(f"/?q={question}")
    assert response.status_code == 422
    assert texts("en")["usable"] in response.text


def test_a_question_is_never_markup(client: TestClient) -> None:
    hostile = '"><script>alert(1)</script>'
    html = client.get("/", params={"q": hostile}).text
    page = Seen(html)
    assert page.all("script") == []
    assert page.all("input")[0]["value"] == hostile


def test_a_hostile_passage_is_never_markup(client: TestClient, ids: dict[str, str]) -> None:
    answer = Seen(client.get("/?q=Who sells cinnamon rolls in Ghent?").text)
    viewer = Seen(client.get(f"/documents/{ids['<b>.txt']}").text)
    for page in (answer, viewer):
        assert page.all("script") == []
        assert page.all("svg") == []
        assert all("onerror" not in attributes for _, attributes in page.elements)
        assert '<script>alert("text")</script>' in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_interface_speaks_the_readers_language(client: TestClient, language: str) -> None:
    response = client.get("/", headers={"accept-language": language})
    assert response.headers["content-language"] == language
    assert "Accept-Language" in response.headers["vary"]
    assert Seen(response.text).all("html") == [{"lang": language}]
    assert texts(language)["headline"] in response.text


def test_a_language_that_was_asked_for_is_kept(client: TestClient) -> None:
    page = Seen(client.get("/?lang=de&q=Hochwasser", headers=FRENCH).text)
    assert page.all("html") == [{"lang": "de"}]
    assert {"type": "hidden", "name": "lang", "value": "de"} in page.all("input")
    assert any(
        re.fullmatch(r"/documents/d-[0-9a-f]{16}\?lang=de#\d+-\d+", str(link["href"]))
        for link in page.all("a")
    )


def test_other_languages_of_the_interface_keep_the_question(client: TestClient) -> None:
    page = Seen(client.get("/", params={"q": "Pegel & Sauer"}).text)
    links = {link["hreflang"]: link["href"] for link in page.all("a") if "hreflang" in link}
    assert links["fr"] == "?q=Pegel+%26+Sauer&lang=fr"
    assert list(links) == list(LANGUAGES)


def test_the_viewer_gives_every_passage_the_address_citations_link_to(
    client: TestClient, ids: dict[str, str]
) -> None:
    body = client.post("/v1/ask", json={"question": "fiets", "limit": 50}).json()
    for source in (passage["source"] for passage in body["passages"]):
        page = Seen(client.get(f"/documents/{source['document']}").text)
        anchors = [section["id"] for section in page.all("section")]
        assert f"{source['start']}-{source['end']}" in anchors
        assert len(set(anchors)) == len(anchors)


def test_the_viewer_shows_the_whole_text_and_its_source(
    client: TestClient, ids: dict[str, str]
) -> None:
    document = ids["patrullen.txt"]
    page = Seen(client.get(f"/documents/{document}", headers=FRENCH).text)
    text = client.get(f"/v1/documents/{document}/text").text
    assert "".join(text.split()) in "".join(page.text.split())
    assert "Luxembourgeois" in page.text
    assert "14 novembre 2019" in page.text
    assert {section["lang"] for section in page.all("section")} == {"lb"}


@pytest.mark.parametrize("path", ["/documents/d-0000000000000000", "/documents/%3Cscript%3E"])
def test_an_unknown_document_is_a_page_that_says_so(client: TestClient, path: str) -> None:
    response = client.get(path, headers=FRENCH)
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert texts("fr")["unknown"] in response.text


@pytest.mark.parametrize("path", ["/", "/docs", "/?q=fiets"])
def test_pages_answer_head_too(client: TestClient, path: str) -> None:
    response = client.head(path)
    assert response.status_code == 200
    assert response.content == b""


@pytest.mark.parametrize(
    "path", ["/", "/?q=fiets", "/docs", "/v1/languages", "/nowhere", "/static/passerelle.css"]
)
def test_every_response_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize("path", ["/", "/?q=fiets", "/docs", "/documents/none"])
def test_no_page_has_anything_inline(client: TestClient, path: str) -> None:
    page = Seen(client.get(path).text)
    assert page.all("script") == page.all("style") == []
    assert all(
        name != "style" and not name.startswith("on")
        for _, attributes in page.elements
        for name in attributes
    )


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/static/passerelle.css", "text/css"), ("/static/favicon.svg", "image/svg+xml")],
)
def test_what_pages_load_is_there(client: TestClient, path: str, kind: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(kind)
