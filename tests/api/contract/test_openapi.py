from __future__ import annotations

import re
import shlex
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient

from api.contract.answers import AskResponse
from api.contract.job_responses import JobOut
from api.contract.requests import AskRequest
from api.contract.responses import DocumentOut, ProblemOut


@pytest.fixture
def openapi(client: TestClient) -> dict[str, Any]:
    body: dict[str, Any] = client.get("/openapi.json").json()
    return body


def test_the_description_names_every_address_of_the_contract(openapi: dict[str, Any]) -> None:
    assert {
        "/v1/ask",
        "/v1/chat/completions",
        "/v1/models",
        "/v1/documents",
        "/v1/documents/{id}",
        "/v1/documents/{id}/text",
        "/v1/documents/{id}/original",
        "/v1/languages",
        "/v1/collections",
        "/v1/questions",
        "/v1/jobs",
        "/v1/jobs/{id}",
        "/v1/jobs/{id}/events",
        "/health",
        "/ready",
    } <= set(openapi["paths"])


def test_every_error_is_described_as_a_problem(openapi: dict[str, Any]) -> None:
    for methods in openapi["paths"].values():
        for operation in methods.values():
            *successes, other = sorted(operation["responses"])
            assert successes
            assert set(successes) <= {"200", "202", "204", "304"}
            assert other == "default"
            assert list(operation["responses"]["default"]["content"]) == [
                "application/problem+json"
            ]


@pytest.mark.parametrize("model", [AskRequest, AskResponse, DocumentOut, JobOut, ProblemOut])
def test_an_example_is_of_its_shape(openapi: dict[str, Any], model: type[BaseModel]) -> None:
    examples = openapi["components"]["schemas"][model.__name__]["examples"]
    assert examples
    for example in examples:
        assert model.model_validate(example).model_dump(mode="json") == example


def test_offsets_in_the_example_are_right(openapi: dict[str, Any]) -> None:
    passage = openapi["components"]["schemas"]["AskResponse"]["examples"][0]["passages"][0]
    answer, source = passage["answer"], passage["source"]
    assert passage["text"][answer["start"] : answer["end"]] == answer["text"]
    assert source["end"] - source["start"] == len(passage["text"])


def test_the_examples_question_can_be_asked(client: TestClient, openapi: dict[str, Any]) -> None:
    example = openapi["components"]["schemas"]["AskRequest"]["examples"][0]
    assert client.post("/v1/ask", json=example).status_code == 200


def test_the_reference_shows_every_operation_and_loads_nothing_from_elsewhere(
    client: TestClient, openapi: dict[str, Any]
) -> None:
    response = client.get("/docs")
    assert response.status_code == 200
    for path, methods in openapi["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in response.text
    assert all(address.startswith(("/", "?", "#")) for address in _addresses(response.text))


def commands(html: str) -> list[list[str]]:
    found = re.findall(r"<code>(curl .*?)</code>", html)
    return [shlex.split(unescape(command)) for command in found]


def test_the_reference_has_a_command_for_every_operation(
    client: TestClient, openapi: dict[str, Any]
) -> None:
    words = commands(client.get("/docs").text)
    assert len(words) == sum(map(len, openapi["paths"].values()))
    addresses = {each[-1].replace("$ID", "{id}").replace("$N", "{n}") for each in words}
    assert addresses == {f"{client.base_url}{path}" for path in openapi["paths"]}


def test_the_commands_of_the_reference_work(client: TestClient, ids: dict[str, str]) -> None:
    """Each is sent as curl would send it; those that change something, to what is not there."""
    for words in commands(client.get("/docs").text):
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        sent: dict[str, Any] = {}
        if "-d" in words:
            method = "POST" if method == "GET" else method
            sent["content"] = words[words.index("-d") + 1]
            name, _, value = words[words.index("-H") + 1].partition(": ")
            sent["headers"] = {name: value}
        if "-F" in words:
            method = "PUT" if method == "PUT" else "POST"
            sent["files"] = {words[words.index("-F") + 1].partition("=")[0]: ("empty.txt", b"")}
        is_for_none = method in {"PUT", "PATCH", "DELETE"} or any(
            path in words[-1] for path in ("/jobs/", "/pages/")
        )
        address = words[-1].replace("$ID", "none" if is_for_none else ids["traite.txt"])
        address = address.replace("$N", "1")
        expected = 404 if is_for_none else 422 if "-F" in words else 200
        assert client.request(method, address, **sent).status_code == expected, words


def test_only_what_changes_nothing_can_be_tried_on_the_reference(client: TestClient) -> None:
    html = client.get("/docs").text
    forms = re.findall(r'<form class="trial" method="(\w+)" action="(.*?)"', html)
    assert {("post", "/v1/ask"), ("get", "/v1/documents/{id}")} <= set(forms)
    assert [path for method, path in forms if method != "get"] == [
        "/v1/ask",
        "/v1/chat/completions",
    ]
    no_json = {"/v1/jobs/{id}/events", "/metrics", "/v1/documents/{id}/original"}
    assert not no_json & {path for _, path in forms}


def test_links_in_the_reference_lead_somewhere(client: TestClient) -> None:
    html = client.get("/docs").text
    places = {address[1:] for address in _addresses(html) if address.startswith("#")}
    assert {"AskRequest", "ProblemOut"} <= places
    for place in places:
        assert f'id="{place}"' in html


def _addresses(html: str) -> list[str]:
    found: list[str] = []

    class Addresses(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(value for name, value in attrs if name in {"href", "src"} and value)

    Addresses().feed(html)
    return found
