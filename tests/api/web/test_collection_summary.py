"""What the first page says of the collection, and what it suggests to ask."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from re import findall

import pytest
from starlette.testclient import TestClient

from api.service import Service, open_service
from api.settings import Settings
from api.web.i18n import texts
from index.snapshot import Snapshot
from qa.errors import QuestionFileError
from tests.api.clients import beside
from tests.conftest import ROOT
from tests.languages import SHOWN

QUESTIONS = ROOT / "corpus" / "sample" / "questions.jsonl"


@pytest.fixture(scope="module", params=[None, QUESTIONS], ids=["names", "written"])
def service(request: pytest.FixtureRequest, sample: Snapshot, cache: Path) -> Iterator[Service]:
    settings = Settings(data=sample.view.folder, cache=cache, questions=request.param)
    with open_service(settings) as service:
        yield service


@pytest.fixture(scope="module")
def client(service: Service) -> TestClient:
    return beside(service)


def suggested(client: TestClient, language: str) -> list[str]:
    html = client.get("/", headers={"accept-language": language}).text
    return [unescape(text) for text in findall(r"data-ask dir=.auto.>(.*?)</a>", html)]


@pytest.mark.parametrize("language", SHOWN)
def test_first_questions_are_asked_in_the_readers_language_and_answered_in_another(
    client: TestClient, service: Service, language: str
) -> None:
    questions = suggested(client, language)
    assert 1 <= len(questions) <= 3
    bodies = [client.post("/v1/ask", json={"question": each}).json() for each in questions]
    assert all(body["answered"] for body in bodies)
    languages = [body["passages"][0]["language"] for body in bodies]
    if written := service.questions.get(language, ()):
        assert questions[0] in written
        assert languages[0] != language
    assert sorted(languages, key=language.__eq__) == languages, "those in another come first"


def test_the_first_page_says_what_is_in_the_collection(client: TestClient) -> None:
    html = client.get("/").text
    holds = " ".join(html.partition('class="holds"')[2].partition("</p>")[0].split())
    assert "38 documents, 5 languages (German, French, " in holds
    assert "published from 20" in holds


def test_a_question_file_that_is_none_is_refused_at_the_start(
    sample: Snapshot, tmp_path: Path, cache: Path
) -> None:
    settings = Settings(data=sample.view.folder, cache=cache, questions=tmp_path / "none.jsonl")
    with pytest.raises(QuestionFileError, match=r"none\.jsonl"), open_service(settings):
        pass


def test_every_language_says_from_when_to_when(client: TestClient) -> None:
    for language in SHOWN:
        html = client.get("/", headers={"accept-language": language}).text
        first = texts(language)["published_between"].partition("{")[0]
        assert first in html
