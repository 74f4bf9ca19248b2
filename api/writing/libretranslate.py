"""A translation service that speaks LibreTranslate's API."""

from __future__ import annotations

import json
from time import monotonic
from typing import Any, Final

import httpx2

from api.writing.bounded_request import NotWritten, connected, fetched, posted
from qa.writing.types import Problem

MAX_REPLY_BYTES: Final = 64 * 2**10
"""A passage in any script, six bytes a character where JSON escapes it, three times over."""

MAX_LANGUAGES_BYTES: Final = 256 * 2**10
"""The list of languages; with 50 of them, each into each, it has 20 KB."""

LACKING_SECONDS = 3600.0
"""Time that a pair of languages is not asked for, once the service did not have it."""


class LibreTranslate:
    """The service at an address. Safe to use from several threads."""

    def __init__(self, url: str, key: str, seconds: float) -> None:
        """Ask ``url``, which ``/translate`` is added to; a reply takes ``seconds`` at most."""
        self._url = httpx2.URL(f"{url.rstrip('/')}/translate")
        self._languages = httpx2.URL(f"{url.rstrip('/')}/languages")
        self._lacked: dict[tuple[str, str], float] = {}
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
            NotWritten: it made nothing usable, or not in time, or has not these languages.
        """
        try:
            return self._translated(text, source, target)
        except NotWritten as error:
            if error.status != httpx2.codes.BAD_REQUEST or self._has(source, target):
                raise
            self._lacked[source, target] = monotonic()
            raise NotWritten(Problem.LANGUAGE) from error

    def lacks(self, source: str, target: str) -> bool:
        """Tell whether the service was lately found not to have these languages."""
        when = self._lacked.get((source, target))
        return when is not None and monotonic() - when < LACKING_SECONDS

    def _translated(self, text: str, source: str, target: str) -> str:
        body = {"q": text, "source": source, "target": target, "format": "text"}
        if self._key:
            body["api_key"] = self._key
        with posted(self._http, self._url, body, self._seconds, MAX_REPLY_BYTES) as reply:
            return _said(b"".join(reply.chunks))

    def _has(self, source: str, target: str) -> bool:
        """Tell whether the service translates so; True where it does not say."""
        try:
            body = fetched(self._http, self._languages, self._seconds, MAX_LANGUAGES_BYTES)
            return _goes(json.loads(body), source, target)
        except (NotWritten, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return True


def _goes(languages: Any, source: str, target: str) -> bool:
    """Tell whether a list of LibreTranslate's has a pair. Old releases name no targets: all."""
    targets = {each["code"].lower(): each.get("targets") for each in languages}
    if source not in targets:
        return False
    found = targets[source]
    return target in (targets if found is None else {each.lower() for each in found})


def _said(body: bytes) -> str:
    try:
        found: Any = json.loads(body)
        said = found["translatedText"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotWritten(Problem.UNUSABLE) from error
    if not isinstance(said, str):
        raise NotWritten(Problem.UNUSABLE)
    return said
