"""Turns of plugins' calls on threads: many share one, and none waits for long behind another."""

import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest
import trio
import trio.lowlevel
import trio.testing

from gateway.hooks.turns import Call, Crew, TookTooLong, Wish
from tests.hooks import zoo

pytestmark = pytest.mark.usefixtures("closed")

Work = Callable[[], Coroutine[Any, Any, Any]]


async def finish(crew: Crew, call: Call) -> Call:
    await crew.turn(call)
    while call.wish is not None:
        await call.fulfil()
        await crew.turn(call)
    return call


async def blocks() -> str:
    zoo.released.wait(60)
    return "blocked"


async def returns() -> str:
    return "returned"


def wishing(fulfil: Callable[[], Awaitable[Any]], ended: list[Any]) -> Work:
    """A call that awaits the gateway, and writes down what came of it and on which thread it ended."""

    async def work() -> Any:
        try:
            return await Wish(fulfil)
        finally:
            ended.append(threading.get_ident())

    return work


async def test_a_call_goes_on_with_what_the_gateway_answered() -> None:
    here: list[int] = []

    async def answer() -> str:
        here.append(threading.get_ident())
        return "answer"

    async def refuse() -> str:
        raise LookupError

    async def work() -> list[str]:
        told = [await Wish(answer)]
        try:
            await Wish(refuse)
        except LookupError:
            told.append("refused")
        return [*told, await Wish(answer)]

    call = await finish(Crew("animal", 1), Call(work))
    assert (call.result, call.failure) == (["answer", "refused", "answer"], None)
    assert set(here) == {threading.get_ident()}


async def test_what_many_wish_for_meets_at_the_gateway() -> None:
    arrived = 0
    all_here = trio.Event()

    async def answer() -> None:
        nonlocal arrived
        arrived += 1
        if arrived == 50:
            all_here.set()
        await all_here.wait()

    threads: list[int] = []
    crew = Crew("animal", 1)
    async with trio.open_nursery() as nursery:
        for _ in range(50):
            nursery.start_soon(finish, crew, Call(wishing(answer, threads)))
    assert len(threads) == 50


async def test_those_in_line_behind_one_that_blocks_have_each_a_thread_at_the_next_look() -> None:
    crew = Crew("animal", 10)
    calls = [Call(blocks) for _ in range(9)]
    async with trio.open_nursery() as nursery:
        for call in calls:
            nursery.start_soon(crew.turn, call)
            await trio.testing.wait_all_tasks_blocked()
        last = Call(returns)
        nursery.start_soon(crew.turn, last)
        await trio.testing.wait_all_tasks_blocked()
        assert not last.turned.is_set()
        crew.look()
        await last.turned.wait()
        assert last.result == "returned"
        assert not any(call.turned.is_set() for call in calls)
        zoo.released.set()
    assert {call.result for call in calls} == {"blocked"}


async def test_what_was_done_before_one_blocked_is_known_at_the_next_look() -> None:
    crew = Crew("animal", 1)
    both_in_line = threading.Event()

    async def waits() -> str:
        both_in_line.wait(60)
        return "returned"

    first, second = Call(waits), Call(blocks)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(crew.turn, first)
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(crew.turn, second)
        await trio.testing.wait_all_tasks_blocked()
        both_in_line.set()
        while not first.turned.is_set():
            crew.look()
            await trio.lowlevel.checkpoint()
        assert first.result == "returned"
        assert not second.turned.is_set()
        zoo.released.set()


async def test_a_thread_that_is_left_behind_is_replaced_and_comes_back_to_its_place() -> None:
    crew = Crew("animal", 2)
    for _ in range(5):
        zoo.released.clear()
        begun = threading.Event()

        async def lost(begun: threading.Event = begun) -> None:
            begun.set()
            zoo.released.wait(60)

        call = Call(lost)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(crew.turn, call)
            await trio.to_thread.run_sync(begun.wait)
            crew.give_up(call)
            assert (await finish(crew, Call(returns))).result == "returned"
            zoo.released.set()  # at the second time there is room for one thread alone until the first is back
            await call.turned.wait()


async def test_what_is_given_up_while_it_awaits_the_gateway_is_ended_on_a_thread_of_the_plugin() -> None:
    ended: list[int] = []
    crew = Crew("animal", 1)
    call = Call(wishing(trio.sleep_forever, ended))
    await crew.turn(call)
    crew.give_up(call)
    while not ended:
        await trio.lowlevel.checkpoint()
    assert ended != [threading.get_ident()]
    assert (await finish(crew, Call(returns))).result == "returned"


async def test_what_is_given_up_before_its_turn_never_begins() -> None:
    began: list[int] = []

    async def work() -> None:
        began.append(1)

    crew = Crew("animal", 1)
    call = Call(work)
    crew.give_up(call)
    await crew.turn(call)
    assert began == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the interpreter complains of it, too
async def test_what_does_not_end_when_it_is_given_up_is_left_where_it_is() -> None:
    async def clings() -> None:
        while True:
            with suppress(BaseException):
                await Wish(trio.sleep_forever)

    crew = Crew("animal", 1)
    call = Call(clings)
    await crew.turn(call)
    crew.give_up(call)
    assert (await finish(crew, Call(returns))).result == "returned"
    assert not call.is_open


async def test_a_turn_that_was_cut_short_is_no_other_calls_end() -> None:
    crew = Crew("animal", 1)
    for _ in range(200):
        begun = threading.Event()

        async def computes(begun: threading.Event = begun) -> None:
            begun.set()
            try:
                while True:
                    pass
            except TookTooLong:
                pass

        call = Call(computes)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(crew.turn, call)
            await trio.to_thread.run_sync(begun.wait)
            crew.give_up(call)
            after = await finish(crew, Call(returns))
        assert (after.result, after.failure) == ("returned", None)
