"""One request to a language model's server, bounded in bytes and in time, whatever it does.

The server speaks OpenAI's chat API. Nothing it says is followed: no redirect, no link.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from time import monotonic
from typing import Any, Final

import httpx2

from qa.writing.types import Problem

MAX_REPLY_BYTES: Final = 256 * 2**10
"""Of one reply with all that the protocol adds: three sentences with their quotations take some
30 KiB where each word is an event of its own."""

SECONDS_TO_CONNECT: Final = 5.0

MAX_TOKENS: Final = 900
"""Three sentences, three quotations and the JSON around them, in any language."""

Message = Mapping[str, str]


class NotWritten(Exception):
    """The server gave nothing, or no more."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class ModelServer:
    """A server that writes. Safe to use from several threads."""

    def __init__(self, url: str, key: str, model: str, seconds: float) -> None:
        """Ask ``url``, which ``/chat/completions`` is added to; a reply takes ``seconds`` at most.

        No proxy of the environment's is used.
        """
        self._url = httpx2.URL(f"{url.rstrip('/')}/chat/completions")
        self._model = model
        self._seconds = seconds
        self._http = httpx2.Client(
            follow_redirects=False,
            trust_env=False,
            headers={
                "Accept": "text/event-stream, application/json",
                "Accept-Encoding": "identity",
                **({"Authorization": f"Bearer {key}"} if key else {}),
            },
            # A model on a CPU says nothing for a while: it reads five passages first.
            timeout=httpx2.Timeout(seconds, connect=SECONDS_TO_CONNECT),
        )

    @property
    def host(self) -> str:
        """The server's name, to be shown to readers."""
        return self._url.host

    @property
    def model(self) -> str:
        """What the model is called."""
        return self._model

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def pieces(self, messages: Sequence[Message]) -> Generator[str]:
        """Yield what the model says, piece by piece.

        Raises:
            NotWritten: it said nothing usable, or not in time; what came before it stands.
        """
        end = monotonic() + self._seconds
        body = {
            "model": self._model,
            "messages": list(messages),
            "stream": True,
            "temperature": 0,
            "max_tokens": MAX_TOKENS,
        }
        try:
            with self._http.stream("POST", self._url, json=body) as response:
                if response.status_code != httpx2.codes.OK:
                    raise NotWritten(Problem.REFUSED)
                if response.headers.get("content-encoding", "identity") != "identity":
                    raise NotWritten(Problem.UNUSABLE)
                chunks = _bounded(response.iter_raw(), end)
                if response.headers.get("content-type", "").startswith("application/json"):
                    yield _whole(b"".join(chunks))
                else:
                    yield from _streamed(chunks)
        except httpx2.TimeoutException as error:
            raise NotWritten(Problem.SLOW) from error
        except httpx2.HTTPError as error:
            raise NotWritten(Problem.UNREACHABLE) from error


def _bounded(chunks: Iterator[bytes], end: float) -> Iterator[bytes]:
    left = MAX_REPLY_BYTES
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise NotWritten(Problem.UNUSABLE)
        if monotonic() > end:
            raise NotWritten(Problem.SLOW)
        yield chunk


def _streamed(chunks: Iterator[bytes]) -> Iterator[str]:
    """Yield the pieces of server-sent events."""
    buffer = b""
    for chunk in chunks:
        buffer += chunk
        *lines, buffer = buffer.split(b"\n")
        for line in lines:
            data = line.strip().removeprefix(b"data:").strip()
            if data == b"[DONE]":
                return
            if line.startswith(b"data:") and (piece := _said(data, "delta")):
                yield piece
    if buffer.startswith(b"data:") and (piece := _said(buffer[5:].strip(), "delta")):
        yield piece


def _whole(body: bytes) -> str:
    return _said(body, "message")


def _said(data: bytes, part: str) -> str:
    """Return the text in one object of the protocol; empty if there is none.

    Raises:
        NotWritten: it is no such object.
    """
    try:
        found: Any = json.loads(data)
        said = found["choices"][0][part].get("content") if found["choices"] else ""
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise NotWritten(Problem.UNUSABLE) from error
    return said if isinstance(said, str) else ""
