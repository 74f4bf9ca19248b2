"""The page of the collections: what each holds, who may read it, and another name for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api import renaming
from api.app import create_app
from api.audit.chain import Deed
from api.auth.keys import Key, Keys, Scope
from api.service import Service, open_service
from api.settings import Settings
from api.web.i18n import counted, texts
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Kind, Offered
from tests.api.clients import afar
from tests.languages import SHOWN

BROWSER = {"accept": "text/html"}
EVERY = [Scope.READ, Scope.WRITE, Scope.ADMIN]


@pytest.fixture(scope="module")
def own(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, cache: Path
) -> Iterator[Service]:
    """A service over a copy of the collection. Each test leaves every name as it was."""
    data = shutil.copytree(settings.data, tmp_path_factory.mktemp("collections") / "data")
    with open_service(Settings(data=data, cache=cache)) as service:
        yield service


@pytest.fixture(scope="module")
def clients(own: Service) -> dict[str, TestClient]:
    """Clients by what they may: of the keys in ``own``."""
    app = create_app(own)
    found = {
        name: afar(app, own.keys.add(f"Key of <{name}>", scopes, collections)[1], headers=BROWSER)
        for name, scopes, collections in (
            ("admin", EVERY, None),
            ("reader", [Scope.READ], ["press"]),
            ("writer", [Scope.READ, Scope.WRITE], None),
            ("metrics", [Scope.READ, Scope.ADMIN], None),
        )
    }
    for client in found.values():
        client.follow_redirects = False
    return found


def key_of(keys: Keys, name: str) -> Key:
    return next(key for key in keys.all() if key.name == f"Key of <{name}>")


def shown(client: TestClient, address: str = "/collections", language: str = "en") -> str:
    response = client.get(address, headers={"accept-language": language})
    assert response.status_code == 200, response.text
    return unescape(response.text)


def rename(client: TestClient, collection: str, to: str) -> None:
    """Rename a collection of a few documents."""
    done = client.post("/collections/rename", data={"collection": collection, "to": to})
    assert done.status_code == 303, done.text


def documents_in(client: TestClient, collection: str) -> list[str]:
    listed = client.get("/v1/documents", params={"collection": collection}).json()["documents"]
    return [each["id"] for each in listed]


@pytest.mark.parametrize("language", SHOWN)
def test_each_collection_is_shown_with_what_it_holds_and_who_may_read_it(
    clients: dict[str, TestClient], language: str
) -> None:
    said = texts(language)
    page = shown(clients["admin"], language=language)
    assert counted("documents", 1, language).format(count=1) in page
    assert said["open_to"] in page
    assert "Key of <reader>" in page
    assert said["rename"] in page
    page = shown(clients["reader"], language=language)
    assert "press" in page
    assert "/documents?collection=odd" not in page
    for name in ("reader", "writer"):
        page = shown(clients[name], language=language)
        assert "Key of" not in page
        assert said["rename"] not in page


def test_a_collection_is_renamed_and_its_keys_go_along(
    own: Service, clients: dict[str, TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renaming, "AT_ONCE", 2)
    before = documents_in(clients["admin"], "press")
    assert len(before) > 3
    asked = shown(clients["admin"], "/collections/rename?collection=press&to=%20news%20")
    assert texts("en")["rename_ask"].format(collection="press", to="news") in asked
    sent = {"collection": "press", "to": "news"}
    steps = 0
    while (done := clients["admin"].post("/collections/rename", data=sent)).status_code == 200:
        steps += 1
        assert f'name="total" value="{len(before)}"' in done.text
        sent["total"] = str(len(before))
        assert key_of(own.keys, "reader").collections == frozenset({"press", "news"})
        assert len(documents_in(clients["reader"], "news")) == 2 * steps
    assert (done.status_code, done.headers["location"]) == (303, "/collections?renamed")
    assert steps == (len(before) - 1) // 2
    assert sorted(documents_in(clients["reader"], "news")) == sorted(before)
    assert key_of(own.keys, "reader").collections == frozenset({"news"})
    assert key_of(own.keys, "writer").collections is None
    assert texts("en")["renamed"] in shown(clients["admin"], "/collections?renamed")
    deeds = [record.on for record in own.audit.records() if record.deed is Deed.CHANGED_KEY]
    reader = key_of(own.keys, "reader").id
    assert deeds == [{"key": reader, "collection": "press", "to": "news"}] * 2
    monkeypatch.undo()
    rename(clients["admin"], "news", "press")
    assert sorted(documents_in(clients["reader"], "press")) == sorted(before)


def test_two_collections_do_not_become_one_by_a_name(
    own: Service, clients: dict[str, TestClient]
) -> None:
    said, admin = texts("en"), clients["admin"]
    refused = admin.get("/collections/rename?collection=press&to=odd")
    assert (refused.status_code, said["wrong_taken"] in refused.text) == (422, True)
    before = documents_in(admin, "press")
    sent = {"collection": "press", "to": "odd"}
    assert admin.post("/collections/rename", data=sent).status_code == 422
    assert documents_in(admin, "press") == before
    assert key_of(own.keys, "reader").collections == frozenset({"press"})
    wrong = admin.get(f"/collections/rename?collection=press&to={'a' * 101}")
    assert (wrong.status_code, said["wrong_collection"] in unescape(wrong.text)) == (422, True)


@pytest.mark.parametrize("who", ["reader", "writer", "metrics"])
def test_only_an_admin_who_may_write_renames(clients: dict[str, TestClient], who: str) -> None:
    before = documents_in(clients["admin"], "press")
    for name in ("press", "odd", "nowhere"):
        assert clients[who].get(f"/collections/rename?collection={name}&to=a").status_code == 403
        sent = {"collection": name, "to": "a"}
        assert clients[who].post("/collections/rename", data=sent).status_code == 403
    assert documents_in(clients["admin"], "press") == before


def test_what_is_still_to_come_under_the_old_name_can_be_read_then(
    own: Service, clients: dict[str, TestClient]
) -> None:
    own.keys.add("Key of <late>", [Scope.READ], ["odd"])
    with Catalogue(own.settings.data) as catalogue:
        catalogue.jobs.accept(Kind.UPLOAD, "odd", [Offered("late.txt", b"A late note.")])
    rename(clients["admin"], "odd", "strange")
    assert key_of(own.keys, "late").collections == frozenset({"odd", "strange"})
    rename(clients["admin"], "strange", "odd")


def test_to_rename_what_is_not_there_takes_nothing_from_a_key(
    own: Service, clients: dict[str, TestClient]
) -> None:
    own.keys.add("Key of <both>", [Scope.READ], ["gone", "news"])
    rename(clients["admin"], "gone", "news")
    assert key_of(own.keys, "both").collections == frozenset({"gone", "news"})


def test_who_needs_no_key_reads_so(own: Service, tmp_path: Path) -> None:
    with Keys(tmp_path / "keys") as keys:
        _, text = keys.add("admin", EVERY)
        public = replace(
            own, keys=keys, settings=own.settings.model_copy(update={"public_read": True})
        )
        page = shown(afar(create_app(public), text, headers=BROWSER))
        assert texts("en")["open_to_all"] in page


def test_what_was_asked_in_a_collection_stays_with_it(
    own: Service, clients: dict[str, TestClient]
) -> None:
    def asked(collection: str) -> int:
        return own.asked.figures(7, frozenset({collection})).number

    before = asked("press")
    clients["reader"].post("/v1/ask", json={"question": "Hoeveel fietsen?"})
    assert asked("press") == before + 1
    rename(clients["admin"], "press", "news")
    assert (asked("press"), asked("news")) == (0, before + 1)
    rename(clients["admin"], "news", "press")
    assert asked("press") == before + 1
