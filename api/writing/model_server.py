"""A language model's server that speaks OpenAI's chat API, as it is asked for a text."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, Final, NamedTuple

import httpx2

from api.writing.bounded_request import NotWritten, connected, posted
from qa.writing.types import Problem

MAX_REPLY_BYTES: Final = 256 * 2**10
"""Of one reply with all that the protocol adds: three sentences with their quotations take some
30 KiB where each word is an event of its own."""

MAX_TOKENS: Final = 900
"""Three sentences, three quotations and the JSON around them, in any language."""

_CUT: Final = frozenset({"length", "content_filter"})
"""Reasons to finish before all is said."""

Message = Mapping[str, str]


class _Piece(NamedTuple):
    text: str
    is_cut: bool
    """It is the last, and not the end of what there was to say."""


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
        with closing(self._asked(messages, MAX_TOKENS, stream=True)) as pieces:
            yield from (piece.text for piece in pieces if piece.text)

    def whole(self, messages: Sequence[Message], max_tokens: int) -> str:
        """Return all that the model says, of ``max_tokens`` at most.

        It is not streamed: where each word is an event of its own, it would be too many bytes.

        Raises:
            NotWritten: it said nothing usable, or not all of it, or not in time.
        """
        pieces = list(self._asked(messages, max_tokens, stream=False))
        if any(piece.is_cut for piece in pieces):
            raise NotWritten(Problem.UNUSABLE)
        return "".join(piece.text for piece in pieces)

    def _asked(
        self, messages: Sequence[Message], max_tokens: int, *, stream: bool
    ) -> Generator[_Piece]:
        """Yield what comes, streamed or not: a server need not do as it was asked."""
        body = {
            "model": self._model,
            "messages": list(messages),
            "stream": stream,
            "temperature": 0,
            "max_tokens": max_tokens,
        }
        with posted(self._http, self._url, body, self._seconds, MAX_REPLY_BYTES) as reply:
            if reply.content_type.startswith("application/json"):
                yield _said(b"".join(reply.chunks), "message")
            else:
                yield from _streamed(reply.chunks)


def _streamed(chunks: Iterator[bytes]) -> Iterator[_Piece]:
    """Yield the pieces of server-sent events."""
    buffer = b""
    for chunk in chunks:
        buffer += chunk
        *lines, buffer = buffer.split(b"\n")
        for line in lines:
            data = line.strip().removeprefix(b"data:").strip()
            if data == b"[DONE]":
                return
            if line.startswith(b"data:"):
                yield _said(data, "delta")
    if buffer.startswith(b"data:"):
        yield _said(buffer[5:].strip(), "delta")


def _said(data: bytes, part: str) -> _Piece:
    """Return what one object of the protocol says; the text is empty if there is none.

    Raises:
        NotWritten: it is no such object.
    """
    try:
        found: Any = json.loads(data)
        if not found["choices"]:
            return _Piece("", is_cut=False)
        choice = found["choices"][0]
        said, finish = choice[part].get("content"), choice.get("finish_reason")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise NotWritten(Problem.UNUSABLE) from error
    is_cut = isinstance(finish, str) and finish in _CUT
    return _Piece(said if isinstance(said, str) else "", is_cut)
