"""One request for one address, bounded in bytes and in time, whatever the server does."""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib import metadata
from time import monotonic
from typing import Final, NamedTuple

import httpcore2

from corpus.errors import FileTooLarge
from corpus.store.engine import Closing
from corpus.web.addresses import normalized
from corpus.web.errors import NotFetched, SiteBusy
from corpus.web.guard import Guard

PRODUCT: Final = "Passerelle"
"""The name that a robots.txt calls us by."""

SECONDS_OF_ONE_REQUEST: Final = 120.0
"""From looking up the name to the last byte. 64 MiB come in it at 5 Mbit/s."""

SECONDS_OF_SILENCE: Final = 20.0
"""How long a server may say nothing."""

LONGEST_WAIT_SECONDS: Final = 24 * 3600.0
"""A site that is busy is asked again after a day, however long it wants to be left alone."""

USUAL_WAIT_SECONDS: Final = 900.0
"""When a site is asked again that is busy and does not say for how long."""

MOVED: Final = frozenset({301, 302, 303, 307, 308})
GONE: Final = frozenset({404, 410})
BUSY: Final = frozenset({429, 503})


class Validators(NamedTuple):
    """What a server called a version, to be asked whether there is a newer one."""

    etag: str = ""
    modified: str = ""


NO_VALIDATORS: Final = Validators()


class Fetched(NamedTuple):
    """What an address gave."""

    address: str
    content: bytes
    media_type: str
    """As the server calls it, in lower case, without parameters; empty if it does not."""
    validators: Validators
    wants_no_index: bool
    """It asks search engines to leave it out (X-Robots-Tag)."""


class NotModified(NamedTuple):
    """An address gives what it gave before."""

    address: str


class Moved(NamedTuple):
    """An address names another one in its place."""

    address: str
    to: str


class Gone(NamedTuple):
    """There is nothing at an address."""

    address: str
    status: int


class Failed(NamedTuple):
    """A server will not or cannot say what is at an address."""

    address: str
    status: int


Answer = Fetched | NotModified | Moved | Gone | Failed


class Fetcher(Closing):
    """Asks servers, one request at a time. It follows nothing by itself and keeps no cookies.

    Proxies that the environment names are not used: behind one nobody could tell which address is
    connected to.
    """

    def __init__(self, guard: Guard, seconds: float = SECONDS_OF_ONE_REQUEST) -> None:
        self._guard = guard
        self._seconds = seconds
        self._pool = httpcore2.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=4,
            keepalive_expiry=30,
            network_backend=guard,
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def get(self, address: str, max_bytes: int, known: Validators = NO_VALIDATORS) -> Answer:
        """Return what a server says of a normalized address; of a ``known`` version, whether it
        is still the newest.

        Raises:
            NotFetched: it gave no file, in time; the subclass says why.
            FileTooLarge: it is over ``max_bytes``, packed or not.
        """
        self._guard.deadline = monotonic() + self._seconds
        try:
            with self._pool.stream(
                "GET",
                address,
                headers=_headers(known),
                extensions={
                    "timeout": dict.fromkeys(
                        ("connect", "read", "write", "pool"), SECONDS_OF_SILENCE
                    )
                },
            ) as response:
                return self._answer(address, response, max_bytes)
        except httpcore2.TimeoutException as error:
            raise NotFetched(
                "The site is too slow: it was silent for "
                f"{SECONDS_OF_SILENCE:.0f} seconds, or took more than {self._seconds:.0f} in all. "
                "Try again later."
            ) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError) as error:
            raise NotFetched(
                f"The site does not answer as it should ({_reason(error)}). Try again later."
            ) from error

    def _answer(self, address: str, response: httpcore2.Response, max_bytes: int) -> Answer:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers
        }
        if response.status in GONE:
            return Gone(address, response.status)
        if response.status in MOVED and "location" in headers:
            return Moved(address, normalized(headers["location"], address))
        if response.status == 304:
            return NotModified(address)
        if response.status in BUSY:
            seconds = _wait(headers.get("retry-after", ""))
            raise SiteBusy(
                f"The site asks to come back later ({response.status}), in {seconds:,.0f} s.",
                seconds,
            )
        if response.status != 200:
            return Failed(address, response.status)
        if _length(headers) > max_bytes:
            raise _too_large(max_bytes)
        return Fetched(
            address,
            self._content(response, headers.get("content-encoding", ""), max_bytes),
            headers.get("content-type", "").partition(";")[0].strip().lower(),
            Validators(headers.get("etag", ""), headers.get("last-modified", "")),
            _wants_no_index(headers.get("x-robots-tag", "")),
        )

    def _content(self, response: httpcore2.Response, coding: str, max_bytes: int) -> bytes:
        chunks = self._in_time(response.iter_stream())
        match coding.strip().lower():
            case "" | "identity":
                return _joined(chunks, max_bytes)
            case "gzip" | "x-gzip":
                return unpacked(chunks, max_bytes)
            case other:
                raise NotFetched(f"The site packs its answer as {other[:40]}, unasked.")

    def _in_time(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield what comes; a server that always has more to say runs into the deadline too."""
        for chunk in chunks:
            if monotonic() > self._guard.deadline:
                raise httpcore2.ReadTimeout
            yield chunk


def unpacked(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    """Return what is packed by gzip; never more than a little over ``max_bytes`` is in memory.

    Raises:
        FileTooLarge: it is over ``max_bytes``.
        NotFetched: it is no gzip, or is cut short.
    """
    content = bytearray()
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if stream.eof:
                    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
                content += stream.decompress(rest, max_bytes + 1 - len(content))
                if len(content) > max_bytes:
                    raise _too_large(max_bytes)
                rest = stream.unused_data if stream.eof else stream.unconsumed_tail
    except zlib.error as error:
        raise NotFetched(f"What the site packed cannot be unpacked ({error}).") from error
    if not stream.eof:
        raise NotFetched("The site's answer is cut short. Try again later.")
    return bytes(content)


def _joined(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(content)


def _headers(known: Validators) -> Mapping[bytes | str, bytes | str]:
    headers: dict[bytes | str, bytes | str] = {
        "User-Agent": f"{PRODUCT}/{_version()}",
        "Accept": "*/*",
        "Accept-Encoding": "gzip",
    }
    if known.etag:
        headers["If-None-Match"] = known.etag
    if known.modified:
        headers["If-Modified-Since"] = known.modified
    return headers


def _version() -> str:
    try:
        return metadata.version("passerelle")
    except metadata.PackageNotFoundError:
        return "0"


def _too_large(max_bytes: int) -> FileTooLarge:
    return FileTooLarge(
        f"The site sends more than {max_bytes / 2**20:,.0f} MiB, which is the limit. Leave it out, "
        "or raise PASSERELLE_MAX_FILE_MB."
    )


def _length(headers: Mapping[str, str]) -> int:
    stated = headers.get("content-length", "")
    return int(stated) if stated.isdecimal() and len(stated) < 20 else 0


def _wants_no_index(tag: str) -> bool:
    words = {word.strip().lower() for word in tag.replace(":", ",").split(",")}
    return not words.isdisjoint({"noindex", "none"})


def _wait(stated: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> float:
    """Return the seconds of a Retry-After, which is a number of them or a date."""
    try:
        if stated.strip().isdecimal():
            seconds = float(stated)
        else:
            seconds = (parsedate_to_datetime(stated) - now()).total_seconds()
    except (ValueError, TypeError):
        seconds = USUAL_WAIT_SECONDS
    return min(max(seconds, 1.0), LONGEST_WAIT_SECONDS)


def _reason(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
