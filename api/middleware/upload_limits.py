"""Upload limits: how much may be sent at once to change the collection."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from starlette.exceptions import HTTPException

from api.middleware.admission import admission_of, asker_of
from api.middleware.hardening import announced_bytes, content_type, limited
from api.middleware.writers import WriteRoute
from api.problems import TooManyFields
from api.settings import Settings
from corpus.errors import FileTooLarge

MAX_FILES = 1000
"""Files of one upload, those in a ZIP archive apart; part of the HTTP contract."""

MAX_FIELDS = 10
"""Other fields of one upload."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class UploadRoute(WriteRoute):
    """A route that takes a form with files, and no more than is allowed.

    FastAPI would read the whole body first, and Starlette answers past our handlers.
    """

    def get_route_handler(self) -> Handler:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def handle_upload(request: Request) -> Response:
            if request.method not in ("POST", "PUT"):
                return await handle(request)
            if content_type(request) != "multipart/form-data":
                raise HTTPException(415, "Send a form, with Content-Type: multipart/form-data.")
            settings: Settings = request.app.state.service.settings
            max_bytes = settings.max_upload_bytes
            if announced_bytes(request) > max_bytes:
                raise _too_large(max_bytes)
            limited_receive = limited(request.receive, max_bytes, _too_large(max_bytes))
            async with admission_of(request).uploads.place(asker=asker_of(request)):
                return await _handle_form(handle, Request(request.scope, limited_receive))

        return handle_upload


async def _handle_form(handle: Handler, request: Request) -> Response:
    try:
        # FastAPI takes what is parsed already.
        form = await request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS)
    except HTTPException as error:
        if error.detail.startswith("Too many"):  # Starlette's words
            raise TooManyFields(f"{MAX_FILES:,} files and {MAX_FIELDS} other fields") from error
        raise
    try:
        return await handle(request)
    finally:
        await form.close()


def _too_large(max_bytes: int) -> FileTooLarge:
    return FileTooLarge(
        f"The request is larger than {max_bytes / 2**20:,.4g} MiB. Send fewer files at once, or "
        "raise PASSERELLE_MAX_UPLOAD_MB."
    )
