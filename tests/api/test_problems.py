from __future__ import annotations

import logging

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.middleware.hardening import HEADERS
from api.problems import kind_of
from api.service import Service
from corpus.errors import CatalogueError, EmptyFile, FileTooLarge, PasserelleError, UnknownFormat
from index.errors import ModelMismatch
from qa.errors import QuestionError
from tests.api.clients import beside
from tests.api.problems import fields, problem

JSON = {"content-type": "application/json"}


@pytest.fixture
def failing(service: Service) -> TestClient:
    """An application with a route for each thing that nobody foresaw."""
    app = create_app(service)

    @app.get("/bug")
    def bug() -> None:
        raise RuntimeError("the password is swordfish")

    @app.get("/damaged")
    def damaged() -> None:
        raise CatalogueError("The catalogue in /srv/secret is damaged.")

    @app.get("/question")
    def question() -> None:
        raise QuestionError("The question is empty.")

    return beside(app)


@pytest.mark.parametrize(
    "path", ["/nowhere", "/v1", "/v1/", "/v1/documents/", "/static/none.css", "/static/%00"]
)
def test_an_unknown_path_is_a_problem(client: TestClient, path: str) -> None:
    assert problem(client.get(path), 404)["type"] == "about:blank"


@pytest.mark.parametrize(
    "path", ["/v1/documents/d-0000000000000000", "/v1/documents/%ED%A0%80/text"]
)
def test_an_unknown_document_is_a_problem_of_its_own(client: TestClient, path: str) -> None:
    assert problem(client.get(path), 404)["type"] == "/problems/unknown-document"


def test_a_method_that_is_not_taken_is_a_problem_that_names_those_that_are(
    client: TestClient,
) -> None:
    response = client.get("/v1/ask")
    problem(response, 405)
    assert response.headers["allow"] == "POST"
    every = client.options("/v1/documents/d-0")
    problem(every, 405)
    assert every.headers["allow"] == "DELETE, GET, PATCH, PUT"


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"\xff\xfe\xfd",
        b"{'question': 1}",
        b"[" * 100_000,
        b'{"limit": 1' + b"0" * 5000 + b"}",
    ],
    ids=["cut short", "no UTF-8", "single quotes", "deep", "number too long"],
)
def test_malformed_json_is_a_problem(client: TestClient, raw: bytes) -> None:
    body = problem(client.post("/v1/ask", content=raw, headers=JSON), 400)
    assert body["type"] == "/problems/malformed-body"


@pytest.mark.parametrize("raw", [b"[]", b"null", b'"where?"', b"1", b""])
def test_json_that_is_no_object_is_a_problem(client: TestClient, raw: bytes) -> None:
    body = problem(client.post("/v1/ask", content=raw, headers=JSON), 422)
    assert fields(body) == ["body"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "json", ""])
def test_a_body_that_says_it_is_no_json_is_a_problem(client: TestClient, kind: str) -> None:
    response = client.post(
        "/v1/ask", content=b'{"question": "where?"}', headers={"content-type": kind}
    )
    problem(response, 415)


def test_a_body_that_is_too_large_is_a_problem(client: TestClient) -> None:
    raw = b'{"question": "' + b"a" * 1_100_000 + b'"}'
    problem(client.post("/v1/ask", content=raw, headers=JSON), 413)


def test_a_body_that_is_too_large_is_a_problem_without_a_stated_length(client: TestClient) -> None:
    parts = (b" " * 100_000 for _ in range(20))
    problem(client.post("/v1/ask", content=parts, headers=JSON), 413)


def test_a_problem_lists_a_bounded_number_of_short_field_names(client: TestClient) -> None:
    asked = {f"{number}{'x' * 1000}": 1 for number in range(500)}
    response = client.post("/v1/ask", json={"question": "where?", **asked})
    assert len(problem(response, 422)["errors"]) == 20
    assert len(response.content) < 10_000


def test_an_unforeseen_error_is_logged_and_tells_nothing(
    failing: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = failing.get("/bug")
    body = problem(response, 500)
    assert body["type"] == "/problems/internal-error"
    assert "swordfish" not in response.text
    assert "swordfish" in caplog.text
    assert response.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


def test_an_error_of_the_operator_is_logged_and_tells_no_paths(
    failing: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = failing.get("/damaged")
    assert problem(response, 503)["type"] == "/problems/unavailable-collection"
    assert "/srv/secret" not in response.text
    assert "/srv/secret" in caplog.text


def test_a_question_refused_later_on_is_the_same_problem(failing: TestClient) -> None:
    body = problem(failing.get("/question"), 422)
    assert body["errors"] == [{"field": "question", "message": "The question is empty."}]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (FileTooLarge("It is too large."), 413),
        (UnknownFormat("No reader takes it."), 415),
        (EmptyFile("It is empty."), 422),
        (ModelMismatch("It is another model's."), 503),
        (PasserelleError("Something else."), 500),
    ],
)
def test_every_error_has_its_status(error: PasserelleError, status: int) -> None:
    assert kind_of(error).status == status
