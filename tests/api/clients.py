"""Who asks in the tests."""

from __future__ import annotations

from starlette.testclient import TestClient
from starlette.types import ASGIApp

from api.app import create_app
from api.service import Service

LOCAL = ("127.0.0.1", 50_000)
AFAR = ("203.0.113.7", 50_000)
"""An address that is nobody's (RFC 5737)."""


def beside(served: Service | ASGIApp, headers: dict[str, str] | None = None) -> TestClient:
    """Return a program on the server's machine."""
    app = create_app(served) if isinstance(served, Service) else served
    return TestClient(app, base_url="http://127.0.0.1", client=LOCAL, headers=headers)


def afar(
    served: Service | ASGIApp,
    key: str | None = None,
    base_url: str = "http://192.0.2.1:8000",
    headers: dict[str, str] | None = None,
    address: str = AFAR[0],
) -> TestClient:
    """Return a program on another machine, with a key or without."""
    app = create_app(served) if isinstance(served, Service) else served
    sent = {**({"authorization": f"Bearer {key}"} if key else {}), **(headers or {})}
    client = TestClient(app, base_url=base_url, client=(address, 50_000), headers=sent)
    client.follow_redirects = False
    return client
