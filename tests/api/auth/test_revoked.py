"""A key that is revoked while its request comes in finishes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from starlette.types import Message

from api.app import create_app
from api.auth.keys import Keys, Scope
from api.routes import dependencies
from api.service import open_service
from api.settings import Settings
from corpus.store.catalogue import Catalogue
from tests.api.asgi import scope

UPLOAD = (
    b"--b\r\nContent-Disposition: form-data; name=files; filename=a.txt\r\n\r\n"
    b"Une note qui ne doit pas entrer.\r\n--b--\r\n"
)


class Guarded(NamedTuple):
    app: FastAPI
    data: Path
    keys: Keys


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Guarded]:
    settings = Settings(data=tmp_path_factory.mktemp("revoked"), cache=cache, host="0.0.0.0")
    with open_service(settings, follow=True) as service, Keys(settings.data) as keys:
        keys.add("owner", [Scope.READ, Scope.WRITE, Scope.ADMIN])
        yield Guarded(create_app(service), settings.data, keys)


def _send(
    guarded: Guarded, path: str, kind: str, body: bytes, key: str, meanwhile: Callable[[], Any]
) -> tuple[int, dict[str, Any]]:
    """Send a request, and do something after its head and before its body is taken."""
    request = scope("POST", path, server="192.0.2.1", client="203.0.113.9", key=key)
    request["headers"] += [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    sent: list[Message] = []
    taken = False

    async def receive() -> Message:
        nonlocal taken
        if taken:
            return await asyncio.Future()
        taken = True
        meanwhile()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(asyncio.wait_for(guarded.app(request, receive, send), 60))
    answer = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], json.loads(answer)


@pytest.mark.parametrize("is_revoked", [False, True])
def test_a_question_is_not_answered(
    guarded: Guarded, is_revoked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "LOOK_AGAIN_SECONDS", 0.0)
    key, text = guarded.keys.add("asks", [Scope.READ])
    body = json.dumps({"question": "Quand ?"}).encode()
    status, answer = _send(
        guarded,
        "/v1/ask",
        "application/json",
        body,
        text,
        lambda: is_revoked and guarded.keys.revoke(key.id),
    )
    assert status == (401 if is_revoked else 200)
    assert ("passages" in answer) is not is_revoked


@pytest.mark.parametrize("is_revoked", [False, True])
def test_an_upload_is_not_kept(guarded: Guarded, is_revoked: bool) -> None:
    key, text = guarded.keys.add("writes", [Scope.READ, Scope.WRITE])
    with Catalogue.existing(guarded.data) as catalogue:
        before = {job.id for job in catalogue.jobs.newest(100)}
    status, answer = _send(
        guarded,
        "/v1/documents",
        "multipart/form-data; boundary=b",
        UPLOAD,
        text,
        lambda: is_revoked and guarded.keys.revoke(key.id),
    )
    assert status == (401 if is_revoked else 202), answer
    with Catalogue.existing(guarded.data) as catalogue:
        after = {job.id for job in catalogue.jobs.newest(100)}
    assert (after == before) is is_revoked
