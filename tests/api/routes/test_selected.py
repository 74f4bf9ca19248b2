"""Removing or moving many documents at once, after a look at which."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.auth.keys import Keys, Scope
from api.service import Service, open_service
from api.settings import Settings
from api.web import selection
from api.web.i18n import counted, texts
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Kind, Offered
from tests.api.clients import afar, beside
from tests.languages import SHOWN

BROWSER = {"accept": "text/html"}


@pytest.fixture(scope="module")
def own(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, cache: Path
) -> Iterator[Service]:
    """A service over a copy of the collection, of which each test removes what no other needs."""
    data = shutil.copytree(settings.data, tmp_path_factory.mktemp("selected") / "data")
    with open_service(Settings(data=data, cache=cache)) as service:
        yield service


@pytest.fixture(scope="module")
def editor(own: Service) -> TestClient:
    client = beside(own, BROWSER)
    client.follow_redirects = False
    return client


def number(client: TestClient) -> int:
    return int(client.get("/v1/documents").json()["total"])


def test_the_chosen_are_named_confirmed_and_removed(
    editor: TestClient, ids: dict[str, str]
) -> None:
    chosen = f"document={ids['train.txt']}&document={ids['fietsen.txt']}&document=d-none"
    shown = unescape(editor.get(f"/selected?{chosen}").text)
    assert "Remove 2 documents?" in shown
    assert "Night train through the Ardennes" in shown
    before = number(editor)
    sent = {"selection": chosen, "count": 2}
    response = editor.post("/selected", data=sent)
    assert response.status_code == 303
    listed = editor.get(response.headers["location"]).text
    assert "2 documents have been removed." in listed
    assert number(editor) == before - 2
    asked = {"question": "When does the night train leave Luxembourg?"}
    passages = editor.post("/v1/ask", json=asked).json()["passages"]
    assert all(each["source"]["file"] != "train.txt" for each in passages)
    assert editor.post("/selected", data=sent).status_code == 412, "they are gone"


@pytest.mark.parametrize("language", SHOWN)
def test_nothing_is_removed_if_the_list_has_changed_since_it_was_looked_at(
    editor: TestClient, language: str
) -> None:
    before = number(editor)
    response = editor.post(
        "/selected",
        data={"selection": "all=&collection=press", "count": before},
        headers={"accept-language": language},
    )
    assert response.status_code == 412
    assert texts(language)["selection_changed"] in unescape(response.text)
    assert number(editor) == before


def test_all_of_a_list_are_those_of_its_filter(editor: TestClient) -> None:
    listed = editor.get("/documents", params={"language": "de", "collection": "press"}).text
    assert "/selected?all=&amp;language=de&amp;collection=press" in listed
    sent = {"selection": "all=&language=de&collection=press", "count": 1}
    assert editor.post("/selected", data=sent).headers["location"] == "/documents?removed=1"
    assert editor.get("/v1/documents", params={"language": "de"}).json()["total"] == 0
    # What cannot be understood chooses nothing, and not everything.
    sent = {"selection": "all=&published_to=never", "count": number(editor)}
    assert editor.post("/selected", data=sent).status_code == 412


@pytest.mark.parametrize("language", SHOWN)
def test_the_chosen_are_moved_once_that_is_confirmed(
    editor: TestClient, ids: dict[str, str], language: str
) -> None:
    said, headers = texts(language), {"accept-language": language}
    chosen = f"document={ids['traite.txt']}&document={ids['patrullen.txt']}"
    target = f"archive {language} <&>"
    shown = editor.get(f"/selected?{chosen}", headers=headers).text
    assert 'name="to"' in shown
    assert shown.count('type="hidden" name="document"') == 2
    asked = editor.get(f"/selected?{chosen}&{urlencode({'to': f' {target} '})}", headers=headers)
    page = unescape(asked.text)
    assert counted("move_selected", 2, language).format(count=2, collection=target) in page
    assert said["new_collection"] in page
    sent = {"selection": chosen, "count": 2, "collection": target}
    moved = editor.post("/selected/move", data=sent, headers=headers)
    assert moved.status_code == 303, moved.text
    listed = unescape(editor.get(moved.headers["location"], headers=headers).text)
    assert counted("moved", 2, language).format(count=2) in listed
    there = editor.get("/v1/documents", params={"collection": target}).json()
    assert {each["id"] for each in there["documents"]} == {ids["traite.txt"], ids["patrullen.txt"]}
    again = editor.get(f"/selected?{chosen}&{urlencode({'to': target})}", headers=headers)
    assert said["new_collection"] not in unescape(again.text)


@pytest.mark.parametrize("language", SHOWN)
def test_what_cannot_be_moved_is_named_with_the_reason_and_the_rest_is_moved(
    own: Service, editor: TestClient, ids: dict[str, str], language: str
) -> None:
    said, target = texts(language), f"full {language}"
    with Catalogue(own.settings.data) as catalogue:
        catalogue.jobs.accept(Kind.UPLOAD, target, [Offered("patrullen.txt", b"A note.")])
    chosen = f"document={ids['patrullen.txt']}&document={ids['traite.txt']}"
    sent = {"selection": chosen, "count": 2, "collection": target}
    response = editor.post("/selected/move", data=sent, headers={"accept-language": language})
    page = unescape(response.text)
    assert counted("stayed", 1, language).format(count=1) in page
    assert counted("moved", 1, language).format(count=1) in page
    assert said["stays_PlaceTaken"] in page
    assert "patrullen.txt" in page


@pytest.mark.parametrize("language", SHOWN)
def test_a_collection_is_not_called_just_anything(
    editor: TestClient, ids: dict[str, str], language: str
) -> None:
    wrong = "a" * 101
    address = f"/selected?document={ids['traite.txt']}&to={wrong}"
    response = editor.get(address, headers={"accept-language": language})
    assert response.status_code == 422
    assert texts(language)["wrong_collection"] in unescape(response.text)
    assert wrong in response.text, "what was typed is still there"


def test_nothing_is_moved_if_it_is_not_what_was_confirmed(
    editor: TestClient, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = {"selection": "all=", "count": 1, "collection": "elsewhere"}
    assert editor.post("/selected/move", data=sent).status_code == 412
    monkeypatch.setattr(selection, "MAX_MOVED", 1)
    sent["count"] = number(editor)
    assert editor.post("/selected/move", data=sent).status_code == 412
    assert 'name="to"' not in editor.get("/selected?all=").text
    assert 'name="to"' not in editor.get("/selected?all=&to=elsewhere").text
    listed = editor.get("/v1/documents", params={"collection": "elsewhere"}).json()
    assert listed["total"] == 0


def test_nobody_moves_to_or_from_a_collection_that_is_not_theirs(
    own: Service, tmp_path: Path, ids: dict[str, str]
) -> None:
    with Keys(tmp_path / "keys") as keys:
        app = create_app(replace(own, keys=keys))
        _, text = keys.add("odd", [Scope.READ, Scope.WRITE], ["odd"])
        client = afar(app, text, headers=BROWSER)
        theirs = f"document={ids['traite.txt']}"
        assert client.get(f"/selected?{theirs}&to=odd").status_code == 200
        assert texts("en")["none_selected"] in client.get(f"/selected?{theirs}&to=odd").text
        mine = f"document={ids['<b>.txt']}"
        there, nowhere = (
            client.get(f"/selected?{mine}&to={name}") for name in ("press", "nowhere")
        )
        assert (there.status_code, nowhere.status_code) == (403, 403)
        assert there.text.replace("press", "nowhere") == nowhere.text
        for name in ("press", "nowhere"):
            sent = {"selection": mine, "count": 1, "collection": name}
            assert client.post("/selected/move", data=sent).status_code == 403
        assert number(client) == 1


def test_more_than_can_be_removed_at_once_is_refused_with_the_number(
    editor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "MAX_SELECTED", 2)
    shown = editor.get("/selected?all=").text
    assert '<form class="remove"' not in shown
    assert editor.post("/selected", data={"selection": "all=", "count": 3}).status_code == 412
    assert number(editor) > 2


def test_only_what_a_key_may_read_and_write_is_chosen(
    own: Service, tmp_path: Path, ids: dict[str, str]
) -> None:
    with Keys(tmp_path / "keys") as keys:
        app = create_app(replace(own, keys=keys))
        _, text = keys.add("odd", [Scope.READ, Scope.WRITE], ["odd"])
        _, reading = keys.add("reader", [Scope.READ])
        client, reader = (afar(app, each, headers=BROWSER) for each in (text, reading))
        before = number(reader)
        chosen = f"document={ids['patrullen.txt']}&document={ids['<b>.txt']}"
        assert client.post("/selected", data={"selection": chosen, "count": 2}).status_code == 412
        assert client.post("/selected", data={"selection": "all=", "count": 1}).status_code == 303
        assert number(reader) == before - 1
        assert texts("en")["none_selected"] in reader.get("/selected?all=").text
        assert 'form="chosen"' not in reader.get("/documents").text
