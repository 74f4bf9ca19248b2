"""What is asked of a server, apart from how it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypedDict, TypeVar, Unpack

import httpx2
from pydantic_core import to_jsonable_python

from api.client.errors import ServerProblem
from api.contract.answers import AskResponse
from api.contract.job_responses import JobOut
from api.contract.responses import DocumentsOut, DocumentWithCopiesOut
from qa.types import Effort, Translations

T = TypeVar("T")

RETRIED = frozenset({429, 503})
"""Statuses that mean: come back later."""

MAX_WAIT_SECONDS = 30.0
"""The longest that is waited before the next attempt; servers ask for 2 to 60."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A request, and what its answer stands for."""

    method: str
    path: str
    read: Callable[[httpx2.Response], T]
    json: Any = None
    params: Any = None
    data: Any = None
    files: Sequence[tuple[str, tuple[str, bytes]]] = field(default=())

    def request(self, client: httpx2.Client | httpx2.AsyncClient) -> httpx2.Request:
        """Return it as a client sends it."""
        return client.build_request(
            self.method,
            self.path,
            json=self.json,
            params=self.params,
            data=self.data,
            files=list(self.files) or None,
        )

    def result(self, response: httpx2.Response) -> T:
        """Return what an answer stands for.

        Raises:
            ServerProblem: the server did not do it.
        """
        if response.is_success:
            return self.read(response)
        raise _problem(response)


class AskOptions(TypedDict, total=False):
    """The fields of ``AskRequest`` beside the question."""

    limit: int
    languages: Sequence[str]
    collections: Sequence[str]
    published_from: date
    published_to: date
    prefer: float
    translations: Translations
    effort: Effort
    write: bool
    conversation: Sequence[str]
    """The earlier questions, oldest first."""


def ask(question: str, **options: Unpack[AskOptions]) -> Call[AskResponse]:
    """Ask a question."""
    body: dict[str, object] = {"question": question, **options}
    if "conversation" in options:
        body["conversation"] = [{"question": each} for each in options["conversation"]]
    return Call("POST", "/v1/ask", _shape(AskResponse), json=to_jsonable_python(body))


def documents(offset: int, limit: int, collection: str | None, q: str | None) -> Call[DocumentsOut]:
    """List documents."""
    wanted = {"offset": offset, "limit": limit, "collection": collection, "q": q}
    params = {name: value for name, value in wanted.items() if value is not None}
    return Call("GET", "/v1/documents", _shape(DocumentsOut), params=params)


def document(id_: str) -> Call[DocumentWithCopiesOut]:
    """Show a document."""
    return Call("GET", f"/v1/documents/{id_}", _shape(DocumentWithCopiesOut))


def text(id_: str) -> Call[str]:
    """Read a document's cleaned text."""
    return Call("GET", f"/v1/documents/{id_}/text", lambda response: response.text)


def upload(paths: Iterable[Path], collection: str | None) -> Call[JobOut]:
    """Add files."""
    files = [("files", (path.name, path.read_bytes())) for path in paths]
    data = {"collection": collection} if collection else None
    return Call("POST", "/v1/documents", _shape(JobOut), data=data, files=files)


def delete(id_: str) -> Call[None]:
    """Delete a document."""
    return Call("DELETE", f"/v1/documents/{id_}", lambda _response: None)


def job(id_: str) -> Call[JobOut]:
    """Show a job."""
    return Call("GET", f"/v1/jobs/{id_}", _shape(JobOut))


def wait_seconds(response: httpx2.Response) -> float:
    """Return how long to wait before the next attempt."""
    asked = response.headers.get("retry-after", "")
    return min(float(asked) if asked.isdecimal() else 1.0, MAX_WAIT_SECONDS)


def _shape(shape: Any) -> Callable[[httpx2.Response], Any]:
    return lambda response: shape.model_validate_json(response.content)


def _problem(response: httpx2.Response) -> ServerProblem:
    try:
        body = response.json()
        return ServerProblem(
            response.status_code, str(body["type"]), str(body["title"]), str(body["detail"])
        )
    except (ValueError, KeyError, TypeError):  # a proxy's, or another server's
        reason = response.reason_phrase or "No reason given"
        return ServerProblem(response.status_code, "about:blank", reason, response.text[:500])
