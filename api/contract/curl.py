"""How to call each operation of the API with curl, and which can be tried on the reference page."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from api.contract import examples

_BODIES: Mapping[str, Any] = {
    "AskRequest": {"question": examples.ASK["question"]},
    "ChatRequest": {"model": "passerelle", "messages": examples.CHAT["messages"][-1:]},
    "CorrectionRequest": examples.CORRECTION,
}

FILE = "report.pdf"
"""What the commands send."""


def body_example(operation: Mapping[str, Any]) -> str | None:
    """Return JSON that an operation takes; None if it takes none."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is None:
        return None
    name = body["schema"]["$ref"].rpartition("/")[2]
    return json.dumps(_BODIES[name], ensure_ascii=False)


def command(base: str, path: str, method: str, operation: Mapping[str, Any]) -> str:
    """Return a command for a shell that calls an operation of the server at ``base``.

    The id in a path is a variable of the shell, and so is the number of a page.
    """
    address = base + path
    if "{id}" in path:
        address = f'"{base}{path.replace("{id}", "$ID").replace("{n}", "$N")}"'
    return " ".join(["curl", *_options(method, operation), address])


def can_be_tried(method: str, operation: Mapping[str, Any]) -> bool:
    """Tell whether an operation changes nothing, and answers with JSON."""
    reads = method == "get" or (method == "post" and body_example(operation) is not None)
    return reads and "application/json" in _sent(operation)


def _options(method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    if method not in {"get", "post"}:
        yield f"-X {method.upper()}"
    if example := body_example(operation):
        yield f"-H 'Content-Type: application/json' -d {shlex.quote(example)}"
    if "multipart/form-data" in operation.get("requestBody", {}).get("content", {}):
        yield f"-F {'files' if method == 'post' else 'file'}=@{FILE}"
    if list(_sent(operation)) == ["text/event-stream"]:
        yield "-N"
    if "*/*" in _sent(operation):
        yield "-OJ"


def _sent(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an operation answers with, by media type, where all went well."""
    success = next(code for code in operation["responses"] if code.startswith("2"))
    content: Mapping[str, Any] = operation["responses"][success].get("content", {})
    return content
