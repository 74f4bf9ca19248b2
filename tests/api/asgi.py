"""Requests as a server hands them to the application, for what no client library can do."""

from __future__ import annotations

from typing import Any


def scope(method: str, path: str, *, server: str, client: str, key: str = "") -> dict[str, Any]:
    """Return what ASGI says of a request to ``server`` before its body, with a key if given."""
    bearer = [(b"authorization", f"Bearer {key}".encode())] if key else []
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "server": (server, 8000),
        "client": (client, 50_000),
        "headers": [(b"host", server.encode()), *bearer],
    }
