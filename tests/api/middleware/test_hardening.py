"""What others were caught by, tried on every route."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from starlette.formparsers import FormParser
from starlette.testclient import TestClient

from api.app import create_app
from api.contract.requests import MAX_FILTER_VALUES
from api.middleware.hardening import (
    HEADERS,
    MAX_FORM_BYTES,
    MAX_FORM_FIELDS,
    MAX_JSON_BYTES,
    MAX_PARAMETERS,
)
from api.service import Service
from api.web.query_string import MAX_EARLIER
from corpus.types import document_id
from tests.api.auth.test_middleware import EXPECTED
from tests.api.clients import AFAR, LOCAL, afar, beside
from tests.api.problems import problem

INJECTIONS = [
    "' OR '1'='1'; DROP TABLE documents; --", '") UNION SELECT 1 FROM keys --', "\\%' {documents}",
    '"unbalanced * OR NEAR(a b) title:a AND', "{{1337*7331}} ${1337*7331} #{1337*7331}",
    "{% import os %} <%= 1337*7331 %> {0.__class__} %(x)s {page.base}",
]  # fmt: skip


UPLOADS = {("POST", "/v1/documents"), ("PUT", "/v1/documents/{id}"), ("POST", "/documents")}
"""Whose bound is tried in test_uploads."""

FORMS = {
    path
    for method, path in EXPECTED.keys() - UPLOADS
    if method == "POST" and not path.startswith(("/v1/", "/mcp"))
}
"""Addresses that take a form without files."""


def everywhere(text: str, ids: dict[str, str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Put a text into each thing that a request can hold."""
    yield "POST", "/v1/ask", {"json": {"question": f"fiets {text} “{text}”"}}
    yield "POST", "/v1/ask", {"json": {"question": "Wie?", "collections": [text]}}
    yield "POST", "/v1/ask", {"json": {"question": "Wie?", "languages": [text]}}
    yield (
        "POST",
        "/v1/ask",
        {"json": {"question": "Wie?", "conversation": [{"question": "a" + text}]}},
    )
    said = {"messages": [{"role": "user", "content": f"fiets {text}"}]}
    yield "POST", "/v1/chat/completions", {"json": {"model": "passerelle"} | said}
    yield "POST", "/v1/chat/completions", {"json": {"model": text} | said}
    for asked in ({"question": f"fiets {text}"}, {"question": "Wie?", "collections": [text]}):
        call = {"name": "ask", "arguments": asked}
        message = {"jsonrpc": "2.0", "id": text, "method": "tools/call", "params": call}
        yield "POST", "/mcp", {"json": message, "headers": {"accept": "application/json"}}
    for name in ("q", "file", "collection", "language", "published_from", "offset", "limit"):
        yield "GET", "/v1/documents", {"params": {name: text}}
        yield "GET", "/documents", {"params": {name: text}}
    for name in ("q", "earlier", "collections", "languages", "prefer", "published_to", "lang"):
        yield "GET", "/", {"params": {"q": "fiets", name: text}}
    yield "GET", f"/documents/{ids['fietsen.txt']}", {"params": {"mark": text, "lang": text}}
    yield "GET", "/v1/jobs", {"params": {"limit": text}}
    for method, path in EXPECTED:
        sent: dict[str, Any] = {"files": {"file": (f"{text}.txt", b"")}} if method == "PUT" else {}
        if "{id}" in path:
            yield method, path.replace("{id}", quote(text, safe="")), sent
        elif method == "GET":
            yield method, path, {"params": {text: text, "lang": text}}
    for path in ("/v1/documents", "/documents"):  # a file without anything in it is refused
        yield "POST", path, {"files": {"files": (f"{text}.txt", b"")}, "data": {"collection": text}}
    yield "GET", "/selected", {"params": {"q": text, "document": text}}
    yield "GET", "/selected", {"params": {"all": "", "to": text}}
    yield "POST", "/selected", {"data": {"selection": text, "count": text}}
    moved = {"selection": text, "count": "1", "collection": text}
    yield "POST", "/selected/move", {"data": moved}
    yield "GET", "/collections/rename", {"params": {"collection": "press", "to": text}}
    yield "GET", "/collections/rename", {"params": {"collection": text, "to": text}}
    yield "POST", "/questions/evaluate", {"data": {text: text}}
    yield "GET", "/v1/questions", {"params": {"days": text, "collection": text}}
    yield "GET", "/v1/questions", {"params": {"collection": text}}
    yield "GET", "/questions", {"params": {"days": text, "collection": text}}
    key = {"name": text, "scopes": [text, "admin"], "collections": text, "every": text}
    yield "POST", "/keys", {"data": key}
    yield "POST", "/keys/revoke", {"data": {"key": text}}
    source = {"kind": text[:20], "address": text, "collection": text}
    yield "POST", "/sources/visit", {"data": source}
    yield "POST", "/model", {"data": {"step": "drop", "model": text}}
    yield "POST", "/model", {"data": {"step": text, "model": text}}
    yield "POST", "/collections/rename", {"data": {"collection": text, "to": text}}
    yield "POST", "/write", {"params": {"q": text}}
    yield "POST", "/translate", {"params": {"q": "Brücke", "passage": text}}
    yield "POST", "/sign-out", {"data": {text: text}, "headers": {"cookie": "passerelle=a"}}
    yield "GET", "/v1/jobs/j-0/events", {"headers": {"last-event-id": text}}
    form = {"question": "a", "document": ids["fietsen.txt"], "start": "0", "end": "1",
            "verdict": "helpful"}  # fmt: skip
    for name in form:
        yield "POST", "/feedback", {"data": {**form, name: text}}
    yield "POST", "/feedback", {"data": {**form, "back": f"/?q={text}"}}
    yield "POST", "/sign-in", {"data": {"key": text, "back": f"/{text}"}}
    yield "GET", "/documents", {"headers": {"cookie": f"passerelle={text.replace(';', '')}"}}
    yield "GET", "/", {"headers": {"accept-language": text, "accept": "text/html"}}


def test_each_route_is_among_those_that_are_tried(ids: dict[str, str]) -> None:
    tried = {(method, path) for method, path, _ in everywhere("text", ids)}
    for method, path in EXPECTED:
        written = re.compile(path.replace("{id}", "[^/]+"))
        assert any(method == each and written.fullmatch(other) for each, other in tried), path


@pytest.mark.parametrize("text", INJECTIONS)
def test_text_is_never_sql_nor_a_query_nor_a_template(
    service: Service, ids: dict[str, str], text: str
) -> None:
    with beside(service) as client:
        client.follow_redirects = False
        before = client.get("/v1/documents").json()
        for method, path, content in everywhere(text, ids):
            response = client.request(method, path, **content)
            assert response.status_code < 500, (method, path, content, response.text)
            assert str(1337 * 7331) not in response.text
            assert "sqlite" not in response.text.lower()
        assert client.get("/v1/documents").json() == before
        for filtered in ({"collection": text}, {"language": text}, {"file": text}):
            assert client.get("/v1/documents", params=filtered).json()["total"] == 0


@contextmanager
def listener() -> Iterator[tuple[int, list[tuple[str, int]]]]:
    """A server that anybody who fetches something would come to.

    The last to come is the test itself, which ends it: whoever came before was noticed too.
    """
    came: list[tuple[str, int]] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        last = threading.Event()

        def wait() -> None:
            while not last.is_set():
                accepted, address = server.accept()
                accepted.close()
                came.append(address)

        thread = threading.Thread(target=wait)
        thread.start()
        try:
            yield server.getsockname()[1], came
        finally:
            last.set()
            with socket.create_connection(server.getsockname()) as own:
                thread.join()
                assert came.pop() == own.getsockname()


def test_no_address_in_a_request_is_ever_fetched(service: Service, ids: dict[str, str]) -> None:
    with beside(service) as client:
        client.follow_redirects = False
        with listener() as (port, came):
            for text in (
                f"http://127.0.0.1:{port}/x",
                f"//127.0.0.1:{port}/x",
                f"\\\\127.0.0.1:{port}\\x",
            ):
                for method, path, content in everywhere(text, ids):
                    assert client.request(method, path, **content).status_code < 500
            for header in ("x-forwarded-host", "forwarded", "origin", "referer", "x-original-url"):
                client.get("/", headers={header: f"http://127.0.0.1:{port}"})
        assert came == []


def test_no_file_is_read_by_its_address(service: Service, ids: dict[str, str]) -> None:
    with beside(service) as client:
        client.follow_redirects = False
        up = "/".join([".."] * 12)
        for text in (
            "file:///etc/passwd",
            "/etc/passwd",
            f"{up}/etc/passwd",
            quote(f"{up}/etc/passwd", safe=""),
        ):
            for method, path, content in everywhere(text, ids):
                assert "root:x:" not in client.request(method, path, **content).text
            assert "root:x:" not in client.get(f"/static/{text}").text


@pytest.mark.parametrize(("method", "path"), sorted(EXPECTED.keys() - UPLOADS))
def test_no_route_takes_a_body_without_end(service: Service, method: str, path: str) -> None:
    """Whatever it says that it is, and however long it says that it is."""
    client = beside(service)
    client.follow_redirects = False

    def endless() -> Iterator[bytes]:
        for _ in range(2 * MAX_JSON_BYTES // 50_000):
            yield b"a=" + b"a" * 49_998

    for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data"):
        response = client.request(
            method,
            path.replace("{id}", "d-0"),
            content=endless(),
            headers={"content-type": kind},
        )
        assert response.status_code < 500
        if method != "GET":
            assert response.status_code in {303, 404, 413, 415}, (kind, response.text)


def test_a_form_of_a_million_fields_is_refused(client: TestClient) -> None:
    many = b"&".join(b"a=" for _ in range(MAX_FORM_BYTES // 3 + 1))
    kind = {"content-type": "application/x-www-form-urlencoded"}
    problem(client.post("/feedback", content=many, headers=kind), 413)
    problem(client.post("/sign-in", content=many, headers=kind), 413)


@pytest.mark.parametrize("path", sorted(FORMS))
@pytest.mark.parametrize("field", [b"a=", b"", b"key=a", b"a=%41"])
def test_a_form_of_thousands_of_fields_is_refused_before_it_is_parsed(
    client: TestClient,
    ids: dict[str, str],
    path: str,
    field: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def parse(*_: object, **__: object) -> None:
        raise AssertionError("it was parsed")

    monkeypatch.setattr(FormParser, "parse", parse)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    address = path.replace("{id}", ids["fietsen.txt"])
    for number in (MAX_FORM_FIELDS + 1, 15_000):
        many = b"&".join([field] * number)[:MAX_FORM_BYTES]
        found = problem(client.post(address, content=many, headers=kind), 400)
        assert found["type"] == "/problems/too-many-fields"
        assert str(MAX_FORM_FIELDS) in found["detail"]


@pytest.mark.parametrize("path", sorted(FORMS))
def test_a_form_that_says_it_is_too_large_is_refused_unread(
    client: TestClient, ids: dict[str, str], path: str
) -> None:
    def unread() -> Iterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    kind = {
        "content-type": "application/x-www-form-urlencoded",
        "content-length": str(MAX_FORM_BYTES + 1),
    }
    address = path.replace("{id}", ids["fietsen.txt"])
    problem(client.post(address, content=unread(), headers=kind), 413)


@pytest.mark.parametrize(("method", "path"), sorted(UPLOADS))
def test_an_upload_of_thousands_of_fields_or_files_is_refused(
    client: TestClient, ids: dict[str, str], method: str, path: str
) -> None:
    address = path.replace("{id}", ids["fietsen.txt"])
    file = ("files", ("a.txt", b"a"))
    for many in (
        {"data": {str(number): "a" for number in range(5_000)}, "files": [file]},
        {"files": [file] * 5_000},
        {"files": [(str(number), ("a" * 200, b"")) for number in range(5_000)]},
    ):
        found = problem(client.request(method, address, **many), 400)
        assert found["type"] == "/problems/too-many-fields"
    header = "x" * 100_000
    for head in (
        f'Content-Disposition: form-data; name="{header}"; filename="a.txt"',
        f'Content-Disposition: form-data; name="files"; filename="{header}"',
        f'Content-Disposition: form-data; name="files"; filename="a"\r\nX-More: {header}',
        "\r\n".join(f"X-{number}: a" for number in range(5_000)),
    ):
        body = f"--b\r\n{head}\r\n\r\na\r\n--b--\r\n".encode()
        kind = {"content-type": "multipart/form-data; boundary=b"}
        problem(client.request(method, address, content=body, headers=kind), 400)


@pytest.mark.parametrize("path", ["/static/passerelle.css", "/", "/documents", "/v1/documents"])
def test_a_range_is_not_looked_at(client: TestClient, path: str) -> None:
    whole = client.get(path)
    for asked in (
        "bytes=0-1",
        "bytes=" + ",".join(f"{n}-{n}" for n in range(5_000)),
        "bytes=-1",
        "x",
    ):
        response = client.get(path, headers={"range": asked})
        assert (response.status_code, len(response.content)) == (200, len(whole.content))


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("127.0.0.1:8000", True), ("localhost", True), ("[::1]:8000", True), ("192.0.2.1", True),
        ("passerelle.example", True), ("PASSERELLE.example:443", True), ("a.b.example.org", True),
        ("example.org", False), ("evil.example", False), ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False), ("evil-example.org", False), ("a b", False),
        ("passerelle.example@evil.example", False), ("[::1", False),
    ],
)  # fmt: skip
def test_the_server_answers_to_its_own_names_only(
    service: Service, host: str, is_ours: bool
) -> None:
    named = service.settings.changed(hosts="passerelle.example *.example.org")
    client = beside(create_app(replace(service, settings=named)))
    response = client.get("/health", headers={"host": host})
    if is_ours:
        assert response.status_code == 200
    else:
        assert problem(response, 421)["type"] == "/problems/unknown-host"
        page = client.get("/", headers={"host": host, "accept": "text/html"})
        assert page.status_code == 421


def test_pages_of_other_origins_read_nothing_unless_the_operator_says_so(service: Service) -> None:
    asked = {
        "origin": "https://intranet.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    plain = beside(service)
    for response in (plain.options("/v1/ask", headers=asked), plain.get("/", headers=asked)):
        assert not [name for name in response.headers if name.startswith("access-control-")]
    allowed = service.settings.changed(cors_origins="https://intranet.example", host="0.0.0.0")
    client = afar(create_app(replace(service, settings=allowed)))
    preflight = client.options("/v1/ask", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://intranet.example"
    assert "access-control-allow-credentials" not in preflight.headers
    other = client.options("/v1/ask", headers={**asked, "origin": "https://evil.example"})
    assert other.headers.get("access-control-allow-origin") is None


@pytest.mark.parametrize(("method", "path"), sorted(EXPECTED))
def test_every_response_bears_the_security_headers(
    service: Service, method: str, path: str
) -> None:
    for client in (beside(service), afar(service)):
        client.follow_redirects = False
        response = client.request(method, path.replace("{id}", "d-0"))
        for name, value in HEADERS.items():
            assert response.headers[name] == value
        assert "server" not in response.headers


def test_what_was_asked_is_logged_only_where_the_operator_says_so(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    asking = {"question": "Where is the Xylophon?"}
    with caplog.at_level("INFO"):
        beside(service).post("/v1/ask", json=asking)
        assert "Xylophon" not in caplog.text
        logging = replace(service, settings=service.settings.changed(log_questions=True))
        beside(logging).post("/v1/ask", json=asking)
        assert "asked: Where is the Xylophon?" in caplog.text
        beside(logging).get("/?q=Was+ist+ein+Zymbal")
        assert "Zymbal" in caplog.text


def test_a_document_cannot_be_had_by_the_hash_of_a_name_that_is_guessed(
    service: Service, client: TestClient
) -> None:
    """Ids are made of names; whoever may read everything finds it, nobody else by guessing."""
    guessed = document_id("press", "train.txt")
    assert client.get(f"/v1/documents/{guessed}").status_code == 200
    assert afar(service).get(f"/v1/documents/{guessed}").status_code == 401


def test_addresses_of_one_network_are_one_visitor() -> None:
    from api.rate_limit import RateLimit, address_group

    assert address_group("2001:db8::1") == address_group("2001:db8::ffff:1")
    assert address_group("2001:db8::1") != address_group("2001:db8:0:1::1")
    assert (address_group(AFAR[0]), address_group(LOCAL[0])) == (AFAR[0], LOCAL[0])
    limit = RateLimit(3)
    assert [limit.wait("a") for _ in range(3)] == [0, 0, 0]
    assert [0 < limit.wait("a") <= 20 for _ in range(3)] == [True] * 3
    assert limit.wait("b") == 0


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_an_address_of_very_many_parameters_is_turned_away_and_not_repeated(
    service: Service, ids: dict[str, str], accept: str
) -> None:
    client = beside(service, {"accept": accept})
    many = "&".join(f"parameter{number}=" for number in range(MAX_PARAMETERS + 1))
    for method, path in EXPECTED:
        address = path.replace("{id}", ids["fietsen.txt"])
        response = client.request(method, f"{address}?{many}")
        assert response.status_code == 400, (method, path)
        assert "parameter7=" not in response.text
        assert f"at most {MAX_PARAMETERS} parameters" in response.text or method == "HEAD"


def test_filters_as_long_as_they_may_be_are_taken(client: TestClient) -> None:
    filters = "&".join(
        f"{name}={letter}{number}"
        for name in ("languages", "collections")
        for letter in "ab"
        for number in range(MAX_FILTER_VALUES // 2)
    )
    earlier = "&".join(["earlier=wie"] * MAX_EARLIER)
    assert client.get(f"/?q=fiets&{filters}&{earlier}&lang=nl").status_code == 200
    client.cookies.clear()  # it is shared, and the next test speaks another language
