"""Who may change the collection over HTTP, and how much at once."""

from __future__ import annotations

import email.message
import ipaddress
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.formparsers import MultiPartException

from api.errors import NotWritable
from api.gates import gates_of
from api.security import is_cross_site, limited
from api.settings import Settings
from corpus.errors import FileTooLarge

MAX_FILES = 1000
"""Files of one upload, those in a ZIP archive apart; part of the HTTP contract."""

MAX_FIELDS = 10
"""Other fields of one upload."""

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""What proxies add; they ask on behalf of others."""


def is_writable(request: Request) -> bool:
    """Tell whether this request may change the collection."""
    settings: Settings = request.app.state.service.settings
    if settings.writable == "local":
        return _is_local(request) and not is_cross_site(request)
    return settings.writable == "yes" and not is_cross_site(request)


def check_writable(request: Request) -> None:
    """Raise NotWritable if this request may not change the collection."""
    if not is_writable(request):
        raise NotWritable


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class UploadRoute(APIRoute):
    """A route that takes a form with files, from who may send it, and no more than is allowed.

    FastAPI would read the whole body first, and Starlette answers past our handlers.
    """

    def get_route_handler(self) -> Handler:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def handle_upload(request: Request) -> Response:
            if request.method not in ("POST", "PUT"):
                return await handle(request)
            check_writable(request)
            if not _says_form(request):
                raise HTTPException(415, "Send a form, with Content-Type: multipart/form-data.")
            settings: Settings = request.app.state.service.settings
            max_bytes = settings.max_upload_bytes
            length = request.headers.get("content-length", "")
            if length.isdecimal() and int(length) > max_bytes:
                raise _too_large(max_bytes)
            limited_receive = limited(request.receive, max_bytes, _too_large(max_bytes))
            async with gates_of(request).uploads.place():
                return await _handle_form(handle, Request(request.scope, limited_receive))

        return handle_upload


async def _handle_form(handle: Handler, request: Request) -> Response:
    try:
        # FastAPI takes what is parsed already.
        async with request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS):
            return await handle(request)
    except MultiPartException as error:
        raise HTTPException(400) from error


def _too_large(max_bytes: int) -> FileTooLarge:
    return FileTooLarge(
        f"The request has over {max_bytes / 2**20:,.4g} MiB. Send fewer files at once, or raise "
        "PASSERELLE_MAX_UPLOAD_MB."
    )


def _is_local(request: Request) -> bool:
    """Tell whether a program on this machine asks, for itself, by a name of this machine.

    The name matters too: a page elsewhere can have its own name point here.
    """
    if any(name in request.headers for name in _FORWARDED):
        return False
    client = request.client.host if request.client else ""
    return _is_loopback(client) and _is_loopback(_host(request.headers.get("host", "")))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _says_form(request: Request) -> bool:
    header = email.message.Message()
    header["content-type"] = request.headers.get("content-type", "")
    return header.get_content_type() == "multipart/form-data"
