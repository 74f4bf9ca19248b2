"""The clients: the same calls, sent with and without asyncio."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Self, TypeVar, Unpack

import httpx2

from api.client import calls
from api.client.calls import RETRIED, AskOptions, Call, wait_seconds
from api.contract.answers import AskResponse
from api.contract.job_responses import JobOut
from api.contract.responses import DocumentsOut, DocumentWithCopiesOut
from corpus.store.job_types import State

T = TypeVar("T")

TIMEOUT_SECONDS = 60.0
"""For an answer: a question waits 10 seconds at most, an upload is read before it is accepted."""

RETRIES = 3
"""Further attempts where a server says that it is busy."""

LOOK_SECONDS = 0.5
"""Pause between two looks at a job."""


class Passerelle:
    """A server, asked by one program at a time or by several threads.

    Every method raises ServerProblem where the server does not do what it is asked, and
    httpx2.HTTPError where it cannot be reached.
    """

    def __init__(
        self, address: str, key: str | None = None, *, http: httpx2.Client | None = None
    ) -> None:
        """Ask the server at ``address``, with a key if it needs one; ``http`` is for tests."""
        self._http = http or httpx2.Client(
            base_url=address, headers=_headers(key), timeout=TIMEOUT_SECONDS
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(self, question: str, **options: Unpack[AskOptions]) -> AskResponse:
        """Return the answer, or the nearest passages if nothing answers."""
        return self._send(calls.ask(question, **options))

    def documents(
        self,
        *,
        offset: int = 0,
        limit: int = 50,
        collection: str | None = None,
        q: str | None = None,
    ) -> DocumentsOut:
        """Return a page of the documents; ``q`` is part of a title or file name."""
        return self._send(calls.documents(offset, limit, collection, q))

    def document(self, id_: str) -> DocumentWithCopiesOut:
        """Return a document without its text."""
        return self._send(calls.document(id_))

    def text(self, id_: str) -> str:
        """Return a document's cleaned text, which every offset refers to."""
        return self._send(calls.text(id_))

    def upload(self, *paths: Path, collection: str | None = None) -> JobOut:
        """Send files, and return the job that adds them."""
        return self._send(calls.upload(paths, collection))

    def delete(self, id_: str) -> None:
        """Delete a document."""
        self._send(calls.delete(id_))

    def finished(self, job: JobOut) -> JobOut:
        """Return a job when it is done: its documents can be found then."""
        while job.state != State.DONE:
            time.sleep(LOOK_SECONDS)
            job = self._send(calls.job(job.id))
        return job

    def _send(self, call: Call[T]) -> T:
        for _ in range(RETRIES):
            response = self._http.send(call.request(self._http))
            if response.status_code not in RETRIED:
                return call.result(response)
            time.sleep(wait_seconds(response))
        return call.result(self._http.send(call.request(self._http)))


class AsyncPasserelle:
    """The same for asyncio."""

    def __init__(
        self, address: str, key: str | None = None, *, http: httpx2.AsyncClient | None = None
    ) -> None:
        """Ask the server at ``address``, with a key if it needs one; ``http`` is for tests."""
        self._http = http or httpx2.AsyncClient(
            base_url=address, headers=_headers(key), timeout=TIMEOUT_SECONDS
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def ask(self, question: str, **options: Unpack[AskOptions]) -> AskResponse:
        """Return the answer, or the nearest passages if nothing answers."""
        return await self._send(calls.ask(question, **options))

    async def documents(
        self,
        *,
        offset: int = 0,
        limit: int = 50,
        collection: str | None = None,
        q: str | None = None,
    ) -> DocumentsOut:
        """Return a page of the documents; ``q`` is part of a title or file name."""
        return await self._send(calls.documents(offset, limit, collection, q))

    async def document(self, id_: str) -> DocumentWithCopiesOut:
        """Return a document without its text."""
        return await self._send(calls.document(id_))

    async def text(self, id_: str) -> str:
        """Return a document's cleaned text, which every offset refers to."""
        return await self._send(calls.text(id_))

    async def upload(self, *paths: Path, collection: str | None = None) -> JobOut:
        """Send files, and return the job that adds them."""
        return await self._send(await asyncio.to_thread(calls.upload, paths, collection))

    async def delete(self, id_: str) -> None:
        """Delete a document."""
        await self._send(calls.delete(id_))

    async def finished(self, job: JobOut) -> JobOut:
        """Return a job when it is done: its documents can be found then."""
        while job.state != State.DONE:
            await asyncio.sleep(LOOK_SECONDS)
            job = await self._send(calls.job(job.id))
        return job

    async def _send(self, call: Call[T]) -> T:
        for _ in range(RETRIES):
            response = await self._http.send(call.request(self._http))
            if response.status_code not in RETRIED:
                return call.result(response)
            await asyncio.sleep(wait_seconds(response))
        return call.result(await self._http.send(call.request(self._http)))


def _headers(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}
