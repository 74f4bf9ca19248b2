"""What a route does not know is refused by name, not passed over."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.api.problems import fields, problem

GIVEN = {"json": {"question": "Where?"}}
FILE = {"files": {"files": ("a.txt", b"A note of the police.")}}


@pytest.mark.parametrize(
    ("method", "path", "sent", "field"),
    [
        ("POST", "/v1/ask", {"json": {"question": "Where?", "langauges": ["fr"]}}, "langauges"),
        ("POST", "/v1/ask?languages=fr", GIVEN, "languages"),
        ("GET", "/v1/documents?colection=press", {}, "colection"),
        ("POST", "/v1/documents?collection=press", FILE, "collection"),
        ("POST", "/v1/documents", {**FILE, "data": {"colection": "press"}}, "colection"),
        ("GET", "/v1/documents/{id}?langauge=fr", {}, "langauge"),
        ("PUT", "/v1/documents/{id}?x=1", {"files": {"file": ("a.txt", b"A note.")}}, "x"),
        ("DELETE", "/v1/documents/{id}?force=1", {}, "force"),
        ("GET", "/v1/documents/{id}/text?page=2", {}, "page"),
        ("GET", "/v1/documents/{id}/original?page=2", {}, "page"),
        ("GET", "/v1/collections?limit=1", {}, "limit"),
        ("GET", "/v1/languages?language=fr", {}, "language"),
        ("GET", "/v1/questions?day=7", {}, "day"),
        ("GET", "/v1/jobs?limt=1", {}, "limt"),
        ("GET", "/v1/jobs/j-0000000000000000?files=all", {}, "files"),
        ("GET", "/v1/jobs/j-0000000000000000/events?last_event_id=1", {}, "last_event_id"),
        ("POST", "/sign-in", {"data": {"key": "k", "bakc": "/"}}, "bakc"),
        (
            "POST",
            "/feedback",
            {"data": {"question": "a", "document": "d", "start": 0, "end": 1,
                      "verdict": "helpful", "bakc": "/"}},
            "bakc",
        ),
    ],
)  # fmt: skip
def test_a_field_that_a_route_does_not_know_is_refused_by_name(
    client: TestClient,
    ids: dict[str, str],
    method: str,
    path: str,
    sent: dict[str, object],
    field: str,
) -> None:
    address = path.format(id=ids["fietsen.txt"])
    body = problem(client.request(method, address, **sent), 422)  # type: ignore[arg-type]
    assert fields(body) == [field]
    assert "There is no field with this name." in str(body["detail"])


def test_nothing_is_changed_by_a_request_that_is_refused(
    client: TestClient, ids: dict[str, str]
) -> None:
    client.delete(f"/v1/documents/{ids['fietsen.txt']}?force=1")
    assert client.get(f"/v1/documents/{ids['fietsen.txt']}").status_code == 200


@pytest.mark.parametrize("path", ["/?utm_source=mail", "/documents?fbclid=1", "/health?t=1"])
def test_links_to_pages_and_probes_may_carry_what_others_add(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200
