"""What every error over HTTP looks like."""

from __future__ import annotations

from typing import Any

import httpx2

from api.contract.responses import ProblemOut


def problem(response: httpx2.Response, status: int) -> dict[str, Any]:
    """Return a response's body, which must be a problem with this status."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    ProblemOut.model_validate(body)
    assert body["status"] == status
    assert body["type"] == "about:blank" or body["type"].startswith("/problems/")
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in response.text
    return body


def fields(body: dict[str, Any]) -> list[str]:
    """Return the names of a problem's bad fields."""
    return [error["field"] for error in body["errors"]]
