from __future__ import annotations

import re
from html import escape

import pytest
from starlette.datastructures import QueryParams
from starlette.testclient import TestClient

from api.service import Service
from api.web.documents_page import PAGE_DOCUMENTS, Listing
from api.web.i18n import texts
from tests.api.conftest import TEXTS
from tests.api.routes.test_pages import Seen


def listing(service: Service, query: str = "") -> Listing:
    return Listing.of(service.live.newest().view, QueryParams(query))


def files(found: Listing) -> set[str]:
    return {document.file for document in found.documents}


def test_without_a_wish_every_document_is_listed(service: Service) -> None:
    found = listing(service, "q=&language=&published_from=")
    assert found.total == len(TEXTS)
    assert not found.narrows


def test_wishes_narrow_it(service: Service) -> None:
    assert files(listing(service, "q=FIETSEN")) == {"fietsen.txt"}
    assert files(listing(service, "language=fr&language=lb")) == {"traite.txt", "patrullen.txt"}
    assert files(listing(service, "collection=odd")) == {"<b>.txt"}
    assert files(listing(service, "published_from=2019-01-01&published_to=2019-12-31")) == {
        "patrullen.txt"
    }


def test_links_narrow_and_widen(service: Service) -> None:
    wide = listing(service)
    assert wide.only("language", "fr") == "/documents?language=fr"
    assert wide.year("2018") == "/documents?published_from=2018-01-01&published_to=2018-12-31"
    narrow = listing(service, "language=fr&q=a&offset=25")
    assert narrow.only("language", "fr") == "/documents?q=a"
    year = listing(service, "published_from=2018-01-01&published_to=2018-12-31")
    assert year.has_year("2018")
    assert year.year("2018") == "/documents"


def test_pages_are_counted_and_linked() -> None:
    found = Listing({"q": "a"}, 2 * PAGE_DOCUMENTS + 1, PAGE_DOCUMENTS, ())
    assert (found.number, found.pages) == (2, 3)
    assert found.page(3) == f"/documents?q=a&offset={2 * PAGE_DOCUMENTS}"
    assert found.page(1) == "/documents?q=a"


@pytest.mark.parametrize("query", ["published_from=x", "offset=-1", "offset=x", "q=" + "a" * 201])
def test_a_wish_that_cannot_be_understood_lists_everything_and_says_so(
    client: TestClient, query: str
) -> None:
    response = client.get(f"/documents?{query}")
    assert response.status_code == 422
    assert texts("en")["usable_filters"] in response.text
    assert "traite.txt" in response.text


def test_the_corpus_page_tells_what_there_is(client: TestClient) -> None:
    html = client.get("/documents", headers={"accept-language": "de"}).text
    page = Seen(html)
    assert "6 Dokumente" in page.text
    counted = re.findall(r'<a href="/documents\?([^"]+)"[^>]*>([^<]+)</a> <small>(\d+)', html)
    assert ("language=lb", "Luxemburgisch", "1") in counted
    assert ("collection=press", "press", "5") in counted
    assert ("published_from=2018-01-01&amp;published_to=2018-12-31", "2018", "1") in counted
    assert texts("de")["undated"] in page.text
    assert "press / traite.txt" in page.text


def test_no_documents_is_said(client: TestClient) -> None:
    assert texts("en")["none_found"] in client.get("/documents?q=nothing+like+it").text


def test_a_hostile_title_is_text(client: TestClient) -> None:
    html = client.get("/documents").text
    assert "<img src=x" not in html
    assert escape("<b>.txt") in html
