"""Who may do what: every route, for everybody, and nothing that is not theirs to know."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from starlette.types import Message

from api.app import create_app
from api.auth.keys import Keys, Scope
from api.auth.middleware import WRONG_KEYS_PER_MINUTE
from api.problems import BadKey
from api.service import Service, open_service
from api.settings import Settings
from corpus.types import document_id
from index.encoders.query_batcher import QueryBatcher
from tests.api.clients import AFAR, afar, beside
from tests.api.problems import problem
from tests.robustness.adversary.routes import every_route

OPEN = ("A patrol", "A patrol\n\nThe patrol of Vianden found nineteen bicycles on 12 May 2020.\n")
SECRET = ("Akte", "Die Akte 47/2019\n\nDie Akte 47/2019 nennt neunzehn Schmuggler an der Mosel.\n")
QUESTION = "How many bicycles did the patrol of Vianden find?"
PRYING = "Wie viele Schmuggler nennt die Akte 47/2019?"


class People(NamedTuple):
    """A guarded server, and who comes to it."""

    app: FastAPI
    service: Service
    who: dict[str, TestClient]
    keys: dict[str, str]
    secret: str
    """A document of the collection that only the owner and ``elsewhere`` may read."""
    secret_job: str


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[People]:
    settings = Settings(
        data=tmp_path_factory.mktemp("guarded"),
        cache=cache,
        host="0.0.0.0",
        requests_per_minute=1_000_000,
    )
    with open_service(settings, follow=True) as service:
        app, kept = create_app(service), Keys(settings.data)
        every = (Scope.READ, Scope.WRITE, Scope.ADMIN)
        made = {
            "owner": kept.add("owner", every),
            "reader": kept.add("reader", [Scope.READ], ["open"]),
            "writer": kept.add("writer", [Scope.READ, Scope.WRITE], ["open"]),
            "dropper": kept.add("dropper", [Scope.WRITE], ["open"]),
            "watcher": kept.add("watcher", [Scope.ADMIN]),
            "elsewhere": kept.add("elsewhere", [Scope.READ], ["secret"]),
            "revoked": kept.add("revoked", every),
        }
        kept.revoke(made["revoked"][0].id)
        kept.close()
        keys = {name: text for name, (_, text) in made.items()}
        who = {name: afar(app, text) for name, text in keys.items()}
        here = afar(app, base_url="http://127.0.0.1", address="127.0.0.1")
        who |= {"nobody": afar(app), "neighbour": here}
        jobs = [put(who["owner"], "open", *OPEN), put(who["owner"], "secret", *SECRET)]
        yield People(app, service, who, keys, document_id("secret", "Akte.txt"), jobs[1])


def put(client: TestClient, collection: str, name: str, text: str) -> str:
    """Upload a document, wait until it can be found, and return the job."""
    files = {"files": (f"{name}.txt", text.encode())}
    response = client.post("/v1/documents", files=files, data={"collection": collection})
    assert response.status_code == 202, response.text
    job: str = response.json()["id"]
    assert '"state":"done"' in client.get(f"/v1/jobs/{job}/events").text
    return job


REFUSED = {"nobody": 401, "neighbour": 401, "revoked": 401}
READ = {"owner": 200, "reader": 200, "writer": 200, "dropper": 403, "watcher": 403, **REFUSED}
READ |= {"elsewhere": 200}
WRITE = {"owner": 0, "reader": 403, "writer": 0, "dropper": 0, "watcher": 403, "elsewhere": 403}
WRITE |= REFUSED
ADMIN = dict.fromkeys(READ, 403) | {"owner": 200, "watcher": 200} | REFUSED
ALL = dict.fromkeys(READ, 200) | {"revoked": 401}
SIGNING = ALL | dict.fromkeys(READ, 0) | {"revoked": 401}

NO_PROVIDER = dict.fromkeys(READ, 404) | {"revoked": 401}
"""There is none here to sign in with."""


def having(expected: dict[str, int], **changes: int) -> dict[str, int]:
    return {**expected, **changes}


LED_BACK = having(READ, owner=303, elsewhere=303, reader=303, writer=303)
"""To the page that asks."""

NO_PAGES = having(READ, owner=404, elsewhere=404, reader=404, writer=404)
"""The secret document is no PDF."""

EXPECTED: dict[tuple[str, str], dict[str, int]] = {
    ("POST", "/v1/ask"): READ,
    ("GET", "/v1/documents"): READ,
    ("POST", "/v1/documents"): WRITE,
    ("GET", "/v1/documents/{id}"): having(READ, reader=404, writer=404),
    ("PUT", "/v1/documents/{id}"): having(WRITE, writer=404, dropper=404),
    ("PATCH", "/v1/documents/{id}"): having(WRITE, writer=404, dropper=404),
    ("DELETE", "/v1/documents/{id}"): having(WRITE, writer=404, dropper=404),
    ("GET", "/v1/documents/{id}/text"): having(READ, reader=404, writer=404),
    ("GET", "/v1/documents/{id}/original"): having(READ, reader=404, writer=404),
    ("GET", "/v1/documents/{id}/pages/{n}"): NO_PAGES,
    ("GET", "/v1/documents/{id}/pages/{n}/boxes"): NO_PAGES,
    ("GET", "/v1/jobs"): READ,
    ("GET", "/v1/jobs/{id}"): having(READ, reader=404, writer=404),
    ("GET", "/v1/jobs/{id}/events"): having(READ, reader=404, writer=404),
    ("GET", "/v1/collections"): READ,
    ("GET", "/v1/languages"): READ,
    ("GET", "/v1/models"): READ,
    ("POST", "/v1/chat/completions"): READ,
    ("POST", "/mcp"): having(READ, owner=415, reader=415, writer=415, elsewhere=415),
    ("GET", "/health"): ALL,
    ("GET", "/ready"): ALL,
    ("GET", "/metrics"): ADMIN,
    ("GET", "/openapi.json"): READ,
    ("GET", "/"): READ,
    ("GET", "/documents"): READ,
    ("POST", "/documents"): WRITE,
    ("GET", "/documents/{id}"): having(READ, reader=404, writer=404),
    ("POST", "/documents/{id}/facts"): having(WRITE, writer=404, dropper=404),
    ("GET", "/documents/{id}/pages"): having(
        READ, owner=303, elsewhere=303, reader=404, writer=404
    ),
    ("GET", "/documents/{id}/pages/{n}"): NO_PAGES,
    ("POST", "/documents/{id}/remove"): having(WRITE, writer=404, dropper=404),
    ("GET", "/jobs"): READ,
    ("GET", "/selected"): READ,
    ("POST", "/selected"): WRITE,
    ("POST", "/selected/move"): WRITE,
    ("GET", "/keys"): ADMIN,
    ("POST", "/keys"): ADMIN,
    ("POST", "/keys/revoke"): having(ADMIN, owner=404, watcher=404),
    ("GET", "/questions"): ADMIN,
    ("GET", "/v1/questions"): ADMIN,
    ("POST", "/questions/evaluate"): having(ADMIN, owner=303, watcher=403),
    ("GET", "/sources"): ADMIN,
    ("POST", "/sources/visit"): having(ADMIN, owner=404, watcher=404),
    ("GET", "/model"): ADMIN,
    ("POST", "/model"): having(ADMIN, owner=409, watcher=403),
    ("GET", "/collections"): READ,
    ("GET", "/collections/rename"): having(READ, owner=403, reader=403, writer=403, elsewhere=403),
    ("POST", "/collections/rename"): having(WRITE, writer=403, dropper=403),
    ("GET", "/jobs/{id}"): having(READ, reader=404, writer=404),
    ("POST", "/feedback"): having(READ, reader=404, writer=404),
    ("GET", "/write"): LED_BACK,
    ("POST", "/write"): LED_BACK,
    ("GET", "/translate"): LED_BACK,
    ("POST", "/translate"): LED_BACK,
    ("GET", "/embed"): ALL,
    ("GET", "/embed.css"): ALL,
    ("GET", "/docs"): READ,
    ("GET", "/llms.txt"): READ,
    ("GET", "/sign-in"): ALL,
    ("POST", "/sign-in"): SIGNING,
    ("GET", "/sign-in/provider"): NO_PROVIDER,
    ("GET", "/sign-in/return"): NO_PROVIDER,
    ("GET", "/sign-in/finish"): NO_PROVIDER,
    ("POST", "/sign-out"): SIGNING,
    ("GET", "/static"): having(ALL),
}
"""What each gets who asks for the secret document or its job, by method and route; 0 stands for
what the route does where it is allowed. ``writer`` and ``dropper`` may write elsewhere only."""


def routes(app: FastAPI) -> set[tuple[str, str]]:
    """Every way in: what OpenAPI describes, and what it does not."""
    described = {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
    found = set(below(app))
    assert described <= found
    return found


def below(router: Any) -> Iterator[tuple[str, str]]:
    for route in router.routes:
        if isinstance(route, Mount):
            yield "GET", route.path
        elif isinstance(route, Route):
            yield from ((method, route.path) for method in (route.methods or set()) - {"HEAD"})
        else:
            yield from below(route.original_router)  # FastAPI's own for what was included


def test_every_route_has_its_expectation(people: People) -> None:
    assert routes(people.app) == set(EXPECTED)


def test_the_adversary_attacks_every_route(people: People) -> None:
    attacked = {(route.method, route.path) for route in every_route() if route.method != "HEAD"}
    assert routes(people.app) == attacked


def send(people: People, client: TestClient, method: str, path: str) -> Any:
    """Ask for the secret document or job, by what the route takes."""
    id_ = people.secret_job if "jobs" in path else people.secret
    address = path.replace("{id}", id_).replace("{n}", "1") + (
        "/passerelle.css" if path == "/static" else ""
    )
    content: dict[str, Any] = {}
    match method, path:
        case "POST", "/v1/ask":
            content = {"json": {"question": QUESTION}}
        case "POST", "/v1/chat/completions":
            said = [{"role": "user", "content": QUESTION}]
            content = {"json": {"model": "passerelle", "messages": said}}
        case "PUT", _:
            content = {"files": {"file": ("Akte.txt", SECRET[1].encode())}}
        case "PATCH", _:
            content = {"json": {"publisher": "A"}}
        case "POST", "/selected":
            content = {"data": {"selection": "document=d-0", "count": 1}}
        case "POST", "/selected/move":
            moved = {"selection": "document=d-0", "count": 1, "collection": "open"}
            content = {"data": moved}
        case "POST", "/keys":
            content = {"data": {"name": "A", "scopes": "admin", "every": "yes"}}
        case "POST", "/keys/revoke":
            content = {"data": {"key": "nobody's"}}
        case "POST", "/sources/visit":
            content = {"data": {"kind": "feed", "address": "nowhere", "collection": "open"}}
        case "POST", "/model":
            content = {"data": {"step": "take", "model": "0"}}
        case "POST", "/collections/rename":
            content = {"data": {"collection": "nowhere", "to": "elsewhere"}}
        case "POST", "/documents/{id}/facts":
            content = {"data": {"publisher": "B"}}
        case "POST", "/v1/documents" | "/documents":
            content = {
                "files": {"files": ("new.txt", OPEN[1].encode())},
                "data": {"collection": "open"},
            }
        case "POST", "/feedback":
            content = {
                "data": {
                    "question": "?!a", "document": people.secret, "start": 0, "end": 9,
                    "verdict": "helpful",
                }
            }  # fmt: skip
        case "POST", "/sign-in":
            content = {"data": {"key": people.keys["reader"]}}
        case "POST", _:
            content = {"data": {"a": "b"}}
    return client.request(method, address, **content)


@pytest.mark.parametrize("who", ["nobody", "neighbour", "revoked", "watcher", "reader", "elsewhere",
                                 "dropper", "writer", "owner"])  # fmt: skip
def test_every_route_lets_in_who_may_and_nobody_else(people: People, who: str) -> None:
    last = {
        ("DELETE", "/v1/documents/{id}"),
        ("POST", "/documents/{id}/remove"),
        ("POST", "/selected"),
        ("POST", "/selected/move"),
    }
    for number, (method, path) in enumerate(sorted(EXPECTED, key=lambda route: route in last)):
        client, expected = people.who[who], EXPECTED[method, path][who]
        if who == "revoked":  # so many wrong keys of one address would be too many
            client = afar(people.app, people.keys[who], address=f"198.51.100.{number}")
        if (method, path) in last and expected == 0:
            continue  # test_a_document_is_changed_by_who_may_write_in_its_collection
        response = send(people, client, method, path)
        client.cookies.clear()
        if expected:
            assert response.status_code == expected, (method, path, who, response.text)
        else:
            assert response.status_code in {200, 202, 303}, (method, path, who, response.text)
        if expected == 401:
            assert response.headers["www-authenticate"] == "Bearer"


def unread() -> Any:
    async def receive() -> Message:
        raise AssertionError("the body was read")

    return receive


@pytest.mark.parametrize("key", [None, "revoked", "reader", "watcher"])
def test_who_may_not_is_turned_away_before_the_body_is_read(
    people: People, key: str | None
) -> None:
    for number, (method, path) in enumerate(EXPECTED):
        expected = EXPECTED[method, path][key or "nobody"]
        if expected in {401, 403}:
            text = people.keys[key] if key else ""
            authorization = [(b"authorization", f"Bearer {text}".encode())] if key else []
            sent: list[Message] = []

            async def keep(message: Message, sent: list[Message] = sent) -> None:
                sent.append(message)

            scope = {
                "type": "http", "method": method, "path": path.replace("{id}", people.secret),
                "scheme": "http", "client": (f"198.51.101.{number}", 1),
                "server": ("192.0.2.1", 80), "query_string": b"",
                "headers": [(b"host", b"192.0.2.1"), *authorization],
            }  # fmt: skip
            asyncio.run(people.app(scope, unread(), keep))
            assert sent[0]["status"] == expected


def test_a_key_sees_nothing_of_what_it_may_not_read(people: People) -> None:
    reader = people.who["reader"]
    for text in everything_said(reader):
        for word in ("secret", "Akte 47/2019 nennt", "Schmuggler an", people.secret, "neunzehn"):
            assert word not in text
    owner = " ".join(everything_said(people.who["owner"]))
    assert "secret" in owner
    assert people.secret in owner
    assert people.secret in " ".join(everything_said(people.who["elsewhere"]))


def test_a_collection_that_may_not_be_read_is_as_unknown_as_one_that_is_not_there(
    people: People,
) -> None:
    def advice(collection: str) -> str:
        asked = {"question": QUESTION, "collections": [collection]}
        body = people.who["reader"].post("/v1/ask", json=asked).json()
        return json.dumps(body["advice"]).replace(collection, "NAME")

    assert advice("secret") == advice("nothere")


def everything_said(client: TestClient) -> list[str]:
    """What a key is told where it names no document."""
    asked = [
        client.post("/v1/ask", json={"question": question, "limit": 50, **more})
        for question in (QUESTION, PRYING)
        for more in ({}, {"collections": ["secret"]}, {"translations": "separate"})
    ]
    paths = ["/v1/documents", "/v1/collections", "/v1/languages", "/v1/jobs?limit=200", "/",
             "/ready", "/documents", "/llms.txt", "/v1/documents?q=47",
             "/?q=Akte+nennt&collections=open"]  # fmt: skip
    answers = [each.json() for each in asked if each.status_code == 200]
    for answer in answers:
        answer["question"] = None
        # Of collections, none is named but what was asked for.
        assert answer["advice"].pop("unknown_collections") in ([], ["secret"])
    return [json.dumps(answer) for answer in answers] + [client.get(path).text for path in paths]


def test_what_may_not_be_known_and_what_is_not_there_are_told_apart_by_nothing(
    people: People,
) -> None:
    for who in ("reader", "writer"):
        client = people.who[who]
        for path in ("", "/text", "/original"):
            secret = client.get(f"/v1/documents/{people.secret}{path}")
            assert secret.content == client.get(f"/v1/documents/d-{'0' * 16}{path}").content
        assert (
            client.get(f"/v1/jobs/{people.secret_job}").content
            == client.get(f"/v1/jobs/j-{'0' * 16}").content
        )
    writer, file = people.who["writer"], {"file": ("Akte.txt", b"x")}
    for one, other in ((people.secret, f"d-{'0' * 16}"),):
        assert (
            writer.put(f"/v1/documents/{one}", files=file).content
            == writer.put(f"/v1/documents/{other}", files=file).content
        )
    for collection in ("secret", "not there at all"):
        uploaded = writer.post(
            "/v1/documents", files={"files": ("a.txt", b"a b c")}, data={"collection": collection}
        )
        assert problem(uploaded, 403)["type"] == "/problems/not-allowed"


def test_a_document_is_changed_by_who_may_write_in_its_collection(people: People) -> None:
    owner, writer = people.who["owner"], people.who["writer"]
    put(owner, "open", "mine", "My patrol\n\nMy patrol found three bicycles near the river.\n")
    mine = document_id("open", "mine.txt")
    assert people.who["elsewhere"].get(f"/v1/documents/{mine}").status_code == 404
    changed = writer.put(f"/v1/documents/{mine}", files={"file": ("x.txt", OPEN[1].encode())})
    assert changed.status_code == 202
    assert writer.delete(f"/v1/documents/{mine}").status_code == 204
    # By its name in another collection nobody gets at the other document.
    put(writer, "open", "Akte", "Another file\n\nThis file of the patrol is another one.\n")
    assert "neunzehn" in owner.get(f"/v1/documents/{people.secret}/text").text
    assert document_id("open", "Akte.txt") != people.secret


def test_how_many_texts_were_new_is_for_those_who_may_read_them_all(people: People) -> None:
    """The number counts what waits in other collections too, and would tell of it."""
    job = put(people.who["writer"], "open", "texts", "Nine\n\nNine new bicycles were found here.\n")
    assert people.who["owner"].get(f"/v1/jobs/{job}").json()["texts"]["total"] > 0
    for path in (f"/v1/jobs/{job}", "/v1/jobs"):
        told = people.who["writer"].get(path).json()
        for each in told.get("jobs", [told]):
            assert each["texts"] == {"done": 0, "total": 0}


def test_a_revoked_key_opens_nothing_from_then_on(people: People) -> None:
    with Keys(people.service.settings.data) as kept:
        key, text = kept.add("soon gone", [Scope.READ])
        client = afar(people.app, text, address="198.51.102.1")
        browser = afar(people.app)
        signed_in = browser.post("/sign-in", data={"key": text})
        browser.cookies.set("passerelle", signed_in.cookies["passerelle"])
        assert (client.get("/v1/jobs").status_code, browser.get("/documents").status_code) == (
            200,
            200,
        )
        assert kept.revoke(key.id)
        assert not kept.revoke(key.id)
    assert problem(client.get("/v1/jobs"), 401)["type"] == "/problems/bad-key"
    assert browser.get("/documents").status_code == 401


def test_a_stream_of_events_ends_when_its_key_is_revoked(people: People) -> None:
    door, data = people.app.state.door, people.service.settings.data
    with Keys(data) as kept:
        key, text = kept.add("follower", [Scope.READ])
        principal = door.principal(connection(authorization=f"Bearer {text}"))
        assert door.still_opens(principal)
        kept.revoke(key.id)
    assert not door.still_opens(principal)


def connection(**headers: str) -> Any:
    from starlette.requests import HTTPConnection

    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "headers": raw, "client": AFAR, "scheme": "http"})


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer", "Bearer ", "Bearer x", "Bearer passerelle_000000000000_" + "a" * 43,
        "Bearer \u00e9", "bearer passerelle_" + "a" * 5000, "Bearer ' OR 1=1 --",
    ],
)  # fmt: skip
def test_what_is_no_key_is_refused(people: People, authorization: str) -> None:
    principal = connection(authorization=authorization)
    principal.scope["client"] = ("198.51.103.1", 1)
    with pytest.raises(BadKey):
        people.app.state.door.principal(principal)


def test_a_key_in_the_address_is_none(people: People) -> None:
    key = people.keys["owner"]
    for name in ("key", "token", "access_token", "authorization"):
        assert people.who["nobody"].get(f"/v1/documents?{name}={key}").status_code == 401


def test_the_key_goes_into_no_log(people: People, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        people.who["owner"].get("/v1/documents")
        people.who["revoked"].get("/v1/documents")
        people.who["nobody"].post("/sign-in", data={"key": people.keys["reader"]})
    people.who["nobody"].cookies.clear()
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "A wrong key came from 203.0.113.7" in logged
    assert people.keys["owner"].split("_")[1] in logged  # which key it was, and no more
    for text in people.keys.values():
        assert text.split("_", 2)[2] not in logged


def test_what_one_asked_is_not_quicker_for_another(people: People) -> None:
    """The time to encode would tell that someone asked the same."""
    encoder = people.service.encoder
    assert isinstance(encoder, QueryBatcher)
    asked = {"question": "Who asked this very question before?"}
    for who in ("reader", "elsewhere"):
        before = len(encoder._remembered)
        for _ in range(2):
            people.who[who].post("/v1/ask", json=asked)
        assert len(encoder._remembered) == before + 1


def test_what_a_key_reads_is_stored_nowhere_on_the_way(people: People) -> None:
    for path in ("/v1/documents", "/documents", "/v1/languages"):
        assert people.who["reader"].get(path).headers["cache-control"] == "no-store"


def test_too_many_requests_of_one_key_or_address_are_told_to_come_back(
    people: People, tmp_path: Path
) -> None:
    few = people.service.settings.changed(requests_per_minute=5)
    with Keys(tmp_path) as kept:
        app = create_app(replace(people.service, settings=few, keys=kept))
        clients = [afar(app, kept.add(name, [Scope.READ])[1]) for name in ("one", "other")]
        for client in [*clients, afar(app)]:
            statuses = [client.get("/v1/jobs").status_code for _ in range(7)]
            assert statuses[5:] == [429, 429]
            assert 429 not in statuses[:5]
        response = clients[0].get("/v1/jobs")
        assert problem(response, 429)["type"] == "/problems/too-many-requests"
        assert 1 <= int(response.headers["retry-after"]) <= 60
        assert afar(app).get("/health").status_code == 200


def test_many_wrong_keys_of_one_address_are_told_to_come_back_and_right_ones_let_in(
    people: People, tmp_path: Path
) -> None:
    with Keys(tmp_path) as kept:
        _, text = kept.add("right", [Scope.READ])
        app = create_app(replace(people.service, keys=kept))
        wrong = afar(app, "passerelle_000000000000_" + "a" * 43)
        statuses = [wrong.get("/v1/jobs").status_code for _ in range(WRONG_KEYS_PER_MINUTE + 1)]
        assert statuses == [401] * WRONG_KEYS_PER_MINUTE + [429]
        assert afar(app, text).get("/v1/jobs").status_code == 200
        assert afar(app).post("/sign-in", data={"key": "wrong"}).status_code == 429


def test_reading_is_open_to_all_where_the_operator_says_so_and_writing_takes_a_key(
    people: People, tmp_path: Path
) -> None:
    public = people.service.settings.changed(public_read=True, host="127.0.0.1")
    with Keys(tmp_path) as kept:
        app = create_app(replace(people.service, settings=public, keys=kept))
        for client in (afar(app), beside(app)):
            assert client.get("/v1/documents").json()["total"] >= 2
            files = {"files": ("a.txt", b"a b c")}
            problem(client.post("/v1/documents", files=files), 401)
            problem(client.get("/metrics"), 401)
        narrow = afar(app, kept.add("narrow", [Scope.WRITE], ["open"])[1])
        assert narrow.get(f"/v1/documents/{people.secret}").status_code == 200
        assert narrow.delete(f"/v1/documents/{people.secret}").status_code == 404


def test_the_machine_itself_needs_a_key_once_there_was_one(people: People, tmp_path: Path) -> None:
    alone = people.service.settings.changed(host="127.0.0.1")
    with Keys(tmp_path) as kept:
        client = beside(create_app(replace(people.service, settings=alone, keys=kept)))
        assert client.get("/metrics").status_code == 200
        key, _ = kept.add("first", [Scope.READ])
        problem(client.get("/v1/documents"), 401)
        kept.revoke(key.id)  # nor does the last one's end open the house
        problem(client.get("/v1/documents"), 401)


def test_a_collection_is_the_same_however_its_name_was_typed(
    people: People, tmp_path: Path
) -> None:
    typed, composed = "Cafe\u0301", "Caf\u00e9"
    with Keys(tmp_path) as kept:
        app = create_app(replace(people.service, keys=kept))
        scopes = [Scope.READ, Scope.WRITE]
        one, other = (
            afar(app, kept.add(name, scopes, [name])[1], headers={"accept-language": "en"})
            for name in (typed, composed)
        )
        put(one, composed, "first", "Coffee\n\nThe coffee of the old harbour costs two francs.\n")
        put(other, typed, "second", "Tea\n\nThe tea of the new station costs three francs now.\n")
        for client in (one, other):
            counted = client.get("/v1/collections").json()["collections"]
            assert [(each["collection"], each["documents"]) for each in counted] == [(composed, 2)]
            for name in (typed, composed):
                listed = client.get("/v1/documents", params={"collection": name}).json()
                assert listed["total"] == 2
                asked = {"question": "What does the coffee cost?", "collections": [name]}
                found = client.post("/v1/ask", json=asked).json()["passages"]
                assert {each["source"]["file"] for each in found} == {"first.txt", "second.txt"}
                page = client.get("/documents", params={"collection": name}).text
                assert "first" in page
                assert "second" in page
                page = client.get("/", params={"q": "coffee costs", "collections": name}).text
                assert "harbour" in page
