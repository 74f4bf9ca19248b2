"""One request to a server of the operator's, bounded in bytes and in time, whatever it does.

Nothing that the server says is followed: no redirect, no link.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from time import monotonic
from typing import Any, Final, NamedTuple

import httpx2

from qa.writing.types import Problem

SECONDS_TO_CONNECT: Final = 5.0

log = logging.getLogger(__name__)


class NotWritten(Exception):
    """The server gave nothing, or no more."""

    def __init__(self, problem: Problem, status: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.status = status
        """What the server answered in place of 200."""


class Reply(NamedTuple):
    """What a server answers, as it comes."""

    content_type: str
    chunks: Iterator[bytes]


def connected(seconds: float, headers: Mapping[str, str]) -> httpx2.Client:
    """Return a client that follows nothing, uses no proxy, and waits ``seconds`` at most.

    A model on a CPU says nothing for a while: it reads five passages first.
    """
    return httpx2.Client(
        follow_redirects=False,
        trust_env=False,
        headers={"Accept-Encoding": "identity", **headers},
        timeout=httpx2.Timeout(seconds, connect=SECONDS_TO_CONNECT),
    )


@contextmanager
def posted(
    http: httpx2.Client, url: httpx2.URL, body: Mapping[str, Any], seconds: float, max_bytes: int
) -> Iterator[Reply]:
    """Send JSON, and give what is answered, ``max_bytes`` and ``seconds`` at most.

    Raises:
        NotWritten: it answers nothing usable, or not in time; what came before it stands.
    """
    request = http.build_request("POST", url, json=body)
    with _answered(http, request, seconds, max_bytes) as reply:
        yield reply


def fetched(http: httpx2.Client, url: httpx2.URL, seconds: float, max_bytes: int) -> bytes:
    """Return what is at an address, ``max_bytes`` at most, after ``seconds`` at most.

    Raises:
        NotWritten: it answers nothing usable, or not in time.
    """
    with _answered(http, http.build_request("GET", url), seconds, max_bytes) as reply:
        return b"".join(reply.chunks)


@contextmanager
def _answered(
    http: httpx2.Client, request: httpx2.Request, seconds: float, max_bytes: int
) -> Iterator[Reply]:
    end = monotonic() + seconds
    try:
        with closing(http.send(request, stream=True)) as response:
            if response.status_code != httpx2.codes.OK:
                # Not what it says of the error: that may have the text.
                log.warning("%s answered %d.", request.url, response.status_code)
                raise NotWritten(Problem.REFUSED, response.status_code)
            if response.headers.get("content-encoding", "identity") != "identity":
                raise NotWritten(Problem.UNUSABLE)
            yield Reply(
                response.headers.get("content-type", ""),
                _bounded(response.iter_raw(), end, max_bytes),
            )
    except httpx2.TimeoutException as error:
        raise NotWritten(Problem.SLOW) from error
    except httpx2.HTTPError as error:
        raise NotWritten(Problem.UNREACHABLE) from error


def _bounded(chunks: Iterator[bytes], end: float, left: int) -> Iterator[bytes]:
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise NotWritten(Problem.UNUSABLE)
        if monotonic() > end:
            raise NotWritten(Problem.SLOW)
        yield chunk
