"""The attackers: a process of their own, so that they take no time from who measures."""

from __future__ import annotations

import asyncio
import itertools
import random
import resource
import socket
import struct
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Final

from tests.robustness.adversary.attacks import ATTACKS, DEAF, Attack, Request, Said
from tests.robustness.adversary.routes import BOUNDARY, FILES, Route, body

ADDRESSES: Final = 50
"""Loopback addresses that they come from, each with ports of its own."""

CONNECT_SECONDS: Final = 5.0

AGAIN_SECONDS: Final = 0.05
"""Pause of a client whose connection was refused."""

RESET: Final = struct.pack("ii", 1, 0)
"""For SO_LINGER: whoever goes away leaves no word."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What attackers do."""

    port: int
    attack: str
    """One of ATTACKS."""
    routes: tuple[Route, ...]
    visitors: tuple[tuple[tuple[str, str], ...], ...]
    """The headers that say who each is."""
    ids: dict[str, str]
    """What stands for an id in an address, by the folder before it and the method."""
    values: dict[str, str]
    """Of fields, by name."""
    connections: int
    seconds: float


def attack(plan: Plan) -> Counter[str]:
    """Attack until the time is over; return how often each thing happened."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return asyncio.run(_attack(plan))


async def _attack(plan: Plan) -> Counter[str]:
    seen: Counter[str] = Counter()
    end = monotonic() + plan.seconds
    turns = itertools.cycle(requests(plan))
    async with asyncio.TaskGroup() as group:
        for number in range(plan.connections):
            group.create_task(_client(plan, turns, number, end, seen))
    return seen


def requests(plan: Plan) -> list[Request]:
    """Return a request of every visitor for every route, in any order."""
    made = [
        _request(plan, route, who) for route, who in itertools.product(plan.routes, plan.visitors)
    ]
    random.Random(1).shuffle(made)
    return made


def _request(plan: Plan, route: Route, who: tuple[tuple[str, str], ...]) -> Request:
    target = route.path
    if "{" in target:
        folder = target.partition("/{")[0].rpartition("/")[2]
        kept = route.method in ("GET", "HEAD")
        id_ = plan.ids[folder if kept else f"{folder} that may go"]
        target = target[: target.index("{")] + id_ + target[target.index("}") + 1 :]
    elif target == "/static":
        target = "/static/passerelle.css"
    elif target == "/":
        target = f"/?q={plan.values['question'].replace(' ', '+')}"
    boundary = f"; boundary={BOUNDARY}" if route.media_type == FILES else ""
    kind = [("Content-Type", route.media_type + boundary)] if route.media_type else []
    return Request(route.method, target, (*who, *kind), body(route, plan.values))


async def _client(
    plan: Plan, turns: Iterator[Request], number: int, end: float, seen: Counter[str]
) -> None:
    """Be one attacker after the other, until the time is over."""
    while monotonic() < end:
        try:
            seen[await _once(plan, ATTACKS[plan.attack], next(turns), number, end)] += 1
        except (OSError, TimeoutError) as error:
            seen[type(error).__name__] += 1
            await asyncio.sleep(AGAIN_SECONDS)


async def _once(plan: Plan, attack: Attack, request: Request, number: int, end: float) -> str:
    """Attack on one connection; return how the answer begins, if one came."""
    loop = asyncio.get_running_loop()
    connection = socket.socket()
    connection.setblocking(False)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    is_deaf = attack in DEAF
    if is_deaf:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    try:
        connection.bind((f"127.0.0.{2 + number % ADDRESSES}", 0))
        address = ("127.0.0.1", plan.port)
        await asyncio.wait_for(loop.sock_connect(connection, address), CONNECT_SECONDS)
        hearing = None if is_deaf else asyncio.create_task(_hear(loop, connection))
        try:
            await _say(loop, connection, attack(request), hearing, end)
        finally:
            heard = await _stop(hearing)
    finally:
        connection.close()
    return heard


async def _say(
    loop: asyncio.AbstractEventLoop,
    connection: socket.socket,
    said: Iterator[Said],
    hearing: asyncio.Task[str] | None,
    end: float,
) -> None:
    """Say what is to be said, until the server has closed or the time is over."""
    over = asyncio.create_task(asyncio.sleep(max(0.0, end - monotonic())))
    others = {over} if hearing is None else {over, hearing}
    try:
        for data, pause in said:
            saying = asyncio.create_task(_send(loop, connection, data, pause))
            done, _ = await asyncio.wait({saying, *others}, return_when=asyncio.FIRST_COMPLETED)
            if others & done:
                saying.cancel()
                return
            if saying.exception():
                return
    finally:
        over.cancel()


async def _send(
    loop: asyncio.AbstractEventLoop, connection: socket.socket, data: bytes, pause: float
) -> None:
    await loop.sock_sendall(connection, data)
    await asyncio.sleep(pause)


async def _hear(loop: asyncio.AbstractEventLoop, connection: socket.socket) -> str:
    """Read to the end; return the first line's status, or that there was none."""
    status = ""
    with suppress(OSError):
        while data := await loop.sock_recv(connection, 2**16):
            status = status or data[9:12].decode("ascii", "replace")
    return status or "closed"


async def _stop(hearing: asyncio.Task[str] | None) -> str:
    if hearing is None:
        return "deaf"
    if not hearing.done():
        hearing.cancel()
        with suppress(asyncio.CancelledError):
            await hearing
        return "left"
    return hearing.result()
