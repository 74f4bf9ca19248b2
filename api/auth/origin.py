"""Where a request comes from, as its headers say."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

_SAME_SITE = frozenset({"same-origin", "none"})


def host_name(header: str) -> str:
    """Return the name or address in a Host header; empty if it holds none."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def is_cross_site(connection: HTTPConnection) -> bool:
    """Tell whether a browser asks on behalf of a page from elsewhere.

    Browsers say so themselves (https://www.w3.org/TR/fetch-metadata/), but not to a plain
    http address on another machine; there they name the page's origin.
    """
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site not in _SAME_SITE
    origin = connection.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != connection.headers.get("host")
