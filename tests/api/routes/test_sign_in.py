"""Signing in on the page, and what a browser may then do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.auth.keys import Keys, Scope
from api.service import Service
from api.web.i18n import texts
from tests.api.clients import afar
from tests.languages import SHOWN

PAGE = {"accept": "text/html"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keys]:
    with Keys(tmp_path_factory.mktemp("keys")) as kept:
        yield kept


@pytest.fixture(scope="module")
def key(kept: Keys) -> str:
    return kept.add("reader", [Scope.READ, Scope.WRITE])[1]


@pytest.fixture
def browser(service: Service, kept: Keys, key: str) -> TestClient:
    """A browser on another machine, that has not signed in."""
    return afar(create_app(replace(service, keys=kept)), headers=PAGE)


def sign_in(browser: TestClient, key: str, back: str = "/") -> str:
    """Sign in, and return the cookie's header."""
    response = browser.post("/sign-in", data={"key": key, "back": back})
    assert response.status_code == 303, response.text
    cookie: str = response.headers["set-cookie"]
    return cookie


@pytest.mark.parametrize("language", SHOWN)
def test_a_page_that_takes_a_key_asks_for_one_in_the_readers_language(
    browser: TestClient, language: str
) -> None:
    response = browser.get("/documents?q=fiets", headers={"accept-language": language})
    assert response.status_code == 401
    assert texts(language)["sign_in_why"] in response.text.replace("&#39;", "'")
    assert 'name="back" value="/documents?q=fiets"' in response.text


def test_whoever_signs_in_goes_on_where_they_wanted_to_be(browser: TestClient, key: str) -> None:
    response = browser.post("/sign-in", data={"key": f" {key}\n", "back": "/documents?q=a"})
    assert (response.status_code, response.headers["location"]) == (303, "/documents?q=a")
    page = browser.get("/documents?q=a")
    assert page.status_code == 200
    assert 'action="/sign-out"' in page.text


def test_the_cookie_is_for_this_server_only_and_no_script(browser: TestClient, key: str) -> None:
    cookie = sign_in(browser, key)
    assert cookie.startswith("passerelle=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Max-Age" not in cookie  # it goes with the browser's window
    assert key not in cookie


def test_the_cookie_goes_by_https_only_where_it_came_by_https(
    browser: TestClient, key: str
) -> None:
    secure = afar(browser.app, base_url="https://192.0.2.1", headers=PAGE)
    cookie = sign_in(secure, key)
    assert cookie.startswith("__Host-passerelle=")
    assert "Secure" in cookie.split("; ")
    assert secure.get("/documents").headers["strict-transport-security"].startswith("max-age=")
    assert "strict-transport-security" not in browser.get("/documents").headers


def test_signing_out_ends_the_session_itself(browser: TestClient, key: str) -> None:
    sign_in(browser, key)
    token = browser.cookies["passerelle"]
    assert browser.post("/sign-out").status_code == 303
    assert browser.get("/documents").status_code == 401
    browser.cookies.set("passerelle", token)
    assert browser.get("/documents").status_code == 401


def test_signing_in_again_ends_the_session_before(browser: TestClient, key: str) -> None:
    browser.post("/sign-in", data={"key": key})
    before = dict(browser.cookies)
    browser.post("/sign-in", data={"key": key})
    assert dict(browser.cookies) != before
    assert browser.get("/documents").status_code == 200
    browser.cookies.clear()
    browser.cookies.update(before)
    assert browser.get("/documents").status_code == 401


def test_a_wrong_key_leaves_the_session_as_it_is(browser: TestClient, key: str) -> None:
    browser.post("/sign-in", data={"key": key})
    browser.post("/sign-in", data={"key": "pk_wrong"})
    assert browser.get("/documents").status_code == 200


def test_a_wrong_key_is_said_to_be_wrong(browser: TestClient) -> None:
    response = browser.post("/sign-in", data={"key": "x", "back": "/documents"})
    assert response.status_code == 401
    assert texts("en")["sign_in_wrong"] in response.text
    assert 'value="/documents"' in response.text
    assert response.headers["www-authenticate"] == "Bearer"
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "back",
    ["https://example.org/", "//example.org", "/\\example.org", "/\n/example.org", "javascript:1"],
)
def test_nobody_is_led_elsewhere(browser: TestClient, key: str, back: str) -> None:
    response = browser.post("/sign-in", data={"key": key, "back": back})
    assert response.headers["location"] == "/"


ELSEWHERE = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "http://192.0.2.1:9000"},
    {"origin": "https://example.org"},
    {"origin": "null"},
]


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_a_page_of_another_site_changes_nothing_with_the_readers_cookie(
    browser: TestClient, key: str, headers: dict[str, str]
) -> None:
    sign_in(browser, key)
    for path in ("/documents", "/documents/d-0/remove", "/feedback", "/sign-in", "/sign-out"):
        assert browser.post(path, data={"a": "b"}, headers=headers).status_code == 403
    assert browser.delete("/v1/documents/d-0", headers=headers).status_code == 403
    assert browser.put("/v1/documents/d-0", headers=headers).status_code == 403


def test_a_page_of_ours_and_a_program_with_a_key_may(browser: TestClient, key: str) -> None:
    sign_in(browser, key)
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": "http://192.0.2.1:8000"}):
        assert browser.post("/documents/d-0/remove", headers=headers).status_code == 404
        assert browser.delete("/v1/documents/d-0", headers=headers).status_code == 404
    program = afar(browser.app, key)  # a key is sent on purpose
    for headers in ELSEWHERE:
        assert program.delete("/v1/documents/d-0", headers=headers).status_code == 404


def test_nothing_of_signing_in_is_shown_where_no_key_is_needed(client: TestClient) -> None:
    page = client.get("/").text
    assert "sign-in" not in page
    assert "sign-out" not in page


def test_a_reader_is_shown_no_form_to_change_what_they_may_not(
    service: Service, kept: Keys, ids: dict[str, str]
) -> None:
    app = create_app(replace(service, keys=kept))
    for scopes, collections, uploads, removals in (
        ([Scope.READ], None, 0, 0),
        ([Scope.READ, Scope.WRITE], None, 1, len(ids)),
        ([Scope.READ, Scope.WRITE], ["odd"], 1, 1),
    ):
        page = afar(app, kept.add("someone", scopes, collections)[1]).get("/documents").text
        assert page.count('enctype="multipart/form-data"') == uploads
        assert page.count('/remove"') == removals


def test_no_page_holds_the_token(browser: TestClient, key: str) -> None:
    sign_in(browser, key)
    for path in ("/", "/documents", "/docs", "/sign-in"):
        assert browser.cookies["passerelle"] not in browser.get(path).text
