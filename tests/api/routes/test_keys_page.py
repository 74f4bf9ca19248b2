"""The page of the keys: what each allows, making one, revoking one."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from api.audit.chain import Deed
from api.auth.keys import Key, Keys, Scope
from api.auth.permissions import Rights, rights_of
from api.service import Service, open_service
from api.settings import Settings
from api.web.i18n import texts
from tests.api.clients import afar, beside
from tests.languages import SHOWN

BROWSER = {"accept": "text/html"}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVERY = [Scope.READ, Scope.WRITE, Scope.ADMIN]
MADE = re.compile(r">(passerelle_[0-9a-f]{12}_[\w-]{43})<")


@pytest.fixture(scope="module")
def own(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, cache: Path
) -> Iterator[Service]:
    """A service over a copy of the collection, without keys."""
    data = shutil.copytree(settings.data, tmp_path_factory.mktemp("keys-page") / "data")
    with open_service(Settings(data=data, cache=cache)) as service:
        yield service


@pytest.fixture
def kept(own: Service, tmp_path: Path) -> Iterator[Service]:
    """The same with keys of its own."""
    with Keys(tmp_path / "keys") as keys:
        yield replace(own, keys=keys)


def admin(kept: Service, scopes: list[Scope] = EVERY, *collections: str) -> TestClient:
    """A browser that is signed in with a new key."""
    _, text = kept.keys.add("Operator", scopes, collections or None)
    client = afar(create_app(kept), text, headers=BROWSER)
    client.follow_redirects = False
    return client


def named(kept: Service, name: str) -> Key:
    return next(key for key in kept.keys.all() if key.name == name)


@pytest.mark.parametrize("language", SHOWN)
def test_a_key_is_made_and_shown_once(kept: Service, language: str) -> None:
    said, headers = texts(language), {"accept-language": language}
    client = admin(kept)
    name = f"Lesesaal <{language}>"
    sent = {"name": f" {name} ", "scopes": ["read", "write"], "collections": " press \r\n\r\nodd"}
    made = client.post("/keys", data=sent, headers=headers)
    assert made.status_code == 200, made.text
    assert made.headers["cache-control"] == "no-store"
    assert said["key_made"].format(name=name) in unescape(made.text)
    (text,) = MADE.findall(made.text)
    holder = kept.keys.holder(text)
    assert holder
    assert holder.id == named(kept, name).id
    assert holder.scopes == frozenset({Scope.READ, Scope.WRITE})
    assert holder.collections == frozenset({"press", "odd"})
    listed = unescape(client.get("/keys", headers=headers).text)
    assert name in listed
    assert "odd, press" in listed
    assert said["key_own"] in listed
    assert text not in listed
    assert hashlib.sha256(text.encode()).hexdigest() not in listed
    deeds = [record for record in kept.audit.records() if record.deed is Deed.MADE_KEY]
    assert deeds[-1].on == {"key": holder.id, "name": name}
    assert deeds[-1].name == "Operator"


@pytest.mark.parametrize("language", SHOWN)
def test_a_key_is_revoked_at_once(kept: Service, language: str) -> None:
    said, headers = texts(language), {"accept-language": language}
    client = admin(kept)
    key, text = kept.keys.add("Lost", [Scope.READ])
    assert said["revoke"] in unescape(client.get("/keys", headers=headers).text)
    done = client.post("/keys/revoke", data={"key": key.id}, headers=headers)
    assert (done.status_code, done.headers["location"]) == (303, "/keys?revoked")
    assert kept.keys.holder(text) is None
    assert said["key_revoked"] in unescape(client.get("/keys?revoked", headers=headers).text)
    deeds = [record.on for record in kept.audit.records() if record.deed is Deed.REVOKED_KEY]
    assert deeds[-1] == {"key": key.id}


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"name": "", "scopes": "read", "every": "yes"}, "name"),
        ({"name": "a" * 101, "scopes": "read", "every": "yes"}, "name"),
        ({"name": "A", "every": "yes"}, "scopes"),
        ({"name": "A", "scopes": "everything", "every": "yes"}, "scopes"),
        ({"name": "A", "scopes": "read"}, "collections"),
        ({"name": "A", "scopes": "read", "collections": "a" * 101}, "collections"),
    ],
)
@pytest.mark.parametrize("language", SHOWN)
def test_what_a_key_cannot_be_is_said_and_nothing_typed_is_lost(
    kept: Service, sent: dict[str, str], wrong: str, language: str
) -> None:
    client = admin(kept)
    refused = client.post("/keys", data=sent, headers={"accept-language": language})
    assert refused.status_code == 422
    assert texts(language)[f"wrong_key_{wrong}"] in unescape(refused.text)
    for typed in (sent["name"], sent.get("collections", "")):
        assert typed in refused.text
    assert [key.name for key in kept.keys.all()] == ["Operator"]


def test_names_and_all_collections_together_mean_the_names(kept: Service) -> None:
    sent = {"name": "A", "scopes": "read", "every": "yes", "collections": "press"}
    assert admin(kept).post("/keys", data=sent).status_code == 200
    assert named(kept, "A").collections == frozenset({"press"})


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"scopes": "admin", "collections": "press"}, 200),
        ({"scopes": "read", "collections": "press"}, 200),
        ({"scopes": "read", "collections": "odd"}, 403),
        ({"scopes": "read", "every": "yes"}, 403),
        ({"scopes": ["read", "write"], "collections": "press"}, 403),
    ],
)
def test_nobody_makes_a_key_that_allows_more_than_they_may(
    kept: Service, sent: dict[str, Any], status: int
) -> None:
    client = admin(kept, [Scope.READ, Scope.ADMIN], "press")
    assert client.post("/keys", data={"name": "A", **sent}).status_code == status
    assert len(kept.keys.all()) == (2 if status == 200 else 1)


def test_keys_that_allow_more_are_neither_shown_nor_revoked(kept: Service) -> None:
    more, _ = kept.keys.add("All of it", [Scope.READ])
    client = admin(kept, [Scope.READ, Scope.ADMIN], "press")
    assert "All of it" not in client.get("/keys").text
    assert client.post("/keys/revoke", data={"key": more.id}).status_code == 404
    assert client.post("/keys/revoke", data={"key": "0" * 12}).status_code == 404
    assert kept.keys.is_valid(more.id)


@pytest.mark.parametrize("scopes", [[Scope.READ], [Scope.READ, Scope.WRITE]])
def test_the_page_is_for_admins(kept: Service, scopes: list[Scope]) -> None:
    client = admin(kept, scopes)
    sent = {"name": "A", "scopes": "read", "every": "yes"}
    assert client.get("/keys").status_code == 403
    assert client.post("/keys", data=sent).status_code == 403
    assert client.post("/keys/revoke", data={"key": "0" * 12}).status_code == 403
    assert 'href="/keys"' not in client.get("/documents").text
    assert len(kept.keys.all()) == 1


def test_the_first_key_is_made_on_the_machine_itself_and_shuts_the_door(kept: Service) -> None:
    here = beside(kept, BROWSER)
    assert texts("en")["keys_first"] in unescape(here.get("/keys").text)
    sent = {"name": "Me", "scopes": ["read", "write", "admin"], "every": "yes"}
    made = here.post("/keys", data=sent)
    (text,) = MADE.findall(made.text)
    assert made.headers["cache-control"] == "no-store"
    assert here.get("/keys").status_code == 401
    signed_in = here.post("/sign-in", data={"key": text, "back": "/keys"})
    assert signed_in.status_code == 200
    assert texts("en")["key_own"] in unescape(signed_in.text)


def test_a_page_of_another_site_makes_no_key(kept: Service) -> None:
    sent = {"name": "A", "scopes": "read", "every": "yes"}
    here = beside(kept, BROWSER)
    refused = here.post("/keys", data=sent, headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    assert kept.keys.all() == []


Some = st.none() | st.frozensets(st.sampled_from(["press", "odd", "archive"]))
Scopes = st.frozensets(st.sampled_from(EVERY))


@given(Scopes, Some, Scopes, Some)
def test_rights_cover_a_key_only_if_it_opens_nothing_that_they_do_not(
    own: frozenset[Scope],
    own_collections: frozenset[str] | None,
    scopes: frozenset[Scope],
    collections: frozenset[str] | None,
) -> None:
    def opened(rights: Rights) -> set[tuple[str, str]]:
        names = ("press", "odd", "archive", "one to come")
        reads = {("read", name) for name in names if rights.reads is None or name in rights.reads}
        writes = {("write", name) for name in names if rights.may_write_in(name)}
        return reads | writes | ({("admin", "")} if rights.is_admin else set())

    mine, theirs = (
        rights_of(Key("", "", each, names, NOW), is_public=False)
        for each, names in ((own, own_collections), (scopes, collections))
    )
    if mine.cover(scopes, collections):
        assert opened(theirs) <= opened(mine)
    assert not mine.cover(scopes, collections) or scopes <= own
