"""What the server listens on, and whom it believes."""

from __future__ import annotations

import socket

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from api.connections import ConnectionLimits
from api.serving import _listen, configured
from tests.api.clients import AFAR, LOCAL


async def _who(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the address and the scheme that a request is taken to come by."""
    request = Request(scope)
    assert request.client
    said = f"{request.client.host} {request.url.scheme}"
    await PlainTextResponse(said)(scope, receive, send)


@pytest.mark.parametrize(
    ("proxies", "peer", "taken_for"),
    [
        ("", LOCAL, f"{LOCAL[0]} http"),
        ("127.0.0.1 ::1", LOCAL, "203.0.113.77 https"),
        ("127.0.0.1", AFAR, f"{AFAR[0]} http"),
        ("127.0.0.0/8", LOCAL, "203.0.113.77 https"),
    ],
)
def test_only_a_proxy_that_is_named_is_believed(
    proxies: str, peer: tuple[str, int], taken_for: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    config = configured(_who, ConnectionLimits(), proxies)
    config.load()
    headers = {"x-forwarded-for": "203.0.113.77", "x-forwarded-proto": "https"}
    client = TestClient(config.loaded_app, client=peer, headers=headers)
    assert client.get("/").text == taken_for


def test_an_answer_does_not_wait_for_the_client_to_acknowledge_what_went_before() -> None:
    with _listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
