"""Correcting what is known of a document, over HTTP and by the form on its page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.audit.chain import Deed
from api.auth.keys import Keys, Scope
from api.service import Service, open_service
from api.settings import Settings
from api.web.i18n import texts
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Kind as JobKind
from corpus.store.jobs import Offered
from tests.api.clients import afar, beside
from tests.languages import SHOWN

FACTS = ("title", "publisher", "published", "language", "url")


@pytest.fixture(scope="module")
def own(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, cache: Path
) -> Iterator[Service]:
    """A service over a copy of the collection, which the tests change."""
    data = tmp_path_factory.mktemp("facts") / "data"
    shutil.copytree(settings.data, data)
    with open_service(Settings(data=data, cache=cache)) as service:
        yield service


@pytest.fixture(scope="module")
def editor(own: Service) -> TestClient:
    client = beside(own)
    client.follow_redirects = False
    return client


@pytest.fixture(scope="module")
def train(ids: dict[str, str]) -> str:
    return f"/v1/documents/{ids['train.txt']}"


def test_each_fact_says_where_it_was_found(editor: TestClient, ids: dict[str, str]) -> None:
    facts = editor.get(f"/v1/documents/{ids['traite.txt']}").json()["facts"]
    assert facts["title"] == {
        "value": "Signature du traité de coopération policière",
        "from": "heading",
    }
    assert facts["published"] == {"value": "2018-07-23", "from": "text"}
    assert facts["language"] == {"value": "fr", "from": "text"}
    assert facts["publisher"] == {"value": None, "from": None}


def test_what_is_corrected_is_answered_filtered_and_listed_by_at_once(
    editor: TestClient, train: str
) -> None:
    asked: dict[str, Any] = {"question": "When does the night train leave Luxembourg?"}
    dated = {**asked, "published_from": "2024-05-01", "published_to": "2024-05-31"}
    assert editor.post("/v1/ask", json=dated).json()["passages"] == []
    sent = {"title": "The sleeper", "published": "2024-05-03", "url": "https://example.org/train"}
    response = editor.patch(train, json=sent)
    assert response.status_code == 200, response.text
    facts = response.json()["facts"]
    assert {name: facts[name]["from"] for name in sent} == dict.fromkeys(sent, "person")
    source = editor.post("/v1/ask", json=dated).json()["passages"][0]["source"]
    assert (source["title"], source["published"], source["url"]) == tuple(sent.values())
    assert editor.get("/v1/documents", params={"q": "sleeper"}).json()["total"] == 1


def test_a_corrected_language_is_the_one_that_is_searched_by(
    editor: TestClient, ids: dict[str, str]
) -> None:
    asked = {"question": "Wie viele Fahrer hatten zu viel Alkohol getrunken?", "languages": ["de"]}
    found = f"/v1/documents/{ids['patrullen.txt']}"
    before = editor.post("/v1/ask", json=asked).json()["passages"]
    assert all(each["source"]["document"] not in found for each in before)
    assert editor.patch(found, json={"language": "DE"}).json()["language"] == "de"
    passage = editor.post("/v1/ask", json=asked).json()["passages"][0]
    assert (passage["language"], passage["source"]["file"]) == ("de", "patrullen.txt")


def test_of_two_who_correct_the_same_title_the_second_is_told_what_is_there(
    editor: TestClient, ids: dict[str, str]
) -> None:
    found = f"/v1/documents/{ids['fietsen.txt']}"
    tag = {"If-Match": editor.get(found).headers["ETag"]}
    first = editor.patch(found, json={"title": "Fietsen"}, headers=tag)
    assert first.status_code == 200
    assert first.headers["ETag"] != tag["If-Match"]
    second = editor.patch(found, json={"title": "Rijwielen"}, headers=tag)
    assert second.status_code == 412
    assert second.json()["type"] == "/problems/changed-meanwhile"
    assert second.json()["facts"]["title"] == {"value": "Fietsen", "from": "person"}
    again = editor.patch(
        found, json={"title": "Rijwielen"}, headers={"If-Match": second.headers["ETag"]}
    )
    assert again.json()["title"] == "Rijwielen"


@pytest.mark.parametrize(
    "sent",
    [
        {"title": ""},
        {"title": None},
        {"title": "a" * 501},
        {"title": "a\u202eb"},
        {"published": "3 May"},
        {"published": 20210503},
        {"language": "French"},
        {"language": None},
        {"url": "javascript:alert(1)"},
        {"url": "https://example.org/" + "a" * 2000},
        {"author": "Jo"},
        {"title": ["a"]},
    ],
)
def test_what_a_fact_cannot_be_is_named(
    editor: TestClient, train: str, sent: dict[str, Any]
) -> None:
    response = editor.patch(train, json=sent)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == next(iter(sent))


def test_null_says_that_there_is_none(editor: TestClient, ids: dict[str, str]) -> None:
    found = f"/v1/documents/{ids['hochwasser.txt']}"
    corrected = editor.patch(found, json={"published": None, "publisher": "  "}).json()
    assert corrected["published"] is None
    assert corrected["facts"]["published"] == {"value": None, "from": "person"}


@pytest.fixture(scope="module")
def keys(own: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, TestClient]]:
    """Clients by what they may."""
    with Keys(tmp_path_factory.mktemp("keys")) as keys:
        app = create_app(replace(own, keys=keys))
        yield {
            name: afar(app, keys.add(name, scopes, collections)[1])
            for name, scopes, collections in (
                ("reader", [Scope.READ], None),
                ("writer", [Scope.WRITE], None),
                ("other", [Scope.READ, Scope.WRITE], ["odd"]),
                ("both", [Scope.READ, Scope.WRITE], ["press"]),
            )
        }


@pytest.mark.parametrize(
    ("who", "status"), [("reader", 403), ("writer", 404), ("other", 404), ("both", 200)]
)
def test_only_who_may_read_and_write_a_document_corrects_it(
    keys: dict[str, TestClient], train: str, who: str, status: int
) -> None:
    response = keys[who].patch(train, json={"publisher": who})
    assert response.status_code == status
    assert "Night" not in response.text or status == 200


def test_a_document_is_moved_under_its_id_and_found_there_at_once(
    own: Service, editor: TestClient, keys: dict[str, TestClient], ids: dict[str, str]
) -> None:
    found = f"/v1/documents/{ids['traite.txt']}"
    before = editor.get(found)
    tag = {"If-Match": before.headers["ETag"]}
    moved = editor.patch(
        found, json={"collection": "treaties", "publisher": "Benelux"}, headers=tag
    )
    assert moved.status_code == 200, moved.text
    assert moved.headers["ETag"] != tag["If-Match"]
    after = moved.json()
    assert (after["collection"], after["publisher"]) == ("treaties", "Benelux")
    same = ("id", "link", "title", "sha256", "passages", "text")
    assert {name: after.get(name) for name in same} == {
        name: before.json().get(name) for name in same
    }
    asked = {"question": "Qui a signé le traité de coopération policière ?"}
    for collection, is_there in (("press", False), ("treaties", True)):
        answer = editor.post("/v1/ask", json={**asked, "collections": [collection]}).json()
        files = [each["source"]["file"] for each in answer["passages"]]
        assert ("traite.txt" in files) is is_there
    assert keys["both"].get(found).status_code == 404, "it may read press only"
    (noted,) = (each for each in own.audit.records() if each.deed is Deed.MOVED)
    assert noted.on == {"collection": "press", "document": after["id"], "to": "treaties"}
    assert editor.patch(found, json={"collection": "press"}).json()["collection"] == "press"
    assert keys["both"].get(found).status_code == 200


def test_who_may_not_write_in_a_collection_cannot_tell_whether_there_is_one(
    keys: dict[str, TestClient], train: str
) -> None:
    told = [keys["both"].patch(train, json={"collection": name}) for name in ("odd", "nowhere")]
    assert {(each.status_code, each.text) for each in told} == {(403, told[0].text)}
    assert keys["both"].get(train).json()["collection"] == "press"


def test_a_document_does_not_take_the_place_of_another(
    editor: TestClient, own: Service, train: str
) -> None:
    with Catalogue(own.settings.data) as catalogue:
        sent = [Offered("train.txt", b"Another train.")]
        catalogue.jobs.accept(JobKind.UPLOAD, "timetables", sent)
    refused = editor.patch(train, json={"collection": "timetables", "title": "Mine"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-moved")
    assert "timetables already has another document" in refused.json()["detail"]
    there = editor.get(train).json()
    assert (there["collection"], there["title"] == "Mine") == ("press", False)


@pytest.mark.parametrize("name", ["", " a", "a\nb", "a" * 101, None, ["press"]])
def test_what_a_collection_cannot_be_called_is_named(
    editor: TestClient, train: str, name: object
) -> None:
    response = editor.patch(train, json={"collection": name})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "collection"


@pytest.mark.parametrize("language", SHOWN)
def test_the_form_is_for_whoever_may_write(
    editor: TestClient, keys: dict[str, TestClient], train: str, language: str
) -> None:
    said, headers = texts(language), {"accept": "text/html", "accept-language": language}
    page = train.removeprefix("/v1")
    shown = unescape(editor.get(page, headers=headers).text)
    assert said["correct"] in shown
    assert said["from_heading"] in shown or said["from_person"] in shown
    assert f'href="/selected?document={page.removeprefix("/documents/")}"' in shown
    assert said["correct"] not in unescape(keys["reader"].get(page, headers=headers).text)


def fields(html: str) -> dict[str, str]:
    """Return what the form on a page holds."""
    form = html[html.index('class="upload correct"') :]
    typed = {
        name: unescape(value)
        for name, value in re.findall(r'name="(\w+)"(?: required)? value="([^"]*)"', form)
    }
    chosen = re.search(r'<option value="(\w+)" selected>', form)
    return {**typed, "language": chosen[1] if chosen else ""}


def test_the_form_corrects_what_was_changed_and_nothing_else(
    editor: TestClient, ids: dict[str, str]
) -> None:
    page = f"/documents/{ids['<b>.txt']}"
    held = fields(editor.get(page, headers={"accept": "text/html"}).text)
    assert set(held) == {*FACTS, "tag"}
    response = editor.post(f"{page}/facts", data={**held, "publisher": "The <baker>"})
    assert response.status_code == 303
    assert response.headers["location"] == f"{page}?corrected"
    shown = editor.get(response.headers["location"], headers={"accept": "text/html"}).text
    assert texts("en")["corrected"] in unescape(shown)
    assert "The &lt;baker&gt;" in shown
    facts = editor.get(f"/v1{page}").json()["facts"]
    assert [name for name in FACTS if facts[name]["from"] == "person"] == ["publisher"]


@pytest.mark.parametrize("language", SHOWN)
def test_nothing_that_was_typed_is_lost_when_somebody_else_was_first_or_it_is_wrong(
    editor: TestClient, ids: dict[str, str], language: str
) -> None:
    said, headers = texts(language), {"accept": "text/html", "accept-language": language}
    page = f"/documents/{ids['hochwasser.txt']}"
    held = fields(editor.get(page, headers=headers).text)
    typed = {**held, "title": f"Mine in {language}", "url": "no address"}
    refused = editor.post(f"{page}/facts", data=typed, headers=headers)
    assert refused.status_code == 422
    assert said["wrong_url"] in unescape(refused.text)
    assert fields(refused.text) == typed
    editor.patch(f"/v1{page}", json={"title": f"Theirs in {language}"})
    typed["url"] = "https://example.org"
    overtaken = editor.post(f"{page}/facts", data=typed, headers=headers)
    assert overtaken.status_code == 412
    assert said["overtaken"] in unescape(overtaken.text)
    assert said["now_there"].format(value=f"Theirs in {language}") in unescape(overtaken.text)
    again = fields(overtaken.text)
    assert again == {**typed, "tag": again["tag"]}
    assert editor.post(f"{page}/facts", data=again, headers=headers).status_code == 303
    assert editor.get(f"/v1{page}").json()["title"] == f"Mine in {language}"


def test_a_form_of_another_site_corrects_nothing(editor: TestClient, train: str) -> None:
    page = train.removeprefix("/v1")
    sent = {"title": "Theirs"}
    response = editor.post(f"{page}/facts", data=sent, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
