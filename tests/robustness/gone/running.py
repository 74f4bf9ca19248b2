"""The real service on a data folder, whose threads are steps that a test takes one at a time."""

from __future__ import annotations

import asyncio
import gc
import shutil
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx2

from api import erasing
from api.app import create_app
from api.auth.keys import Keys, Scope
from api.jobs.queue import Lane
from api.service import open_service
from api.settings import Settings
from corpus.store import reserve
from corpus.store.backup import backup, export, import_archive
from corpus.store.catalogue import Catalogue
from index.encoders.protocol import Encoder
from index.reader import IndexReader
from index.writer import reindex
from tests.encoders import WordEncoder

ADDRESS: Final = "http://192.0.2.1:8000"

AFAR: Final = ("203.0.113.7", 50_000)

ERASING_TRIES: Final = 5
"""On a machine so busy that the server cannot let go of an older state in a minute."""

OURS, OTHER = WordEncoder(), WordEncoder(revision="2")
"""The server's model, and another one."""


class SmallSettings(Settings):
    """Settings of a service with a model that is quick."""

    def load_encoder(self) -> Encoder:
        """Return the small encoder."""
        return OURS


class Running:
    """A service that does nothing by itself: each of its threads' steps is a method."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.settings = SmallSettings(
            data=folder, cache=cache, host="0.0.0.0", requests_per_minute=10**8
        )
        self.meanwhile: list[Callable[[], None]] = []
        """Done once, between a deletion over HTTP and its refresh."""
        self._loop = asyncio.new_event_loop()
        self._stack = ExitStack()
        with Keys(folder) as keys:
            self.owner = keys.add("owner", list(Scope))[1]
        self._open()

    def _open(self) -> None:
        # What the start of a server does first: a copy, for one, has no write-ahead log.
        Catalogue(self.settings.data).close()
        reserve.keep(self.settings.data)
        self._service = self._stack.enter_context(open_service(self.settings))
        self._service.keys.prepare()
        self._service.worker._note_ends()
        self._refresh = self._service.live.refresh
        self._service.live.refresh = self._refresh_late  # type: ignore[method-assign]
        transport = httpx2.ASGITransport(create_app(self._service), client=AFAR)
        self._http = httpx2.AsyncClient(transport=transport, base_url=ADDRESS)

    def close(self) -> None:
        """Stop the server."""
        self._loop.run_until_complete(self._http.aclose())
        self._stack.close()
        self._stack = ExitStack()
        del self._service, self._refresh, self._http
        gc.collect()  # as the end of a process lets go of what it read

    def end(self) -> None:
        """Stop it for good."""
        self.close()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def restart(self) -> None:
        """Stop the server and start it again."""
        self.close()
        self._open()

    def _refresh_late(self) -> None:
        steps, self.meanwhile = self.meanwhile, []
        for step in steps:
            step()
        self._refresh()

    def send(self, method: str, path: str, key: str, **sent: Any) -> httpx2.Response:
        """Send a request with a key."""
        headers = {"Authorization": f"Bearer {key}"}
        request = self._http.request(method, path, headers=headers, **sent)
        response = self._loop.run_until_complete(request)
        self._http.cookies.clear()
        return response

    def sign_in(self, key: str) -> str:
        """Begin a session with a key, as a browser does, and return its token."""
        response = self._loop.run_until_complete(self._http.post("/sign-in", data={"key": key}))
        self._http.cookies.clear()
        assert response.status_code == 303, response.text
        return str(response.cookies["passerelle"])

    def in_session(self, token: str, path: str) -> int:
        """Return the status of a page for a browser that signed in."""
        headers = {"Cookie": f"passerelle={token}"}
        return self._loop.run_until_complete(self._http.get(path, headers=headers)).status_code

    def read_one(self) -> bool:
        """Take in one file, as the worker does; tell whether there was one."""
        with Catalogue.existing(self.settings.data) as catalogue:
            worker = self._service.worker
            return worker._may_go_on() and worker._take_in_next(catalogue, Lane.SMALL)

    def encode(self) -> None:
        """Make the vectors of what waits, as the worker does."""
        self._service.worker._encode()

    def poll(self) -> None:
        """Take over what changed, as the index's thread does."""
        self._service.live.refresh()

    def keep(self) -> None:
        """Keep the index on the disk, as the index's other thread does."""
        live = self._service.live
        assert isinstance(live, IndexReader)
        live.keep()

    @property
    def is_stale(self) -> bool:
        """Whether the last refresh failed."""
        return self._service.live.problem is not None

    def reindex(self, encoder: Encoder) -> None:
        """Have another process give the collection to a model."""
        with Catalogue.existing(self.settings.data) as catalogue:
            reindex(catalogue, encoder)

    def erase(self, documents: list[str]) -> erasing.Erased:
        """Have another process erase documents, again if it says that this is needed."""
        first = last = self._erase(documents)
        tries = 1
        while not last.is_overwritten and tries < ERASING_TRIES:
            last, tries = self._erase(documents), tries + 1
        return replace(first, is_overwritten=last.is_overwritten)

    def _erase(self, documents: list[str]) -> erasing.Erased:
        """Erase while the server looks for changes."""
        found: list[erasing.Erased] = []
        thread = threading.Thread(
            target=lambda: found.append(erasing.erase(self.settings.data, documents))
        )
        thread.start()
        while thread.is_alive():
            self.poll()
            thread.join(0.05)
        return found[0]

    def copy(self, target: Path, *, packed: bool) -> None:
        """Have another process copy the collection."""
        (export if packed else backup)(self.settings.data, target)

    def restore(self, copy: Path) -> None:
        """Put a copy in the place of the data folder, as the documentation says."""
        self.close()
        data = self.settings.data
        for path in data.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if copy.is_dir():
            shutil.copytree(copy, data, dirs_exist_ok=True)
        else:
            unpacked = copy.with_suffix(".unpacked")
            import_archive(copy, unpacked)
            shutil.copytree(unpacked, data, dirs_exist_ok=True)
            shutil.rmtree(unpacked)
        self._open()


def files_with(folder: Path, words: set[str]) -> dict[str, set[str]]:
    """Return the files at or below a path that have any of these words in their bytes."""
    found = {}
    for path in folder.rglob("*") if folder.is_dir() else [folder]:
        content = path.read_bytes() if path.is_file() else b""
        if has := {word for word in words if word.encode() in content}:
            found[path.name] = has
    return found
