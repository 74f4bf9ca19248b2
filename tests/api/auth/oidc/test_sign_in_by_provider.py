"""The pages of ours that a sign-in with an account goes through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.auth.keys import Keys, Scope
from api.auth.oidc.provider import Provider
from api.auth.oidc.provider_file import read_provider
from api.service import Service
from api.web.i18n import texts
from tests.api.auth.oidc.conftest import OURS, write_file
from tests.api.auth.oidc.forging import Forger, forging
from tests.api.clients import afar, beside
from tests.languages import SHOWN

PAGE = {"accept": "text/html"}


@pytest.fixture
def forger() -> Iterator[Forger]:
    with forging() as forger:
        yield forger


@pytest.fixture
def ours(service: Service, keys: Keys, forger: Forger, tmp_path: Path) -> TestClient:
    provider = Provider(read_provider(write_file(tmp_path, forger.issuer)))
    app = create_app(replace(service, keys=keys, provider=provider))
    return afar(app, base_url=OURS, headers=PAGE)


def begin(ours: TestClient, forger: Forger, back: str = "/") -> str:
    """Return the state of an attempt that the provider says yes to."""
    address = ours.get("/sign-in/provider", params={"back": back}).headers["location"]
    sent = dict(re.findall(r"(\w+)=([^&]*)", address))
    forger.nonce = sent["nonce"]
    return str(sent["state"])


def finish(ours: TestClient, state: str) -> httpx2.Response:
    return ours.get("/sign-in/finish", params={"state": state, "code": "c"})


@pytest.mark.parametrize("language", SHOWN)
def test_the_page_offers_to_sign_in_with_an_account_in_the_readers_language(
    ours: TestClient, language: str
) -> None:
    page = ours.get("/documents?q=fiets", headers={"accept-language": language})
    assert page.status_code == 401
    said = texts(language)
    assert said["sign_in_account_why"] in page.text.replace("&#39;", "'")
    assert said["sign_in_with"].format(name="the staff account") in page.text
    assert f'href="{OURS}/sign-in/provider?back=%2Fdocuments%3Fq%3Dfiets"' in page.text
    assert 'name="key"' in page.text


@pytest.mark.parametrize("language", SHOWN)
def test_what_goes_wrong_is_said_in_the_readers_language(
    ours: TestClient, forger: Forger, language: str
) -> None:
    wanted = {"accept-language": language}
    said = texts(language)
    page = ours.get("/sign-in/finish?code=a&state=b", headers=wanted)
    assert (page.status_code, said["sign_in_again"] in page.text) == (400, True)
    forger.claims = {"exp": 1_000_000}
    page = ours.get(f"/sign-in/finish?code=a&state={begin(ours, forger)}", headers=wanted)
    assert (page.status_code, said["sign_in_clock"] in page.text) == (503, True)
    forger.answers["/token"] = (500, {}, b"")
    page = ours.get(f"/sign-in/finish?code=a&state={begin(ours, forger)}", headers=wanted)
    assert (page.status_code, said["sign_in_down"] in page.text) == (503, True)


def test_the_cookies_are_for_this_server_only_and_no_script(
    ours: TestClient, forger: Forger
) -> None:
    kept = {"HttpOnly", "Path=/", "SameSite=strict", "Secure"}
    begun = ours.get("/sign-in/provider")
    cookie = begun.headers["set-cookie"]
    assert cookie.startswith("__Host-passerelle-sign-in=")
    assert kept <= set(cookie.split("; "))
    assert begun.headers["cache-control"] == "no-store"
    finished = finish(ours, begin(ours, forger))
    session, attempt = finished.headers.get_list("set-cookie")
    assert session.startswith("__Host-passerelle=")
    assert kept <= set(session.split("; "))
    assert attempt.startswith('__Host-passerelle-sign-in=""')
    assert finished.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "back",
    ["https://example.org/", "//example.org", "/\\example.org", "/\n/example.org", "javascript:1"],
)
def test_nobody_is_led_elsewhere(ours: TestClient, forger: Forger, back: str) -> None:
    assert finish(ours, begin(ours, forger, back)).headers["location"] == "/"


def test_what_a_provider_sends_is_no_markup_and_leads_nowhere_else(ours: TestClient) -> None:
    page = ours.get('/sign-in/return?code="><script>alert(1)</script>&url=//example.org')
    assert "<script>alert" not in page.text
    (on,) = set(re.findall(r"(?:url=|<a href=\")(/sign-in/finish[^\"]*)", page.text))
    assert on.startswith("/sign-in/finish?")


def test_an_address_too_long_for_a_cookie_leads_back_to_the_first_page(
    ours: TestClient, forger: Forger
) -> None:
    assert finish(ours, begin(ours, forger, f"/?q={'a' * 3000}")).headers["location"] == "/"
    assert finish(ours, begin(ours, forger, f"/?q={'a' * 1900}")).headers["location"] != "/"


def test_what_a_person_reads_is_theirs_alone_and_goes_with_the_group(
    ours: TestClient, forger: Forger, service: Service, keys: Keys, tmp_path: Path
) -> None:
    finish(ours, begin(ours, forger))
    page = ours.get("/documents")
    assert page.headers["cache-control"] == "no-store"
    assert 'action="/sign-out"' in page.text
    file = write_file(tmp_path, forger.issuer)
    file.write_text(file.read_text("utf-8").replace('name = "press"', 'name = "other"'), "utf-8")
    without = create_app(replace(service, keys=keys, provider=Provider(read_provider(file))))
    later = afar(without, base_url=OURS, headers=PAGE)
    later.cookies.update(ours.cookies)
    assert later.get("/documents").status_code == 403
    nobody = afar(create_app(replace(service, keys=keys)), base_url=OURS, headers=PAGE)
    nobody.cookies.update(ours.cookies)
    assert nobody.get("/documents").status_code == 401  # the provider was taken away


def test_keys_open_what_they_did(ours: TestClient, keys: Keys) -> None:
    program = afar(ours.app, keys.add("program", [Scope.READ], ["odd"])[1], base_url=OURS)
    listed = program.get("/v1/documents").json()["documents"]
    assert {each["collection"] for each in listed} == {"odd"}


def test_the_machine_itself_signs_in_where_there_is_a_provider(ours: TestClient) -> None:
    assert beside(ours.app).get("/v1/documents").status_code == 401


def test_a_stranger_has_the_provider_asked_for_nothing(ours: TestClient, forger: Forger) -> None:
    for query in ("", "?code=a&state=b", "?error=x&state=b", "?state=%00&code=a"):
        assert ours.get(f"/sign-in/finish{query}").status_code == 400
        assert ours.get(f"/sign-in/return{query}").status_code == 200
    assert forger.asked == []
