"""The search box in a frame of another site's page."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.testclient import TestClient

from api.middleware.hardening import HEADERS, framed_headers
from api.service import Service
from api.settings import Settings
from api.web.embed_theme import Theme
from api.web.i18n import texts
from tests.api.clients import afar, beside
from tests.api.routes.test_pages import Seen
from tests.languages import SHOWN

ORIGINS = ["https://www.example.org", "https://*.example.net:8443"]
THEME = {"accent": "FFE795", "paper": "ffffff", "ink": "112233", "radius": "0", "font": "serif"}
ALLOWED = re.compile(r":root \{ (color-scheme: light; )?(--[a-z-]+: [#a-zG0-9, -]+(; )?)+ \}\n")


@pytest.fixture(scope="module")
def framed(service: Service) -> TestClient:
    """A client of a server whose search box two sites may show."""
    settings = service.settings.model_copy(update={"embed_origins": " ".join(ORIGINS)})
    return beside(replace(service, settings=settings))


def test_nobody_may_frame_it_until_origins_are_named(client: TestClient) -> None:
    headers = client.get("/embed").headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_those_origins_may_frame_the_box_and_nothing_else(framed: TestClient) -> None:
    box = framed.get("/embed").headers
    assert f"frame-ancestors {' '.join(ORIGINS)}" in box["content-security-policy"]
    assert "default-src 'none'" in box["content-security-policy"]
    assert "script-src" not in box["content-security-policy"]
    assert "x-frame-options" not in box
    for path in ("/", "/documents", "/embed.css", "/embed/", "//embed", "/static/embed.css"):
        headers = framed.get(path, follow_redirects=False).headers
        assert {name: headers[name] for name in HEADERS} == HEADERS, path
    assert framed.get("/embed", params={"radius": "99"}).status_code == 422


@pytest.mark.parametrize("language", SHOWN)
def test_it_asks_in_a_new_tab_in_five_languages_and_leaves_no_cookie(
    framed: TestClient, language: str
) -> None:
    asked = {"lang": language, "collections": ["press", '"><b>'], "languages": "nl"}
    response = framed.get("/embed", params=asked)
    assert "set-cookie" not in response.headers
    page = Seen(response.text)
    (form,) = page.all("form")
    assert (form["method"], form["action"], form["target"]) == ("get", "/", "_blank")
    hidden = [(str(each["name"]), each["value"]) for each in page.all("input") if "value" in each]
    assert hidden == [
        ("collections", "press"),
        ("collections", '"><b>'),
        ("languages", "nl"),
        ("lang", language),
    ]
    assert texts(language).opens_in_new_tab in page.text
    assert page.all("html")[0]["lang"] == language
    assert not page.all("script")
    assert [link["href"] for link in page.all("link")] == ["/static/embed.css"]
    answer = framed.get(form["action"] or "", params={"q": "fietsen", **dict(hidden)})
    assert answer.status_code == 200


def test_its_look_is_a_style_sheet_of_a_few_values(framed: TestClient) -> None:
    sheet = Seen(framed.get("/embed", params=THEME).text).all("link")[1]["href"] or ""
    assert sheet == f"/embed.css?{urlencode(THEME)}"
    response = framed.get(sheet)
    assert response.headers["content-type"].startswith("text/css")
    assert response.text == (
        ":root { color-scheme: light; --accent: #ffe795; --paper: #ffffff; --ink: #112233; "
        "--on-accent: #000000; --radius: 0px; --font: Georgia, serif }\n"
    )
    assert framed.get("/embed.css").text == ""


@pytest.mark.parametrize("name", THEME)
@pytest.mark.parametrize(
    "value",
    ["", "red", "#0b5f66", "0b5f66;}*{x:url(//evil.example)}", "0b5f66\n", "-1", "1e3", "Arial"],
)
def test_other_values_are_refused_and_reach_no_style_sheet(
    framed: TestClient, name: str, value: str
) -> None:
    for path in ("/embed", "/embed.css"):
        response = framed.get(path, params={name: value}, headers={"accept": "application/json"})
        assert response.status_code == 422
        assert name in response.text


@given(
    st.builds(
        Theme,
        *[st.none() | st.from_regex(r"\A[0-9a-fA-F]{6}\Z")] * 3,
        st.none() | st.integers(0, 32),
        st.sampled_from([None, "sans", "serif", "mono"]),
    )
)
def test_a_style_sheet_has_properties_only_and_a_text_that_can_be_read(theme: Theme) -> None:
    if not theme.query:
        assert theme.css == ""
        return
    assert ALLOWED.fullmatch(theme.css)
    if colours := dict(re.findall(r"--([a-z-]+): #(\w{6})", theme.css)):
        assert contrast(colours["accent"], colours["on-accent"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, as WCAG 2.2 has it."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_it_needs_no_key_and_tells_nothing_of_the_collection(service: Service) -> None:
    shut = afar(service)
    assert shut.get("/documents").status_code == 401
    response = shut.get("/embed")
    assert response.status_code == 200
    assert "press" not in response.text


@pytest.mark.parametrize(
    "origins",
    [
        "*",
        "www.example.org",
        "https://a/b",
        "https://a; script-src *",
        "https://a https://",
        "'self'",
    ],
)
def test_an_origin_that_cannot_be_is_refused(origins: str) -> None:
    with pytest.raises(ValidationError, match="embed_origins"):
        Settings(embed_origins=origins)


def test_headers_of_a_frame_keep_what_has_nothing_to_do_with_frames() -> None:
    changed = {"Content-Security-Policy", "Cross-Origin-Resource-Policy", "X-Frame-Options"}
    kept = HEADERS.keys() - changed
    assert {name: framed_headers(ORIGINS)[name] for name in kept} == {
        name: HEADERS[name] for name in kept
    }
    assert framed_headers([]) == HEADERS
