"""What holds for every page in every language of the interface."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jinja2 import nodes
from starlette.testclient import TestClient

from api.app import create_app
from api.auth.keys import Keys, Scope
from api.auth.oidc.provider import Provider
from api.auth.oidc.provider_file import read_provider
from api.service import Service, open_service
from api.settings import Settings
from api.web.i18n import LANGUAGES, Texts, texts
from api.web.page import templates
from corpus.errors import EmptyFile
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Kind, Offered, State
from corpus.types import Outcome, document_id
from index.encoders.protocol import Encoder
from index.writer import encode_waiting
from tests.api.auth.oidc.conftest import write_file
from tests.api.changing import measured_beside
from tests.api.clients import afar, beside
from tests.documents import pdf
from tests.languages import SHOWN

BROWSER = {"accept": "text/html"}


def parsed(name: str) -> nodes.Template:
    assert templates.loader is not None
    return templates.parse(templates.loader.get_source(templates, name)[0])


NAMES = [name for name in templates.list_templates() if name.endswith(".html")]
PAGES = [name for name in NAMES if parsed(name).find(nodes.Extends) and name != "erased.html"]
"""All but the page after an erasure, which tests/api/routes/test_erasing.py looks at: to erase
waits until nobody reads the state before."""


@pytest.fixture(scope="module")
def own(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, cache: Path, encoder: Encoder
) -> Iterator[Service]:
    """A service over a copy of the collection and a PDF, whose jobs nobody carries out."""
    folder = tmp_path_factory.mktemp("own")
    data, file = folder / "data", folder / "print.pdf"
    shutil.copytree(settings.data, data)
    file.write_bytes(pdf(["La police patrouille le long de la Moselle."]))
    with Catalogue(data) as catalogue:
        assert list(ingest(catalogue, find_sources([file]), "press"))
        encode_waiting(catalogue, encoder)
        measured_beside(catalogue)
    with open_service(Settings(data=data, cache=cache)) as service:
        yield service


@pytest.fixture(scope="module")
def reader(own: Service) -> TestClient:
    return beside(own, BROWSER)


@pytest.fixture(scope="module")
def stranger(own: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A browser on another machine, where a key is needed."""
    with Keys(tmp_path_factory.mktemp("keys")) as keys:
        keys.add("reader", [Scope.READ])
        yield afar(create_app(replace(own, keys=keys)), headers=BROWSER)


@pytest.fixture(scope="module")
def guest(own: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A browser on another machine, where people sign in with an account."""
    folder = tmp_path_factory.mktemp("accounts")
    provider = Provider(read_provider(write_file(folder, "https://login.example.org")))
    with Keys(folder) as keys:
        yield afar(create_app(replace(own, keys=keys, provider=provider)), headers=BROWSER)


@pytest.fixture(scope="module")
def jobs(own: Service) -> dict[State, str]:
    """A job in every state, with files that wait and files of every outcome."""
    found = {}
    with Catalogue.existing(own.settings.data) as catalogue:
        for state in State:
            offered = [Offered(f"{name}.txt", b"A note") for name in ("waits", *Outcome)]
            refused = Offered("empty.txt", EmptyFile("It is empty."))
            job = catalogue.jobs.accept(Kind.UPLOAD, "press", [*offered, refused])
            for position, outcome in enumerate(Outcome, 1):
                catalogue.jobs.settle(job.number, position, outcome, "a reason")
            catalogue.jobs.note_texts(job.number, found=7, done=3)
            catalogue.jobs.note(job, state)
            found[state] = job.id
        for name in ("train.txt", "print.pdf"):
            catalogue.jobs.accept(Kind.UPLOAD, "kept", [Offered(name, b"A note")])
        catalogue.move(document_id("press", "print.pdf"), "shelf")
    return found


@pytest.fixture(scope="module")
def written(
    reader: TestClient,
    stranger: TestClient,
    guest: TestClient,
    ids: dict[str, str],
    jobs: dict[State, str],
) -> Callable[[str, str], list[str]]:
    """Returns what a template makes in a language, in each way that it has."""
    verdict = {
        "question": "fiets",
        "document": ids["fietsen.txt"],
        "start": "0",
        "end": "9",
        "verdict": "helpful",
    }
    answered = "Quand le traité de coopération policière a-t-il été signé ?"
    taken = {"selection": f"document={ids['train.txt']}", "count": "1", "collection": "kept"}
    joined = {"collection": "shelf", "to": "kept", "total": "2"}
    ways: dict[str, list[tuple[TestClient, str, str, dict[str, Any]]]] = {
        "start.html": [(reader, "GET", "/", {})],
        "conversation.html": [
            (reader, "GET", "/", {"params": {"q": answered, "earlier": "Hoeveel fietsen?"}}),
            (reader, "GET", "/", {"params": {"q": "Who won the world cup in 1998?"}}),
            (reader, "GET", "/", {"params": {"q": "fiets", "published_from": "2030-01-01"}}),
        ],
        "unusable.html": [
            (reader, "GET", "/", {"params": {"q": "🙂"}}),
            (reader, "GET", "/", {"params": {"q": "fiets", "published_to": "never"}}),
        ],
        "documents.html": [
            (reader, "GET", "/documents", {}),
            (reader, "GET", "/documents", {"params": {"removed": ""}}),
            (reader, "GET", "/documents", {"params": {"removed": "12"}}),
            (reader, "GET", "/documents", {"params": {"published_to": "never"}}),
            (reader, "GET", "/documents", {"params": {"q": "nothing like it"}}),
        ],
        "document.html": [
            (reader, "GET", f"/documents/{document}", {}) for document in ids.values()
        ],
        "printed.html": [
            (reader, "GET", f"/documents/{document_id('press', 'print.pdf')}/pages/1", {}),
        ],
        "unknown.html": [(reader, "GET", "/documents/none", {})],
        "reference.html": [(reader, "GET", "/docs", {})],
        "selected.html": [
            (reader, "GET", "/selected", {}),
            (reader, "GET", "/selected", {"params": {"all": ""}}),
            (reader, "POST", "/selected", {"data": {"selection": "all=", "count": "999"}}),
        ],
        "moving.html": [
            (reader, "GET", "/selected", {"params": {"all": "", "to": name}})
            for name in ("press", "<new>")
        ],
        "collections.html": [
            (reader, "GET", "/collections", {}),
            (reader, "GET", "/collections", {"params": {"renamed": ""}}),
            (
                reader,
                "GET",
                "/collections/rename",
                {"params": {"collection": "press", "to": "odd"}},
            ),
        ],
        "keys.html": [
            (reader, "GET", "/keys", {}),
            (reader, "GET", "/keys", {"params": {"revoked": ""}}),
            (reader, "POST", "/keys", {"data": {"name": "A", "scopes": "all"}}),
        ],
        "questions.html": [
            (reader, "GET", "/questions", {}),
            (reader, "GET", "/questions", {"params": {"days": "365", "collection": "press"}}),
            (reader, "GET", "/questions", {"params": {"days": "never"}}),
        ],
        "sources.html": [(reader, "GET", "/sources", {})],
        "model.html": [
            (reader, "GET", "/model", {}),
            (reader, "POST", "/model", {"data": {"step": "take", "model": "0"}}),
        ],
        "renaming.html": [
            (reader, "GET", "/collections/rename", {"params": {"collection": "press", "to": "<>"}}),
            (reader, "POST", "/collections/rename", {"data": joined}),
        ],
        "moved.html": [(reader, "POST", "/selected/move", {"data": taken})],
        "jobs.html": [(reader, "GET", "/jobs", {})],
        "job.html": [(reader, "GET", f"/jobs/{job}", {}) for job in jobs.values()],
        "thanks.html": [(reader, "POST", "/feedback", {"data": verdict})],
        "sign_in.html": [
            (reader, "GET", "/sign-in", {}),
            (stranger, "GET", "/documents", {}),
            (stranger, "POST", "/sign-in", {"data": {"key": "wrong"}}),
            (guest, "GET", "/documents", {}),
            (guest, "GET", "/sign-in/finish", {"params": {"code": "a"}}),
        ],
        "signing_in.html": [(guest, "GET", "/sign-in/return", {"params": {"code": "a"}})],
        "problem.html": [
            (reader, "GET", "/nowhere", {}),
            (reader, "POST", "/docs", {}),
            (reader, "POST", "/feedback", {"data": {}}),
        ],
    }

    def write(template: str, language: str) -> list[str]:
        spoken = {"accept-language": language}
        pages = [
            client.request(method, path, headers=spoken, **sent)
            for client, method, path, sent in ways[template]
        ]
        assert {page.headers["content-language"] for page in pages} == {language}
        assert max(page.status_code for page in pages) < 500
        return [page.text for page in pages]

    return write


@pytest.mark.parametrize("language", SHOWN)
@pytest.mark.parametrize("name", PAGES)
def test_no_page_shows_what_python_calls_an_object(
    written: Callable[[str, str], list[str]], name: str, language: str
) -> None:
    pages = written(name, language)
    assert pages
    for page in pages:
        for mark in ("&lt;built-in", "<built-in", " object at 0x", " of dict", "Undefined"):
            assert mark not in page
        assert f'data-copy="{texts(language)["copy"]}"' in page


def test_who_may_not_know_how_many_texts_wait_is_told_that_the_files_are_read(
    own: Service, reader: TestClient, tmp_path: Path
) -> None:
    with Catalogue.existing(own.settings.data) as catalogue:
        job = catalogue.jobs.accept(Kind.UPLOAD, "press", [Offered("a.txt", b"A note")])
        catalogue.jobs.settle(job.number, 0, Outcome.ADDED)
        catalogue.jobs.note_texts(job.number, found=7, done=3)
    with Keys(tmp_path) as keys:
        key = keys.add("press", [Scope.READ], ["press"])[1]
        limited = afar(create_app(replace(own, keys=keys)), key, headers=BROWSER)
        page = limited.get(f"/jobs/{job.id}").text
    assert texts("en").job_read in page
    assert "of 7 sentences" not in page
    page = reader.get(f"/jobs/{job.id}").text
    assert texts("en").job_read not in page
    assert "3 of 7 sentences" in page


@pytest.mark.parametrize("name", NAMES)
def test_every_text_that_a_template_asks_for_is_there(name: str) -> None:
    """A branch that no test walks into would fail its reader only."""
    asked = [
        found.attr
        for found in parsed(name).find_all(nodes.Getattr)
        if isinstance(found.node, nodes.Name) and found.node.name == "t"
    ]
    assert asked
    for key in asked:
        for language in LANGUAGES:
            assert getattr(texts(language), key) == texts(language)[key]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_an_attribute_whatever_its_key(language: str) -> None:
    every = texts(language)
    assert len(list(every)) > 100
    assert {key: getattr(every, key) for key in every} == {key: every[key] for key in every}


def test_texts_have_no_methods_that_could_stand_before_a_text() -> None:
    assert [name for name in dir(Texts) if not name.startswith("_")] == []
    odd = Texts(dict.fromkeys(dir(dict), "a text"))
    for key in dir(dict):
        assert odd[key] == "a text"
        if not key.startswith("_"):
            assert getattr(odd, key) == "a text"
            assert templates.from_string(f"{{{{ t.{key} }}}}").render(t=odd) == "a text"


def test_a_text_that_is_not_there_is_an_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = texts("en").nonsense
    with pytest.raises(KeyError, match="nonsense"):
        texts("en")["nonsense"]
