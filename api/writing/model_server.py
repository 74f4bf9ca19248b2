"""A language model's server that speaks OpenAI's chat API, as it is asked for a text."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, Final

import httpx2

from api.writing.bounded_request import NotWritten, connected, posted
from qa.writing.types import Problem

MAX_REPLY_BYTES: Final = 256 * 2**10
"""Of one reply with all that the protocol adds: three sentences with their quotations take some
30 KiB where each word is an event of its own."""

MAX_TOKENS: Final = 900
"""Three sentences, three quotations and the JSON around them, in any language."""

Message = Mapping[str, str]


class ModelServer:
    """A server that writes. Safe to use from several threads."""

    def __init__(self, url: str, key: str, model: str, seconds: float) -> None:
        """Ask ``url``, which ``/chat/completions`` is added to; a reply takes ``seconds`` at most.

        No proxy of the environment's is used.
        """
        self._url = httpx2.URL(f"{url.rstrip('/')}/chat/completions")
        self._model = model
        self._seconds = seconds
        self._http = connected(
            seconds,
            {
                "Accept": "text/event-stream, application/json",
                **({"Authorization": f"Bearer {key}"} if key else {}),
            },
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
        body = {
            "model": self._model,
            "messages": list(messages),
            "stream": True,
            "temperature": 0,
            "max_tokens": MAX_TOKENS,
        }
        with posted(self._http, self._url, body, self._seconds, MAX_REPLY_BYTES) as reply:
            if reply.content_type.startswith("application/json"):
                yield _whole(b"".join(reply.chunks))
            else:
                yield from _streamed(reply.chunks)


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
