"""``passerelle mcp`` while its model is loaded, by the SDK's own client."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import anyio
from mcp import Client

from api.assistants.stdio import Opening, serving
from api.service import Service
from corpus.errors import CatalogueError
from tests.api.assistants.clients import content_of, refusal_of

QUESTION = {"question": "Wanneer werd het verdrag over politiesamenwerking ondertekend?"}


def test_a_client_is_greeted_before_the_model_is_there_and_a_call_waits(service: Service) -> None:
    loaded = Event()

    @contextmanager
    def slowly() -> Iterator[Service]:
        loaded.wait()
        yield service

    async def conversation() -> None:
        opening = Opening(slowly)
        opening.begin()
        async with Client(serving(opening, "0")) as client:
            assert len((await client.list_tools()).tools) == 3
            assert (await client.list_prompts()).prompts
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(answered, client)
                await anyio.wait_all_tasks_blocked()
                loaded.set()
        opening.close()

    async def answered(client: Client) -> None:
        assert content_of(await client.call_tool("ask", QUESTION))["answered"] is True

    anyio.run(conversation)


def test_the_end_does_not_wait_for_a_model_that_is_still_loaded(service: Service) -> None:
    begun, loaded = Event(), Event()

    @contextmanager
    def slowly() -> Iterator[Service]:
        begun.set()
        loaded.wait()
        yield service

    opening = Opening(slowly)
    opening.begin()
    begun.wait()
    assert not opening.close()
    loaded.set()
    opening.service()
    assert opening.close()


def test_a_process_ends_with_its_input_whatever_is_still_loaded() -> None:
    program = (
        "import contextlib, threading\n"
        "from api.assistants import stdio\n"
        "@contextlib.contextmanager\n"
        "def never():\n"
        "    yield threading.Event().wait()\n"
        "stdio.run(never, '0')\n"
    )
    subprocess.run([sys.executable, "-c", program], stdin=subprocess.DEVNULL, check=True)


def test_what_cannot_be_opened_is_told_to_each_call_until_it_can(service: Service) -> None:
    reasons = ["The catalogue is damaged."]
    closed = []

    @contextmanager
    def mended() -> Iterator[Service]:
        if reasons:
            raise CatalogueError(reasons[0])
        yield service
        closed.append(True)

    async def conversation() -> None:
        opening = Opening(mended)
        async with Client(serving(opening, "0")) as client:
            assert "cannot be searched" in refusal_of(await client.call_tool("ask", QUESTION))
            reasons.clear()
            assert content_of(await client.call_tool("ask", QUESTION))["answered"] is True
            assert not closed
        opening.close()

    anyio.run(conversation)
    assert closed == [True]
