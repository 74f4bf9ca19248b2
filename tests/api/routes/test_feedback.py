from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api import feedback
from api.feedback import Verdict, keep, kept
from api.service import Service
from corpus.errors import CatalogueError
from corpus.types import Span
from tests.api.clients import beside

VERDICT = Verdict("Wann?", "d-3f9c5e0a71b2d846", Span(412, 476), helpful=False)


def form(ids: dict[str, str], **changes: str) -> dict[str, str]:
    return {
        "question": "Wie viele Räder?",
        "document": ids["fietsen.txt"],
        "start": "0",
        "end": "10",
        "verdict": "helpful",
        "back": "/?q=Wie",
        **changes,
    }


def test_a_verdict_is_kept_with_the_day_and_nothing_else(tmp_path: Path) -> None:
    keep(tmp_path, VERDICT)
    assert kept(tmp_path) == [(datetime.now(UTC).date(), VERDICT)]
    with sqlite3.connect(tmp_path / feedback.FILE_NAME) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(verdicts)")]
    assert columns == ["key", "day", "question", "document", "start", "end", "helpful"]


def test_the_oldest_verdicts_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "MAX_VERDICTS", 2)
    for start in range(3):
        keep(tmp_path, VERDICT._replace(span=Span(start, 9)))
    assert [verdict.span.start for _, verdict in kept(tmp_path)] == [1, 2]


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="data folder"):
        keep(tmp_path / "none", VERDICT)


def test_a_readers_verdict_is_kept_and_thanked_for(
    client: TestClient, service: Service, ids: dict[str, str]
) -> None:
    response = client.post("/feedback", data=form(ids))
    assert response.status_code == 200
    assert 'href="/?q=Wie"' in response.text
    _, last = kept(service.settings.data)[-1]
    assert last == Verdict("Wie viele Räder?", ids["fietsen.txt"], Span(0, 10), helpful=True)


@pytest.mark.parametrize("back", ["https://example.org/", "//example.org", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(client: TestClient, ids: dict[str, str], back: str) -> None:
    assert back not in client.post("/feedback", data=form(ids, back=back)).text


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"document": "d-0000000000000000"}, 404),
        ({"verdict": "maybe"}, 422),
        ({"start": "-1"}, 422),
        ({"start": "x"}, 422),
        ({"question": ""}, 422),
        ({"question": "a" * 2_001}, 422),
    ],
)
def test_a_verdict_about_nothing_is_refused(
    client: TestClient, ids: dict[str, str], changes: dict[str, str], status: int
) -> None:
    assert client.post("/feedback", data=form(ids, **changes)).status_code == status


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://example.org"}]
)
def test_a_page_of_another_site_cannot_judge(
    client: TestClient, ids: dict[str, str], headers: dict[str, str]
) -> None:
    assert client.post("/feedback", data=form(ids), headers=headers).status_code == 403


def test_it_can_be_switched_off(service: Service, ids: dict[str, str]) -> None:
    off = replace(service, settings=service.settings.changed(feedback=False))
    client = beside(off)
    assert client.post("/feedback", data=form(ids)).status_code == 404
    assert 'action="/feedback"' not in client.get("/?q=fiets").text
    assert 'action="/feedback"' in beside(service).get("/?q=fiets").text
