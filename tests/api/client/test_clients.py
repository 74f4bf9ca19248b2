"""The clients against the real application, with and without asyncio."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from starlette.testclient import TestClient

from api.admission_control import AdmissionControl
from api.app import create_app
from api.client import AsyncPasserelle, Passerelle, ServerProblem
from api.client.calls import MAX_WAIT_SECONDS, wait_seconds
from api.middleware.admission import AdmissionControls
from api.service import Service, open_service
from api.settings import Settings
from tests.api.clients import LOCAL, beside

QUESTION = "Wanneer werd het verdrag over politiesamenwerking ondertekend?"


@pytest.fixture(scope="module")
def passerelle(client: TestClient) -> Passerelle:
    return Passerelle("http://127.0.0.1", http=client)


def test_a_question_is_answered_as_over_http(passerelle: Passerelle, client: TestClient) -> None:
    answer = passerelle.ask(QUESTION, limit=2, languages=["fr"], effort="quick")
    asked = {"question": QUESTION, "limit": 2, "languages": ["fr"], "effort": "quick"}
    said = client.post("/v1/ask", json=asked).json()
    assert answer.model_dump(mode="json") | {"took_ms": None} == said | {"took_ms": None}


def test_that_something_is_to_be_written_is_sent(passerelle: Passerelle) -> None:
    answer = passerelle.ask(QUESTION, write=True)
    assert answer.writing is not None
    assert answer.writing.problem == "off"
    assert passerelle.ask(QUESTION).writing is None


def test_dates_and_conversations_are_sent(passerelle: Passerelle) -> None:
    answer = passerelle.ask(
        "Und wann kommt er an?", conversation=["Wie fährt nachts durch die Ardennen?"]
    )
    assert "Ardennen" in answer.question.standalone
    dated = passerelle.ask(QUESTION, published_from=date(2020, 2, 1), published_to=date(2020, 2, 9))
    assert [each.source.published for each in dated.passages] == [date(2020, 2, 5)]


def test_documents_are_listed_shown_and_read(passerelle: Passerelle) -> None:
    listed = passerelle.documents(collection="press", q="train", limit=1)
    (found,) = listed.documents
    shown = passerelle.document(found.id)
    assert (shown.title, shown.passages) == (found.title, found.passages)
    assert "Amsterdam at seven" in passerelle.text(found.id)


def test_a_problem_is_an_error_with_what_the_server_says(passerelle: Passerelle) -> None:
    with pytest.raises(ServerProblem, match="no document") as caught:
        passerelle.text("d-0123456789abcdef")
    assert (caught.value.status, caught.value.type) == (404, "/problems/unknown-document")
    with pytest.raises(ServerProblem, match="question"):
        passerelle.ask("")


def test_what_no_server_of_ours_said_is_an_error_too() -> None:
    def proxy(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(502, text="<html>no luck</html>")

    there = httpx2.Client(base_url="http://there", transport=httpx2.MockTransport(proxy))
    with Passerelle("http://there", http=there) as passerelle, pytest.raises(ServerProblem) as bad:
        passerelle.ask("Where?")
    assert (bad.value.status, bad.value.title) == (502, "Bad Gateway")


@pytest.mark.parametrize(
    ("header", "seconds"), [("2", 2.0), ("", 1.0), ("soon", 1.0), ("-1", 1.0), ("9999", 30.0)]
)
def test_it_waits_as_long_as_it_is_told_and_no_longer_than_half_a_minute(
    header: str, seconds: float
) -> None:
    assert wait_seconds(httpx2.Response(503, headers={"retry-after": header})) == seconds
    assert seconds <= MAX_WAIT_SECONDS


@pytest.fixture
def full(service: Service, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An application whose queue is full, until it was told a second time to come back."""
    app, waited = create_app(service), []
    open_gates, app.state.gates = app.state.gates, AdmissionControls(AdmissionControl(0, 0, 0.01))

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            app.state.gates = open_gates

    async def wait_too(seconds: float) -> None:
        wait(seconds)

    monkeypatch.setattr("api.client.clients.time.sleep", wait)
    monkeypatch.setattr("api.client.clients.asyncio.sleep", wait_too)
    return app, waited


def test_a_server_that_is_busy_is_asked_again(full: Any) -> None:
    app, waited = full
    assert Passerelle("http://127.0.0.1", http=beside(app)).ask(QUESTION).answered
    assert waited == [2.0, 2.0]


def test_after_so_many_attempts_it_is_an_error(full: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = full
    monkeypatch.setattr("api.client.clients.RETRIES", 1)
    with pytest.raises(ServerProblem) as caught:
        Passerelle("http://127.0.0.1", http=beside(app)).ask(QUESTION)
    assert caught.value.status == 503


def test_files_are_sent_found_and_deleted_with_and_without_asyncio(
    tmp_path: Path, cache: Path
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("The bakery in Ghent sells cinnamon rolls on Sundays.\n", "utf-8")
    with open_service(Settings(data=tmp_path / "data", cache=cache), follow=True) as service:
        app = create_app(service)
        passerelle = Passerelle("http://127.0.0.1", http=beside(app))
        job = passerelle.finished(passerelle.upload(note, collection="notes"))
        assert job.collection == "notes"
        (file,) = job.files
        assert file.document
        passerelle.delete(file.document)

        async def again() -> None:
            transport = httpx2.ASGITransport(app, client=LOCAL)
            http = httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1")
            async with AsyncPasserelle("http://127.0.0.1", http=http) as there:
                job = await there.finished(await there.upload(note))
                assert job.files[0].document
                id_ = job.files[0].document
                assert (await there.documents()).total == 1
                assert (await there.document(id_)).file == "note.txt"
                assert "cinnamon" in await there.text(id_)
                answer = await there.ask("When does the bakery in Ghent sell cinnamon rolls?")
                assert "Sundays" in answer.passages[0].text
                await there.delete(id_)
                assert (await there.documents()).total == 0

        anyio.run(again)
