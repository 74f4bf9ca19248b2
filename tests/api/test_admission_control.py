"""Queues are bounded, askers take turns, and nobody works for a client that has gone."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect

from api import admission_control
from api.admission_control import AdmissionControl, held_until_it_waits
from api.overload import Busy


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
    monkeypatch.setattr(admission_control, "LOOK_SECONDS", 0.05)

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
        # The places between are for a, who was alone at first and has the fewest left to ask.
        assert served[:9] == ["a", "a", "b", "a", "c", "a", "b", "a", "c"]

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


def test_who_asks_for_one_thing_does_not_wait_for_a_turn_of_all_who_ask_much() -> None:
    async def main() -> None:
        gate = AdmissionControl(at_once=1)
        served: list[str] = []
        many = [f"address {number}" for number in range(50)] * 3
        await asyncio.gather(*(_wait(gate, asker, served) for asker in [*many, "one"]))
        assert "one" in served[:3]

    asyncio.run(main())


@given(st.integers(1, 4), st.integers(1, 30))
def test_who_asks_much_gets_every_second_place_whoever_else_comes(at_once: int, many: int) -> None:
    async def main() -> None:
        gate = AdmissionControl(at_once)
        served: list[str] = []

        async def one_after_the_other(asker: str) -> None:
            while served.count("office") < many:
                await _wait(gate, asker, served)

        office = (_wait(gate, "office", served) for _ in range(many))
        others = (one_after_the_other(f"other {number}") for number in range(at_once + 2))
        await asyncio.gather(*office, *others)
        last = max(place for place, asker in enumerate(served) if asker == "office")
        assert last <= 2 * (at_once + 3) * (many + 1)

    asyncio.run(main())


def test_who_went_away_before_its_turn_came_is_not_worked_for() -> None:
    async def main() -> None:
        gate = AdmissionControl(at_once=1)
        async with gate.place():
            gone = asyncio.ensure_future(gate.place(_gone).__aenter__())
            await asyncio.sleep(0)
        with pytest.raises(ClientDisconnect):
            await gone
        assert (gate.inside, gate.waiting) == (0, 0)

    asyncio.run(main())


def test_a_place_is_given_back_once() -> None:
    async def main() -> None:
        gate = AdmissionControl(at_once=2)
        one, _ = await gate.take(), await gate.take()
        one.leave()
        one.leave()
        assert gate.inside == 1

    asyncio.run(main())


def test_who_waits_at_one_gate_holds_no_place_at_another() -> None:
    async def main() -> None:
        outer, inner = AdmissionControl(at_once=1), AdmissionControl(at_once=1)
        with held_until_it_waits(await outer.take()):
            assert outer.inside == 1
            async with inner.place():
                assert (outer.inside, inner.inside) == (0, 1)

    asyncio.run(main())
