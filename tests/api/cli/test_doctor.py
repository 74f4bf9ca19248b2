"""What an operator sees: metrics, logs, request ids."""

from __future__ import annotations

import io
import json
import logging
import re

import pytest
from starlette.testclient import TestClient

from api.middleware.access_log import JsonFormatter, TextFormatter
from api.service import Service, open_service
from api.settings import Settings
from tests.api.clients import beside

SECRET = "Wer hat die geheime Akte Xylophon gestohlen?"


def value(client: TestClient, line: str) -> float:
    """Return the value of a metric's line that begins so; 0 if there is none."""
    found = re.search(rf"^{re.escape(line)} (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_metrics_tell_of_questions_stages_and_the_snapshot(client: TestClient) -> None:
    counted = 'passerelle_question_seconds_count{stage="search"}'
    abstained = 'passerelle_questions_total{language="und",outcome="abstained"}'
    before = value(client, counted), value(client, abstained)
    client.post("/v1/ask", json={"question": "Who wrote the Aeneid?"})
    assert value(client, counted) == before[0] + 1
    assert value(client, abstained) == before[1] + 1
    ready = client.get("/ready").json()
    assert value(client, "passerelle_snapshot_generation") == ready["generation"]
    assert value(client, 'passerelle_passages{language="fr"}') == 1
    assert value(client, 'passerelle_inside{gate="questions"}') == 0
    assert value(client, 'passerelle_jobs{state="queued"}') == 0
    assert value(client, "process_resident_memory_bytes") > 0


def asked(service: Service) -> float:
    """Return how many questions were counted, whatever came of them."""
    samples = (each for metric in service.metrics.questions.collect() for each in metric.samples)
    return sum(each.value for each in samples if each.name.endswith("_total"))


def test_only_what_somebody_asked_is_counted(settings: Settings) -> None:
    with open_service(settings, follow=True) as service:
        assert asked(service) == 0, "the question that warms it up"
        client = beside(service)
        assert "data-ask" in client.get("/").text
        assert asked(service) == 0, "those that the page tries before it suggests them"
        client.get("/", params={"q": "Wer hat die Brücke gesperrt?"})
        client.post("/v1/ask", json={"question": "Wer hat die Brücke gesperrt?"})
        assert asked(service) == 2


def test_metrics_and_log_hold_no_word_of_a_question(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/", params={"q": SECRET})
        client.post("/v1/ask", json={"question": SECRET})
        client.get(f"/{SECRET}")
    assert "Xylophon" not in client.get("/metrics").text
    logged = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith("http"))
    assert "Xylophon" not in logged
    assert "POST /v1/ask 200" in logged


def test_metrics_name_routes_and_not_addresses(client: TestClient, ids: dict[str, str]) -> None:
    client.get(f"/v1/documents/{ids['train.txt']}")
    client.get("/nowhere/at/all")
    text = client.get("/metrics").text
    assert 'route="/v1/documents/{id}"' in text
    assert ids["train.txt"] not in text
    assert "nowhere" not in text


def test_a_request_keeps_its_id_if_that_is_usable(client: TestClient) -> None:
    given = client.get("/health", headers={"x-request-id": "abc-123"})
    assert given.headers["x-request-id"] == "abc-123"


@pytest.mark.parametrize(
    "given", [b"", b"a b", b"a" * 65, b"a\tb", b"<b>", "é".encode(), "٣".encode()]
)
def test_a_request_gets_an_id_in_place_of_one_that_is_not_usable(
    client: TestClient, given: bytes
) -> None:
    answer = client.get("/health", headers=[(b"x-request-id", given)])
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])


def test_a_line_of_the_log_is_one_line_with_the_requests_id(service: Service) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logger = logging.getLogger("passerelle.requests")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        client = beside(service, {"x-request-id": "the-id"})
        for formatter in (JsonFormatter(), TextFormatter()):
            handler.setFormatter(formatter)
            client.get("/v1/documents/a%0Ab")
    finally:
        logger.removeHandler(handler)
    as_json, as_text = written.getvalue().splitlines()
    line = json.loads(as_json)
    assert (line["request"], line["status"], line["route"]) == (
        "the-id",
        404,
        "/v1/documents/{id}",
    )
    assert "[the-id] GET /v1/documents/{id} 404" in as_text


def test_what_a_terminal_acts_on_is_written_out_in_the_log() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "asked: a\x1b[2Jb\r\nc\x9bd", None, None)
    line = TextFormatter().format(record)
    assert line.isprintable()
    assert line.endswith(r"asked: a\x1b[2Jb\r\nc\x9bd")
