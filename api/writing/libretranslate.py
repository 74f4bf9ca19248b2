"""A translation service that speaks LibreTranslate's API."""

from __future__ import annotations

import json
from typing import Any, Final

import httpx2

from api.writing.bounded_request import NotWritten, connected, posted
from qa.writing.types import Problem

MAX_REPLY_BYTES: Final = 64 * 2**10
"""A passage in any script, six bytes a character where JSON escapes it, three times over."""


class LibreTranslate:
    """The service at an address. Safe to use from several threads."""

    def __init__(self, url: str, key: str, seconds: float) -> None:
        """Ask ``url``, which ``/translate`` is added to; a reply takes ``seconds`` at most."""
        self._url = httpx2.URL(f"{url.rstrip('/')}/translate")
        self._key = key
        self._seconds = seconds
        self._http = connected(seconds, {"Accept": "application/json"})

    @property
    def host(self) -> str:
        """The server's name, to be shown to readers."""
        return self._url.host

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def translated(self, text: str, source: str, target: str) -> str:
        """Return what the service makes of a text.

        Raises:
            NotWritten: it made nothing usable, or not in time.
        """
        body = {"q": text, "source": source, "target": target, "format": "text"}
        if self._key:
            body["api_key"] = self._key
        with posted(self._http, self._url, body, self._seconds, MAX_REPLY_BYTES) as reply:
            return _said(b"".join(reply.chunks))


def _said(body: bytes) -> str:
    try:
        found: Any = json.loads(body)
        said = found["translatedText"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotWritten(Problem.UNUSABLE) from error
    if not isinstance(said, str):
        raise NotWritten(Problem.UNUSABLE)
    return said
