"""The real service on a data folder, with each request and each step of a thread an actor."""

from __future__ import annotations

import asyncio
import gc
import shutil
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import httpx2

from api import erasing
from api.app import create_app
from api.auth.keys import Keys, Scope
from api.jobs.queue import Lane
from api.service import Service, open_service
from corpus.store import reserve
from corpus.store.backup import backup, export, import_archive
from corpus.store.catalogue import Catalogue
from corpus.store.model_change import ModelChange
from corpus.store.view import View
from index import model_switch
from index.encoders.protocol import Encoder
from index.reader import IndexReader
from index.writer import reindex
from tests.api.changing import WordSettings
from tests.encoders import WordEncoder
from tests.robustness.orders import stepping
from tests.robustness.orders.turns import Actor, Turns

ADDRESS: Final = "http://192.0.2.1:8000"

AFAR: Final = ("203.0.113.7", 50_000)

BUNDLED, OURS = "bundled", "1"
"""What the server's model is loaded by, and its revision."""

STRANGE = WordEncoder(revision="strange")
"""A model to which the server cannot follow."""

Told = Callable[[Any], None]


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="loop", daemon=True)
        self.thread.start()

    def call(self, coroutine: Any) -> Any:
        """Return what a coroutine comes to."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)


class Running:
    """A service that does nothing by itself: each of its threads' steps is a method."""

    def __init__(self, folder: Path, cache: Path, server: Loop) -> None:
        self.settings = WordSettings(
            data=folder, cache=cache, host="0.0.0.0", requests_per_minute=10**8
        )
        self.turns = stepping.turns = Turns()
        self._server = server
        self.turns.unstopped.add(server.thread.ident or 0)
        self._stack = ExitStack()
        with Keys(folder) as keys:
            self.owner_key, self.owner = keys.add("owner", list(Scope))
        self._open()

    def _open(self) -> None:
        # What the start of a server does first: a copy, for one, has no write-ahead log.
        Catalogue(self.settings.data).close()
        reserve.keep(self.settings.data)
        service = self._stack.enter_context(open_service(self.settings))
        service.keys.prepare()
        service.worker._note_ends()
        # Not the service itself: it would hold the state of a model that is answering no more.
        self._worker, self._switcher = service.worker, service.switcher
        self._app = create_app(service)
        self._ends = asyncio.Event()
        self._server.call(self._begin())

    async def _begin(self) -> None:
        begun = asyncio.Event()

        async def live() -> None:
            async with self._app.router.lifespan_context(self._app):
                begun.set()
                await self._ends.wait()

        self._life = asyncio.create_task(live())
        await begun.wait()
        transport = httpx2.ASGITransport(self._app, client=AFAR)
        self._http = httpx2.AsyncClient(transport=transport, base_url=ADDRESS)

    async def _end(self) -> None:
        self._ends.set()
        await self._life
        await self._http.aclose()

    def close(self) -> None:
        """Stop the server, once all that is under way is done."""
        self.finish_all()
        self._server.call(self._end())
        self._stack.close()
        self._stack = ExitStack()
        del self._worker, self._switcher, self._app, self._http, self._life
        gc.collect()  # as the end of a process lets go of what it read

    def restart(self) -> None:
        """Stop the server and start it again."""
        self.close()
        self._open()

    @property
    def service(self) -> Service:
        """What answers now."""
        service: Service = self._app.state.service
        return service

    # Requests.

    def begin(
        self, name: str, method: str, path: str, key: str | None, then: Told, **sent: Any
    ) -> Actor:
        """Begin a request; stop at its first point."""
        headers = dict(sent.pop("headers", {}))
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"

        async def request(actor: Actor) -> None:
            self.turns.entered(actor)
            outcome: Any = None
            error: BaseException | None = None
            try:
                outcome = await self._http.request(method, path, headers=headers, **sent)
                self._http.cookies.clear()
            except BaseException as raised:
                error = raised
            self.turns.end(actor, outcome, error)

        def start(actor: Actor) -> None:
            asyncio.run_coroutine_threadsafe(request(actor), self._server.loop)

        return self.turns.begin(name, start, then)

    def send(self, method: str, path: str, key: str | None, **sent: Any) -> httpx2.Response:
        """Send a request, and let others go on only if it waits for them."""
        found: list[Any] = []
        actor = self.begin(f"{method} {path}", method, path, key, found.append, **sent)
        self.finish(actor)
        if isinstance(found[0], BaseException):
            raise found[0]
        response: httpx2.Response = found[0]
        return response

    def finish(self, actor: Actor) -> None:
        """Have something come to its end."""
        self.turns.finish(actor, self.poll)

    def finish_all(self) -> None:
        """Have everything come to its end."""
        self.turns.finish_all(self.poll)

    def sign_in(self, key: str) -> str:
        """Begin a session with a key, as a browser does, and return its token."""
        response = self.send("POST", "/sign-in", None, data={"key": key})
        assert response.status_code == 303, response.text
        return str(response.cookies["passerelle"])

    # Steps of the server's own threads.

    def read(self) -> object:
        """Take in what waits, as the worker does."""
        return self._worker._read(Lane.SMALL)

    def encode(self) -> object:
        """Make the vectors of what waits, as the worker does."""
        return self._worker._encode()

    def refresh(self) -> None:
        """Take over what changed, as the index's thread does."""
        self.service.live.refresh()

    def keep(self) -> None:
        """Keep the index on the disk, as the index's other thread does."""
        live = self.service.live
        assert isinstance(live, IndexReader)
        live.keep()

    def follow(self) -> object:
        """Follow to another model, or take one, as the switcher's thread does."""
        return self._switcher._work()

    def poll(self) -> None:
        """Take over what changed, at once."""
        self.finish(self.turns.begin_thread("refresh", self.refresh, raised))

    @property
    def is_stale(self) -> bool:
        """Whether what is newest may not be found."""
        live = self.service.live
        return live.problem is not None or live.is_outdated

    # What other processes do.

    def reindex(self, encoder: Encoder) -> None:
        """Give the collection to a model."""
        with Catalogue.existing(self.settings.data) as catalogue:
            reindex(catalogue, encoder)

    def prepare(self, candidate: Path) -> None:
        """Make the other one of two models beside the one that is searched."""
        with Catalogue.existing(self.settings.data) as catalogue:
            active = catalogue.active_model()
            former, source = BUNDLED, str(candidate)
            if active is not None and active.revision == candidate.name:
                former, source = source, former
            encoder = self.settings.changed(model=source).load_encoder()
            model_switch.prepare(catalogue, former, source, encoder)

    def change(self) -> ModelChange | None:
        """Return the change of model that is under way."""
        with self.settings.store.view() as view:
            return view.model_change()

    def revoke(self, key: str) -> bool:
        """Revoke a key."""
        with Keys(self.settings.data) as keys:
            return keys.revoke(key)

    def erase(self, document: str) -> erasing.Erased:
        """Erase a document."""
        return erasing.erase(self.settings.data, [document])

    def copy(self, target: Path, *, packed: bool) -> None:
        """Copy the collection."""
        (export if packed else backup)(self.settings.data, target)

    def restore(self, copy: Path) -> bool:
        """Put a copy in the place of the data folder, as the documentation says, if a server with
        our model starts on it; tell whether it does."""
        self.close()
        data, fresh = self.settings.data, copy.with_name("fresh")
        if copy.is_dir():
            shutil.copytree(copy, fresh)
        else:
            import_archive(copy, fresh)
        with View.open(fresh) as view:
            active = view.active_model()
        is_ours = active is None or active.revision == OURS
        if is_ours:
            for path in data.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            shutil.copytree(fresh, data, dirs_exist_ok=True)
        shutil.rmtree(fresh)
        self._open()
        return is_ours


def raised(outcome: Any) -> None:
    """Raise what something ended with, if it did."""
    if isinstance(outcome, BaseException):
        raise outcome
