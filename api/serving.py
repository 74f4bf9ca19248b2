"""Runs the HTTP service."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from api.auth.keys import Keys
from api.settings import Settings, is_loopback
from corpus.errors import PasserelleError

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

    from api.connections import ConnectionLimits


class AddressUnavailable(PasserelleError):
    """The service cannot listen on the address in its settings."""


class OpenToAll(PasserelleError):
    """Others can reach the address, and there is nothing to tell who may come in."""


GRACE_SECONDS = 30
"""Time that requests have to finish after a signal to stop."""


def serve(settings: Settings) -> None:
    """Answer over HTTP until told to stop by SIGINT or SIGTERM.

    Raises:
        OpenToAll: others than this machine can reach the address, and there is neither a key nor a
            provider.
        AddressUnavailable: the address is taken, or not this machine's.
        CatalogueError: the data folder cannot be used.
        ModelError: the model cannot be loaded, or is not the collection's.
    """
    # uvicorn finishes what it accepted, then sends itself the signal again: let that unwind.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    _check_keys(settings)
    # Before anything slow: who mistypes the port should not wait for the model to hear of it.
    listener = _listen(settings.host, settings.port)

    import uvicorn

    from api.app import create_app
    from api.connections import ConnectionLimits, allowed_connections, networks
    from api.listener import Listener
    from api.middleware.access_log import configure_logging
    from api.service import open_service
    from corpus.store.sqlite import only_server

    configure_logging(settings.log_level, settings.log_format)
    with only_server(settings.data), open_service(settings, follow=True) as service:
        limits = ConnectionLimits(allowed_connections(), proxies=networks(settings.proxies))
        app, worker = create_app(service, limits), service.worker
        has_passages = bool(len(service.live.newest()))
        # The application knows which model answers. Kept here, the first one would never be let go.
        del service
        config = configured(app, limits, settings.proxies)
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        print(f"Passerelle answers on http://{shown}:{port}", flush=True)
        if not has_passages:
            print(_nothing_yet(settings, f"http://{shown}:{port}"), flush=True)
        server = uvicorn.Server(config)
        _announce_stop(server, worker.stop)
        server.run(sockets=[Listener.over(listener, limits)])


def configured(app: ASGIApp, limits: ConnectionLimits, proxies: str) -> uvicorn.Config:
    """Return how uvicorn serves ``app``.

    What ``proxies`` say of where a request comes from is believed: addresses and networks,
    separated by spaces.
    """
    import uvicorn

    from api.connections import BACKLOG, protocol

    return uvicorn.Config(
        app,
        loop="asyncio",  # uvloop, where something else brought it, accepts past the listener
        http=protocol(limits),
        ws="none",
        backlog=BACKLOG,
        log_config=None,
        access_log=False,  # it would have the questions
        server_header=False,
        forwarded_allow_ips=proxies.split(),
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _nothing_yet(settings: Settings, address: str) -> str:
    return (
        f"There are no documents in {settings.data} yet. Add some on {address}/documents, or with "
        f"`passerelle ingest FOLDER --data {settings.data}`. To try it out, start it again with "
        "--sample."
    )


def _announce_stop(server: uvicorn.Server, stop: Callable[[], None]) -> None:
    """Call ``stop`` when a signal comes, so that streams end, for which the server waits."""
    handle_exit = server.handle_exit

    def handle(number: int, frame: FrameType | None) -> None:
        stop()
        handle_exit(number, frame)

    server.handle_exit = handle  # type: ignore[assignment, method-assign]


def _check_keys(settings: Settings) -> None:
    if settings.public_read or settings.oidc or is_loopback(settings.host):
        return
    with Keys(settings.data) as keys:
        if not all(key.revoked for key in keys.all()):
            return
    raise OpenToAll(
        f"Other machines can reach {settings.host}, but there is no key to let them in. Make one "
        f"with `passerelle keys add NAME --data {settings.data}`, let everyone read with "
        "--public-read, or listen on 127.0.0.1."
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=2048)
    except (OSError, UnicodeError) as error:
        raise AddressUnavailable(
            f"Cannot listen on {host}:{port} ({_reason(error)}). Choose another address with "
            "--host and --port, or stop the program that uses this one."
        ) from error
    # Connections inherit it. asyncio sets it only where a socket names its protocol, which this one
    # does not; without, each answer on a connection but the first waits 40 ms for the client's ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _reason(error: OSError | UnicodeError) -> str:
    """Return the system's words; Python's add to them, a failed look-up's have no number."""
    if isinstance(error, UnicodeError):
        return "not a valid host name"
    if isinstance(error, socket.gaierror) or error.errno is None:
        return str(error.strerror)
    return os.strerror(error.errno)
