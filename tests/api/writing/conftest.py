from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from api.service import Service
from api.writing.opening import open_writer
from tests.api.clients import beside
from tests.api.writing.model_servers import Scripted, says, scripted


@pytest.fixture(scope="package")
def model_server() -> Iterator[Scripted]:
    with scripted() as server:
        yield server


@pytest.fixture(scope="package")
def writing_service(service: Service, model_server: Scripted) -> Iterator[Service]:
    """The real service with a language model, which may have the texts of one collection."""
    changes = {
        "llm_url": model_server.url,
        "llm_key": SecretStr("s3cret"),
        "llm_model": "scripted-1",
        "llm_seconds": 20.0,
        "llm_requests_per_day": 10_000,
        "send_collections": "press",
    }
    settings = service.settings.model_copy(update=changes)
    with open_writer(settings, service.encoder) as writer:
        yield replace(service, settings=settings, writer=writer)


@pytest.fixture(scope="package")
def writing_client(writing_service: Service) -> TestClient:
    return beside(writing_service)


@pytest.fixture
def llm(model_server: Scripted) -> Scripted:
    """The server, with nothing told it yet."""
    model_server.reply = says()
    model_server.asked.clear()
    model_server.headers.clear()
    return model_server
