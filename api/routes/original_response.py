"""Sending the file that a document was read from, a chunk at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Send

from corpus.errors import PasserelleError
from corpus.store.originals import Original

HELD_SECONDS = 5.0
"""Time that a client may take for one chunk before the catalogue is let go of: what it holds is
never folded out of the write-ahead log, and a slow client takes hours."""

log = logging.getLogger(__name__)


class OriginalResponse(StreamingResponse):
    """A response whose body is an original, of which it holds two chunks at a time.

    The connection ends early if the original is gone or has changed before all of it was read.
    """

    def __init__(self, original: Original, media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(
            (), headers={**headers, "Content-Length": str(original.size)}, media_type=media_type
        )
        self._original = original

    async def stream_response(self, send: Send) -> None:
        """Send the original, and close it.

        Raises:
            CatalogueError: not even its beginning can be read.
        """
        with self._original as original:
            chunk = await run_in_threadpool(original.read)
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            while not original.is_read:
                await self._send(send, chunk, is_last=False)
                try:
                    chunk = await run_in_threadpool(original.read)
                except PasserelleError as error:
                    # Too late for another answer: the server breaks off what is not complete.
                    log.error("A download was broken off: %s", error)
                    return
            await self._send(send, chunk, is_last=True)

    async def _send(self, send: Send, chunk: bytes, *, is_last: bool) -> None:
        let_go = asyncio.get_running_loop().call_later(HELD_SECONDS, self._original.close)
        try:
            await send({"type": "http.response.body", "body": chunk, "more_body": not is_last})
        finally:
            let_go.cancel()
