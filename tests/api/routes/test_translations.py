"""Translations of one passage, in every way in, over the sample corpus."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.cli import output
from api.service import Service, open_service
from api.settings import Settings
from api.web.i18n import language_in_sentence, texts
from index.snapshot import Snapshot
from qa.types import Question
from tests.api.clients import beside
from tests.languages import SHOWN

PATROLS = "Wie viele gemischte Streifen waren an der Mosel unterwegs?"


@pytest.fixture(scope="module")
def service(sample: Snapshot, cache: Path) -> Iterator[Service]:
    with open_service(Settings(data=sample.view.folder, cache=cache)) as service:
        yield service


@pytest.fixture(scope="module")
def client(service: Service) -> TestClient:
    return beside(service)


def test_also_in_leads_to_the_translations(client: TestClient) -> None:
    first = client.post("/v1/ask", json={"question": PATROLS}).json()["passages"][0]
    assert first["also_in"]
    for translation in first["also_in"]:
        assert list(translation) == ["language", "document", "link"]
        assert translation["language"] != first["language"]
        assert translation["link"].startswith(f"/documents/{translation['document']}#")
        assert client.get(translation["link"]).status_code == 200


def test_separate_translations_have_no_also_in(client: TestClient) -> None:
    asked = {"question": PATROLS, "translations": "separate"}
    passages = client.post("/v1/ask", json=asked).json()["passages"]
    assert [passage["also_in"] for passage in passages] == [[]] * 5


@pytest.mark.parametrize("language", SHOWN)
def test_the_page_links_to_the_translations(client: TestClient, language: str) -> None:
    first = client.post("/v1/ask", json={"question": PATROLS}).json()["passages"][0]
    html = client.get("/", params={"q": PATROLS, "lang": language}).text
    assert escape(texts(language)["also_in"]) in html
    for translation in first["also_in"]:
        path, _, fragment = translation["link"].partition("#")
        name = language_in_sentence(translation["language"], language)
        assert f'<a href="{path}?lang={language}#{fragment}"' in html
        assert f">{escape(name)}</a>" in html


def test_the_command_line_names_the_translations(service: Service) -> None:
    outcome = service.answerer.answer(Question(PATROLS))
    assert "\n   also in [" in output.answer(outcome)
