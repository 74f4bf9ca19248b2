"""Queues are bounded, and nobody works for a client that has gone."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from starlette.requests import ClientDisconnect

from api.errors import Busy
from api.gates import Gate


async def _here() -> bool:
    return False


async def _gone() -> bool:
    return True


def test_who_finds_the_queue_full_is_told_to_come_back() -> None:
    async def main() -> None:
        gate = Gate(at_once=1, waiting=1, deadline_seconds=30)
        async with gate.place(_here):
            second = asyncio.ensure_future(gate.place(_here).__aenter__())
            await asyncio.sleep(0)
            with pytest.raises(Busy):
                await gate.place(_here).__aenter__()
            assert (gate.inside, gate.waiting, gate.turned_away) == (1, 1, 1)
        await second
        assert (gate.inside, gate.waiting) == (1, 0)

    asyncio.run(main())


def test_who_waits_too_long_is_told_to_come_back() -> None:
    async def main() -> None:
        gate = Gate(at_once=1, waiting=1, deadline_seconds=0.1)
        async with gate.place(_here):
            with pytest.raises(Busy):
                await gate.place(_here).__aenter__()
        async with gate.place(_here):
            assert gate.waiting == 0

    asyncio.run(main())


def test_a_client_that_goes_away_while_it_waits_is_not_worked_for() -> None:
    async def main() -> None:
        gate = Gate(at_once=1, waiting=1, deadline_seconds=30)
        async with gate.place(_here):
            with pytest.raises(ClientDisconnect):
                await gate.place(_gone).__aenter__()
        assert (gate.inside, gate.waiting) == (0, 0)

    asyncio.run(main())


def test_every_place_comes_free_again_whatever_happens_inside() -> None:
    async def main() -> None:
        gate = Gate(at_once=2, waiting=100, deadline_seconds=30)
        most = 0

        async def work(number: int) -> None:
            nonlocal most
            async with gate.place(_here):
                most = max(most, gate.inside)
                await asyncio.sleep(0)
                if number % 3 == 0:
                    raise ZeroDivisionError

        tasks = [asyncio.ensure_future(work(number)) for number in range(50)]
        for task in tasks[1::7]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert most == 2
        assert (gate.inside, gate.waiting) == (0, 0)
        async with AsyncExitStack() as stack:
            for _ in range(2):
                await stack.enter_async_context(gate.place(_here))

    asyncio.run(main())
