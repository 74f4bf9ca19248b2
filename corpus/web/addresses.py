"""Addresses of the web, in the one spelling that they are compared in."""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin

import httpx2

from corpus.web.errors import BadAddress

MAX_CHARACTERS: Final = 2_000
"""Of an address: what sitemaps allow (2,048, https://www.sitemaps.org/protocol.html), rounded."""

DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def normalized(address: str, base: str = "") -> str:
    """Return an address as it is compared: whole, in ASCII, without its fragment.

    Raises:
        BadAddress: it is no address of http or https, is too long, or has a password in it.
    """
    try:
        joined = urljoin(base, address.strip())
        if len(joined) > MAX_CHARACTERS:
            raise BadAddress(f"The address is longer than {MAX_CHARACTERS:,} characters.")
        url = httpx2.URL(joined)
        port = url.port
    except (httpx2.InvalidURL, ValueError) as error:
        raise BadAddress(f"This is no address of the web ({error}).") from error
    if url.scheme not in DEFAULT_PORTS or not url.host:
        raise BadAddress("This is no address of the web: it has to begin with https:// or http://.")
    if url.userinfo:
        raise BadAddress("The address has a name or a password in it. Leave that out.")
    if port is not None and not 0 < port < 2**16:
        raise BadAddress(f"The address names the port {port}, which there is not.")
    return str(url.copy_with(raw_path=url.raw_path, fragment=None))


def host_of(address: str) -> str:
    """Return the host of a normalized address, in lower case and ASCII, without a final dot."""
    return httpx2.URL(address).raw_host.decode("ascii").lower().rstrip(".")


def origin_of(address: str) -> str:
    """Return where a normalized address's robots.txt is: its scheme, host and port."""
    return str(httpx2.URL(address).copy_with(raw_path=b"/"))


def places_of(address: str) -> frozenset[str]:
    """Return how a normalized address's host may be named: alone, if it has the usual port, and
    with its port."""
    url = httpx2.URL(address)
    host, usual = host_of(address), DEFAULT_PORTS[url.scheme]
    named = {f"{host}:{url.port or usual}"}
    return frozenset(named | {host} if url.port in (None, *DEFAULT_PORTS.values()) else named)
