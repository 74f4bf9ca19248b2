"""However many wait to write, questions are answered."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from api import routes
from api.app import create_app
from api.auth.permissions import SAFE
from api.jobs.uploads import Uploads
from api.middleware.writers import MAX_WRITERS, WriteRoute
from api.service import Service
from tests.api.clients import LOCAL

MANY = 45
"""More than the threads that answer questions."""

PATIENCE_SECONDS = 60


class Blocked:
    """Stands for a write that waits for the catalogue."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()
        self.inside = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, *_: Any) -> None:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.begun.release()
        assert self.may_end.wait(2 * PATIENCE_SECONDS)
        with self._lock:
            self.inside -= 1


def test_questions_are_answered_while_writers_wait(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = Blocked()
    monkeypatch.setattr(Uploads, "remove", blocked)
    app = create_app(service)
    with (
        TestClient(app, base_url="http://127.0.0.1", client=LOCAL) as client,
        ThreadPoolExecutor(MANY + 1) as programs,
    ):
        try:
            removals = [programs.submit(client.delete, f"/v1/documents/d-{n}") for n in range(MANY)]
            for _ in range(MAX_WRITERS):
                assert blocked.begun.acquire(timeout=PATIENCE_SECONDS)
            asked = programs.submit(client.post, "/v1/ask", json={"question": "Hochwasser Sauer"})
            assert asked.result(PATIENCE_SECONDS).json()["answered"]
            for path in ("/health", "/v1/documents", "/"):
                got = programs.submit(client.get, path)
                assert got.result(PATIENCE_SECONDS).status_code == 200
            assert not any(removal.done() for removal in removals)
        finally:
            blocked.may_end.set()
        assert {removal.result().status_code for removal in removals} == {204}
    assert blocked.most == MAX_WRITERS


ASKING = {"/v1/ask", "/v1/chat/completions", "/write", "/translate"}
"""Routes that change nothing, although they are posted to."""


def test_whatever_writes_has_its_threads() -> None:
    modules = [
        importlib.import_module(f"{routes.__name__}.{module.name}")
        for module in pkgutil.iter_modules(routes.__path__)
    ]
    routers = [each for module in modules for each in vars(module).values()]
    writing = [
        route
        for router in routers
        if isinstance(router, APIRouter)
        for route in router.routes
        if isinstance(route, APIRoute)
        and not (route.methods or SAFE) <= SAFE
        and route.path not in ASKING
    ]
    assert len(writing) >= 8
    assert [route.path for route in writing if not isinstance(route, WriteRoute)] == []
