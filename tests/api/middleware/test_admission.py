"""Queues are bounded, and nobody works for a client that has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect

from api.app import create_app
from api.auth.keys import Keys, Scope
from api.middleware.admission import (
    MAX_DOWNLOADS_OF_ONE,
    MAX_QUESTIONS_OF_ONE,
    AdmissionControl,
    AdmissionControls,
)
from api.overload import Busy
from api.service import Service
from tests.api.problems import problem

QUESTION = {"question": "Wie is de eigenaar van de gestolen fiets?"}


async def _here() -> bool:
    return False


async def _gone() -> bool:
    return True


def test_who_finds_the_queue_full_is_told_to_come_back() -> None:
    async def main() -> None:
        gate = AdmissionControl(at_once=1, waiting=1, deadline_seconds=30)
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
        gate = AdmissionControl(at_once=1, waiting=1, deadline_seconds=0.1)
        async with gate.place(_here):
            with pytest.raises(Busy):
                await gate.place(_here).__aenter__()
        async with gate.place(_here):
            assert gate.waiting == 0

    asyncio.run(main())


def test_a_client_that_goes_away_while_it_waits_is_not_worked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.middleware.admission.LOOK_SECONDS", 0.05)

    async def main() -> None:
        gate = AdmissionControl(at_once=1, waiting=1, deadline_seconds=30)
        async with gate.place(_here):
            with pytest.raises(ClientDisconnect):
                await gate.place(_gone).__aenter__()
        assert (gate.inside, gate.waiting) == (0, 0)

    asyncio.run(main())


def test_every_place_comes_free_again_whatever_happens_inside() -> None:
    async def main() -> None:
        gate = AdmissionControl(at_once=2, waiting=100, deadline_seconds=30)
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


def test_of_ten_thousand_at_once_as_many_as_there_is_room_for_get_in() -> None:
    async def main() -> None:
        gate = AdmissionControl(at_once=32, waiting=256, deadline_seconds=30)
        answered = most = 0

        async def ask() -> None:
            nonlocal answered, most
            async with gate.place():
                most = max(most, gate.inside + gate.waiting)
                await asyncio.sleep(0)
                answered += 1

        results = await asyncio.gather(*(ask() for _ in range(10_000)), return_exceptions=True)
        assert 32 < most <= 288
        assert answered >= 288
        assert answered + sum(isinstance(each, Busy) for each in results) == 10_000

    asyncio.run(main())


async def _wait(gate: AdmissionControl, asker: str, served: list[str]) -> None:
    async with gate.place(_here, asker=asker):
        served.append(asker)
        await asyncio.sleep(0)


def test_who_asks_once_does_not_wait_for_all_that_another_asks() -> None:
    async def main() -> None:
        gate = AdmissionControl(at_once=2, waiting=200, deadline_seconds=30)
        served: list[str] = []
        askers = ["many"] * 100 + ["one"]
        await asyncio.gather(*(_wait(gate, asker, served) for asker in askers))
        assert served[:3] == ["many", "many", "one"]

    asyncio.run(main())


def test_turns_go_round_among_those_who_ask_much() -> None:
    async def main() -> None:
        gate = AdmissionControl(at_once=1, waiting=200, deadline_seconds=30)
        served: list[str] = []
        askers = ["a"] * 5 + ["b"] * 5 + ["c"] * 5
        await asyncio.gather(*(_wait(gate, asker, served) for asker in askers))
        # The first was alone when it came, so what a asks next comes after the others'.
        assert served == ["a", *["a", "b", "c"] * 4, "b", "c"]

    asyncio.run(main())


def test_where_there_is_no_room_the_youngest_request_of_whoever_has_most_gives_way() -> None:
    async def main() -> None:
        gate = AdmissionControl(at_once=1, waiting=3, deadline_seconds=30)
        served: list[str] = []
        askers = ["many", "many", "many", "a", "b"]
        async with gate.place(_here, asker="many"):
            tasks = [asyncio.ensure_future(_wait(gate, asker, served)) for asker in askers]
            await asyncio.sleep(0)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(each) for each in results[1:3]] == [Busy, Busy]
        assert sorted(served) == ["a", "b", "many"]
        assert (gate.inside, gate.waiting, gate.turned_away) == (0, 0, 2)

    asyncio.run(main())


@given(
    st.integers(1, 3),
    st.integers(0, 5),
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4), st.booleans()), max_size=20),
)
def test_whoever_comes_and_goes_no_place_is_lost_and_none_is_made(
    at_once: int, waiting: int, visits: list[tuple[str, int, bool]]
) -> None:
    async def main() -> None:
        gate = AdmissionControl(at_once, waiting, deadline_seconds=30)
        done = 0

        async def visit(asker: str, turns: int) -> None:
            nonlocal done
            async with gate.place(_here, asker=asker):
                for _ in range(turns):
                    assert 0 < gate.inside <= at_once
                    assert gate.inside + gate.waiting <= at_once + waiting
                    await asyncio.sleep(0)
                done += 1

        tasks = []
        for asker, turns, goes_away in visits:
            tasks.append(asyncio.ensure_future(visit(asker, turns)))
            await asyncio.sleep(0)
            if goes_away:
                tasks[turns % len(tasks)].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        wrong = [each for each in results if isinstance(each, Exception)]
        assert all(isinstance(each, Busy) for each in wrong), wrong
        assert (gate.inside, gate.waiting, gate.turned_away) == (0, 0, len(wrong))
        assert done == results.count(None)

    asyncio.run(main())


def _talk(app: FastAPI, talk: Callable[[AsyncClient], Coroutine[Any, Any, Any]]) -> Any:
    async def main() -> Any:
        transport = ASGITransport(app, client=("127.0.0.1", 50_000))
        async with AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await talk(client)

    return asyncio.run(main())


@pytest.mark.parametrize("path", ["/health", "/ready", "/v1/languages"])
def test_who_asks_when_it_is_full_is_told_when_to_come_back_and_the_rest_is_let_in(
    service: Service, path: str
) -> None:
    app = create_app(service)
    gate = AdmissionControl(at_once=1, waiting=0, deadline_seconds=30)
    app.state.gates = AdmissionControls(questions=gate)

    async def talk(client: AsyncClient) -> list[Response]:
        async with gate.place():
            full = [
                await client.post("/v1/ask", json=QUESTION),
                await client.get("/"),
                await client.get(path),
            ]
        return [*full, await client.post("/v1/ask", json=QUESTION)]

    asked, page, other, later = _talk(app, talk)
    assert problem(asked, 503)["type"] == "/problems/busy"
    assert int(asked.headers["retry-after"]) > 0
    assert (page.status_code, other.status_code, later.status_code) == (503, 200, 200)


def test_one_key_asks_so_many_questions_at_once_and_others_have_their_places(
    service: Service, tmp_path: Path
) -> None:
    with Keys(tmp_path) as keys:
        (one, of_one), (_, of_other) = (keys.add(name, [Scope.READ]) for name in ("one", "other"))
        app = create_app(replace(service, keys=keys))
        gates = app.state.gates

        async def talk(client: AsyncClient) -> None:
            async def ask(key: str) -> Response:
                bearer = {"authorization": f"Bearer {key}"}
                return await client.post("/v1/ask", json=QUESTION, headers=bearer)

            with ExitStack() as stack:
                for _ in range(MAX_QUESTIONS_OF_ONE):
                    stack.enter_context(gates.questions_of_one.one(one.id))
                refused = await ask(of_one)
                assert problem(refused, 429)["type"] == "/problems/too-many-questions"
                assert int(refused.headers["retry-after"]) > 0
                assert (await ask(of_other)).status_code == 200
            many = await asyncio.gather(*(ask(of_one) for _ in range(MAX_QUESTIONS_OF_ONE)))
            assert {each.status_code for each in many} == {200}  # each has given its place back

        _talk(app, talk)


def test_an_upload_that_waits_its_turn_loses_none_of_its_bytes(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "api.middleware.admission.LOOK_SECONDS", 0
    )  # it looks at every turn of the loop
    app = create_app(service)
    gate = AdmissionControl(at_once=1, waiting=1, deadline_seconds=30)
    app.state.gates = AdmissionControls(uploads=gate)

    async def talk(client: AsyncClient) -> Response:
        files = {"files": ("%PDF.txt", b"%PDF-")}  # refused, so that the collection stays
        async with gate.place():
            upload = asyncio.ensure_future(client.post("/v1/documents", files=files))
            while not gate.waiting:
                await asyncio.sleep(0.01)
            for _ in range(100):  # some looks at whether the client is still there
                await asyncio.sleep(0)
        return await upload

    assert problem(_talk(app, talk), 422)["type"] == "/problems/refused-file"


def test_so_many_originals_are_sent_at_once_and_so_many_to_one(
    service: Service, ids: dict[str, str]
) -> None:
    app = create_app(service)
    gate = AdmissionControl(at_once=1, waiting=0, deadline_seconds=0)
    app.state.gates = gates = AdmissionControls(downloads=gate)
    page = f"/documents/{ids['fietsen.txt']}"
    path = f"/v1{page}/original"

    async def talk(client: AsyncClient) -> None:
        async with gate.place():
            refused = await client.get(path)
            assert problem(refused, 503)["type"] == "/problems/busy"
            assert int(refused.headers["retry-after"]) > 0
            assert (await client.get(page)).status_code == 200
        with ExitStack() as stack:
            for _ in range(MAX_DOWNLOADS_OF_ONE):
                stack.enter_context(gates.downloads_of_one.one("127.0.0.1"))
            refused = await client.get(path)
            assert problem(refused, 429)["type"] == "/problems/too-many-downloads"
            assert int(refused.headers["retry-after"]) > 0
            assert (await client.get(page)).status_code == 200
        for _ in range(2 * MAX_DOWNLOADS_OF_ONE):  # each gives its place back
            assert (await client.get(path)).status_code == 200
        assert gate.inside == 0

    _talk(app, talk)
