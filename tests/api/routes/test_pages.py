from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from api.middleware.hardening import HEADERS
from api.web.i18n import LANGUAGES, texts
from tests.api.conftest import TEXTS
from tests.languages import SHOWN

FRENCH = {"accept-language": "fr"}
OUR_SCRIPT = [{"type": "module", "src": "/static/passerelle.js"}]
OUR_SCRIPTS = {"/docs": [*OUR_SCRIPT, {"type": "module", "src": "/static/reference.js"}]}


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
    (form,) = page.all("form")
    assert (form["method"], form["action"], form["role"]) == ("get", "/", "search")
    assert page.all("textarea")[0]["name"] == "q"


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
    assert page.all("blockquote")[0] == {"lang": "fr", "dir": "ltr"}
    assert passage["source"]["title"] in page.text
    assert "23 juillet 2018" in page.text
    assert "Français" in page.text
    path, _, fragment = passage["source"]["link"].partition("#")
    start = passage["source"]["start"]
    mark = f"{start + passage['answer']['start']}-{start + passage['answer']['end']}"
    assert f"{path}?mark={mark}#{fragment}" in [link["href"] for link in page.all("a")]
    assert asked["q"] in page.text


def test_an_answer_says_how_long_it_took(client: TestClient) -> None:
    timing = client.get("/?q=fiets").headers["server-timing"]
    assert re.fullmatch(r"answer;dur=\d+\.\d", timing)


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


def test_a_question_that_is_far_too_long_is_explained_and_kept(client: TestClient) -> None:
    response = client.get("/", params={"q": "a" * 10_000})
    assert response.status_code == 422
    assert "a" * 10_000 in Seen(response.text).text


def test_filters_that_cannot_be_used_are_explained_and_kept(client: TestClient) -> None:
    response = client.get("/?q=fiets&published_from=2020-01-01&published_to=2019-01-01")
    assert response.status_code == 422
    assert texts("en")["usable_filters"] in response.text
    assert {"type": "date", "name": "published_from", "value": "2020-01-01"} in Seen(
        response.text
    ).all("input")


def test_a_question_is_never_markup(client: TestClient) -> None:
    hostile = '"><script>alert(1)</script>'
    html = client.get("/", params={"q": hostile}).text
    page = Seen(html)
    assert page.all("script") == OUR_SCRIPT
    assert hostile in page.text


def test_a_hostile_passage_is_never_markup(client: TestClient, ids: dict[str, str]) -> None:
    answer = Seen(client.get("/?q=Who sells cinnamon rolls in Ghent?").text)
    viewer = Seen(client.get(f"/documents/{ids['<b>.txt']}").text)
    for page in (answer, viewer):
        assert page.all("script") == OUR_SCRIPT
        assert page.all("svg") == []
        assert all("onerror" not in attributes for _, attributes in page.elements)
        assert '<script>alert("text")</script>' in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_interface_speaks_the_readers_language(client: TestClient, language: str) -> None:
    response = client.get("/", headers={"accept-language": language})
    assert response.headers["content-language"] == language
    assert "Accept-Language" in response.headers["vary"]
    assert Seen(response.text).all("html") == [{"lang": language, "dir": "ltr"}]
    assert texts(language)["headline"] in response.text


def test_a_language_that_was_asked_for_is_kept(client: TestClient) -> None:
    page = Seen(client.get("/?lang=de&q=Hochwasser", headers=FRENCH).text)
    assert page.all("html") == [{"lang": "de", "dir": "ltr"}]
    assert {"type": "hidden", "name": "lang", "value": "de"} in page.all("input")
    assert any(
        re.fullmatch(r"/documents/d-[0-9a-f]{32}\?mark=\d+-\d+&lang=de#\d+-\d+", str(link["href"]))
        for link in page.all("a")
    )


def test_a_language_that_was_chosen_is_remembered(client: TestClient) -> None:
    chosen = client.get("/?lang=lb", headers=FRENCH)
    assert chosen.headers["set-cookie"] == "lang=lb; Max-Age=31536000; Path=/; SameSite=lax"
    later = client.get("/", headers={**FRENCH, "cookie": "lang=lb"})
    assert later.headers["content-language"] == "lb"
    assert "set-cookie" not in later.headers
    assert "Cookie" in later.headers["vary"]
    client.cookies.clear()


def test_other_languages_of_the_interface_keep_the_question(client: TestClient) -> None:
    page = Seen(client.get("/", params={"q": "Pegel & Sauer"}).text)
    links = {link["hreflang"]: link["href"] for link in page.all("a") if "hreflang" in link}
    assert links["fr"] == "?q=Pegel+%26+Sauer&lang=fr"
    assert set(links) == set(LANGUAGES)


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


def test_the_viewer_marks_the_sentence_that_answered(client: TestClient) -> None:
    question = "Hoeveel fietsen werden teruggegeven?"
    passage = client.post("/v1/ask", json={"question": question}).json()["passages"][0]
    html = client.get("/", params={"q": question}).text
    link = next(link["href"] for link in Seen(html).all("a") if link.get("class") == "open")
    assert f"<mark>{escape(passage['answer']['text'])}</mark>" in client.get(str(link)).text


def test_the_original_can_be_had(client: TestClient, ids: dict[str, str]) -> None:
    page = Seen(client.get(f"/documents/{ids['fietsen.txt']}").text)
    (link,) = [link["href"] for link in page.all("a") if "download" in link]
    response = client.get(str(link))
    assert response.text == TEXTS["nl/fietsen.txt"]
    assert response.headers["content-disposition"] == "attachment; filename*=UTF-8''fietsen.txt"


def test_a_follow_up_carries_the_conversation_along(client: TestClient) -> None:
    html = client.get("/", params={"q": "En in 2022?", "earlier": "Hoeveel fietsen?"}).text
    page = Seen(html)
    hidden = [field["value"] for field in page.all("input") if field.get("name") == "earlier"]
    assert hidden == ["Hoeveel fietsen?", "En in 2022?"]
    assert "/?q=Hoeveel+fietsen%3F" in [link["href"] for link in page.all("a")]


def test_filters_narrow_the_page_as_they_do_the_api(client: TestClient) -> None:
    html = client.get("/?q=politie&languages=fr&collections=press&published_from=2018-01-01").text
    page = Seen(html)
    assert {quote["lang"] for quote in page.all("blockquote")} == {"fr"}
    assert texts("en")["narrowed"] in page.text
    assert "1 January 2018" in page.text
    checked = [field["value"] for field in page.all("input") if "checked" in field]
    assert checked == ["fr", "press"]


def test_filters_that_fit_nothing_say_so(client: TestClient) -> None:
    html = client.get("/?q=politie&languages=en&collections=odd&published_to=2018-12-31").text
    assert texts("en")["no_dates"] in html
    html = client.get("/?q=politie&languages=fr&published_from=2019-01-01").text
    assert texts("en")["none_here"] in html


def test_passages_in_the_readers_language_and_in_others_are_told_apart(client: TestClient) -> None:
    html = client.get("/", params={"q": "Quand le traité a-t-il été signé ?"}, headers=FRENCH).text
    badges = [badge["class"] for badge in Seen(html).all("span") if "badge" in str(badge)]
    quotes = [quote["lang"] for quote in Seen(html).all("blockquote")]
    assert badges == [f"badge {'own' if lang == 'fr' else 'other'}" for lang in quotes]
    assert texts("fr")["own"] in html
    assert texts("fr")["other"] in html


def test_the_first_page_suggests_questions_that_are_answered(client: TestClient) -> None:
    page = Seen(client.get("/", headers={"accept-language": "nl"}).text)
    asked = [str(link["href"]) for link in page.all("a") if "data-ask" in link]
    assert 1 <= len(asked) <= 3
    for address in asked:
        assert (
            texts("nl")["answered"] in client.get(address, headers={"accept-language": "nl"}).text
        )


@pytest.mark.parametrize("language", SHOWN)
def test_what_went_wrong_is_a_page_for_a_browser(client: TestClient, language: str) -> None:
    browser = {"accept": "text/html,*/*;q=0.8", "accept-language": language}
    response = client.get("/nowhere", headers=browser)
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert escape(texts(language)["problem_404_title"]) in response.text
    assert {name: response.headers[name] for name in HEADERS} == HEADERS


def test_a_browser_hears_which_methods_are_taken(client: TestClient) -> None:
    response = client.post("/docs", headers={"accept": "text/html"})
    assert response.status_code == 405
    assert response.headers["allow"] in ("GET, HEAD", "HEAD, GET")
    assert texts("en")["problem_400_title"] in response.text


def test_programs_are_told_about_the_service(client: TestClient) -> None:
    response = client.get("/llms.txt")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text.startswith("# Passerelle\n")
    addresses = re.findall(rf"{client.base_url}(/[\w/.]*)", response.text)
    assert {"/", "/v1/ask", "/docs", "/openapi.json", "/documents"} <= set(addresses)
    for address in addresses:
        assert client.get(address).status_code in (200, 405), address


@pytest.mark.parametrize("path", ["/documents/d-0000000000000000", "/documents/%3Cscript%3E"])
def test_an_unknown_document_is_a_page_that_says_so(client: TestClient, path: str) -> None:
    response = client.get(path, headers=FRENCH)
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert texts("fr")["unknown"] in response.text


@pytest.mark.parametrize("path", ["/", "/docs", "/?q=fiets", "/documents", "/llms.txt"])
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


@pytest.mark.parametrize("path", ["/", "/?q=fiets", "/docs", "/documents", "/documents/none"])
def test_no_page_has_anything_inline(client: TestClient, path: str) -> None:
    page = Seen(client.get(path).text)
    assert page.all("script") == OUR_SCRIPTS.get(path, OUR_SCRIPT)
    assert page.all("style") == []
    assert all(
        name != "style" and not name.startswith("on")
        for _, attributes in page.elements
        for name in attributes
    )


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/static/passerelle.css", "text/css"),
        ("/static/passerelle.js", "text/javascript"),
        ("/static/reference.js", "text/javascript"),
        ("/static/favicon.svg", "image/svg+xml"),
    ],
)
def test_what_pages_load_is_there(client: TestClient, path: str, kind: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(kind)


def test_a_filter_that_leaves_nothing_is_named_with_what_would_widen_it(client: TestClient) -> None:
    def seen(filters: str) -> tuple[str, list[str]]:
        page = Seen(client.get(f"/?q=fiets&{filters}").text)
        return page.text, [str(link["href"]) for link in page.all("a") if "data-ask" in link]

    text, links = seen("collections=press&languages=it")
    assert texts("en")["no_language"].format(language="Italian") in text
    assert {"/?q=fiets&collections=press", "/?q=fiets&languages=it"} <= set(links)
    text, _ = seen("collections=<b>pres")
    assert texts("en")["no_collection"].format(name="<b>pres") in text
    text, links = seen("published_from=2030-01-01&languages=nl")
    assert texts("en")["no_date"].format(first="23 July 2018", last="12 March 2021") in text
    assert texts("en")["none_here"] not in text
    assert "/?q=fiets&languages=nl" in links
    text, _ = seen("collections=odd&published_from=2020-01-01")
    assert texts("en")["no_dates"] in text


def test_a_thank_you_is_answered_as_one(doubting: TestClient) -> None:
    page = Seen(doubting.get("/?q=Villmools+merci!", headers=FRENCH).text)
    assert texts("fr")["welcome"] in page.text
    assert not page.all("blockquote")


def test_a_keyword_gets_the_passages_with_the_word_marked(doubting: TestClient) -> None:
    html = doubting.get("/?q=ALKOHOL", headers=FRENCH).text
    assert escape(texts("fr")["containing"].format(words="ALKOHOL")) in html
    assert escape(texts("fr")["abstained"]) not in html
    assert "<mark>Alkohol</mark>" in html
    assert len(Seen(html).all("blockquote")) == 1


def test_a_mistyped_word_is_offered_corrected(doubting: TestClient) -> None:
    page = Seen(doubting.get("/?q=Pegell&lang=de").text)
    doubting.cookies.clear()
    assert texts("de")["did_you_mean"] in page.text
    links = [link["href"] for link in page.all("a") if "data-ask" in link]
    assert "/?q=Pegel&lang=de" in links
